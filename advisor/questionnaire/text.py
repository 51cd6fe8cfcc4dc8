"""YAML that people send: size, depth, aliases, tags and duplicate keys are checked while it is read, before anything
is built."""

from __future__ import annotations

import re
import sys
from collections.abc import Hashable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import yaml
from yaml.constructor import SafeConstructor

from advisor.questionnaire.errors import AnswersError, shown, where
from probes.system.whole_files import UnreadableFileError, contents, shortened

LARGEST: Final = 64 * 1024  # bytes; worked examples have 500, a team of 200 members 12 000 to 40 000
MOST: Final = 10_000  # keys, values, lists and mappings, each of which takes 20 µs; 200 members are 1 400
DEEPEST: Final = 8  # levels; a full answers file has 4
_LONGEST_NUMBER: Final = 64  # characters: any float, and far from where Python refuses to write an integer out
#: Scalars that stay as they are written: a project may be called «no», and Python 3.10 is not the number 3.1.
_AS_WRITTEN: Final = frozenset(
    {
        ("project", "name"),
        ("team", "members", "name"),
        ("voices", "name"),
        ("constraints", "python"),
        ("constraints", "device_python"),
        ("binds", "notes"),
        ("overrides", "statement"),
        ("overrides", "author"),
    }
)
_PLAIN: Final = "tag:yaml.org,2002:"
_TAGS: Final = frozenset({"map", "seq", "str", "int", "float", "bool", "null", "timestamp"})

#: What people take for a number. YAML 1.1 also reads 010000 as 4096, 12:00 as 720 and 0x10 as 16.
_DECIMAL: Final = re.compile(
    r"[-+]?(?:(?:0|[1-9]\d*(?:_\d+)*)(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)
_GROUP: Final = re.compile(r"\d{3}")  # what a comma in a number of a flow mapping leaves over: {lines: 12,000}

KeyPath = tuple[str | int, ...]


def of_file(path: str | Path) -> str:
    """The text of a file, or of standard input for «-». Raises AnswersError."""
    if str(path) == "-":
        name, content = "standard input", sys.stdin.buffer.read(LARGEST + 1)
    else:
        name = shortened(Path(path))
        try:
            content = contents(Path(path), largest=LARGEST)
        except UnreadableFileError as error:
            piped = ", or - for standard input" if error.what.endswith("is a pipe") else ""
            raise AnswersError("", error.what, error.allowed + piped, problem="") from error
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        problem = f"{name} is not UTF-8 at byte {error.start}"
        raise AnswersError("", problem, "a text file in UTF-8", problem="") from error


def read(text: str) -> dict[str, Any]:
    """The mapping in ``text``. Raises AnswersError naming path, value and what is allowed."""
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > LARGEST:
        raise AnswersError("", f"{size:,} bytes", f"an answers file of at most {LARGEST:,} bytes")
    try:
        node = yaml.compose(text, Loader=_Loader)
        value = None if node is None else _built(node, ())
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "it can't be read as YAML"
        place = "" if mark is None else f" in line {mark.line + 1}"
        raise AnswersError("", f"{problem}{place}", "a YAML file", problem="") from error
    if value is None:
        raise AnswersError("", "an empty file", "a mapping that begins with «schema: 2»")
    if not isinstance(value, dict):
        kind = {list: "list", str: "text", bool: "truth value"}.get(type(value), "number")
        raise AnswersError("", f"a {kind}", "a mapping that begins with «schema: 2»")
    return value


class _Loader(yaml.SafeLoader):
    """Refuses what a few bytes can blow up, at the event that does."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._nodes = self._depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent) or event.anchor:
            raise AnswersError("", f"an anchor or alias (& or *) in line {line}", "a file without anchors and aliases")
        self._nodes += 1
        if self._nodes > MOST:
            raise AnswersError("", f"more than {MOST:,} keys and values by line {line}", f"at most {MOST:,}")
        self._depth += isinstance(event, yaml.CollectionStartEvent)
        if self._depth > DEEPEST:
            raise AnswersError("", f"more than {DEEPEST} levels in line {line}", f"at most {DEEPEST} levels")
        node: yaml.Node | None = super().compose_node(parent, index)
        self._depth -= isinstance(event, yaml.CollectionStartEvent)
        return node


def _built(node: yaml.Node, path: KeyPath) -> Any:
    if node.tag.removeprefix(_PLAIN) not in _TAGS:
        raise AnswersError(where(path), f"the tag {node.tag}", "plain values without tags")
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path)
    if isinstance(node, yaml.SequenceNode):
        return [_built(item, (*path, i)) for i, item in enumerate(node.value)]
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node, path)
    raise AnswersError(where(path), f"a {type(node).__name__}", "mappings, lists and plain values")


def _mapping(node: yaml.MappingNode, path: KeyPath) -> dict[str, Any]:
    found: dict[str, Any] = {}
    _without_commas_in_numbers(node, path)
    for key_node, value_node in node.value:
        if not isinstance(key_node, yaml.ScalarNode):
            raise AnswersError(where(path), "a key that is a list or a mapping", "keys that are words")
        key = str(key_node.value)
        if key in found:
            raise AnswersError(
                where((*path, key)), f"named twice (line {key_node.start_mark.line + 1})", "each key once", problem=""
            )
        found[key] = _built(value_node, (*path, key))
    return found


def _without_commas_in_numbers(node: yaml.MappingNode, path: KeyPath) -> None:
    """``{lines: 12,000}`` is a number to who writes it, and to YAML the key «000» beside «lines: 12»."""
    pairs: Sequence[tuple[yaml.Node, yaml.Node]] = node.value
    for (key, value), (after, nothing) in pairwise(pairs):
        split = (
            _GROUP.fullmatch(str(after.value)) and nothing.value == "" and re.fullmatch(r"\d{1,3}", str(value.value))
        )
        if split and node.flow_style:
            number = f"{value.value},{after.value}"
            allowed = f"digits without a comma, as {value.value}{after.value}"
            raise AnswersError(where((*path, str(key.value))), shown(number), allowed)


def _scalar(node: yaml.ScalarNode, path: KeyPath) -> Hashable:
    if tuple(part for part in path if isinstance(part, str)) in _AS_WRITTEN and node.tag != f"{_PLAIN}null":
        return str(node.value)
    kind = node.tag.removeprefix(_PLAIN)
    if kind not in ("int", "float", "bool", "null"):
        return str(node.value)
    if len(node.value) > _LONGEST_NUMBER:
        raise AnswersError(where(path), shown(node.value), f"a number of at most {_LONGEST_NUMBER} characters")
    if kind in ("int", "float") and not _DECIMAL.fullmatch(node.value):
        return str(node.value)  # for the field to refuse, so that whoever wrote it sees it again
    try:
        value: Hashable = SafeConstructor().construct_object(node)
    except (
        ValueError,
        ArithmeticError,
        LookupError,
    ) as error:  # what PyYAML raises for «!!int x», «!!bool x», «!!float»
        raise AnswersError(where(path), shown(node.value), "a number or a truth value") from error
    return value
