"""One source read by tree-sitter: which names of a framework stand in it, as what, and what couldn't be read.

The regular expressions find places, the tree says what stands there: names in strings and comments, attributes of other
things, and what a function calls by the same name are left alone. One grammar takes Python 2.7 to 3.14.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Final

import tree_sitter_python
from tree_sitter import Language, Node, Parser, Tree

from advisor.scan.facts import FileFacts, ImportUse, TooLongError
from advisor.scan.occurrences import Occurrences, places
from advisor.scan.prefilter import NamedImport, parts

_PYTHON: Final = Language(tree_sitter_python.language())
_STATEMENTS: Final = (b"import", b"class")  # «from» comes with an «import»
_LARGE: Final = 1 << 18
_BETWEEN_LOOKS: Final = 1_000  # nodes between two looks at the clock
_CLIMB: Final = 300  # an import stands no deeper
_STEM: Final = re.compile(rb"\s*from\s+([.\s]*[\w.]*)\s+import\s*(.*)", re.DOTALL)
#: Names that ask which version is there: «__version__», «IS_TF_1», «is_tf2», «TORCH_VERSION», «_TORCH_GREATER_EQUAL_2»;
#: and what stands in each of them, which is looked for first.
_VERSION: Final = re.compile(
    rb"__version__|is_?(?:tf|tensorflow|torch|keras)_?v?\d\w*|tf_?v?[12]|(?:tf|tensorflow|torch|keras)_version"
    rb"|_?(?:tf|tensorflow|torch\w*|keras)_(?:GREATER|LESS|GTE?|LTE?)\w*",
    re.IGNORECASE,
)
_IN_VERSION: Final = (
    b"version", b"VERSION", b"is_", b"IS_", b"istf", b"tf1", b"tf2", b"TF1", b"TF2", b"tf_", b"TF_", b"_GREATER",
    b"_LESS", b"_GT", b"_LT",
)  # fmt: skip
_HAS: Final = re.compile(rb"hasattr\s*\(\s*(?:tf|tensorflow|torch|keras|K|nn)\b")
_NAME_END: Final = re.compile(rb"\w*")
_ATTEMPT: Final = 12  # lines; longer ones attempt something else
_HANDLER: Final = re.compile(rb"except\b[^:\n]{0,400}\b(?:ImportError|ModuleNotFoundError|AttributeError)\b")
_LOADED: Final = re.compile(
    rb"^[ \t]*(\w+)[ \t]*=[ \t]*[\w.]*(?:import_module|__import__|importorskip|LazyLoader|lazy_import|try_import\w*"
    rb"|LazyImport\w*)\((?:[^()\n]|\(\))*[\"']([\w.]+)[\"'][^)\n]{0,400}\)",
    re.MULTILINE,
)


#: (an import of this file) -> the names that it binds, with what they stand for, and whether straight from a framework.
Resolve = Callable[[NamedImport], Iterable[tuple[str, str, bool]]]


def read(
    path: str, source: bytes, resolve: Resolve, *, loads: bool,
    over: Callable[[], bool], asked: Callable[[str], bool], methods: frozenset[str],
) -> FileFacts:  # fmt: skip
    """The names in a source in UTF-8. ``loads``: whether a module may be loaded by a call in it. ``asked``: whether a
    rule looks at the keywords of calls of a name.

    Raises TooLongError once ``over()`` holds.
    """
    tree = _parsed(source, over)
    facts = FileFacts(path, source.count(b"\n") + (not source.endswith(b"\n") and bool(source)))
    if tree.root_node.has_error:
        _say_errors(tree, facts, over)
    statements = _statements(tree, source)
    bindings = _imports(statements, facts, resolve)
    for found in _LOADED.finditer(source) if loads else ():
        name, module = found[1].decode(), found[2].decode()
        for _, target, direct in resolve(NamedImport(module, "", "")):
            if direct and _is_code(tree, found.start(1), found.end(1)):
                bindings.setdefault(name, []).append(target)
                line = tree.root_node.descendant_for_byte_range(found.start(1), found.end(1))
                facts.imports.append(ImportUse(target, line.start_point.row + 1 if line else 0, True, False))
    _guards(tree, source, facts)
    bases = [below for node in statements if (below := node.child_by_field_name("superclasses")) is not None]
    Occurrences(tree.root_node, source, facts, asked, bases, over).collect(bindings)
    if methods:
        _methods(tree, source, facts, methods, over)
    return facts


def _parsed(source: bytes, over: Callable[[], bool]) -> Tree:
    parser = Parser(_PYTHON)
    if len(source) < _LARGE:
        return parser.parse(source)
    try:
        return parser.parse(lambda at, _: source[at : at + _LARGE], progress_callback=lambda _at, _error: over())
    except ValueError as error:
        raise TooLongError from error


def _errors(tree: Tree, over: Callable[[], bool]) -> Iterator[Node]:
    """The outermost nodes that couldn't be parsed, in their order. A query for them takes minutes where one holds
    thousands of others. Raises TooLongError."""
    cursor, looked_at = tree.walk(), 0
    while True:
        node = cursor.node
        looked_at += 1
        if looked_at % _BETWEEN_LOOKS == 0 and over():
            raise TooLongError
        if node is not None and (node.type == "ERROR" or node.is_missing):
            yield node
        elif node is not None and node.has_error and cursor.goto_first_child():
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return


def _say_errors(tree: Tree, facts: FileFacts, over: Callable[[], bool]) -> None:
    ranges = sorted((node.start_point.row + 1, node.end_point.row + 1) for node in _errors(tree, over))
    merged: list[tuple[int, int]] = []
    for first, last in ranges:
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    facts.unparsed = min(facts.lines, sum(last - first + 1 for first, last in merged))
    share = 100 * (1 - facts.unparsed / max(1, facts.lines))
    shown = ", ".join(f"{first}" if first == last else f"{first}–{last}" for first, last in merged[:5])
    lines = "line" if facts.unparsed == 1 else "lines"
    more = f" and {len(merged) - 5} more places" if len(merged) > 5 else ""
    facts.blind.append(
        ("unparsed", f"parsed to {int(share)} %, {lines} {shown}{more} not", merged[0][0] if merged else 0)
    )


def _statements(tree: Tree, source: bytes) -> list[Node]:
    """Imports and classes: a query over the whole tree would take as long as parsing does."""
    found = []
    for word in _STATEMENTS:
        start = source.find(word)
        while start >= 0:
            node = tree.root_node.descendant_for_byte_range(start, start + len(word))
            if node is not None and node.parent is not None and node.type == word.decode():
                found.append(node.parent)
            start = source.find(word, start + len(word))
    return found


def _imports(statements: list[Node], facts: FileFacts, resolve: Resolve) -> dict[str, list[str]]:
    """Names with what they stand for."""
    bindings: dict[str, list[str]] = {}
    for node in statements:
        if node.type not in ("import_statement", "import_from_statement"):
            continue
        for one in _named(node):
            for name, target, direct in resolve(one):
                if direct:
                    lazy, conditional = _standing(node)
                    facts.imports.append(ImportUse(target, node.start_point.row + 1, lazy, conditional))
                if target.endswith(".*"):
                    said = f"imports everything of {target[:-2]}: what is used of it can't be seen"
                    facts.blind.append(("star-import", said, node.start_point.row + 1))
                elif target not in bindings.setdefault(name, []):
                    bindings[name].append(target)
    return bindings


def _named(node: Node) -> Iterator[NamedImport]:
    text = node.text or b""
    if node.type == "import_statement":
        yield from parts("", text.decode("utf-8", "replace").partition("import")[2], plain=True)
    elif found := _STEM.match(text):
        yield from parts(found[1].decode("utf-8", "replace"), found[2].decode("utf-8", "replace"), plain=False)


def _standing(node: Node) -> tuple[bool, bool]:
    """(inside a function, below ``if`` or ``try``)."""
    lazy = conditional = False
    above = node.parent
    for _ in range(_CLIMB):
        if above is None:
            break
        lazy = lazy or above.type == "function_definition"
        conditional = conditional or above.type in ("if_statement", "try_statement")
        above = above.parent
    return lazy, conditional


@lru_cache(maxsize=8)
def _called(methods: frozenset[str]) -> re.Pattern[bytes]:
    return re.compile(rb"\.\s*(" + b"|".join(sorted(name.encode() for name in methods)) + rb")\s*\(")


def _guards(tree: Tree, source: bytes, facts: FileFacts) -> None:
    """Branches of a question for the version, and of an attempt at an import or an attribute that may not be there."""
    for place in sorted(_asked(source)):
        node = tree.root_node.descendant_for_byte_range(place, place + 1)
        for _ in range(_CLIMB):
            above = node.parent if node is not None else None
            if above is None or above.type in ("block", "module"):
                break
            if above.type == "conditional_expression" or (
                above.type in ("if_statement", "elif_clause") and above.child_by_field_name("condition") == node
            ):
                whole = above.parent if above.type == "elif_clause" and above.parent is not None else above
                facts.guarded.append((whole.start_point.row + 1, whole.end_point.row + 1))
            node = above
    for place in places(source, b"except"):
        if not _HANDLER.match(source, place):
            continue
        node = tree.root_node.descendant_for_byte_range(place, place + 6)
        above = node.parent if node is not None else None
        attempt = above.parent if above is not None and above.type == "except_clause" else None
        if attempt is not None and attempt.end_point.row - attempt.start_point.row < _ATTEMPT:
            facts.guarded.append((attempt.start_point.row + 1, attempt.end_point.row + 1))


def _asked(source: bytes) -> set[int]:
    """Where a version is asked for. Words come first: an expression over all of it takes a quarter of a scan."""
    found = {place for place in places(source, b"hasattr") if _HAS.match(source, place)}
    for place in places(source, *_IN_VERSION):
        begin = place
        while begin and (source[begin - 1 : begin].isalnum() or source[begin - 1] == 0x5F):
            begin -= 1
        name = _NAME_END.match(source, begin)
        if name is not None and _VERSION.fullmatch(name[0]):
            found.add(begin)
    return found


def _methods(tree: Tree, source: bytes, facts: FileFacts, methods: frozenset[str], over: Callable[[], bool]) -> None:
    for number, found in enumerate(_called(methods).finditer(source)):
        if number % 64 == 0 and over():
            raise TooLongError
        node = tree.root_node.descendant_for_byte_range(found.start(1), found.end(1))
        if node and node.type == "identifier" and node.parent and node.parent.type == "attribute":
            facts.methods.append((found[1].decode(), node.start_point.row + 1))


def _is_code(tree: Tree, start: int, end: int) -> bool:
    node = tree.root_node.descendant_for_byte_range(start, end)
    return node is not None and node.type == "identifier"
