"""What documents quote of the code, made from the code: ``python -m scripts.references`` writes it into ``docs`` and
the README.

A document says what it wants between two comments: ``<!-- made: FUNCTION ARGUMENT -->`` and ``<!-- made -->``; the
functions are those of ``MAKERS``. A test makes everything anew and compares.
"""

from __future__ import annotations

import argparse
import ast
import functools
import importlib
import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

import grimp

from advisor.decision import record as replayed
from probes.system.sentences import upper_first

DOCS: Final = Path(__file__).resolve().parents[1] / "docs"
README: Final = DOCS.parent / "README.md"
PACKAGES: Final = ("ui", "advisor", "probes")
_MADE: Final = re.compile(r"(<!-- made: (\w+) (\S+) -->\n).*?(<!-- made -->)", re.DOTALL)


def main() -> None:
    """Write every document anew."""
    for path in documents():
        path.write_text(remade(path.read_text(encoding="utf-8")), encoding="utf-8")


def documents() -> list[Path]:
    """All that may quote the code."""
    return [README, *sorted(DOCS.glob("*.md"))]


def remade(text: str) -> str:
    """The document with everything made that it asks for. Raises KeyError for what nobody makes."""
    return _MADE.sub(lambda found: f"{found[1]}{MAKERS[found[2]](found[3])}\n{found[4]}", text)


def commands(module: str) -> str:
    """A section for each command that ``module.parser()`` takes: how it is called, and a row for each argument."""
    parser: argparse.ArgumentParser = importlib.import_module(module).parser()
    return "\n\n".join(section for command, text in _commands(parser) for section in _section(command, text))


def _commands(parser: argparse.ArgumentParser, text: str = "") -> Iterator[tuple[argparse.ArgumentParser, str]]:
    """Every parser that takes no further command, with what its list says of it."""
    below = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not below:
        yield parser, text
    for action in below:
        said = {choice.dest: choice.help or "" for choice in action._choices_actions}
        for name, command in action.choices.items():
            yield from _commands(command, said.get(name, ""))


def _section(parser: argparse.ArgumentParser, text: str) -> Iterator[str]:
    yield f"### `{parser.prog}`"
    yield f"{upper_first(text)}."
    arguments = [action for action in parser._actions if not isinstance(action, argparse._HelpAction)]
    if arguments:
        rows = [f"| {_argument(action)} | {_cell(action.help or '')} |" for action in arguments]
        yield "\n".join(["| argument | meaning |", "|---|---|", *rows])


def _argument(action: argparse.Action) -> str:
    value = action.metavar or "|".join(map(str, action.choices or ())) or action.dest.upper()
    words = [", ".join(action.option_strings), "" if action.nargs == 0 else str(value)]
    return f"`{_cell(' '.join(filter(None, words)))}`"


def _cell(text: str) -> str:
    return text.replace("|", r"\|").replace("%%", "%")


def rooms(package: str) -> str:
    """The rooms of a package: a picture of who knows whom, as Mermaid, and a line for each.

    An arrow that follows from others is left out of the picture.
    """
    known = _arrows(package)
    names = {room: room.removeprefix(f"{package}.") for room in known}
    lines = [f"    {names[room]} --> {names[other]}" for room in known for other in sorted(_direct(known, room))]
    picture = "\n".join(["```mermaid", "flowchart TD", *lines, "```"])
    rows = [f"| `{names[room]}` | {_first_line(room)} |" for room in known]
    count = sum(map(len, known.values()))
    table = "\n".join(["| room | what is in it |", "|---|---|", *rows])
    return f"{picture}\n\n{len(known)} rooms, {count} arrows with those that follow from others.\n\n{table}"


@functools.cache
def _graph() -> grimp.ImportGraph:
    return grimp.build_graph(*PACKAGES, cache_dir=None)


def _arrows(package: str) -> Mapping[str, frozenset[str]]:
    """Which of its neighbours each room imports, those that know most first."""
    graph = _graph()
    rooms = graph.find_children(package)
    known = {
        room: frozenset(
            other
            for other in rooms - {room}
            if graph.direct_import_exists(importer=room, imported=other, as_packages=True)
        )
        for room in rooms
    }
    return {room: known[room] for room in sorted(rooms, key=lambda room: (-len(_reached(known, room)), room))}


def _reached(known: Mapping[str, frozenset[str]], room: str) -> set[str]:
    found: set[str] = set()
    waiting = [room]
    while waiting:
        new = known[waiting.pop()] - found
        found |= new
        waiting += new
    return found


def _direct(known: Mapping[str, frozenset[str]], room: str) -> frozenset[str]:
    """What a room knows by itself, and not only through another that it knows. Of a circle nothing is left out."""
    return frozenset(
        other
        for other in known[room]
        if not any(other in _reached(known, via) and room not in _reached(known, via) for via in known[room] - {other})
    )


def _first_line(module: str) -> str:
    text = importlib.import_module(module).__doc__ or ""
    return " ".join(text.strip().partition("\n\n")[0].split()).replace("``", "`").replace("|", r"\|")


def definitions(name: str) -> str:
    """``MODULE:NAME,NAME`` as they stand in the code: a class without its methods, a function without its body."""
    module, _, wanted = name.partition(":")
    source = inspect.getsource(importlib.import_module(module))
    nodes = {getattr(node, "name", ""): node for node in ast.parse(source).body}
    quoted = [_quoted(nodes[one], source.splitlines()) for one in wanted.split(",")]
    return "\n".join([f"`{module}`:", "", "```python", "\n\n\n".join(quoted), "```"])


def _quoted(node: ast.stmt, lines: list[str]) -> str:
    if isinstance(node, ast.ClassDef):
        first = next((part for part in node.body if isinstance(part, ast.FunctionDef)), None)
        end = min([first.lineno, *(part.lineno for part in first.decorator_list)]) - 1 if first else node.end_lineno
    else:
        assert isinstance(node, ast.FunctionDef)  # noqa: S101 - documents name classes and functions
        words = node.body[0]
        end = words.end_lineno if ast.get_docstring(node) is not None else words.lineno - 1
    return "\n".join(lines[node.lineno - 1 : end]).rstrip()


def record(form: str) -> str:
    """How the advice does on finished decisions: the ``sentence``, or the ``table`` of them."""
    found = replayed.record()
    return {"sentence": found.sentence(), "table": replayed.to_markdown(found)}[form]


MAKERS: Final[Mapping[str, Callable[[str], str]]] = {
    "commands": commands,
    "rooms": rooms,
    "definitions": definitions,
    "record": record,
}


if __name__ == "__main__":
    main()
