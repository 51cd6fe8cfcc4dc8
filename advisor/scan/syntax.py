"""One source read by tree-sitter: which names of a framework stand in it, as what, and what couldn't be read.

The regular expressions find places, the tree says what stands there: names in strings and comments, attributes of other
things, and what a function calls by the same name are left alone. One grammar takes Python 2.7 to 3.14.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

import tree_sitter_python
from tree_sitter import Language, Node, Parser, Query, QueryCursor, Tree

from advisor.scan.prefilter import NamedImport, parts
from advisor.scan.report import BlindKind

_PYTHON: Final = Language(tree_sitter_python.language())
_IMPORTS: Final = Query(_PYTHON, "(import_statement) @one (import_from_statement) @one (future_import_statement) @no")
_BASES: Final = Query(_PYTHON, "(class_definition superclasses: (argument_list) @bases)")
_ERRORS: Final = Query(_PYTHON, "(ERROR) @error (MISSING) @error")
_LARGE: Final = 1 << 18
_STEM: Final = re.compile(rb"\s*from\s+([.\s]*[\w.]*)\s+import\s*(.*)", re.DOTALL)
_LOADED: Final = re.compile(
    rb"^[ \t]*(\w+)[ \t]*=[ \t]*[\w.]*(?:import_module|__import__|importorskip|LazyLoader|lazy_import|try_import\w*"
    rb"|LazyImport\w*)\([^)\n]*[\"']([\w.]+)[\"'][^)\n]*\)",
    re.MULTILINE,
)
_CALLS: Final = re.compile(rb"(?<![\w])(getattr|__import__|import_module)\s*\(")
_LITERAL: Final = re.compile(rb"[rubRUB]*[\"']([\w.]*)[\"']$")
#: Parents of a name that is bound there, with the field in which it is.
_BINDING: Final = {
    "parameters": "", "lambda_parameters": "", "typed_parameter": "", "default_parameter": "name",
    "typed_default_parameter": "name", "assignment": "left", "augmented_assignment": "left", "for_statement": "left",
    "for_in_clause": "left", "as_pattern_target": "", "pattern_list": "", "named_expression": "name",
    "list_splat_pattern": "", "dictionary_splat_pattern": "", "tuple_pattern": "",
}  # fmt: skip
_NOT_A_USE: Final = {
    "dotted_name", "aliased_import", "global_statement", "nonlocal_statement", "function_definition",
    "class_definition", "delete_statement",
}  # fmt: skip
_SCOPES: Final = {"function_definition", "lambda", "list_comprehension", "set_comprehension",
                  "dictionary_comprehension", "generator_expression"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class NameUse:
    """A framework's name in code. ``names``: what it may stand for, more than one where imports are conditional."""

    names: tuple[str, ...]
    line: int
    call: bool
    base: bool = False
    keywords: tuple[str, ...] | None = None  # of a call that a rule asks about, as «name» or «name=literal»


@dataclass(frozen=True, slots=True)
class ImportUse:
    """An import of a framework. ``name`` as ``NameUse.names``, with «.*» for everything."""

    name: str
    line: int
    lazy: bool
    conditional: bool


@dataclass(slots=True)
class FileFacts:
    """What one source holds."""

    path: str
    lines: int
    imports: list[ImportUse] = field(default_factory=list)
    uses: list[NameUse] = field(default_factory=list)
    methods: list[tuple[str, int]] = field(default_factory=list)  # called on whatever object
    blind: list[tuple[BlindKind, str, int]] = field(default_factory=list)
    unparsed: int = 0  # lines


class TooLongError(Exception):
    """The time was over before the source was parsed."""


#: (an import of this file) -> the names that it binds, with what they stand for.
Resolve = Callable[[NamedImport], Iterable[tuple[str, str]]]


def read(
    path: str, source: bytes, resolve: Resolve, *,
    over: Callable[[], bool], asked: Callable[[str], bool], methods: frozenset[str],
) -> FileFacts:  # fmt: skip
    """The names in a source in UTF-8. ``asked``: whether a rule looks at the keywords of calls of a name.

    Raises TooLongError once ``over()`` holds.
    """
    tree = _parsed(source, over)
    facts = FileFacts(path, source.count(b"\n") + (not source.endswith(b"\n") and bool(source)))
    if tree.root_node.has_error:
        _say_errors(tree, facts)
    bindings = _imports(tree, facts, resolve)
    for found in _LOADED.finditer(source):
        name, module = found[1].decode(), found[2].decode()
        for _, target in resolve(NamedImport(module, "", "")):
            if _is_code(tree, found.start(1), found.end(1)):
                bindings.setdefault(name, []).append(target)
                line = tree.root_node.descendant_for_byte_range(found.start(1), found.end(1))
                facts.imports.append(ImportUse(target, line.start_point.row + 1 if line else 0, True, False))
    _Names(tree, source, facts, asked).collect(bindings)
    if methods:
        _methods(tree, source, facts, methods)
    return facts


def _parsed(source: bytes, over: Callable[[], bool]) -> Tree:
    parser = Parser(_PYTHON)
    if len(source) < _LARGE:
        return parser.parse(source)
    try:
        return parser.parse(lambda at, _: source[at : at + _LARGE], progress_callback=lambda _at, _error: over())
    except ValueError as error:
        raise TooLongError from error


def _say_errors(tree: Tree, facts: FileFacts) -> None:
    ranges = sorted(
        (node.start_point.row + 1, node.end_point.row + 1)
        for node in QueryCursor(_ERRORS).captures(tree.root_node).get("error", ())
    )
    merged: list[tuple[int, int]] = []
    for first, last in ranges:
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    facts.unparsed = min(facts.lines, sum(last - first + 1 for first, last in merged))
    share = 100 * (1 - facts.unparsed / max(1, facts.lines))
    shown = ", ".join(f"{first}" if first == last else f"{first}–{last}" for first, last in merged[:5])
    more = f" and {len(merged) - 5} more places" if len(merged) > 5 else ""
    facts.blind.append(("unparsed", f"parsed to {share:.0f} %, lines {shown}{more} not", merged[0][0] if merged else 0))


def _imports(tree: Tree, facts: FileFacts, resolve: Resolve) -> dict[str, list[str]]:
    """Names with what they stand for."""
    bindings: dict[str, list[str]] = {}
    for node in QueryCursor(_IMPORTS).captures(tree.root_node).get("one", ()):
        for one in _named(node):
            for name, target in resolve(one):
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
    while above is not None:
        lazy = lazy or above.type == "function_definition"
        conditional = conditional or above.type in ("if_statement", "try_statement")
        above = above.parent
    return lazy, conditional


@lru_cache(maxsize=512)
def _occurrences(names: frozenset[str]) -> re.Pattern[bytes]:
    """Longest first, so that «backend.tf» is found before «backend»."""
    listed = sorted((re.escape(name).replace(r"\.", r"\s*\.\s*").encode() for name in names), key=len, reverse=True)
    return re.compile(rb"(?<![\w.])(" + b"|".join(listed) + rb")(?!\w)((?:\s*\.\s*[A-Za-z_]\w*)*)")


@lru_cache(maxsize=8)
def _called(methods: frozenset[str]) -> re.Pattern[bytes]:
    return re.compile(rb"\.\s*(" + b"|".join(sorted(name.encode() for name in methods)) + rb")\s*\(")


def _methods(tree: Tree, source: bytes, facts: FileFacts, methods: frozenset[str]) -> None:
    for found in _called(methods).finditer(source):
        node = tree.root_node.descendant_for_byte_range(found.start(1), found.end(1))
        if node and node.type == "identifier" and node.parent and node.parent.type == "attribute":
            facts.methods.append((found[1].decode(), node.start_point.row + 1))


def _is_code(tree: Tree, start: int, end: int) -> bool:
    node = tree.root_node.descendant_for_byte_range(start, end)
    return node is not None and node.type == "identifier"


class _Names:
    """Every place at which a bound name stands."""

    def __init__(self, tree: Tree, source: bytes, facts: FileFacts, asked: Callable[[str], bool]) -> None:
        self._root = tree.root_node
        self._source = source
        self._facts = facts
        self._asked = asked
        self._bases = [
            (node.start_byte, node.end_byte)
            for node in QueryCursor(_BASES).captures(tree.root_node).get("bases", ())
        ]  # fmt: skip
        self._ends = [found.start() for found in re.finditer(b"\n", source)]
        self._hidden: dict[str, list[tuple[int, int]]] = {}  # by name, where a function means something else by it
        self._within: dict[str, list[tuple[int, int]]] = {}  # names that mean it in a function alone: where
        self._aliases: set[int] = set()  # where a name begins that is bound to a framework's

    def collect(self, bindings: dict[str, list[str]]) -> None:
        """A name that is bound to a framework's («K = keras.backend») is looked for in its turn."""
        done: set[str] = set()
        while names := frozenset(bindings) - done:
            done |= names
            found = self._found(names, bindings)
            for start, end, name, rest in found:
                if self._means_it(name, start):
                    self._use(start, end, tuple(f"{target}{rest}" for target in bindings[name]))
        self._dynamic(bindings)

    def _means_it(self, name: str, start: int) -> bool:
        if any(first <= start < last for first, last in self._hidden.get(name, ())):
            return False
        return name not in self._within or any(first <= start < last for first, last in self._within[name])

    def _found(self, names: frozenset[str], bindings: dict[str, list[str]]) -> list[tuple[int, int, str, str]]:
        """(start, end, name, «.rest»); what is bound on the way is told to ``bindings`` or hidden."""
        places = []
        for found in _occurrences(names).finditer(self._source):
            name = b"".join(found[1].split()).decode()
            node = self._root.descendant_for_byte_range(found.start(1), found.start(1) + 1)
            if node is None or node.type != "identifier":
                continue
            rest = b"".join(found[2].split()).decode()
            above = node.parent
            if not rest and above is not None:
                if above.type in _NOT_A_USE and above.child_by_field_name("superclasses") != node:
                    continue
                if above.type == "keyword_argument" and above.child_by_field_name("name") == node:
                    continue
                if _binds(above, node):
                    if node.start_byte not in self._aliases:
                        self._hide(name, above)
                    continue
            elif above is not None and above.type == "dotted_name":
                continue  # of an import
            self._alias(found, node, name, rest, bindings)
            places.append((found.start(), found.end(), name, rest))
        return places

    def _alias(
        self, found: re.Match[bytes], node: Node, name: str, rest: str, bindings: dict[str, list[str]]
    ) -> None:
        """``tf1 = tf.compat.v1``: the right side is the chain and nothing else."""
        whole = self._root.descendant_for_byte_range(found.start(), found.end())
        if whole is None or whole.type not in ("attribute", "identifier") or whole.end_byte != found.end():
            return
        above = whole.parent
        if above is None or above.type != "assignment" or above.child_by_field_name("right") != whole:
            return
        left = above.child_by_field_name("left")
        if left is None or left.type != "identifier" or not left.text or left.text == node.text:
            return
        new = left.text.decode("utf-8", "replace")
        scope = _scope(above, {*_SCOPES, "class_definition"})
        if scope is not None and (new in self._within or new not in bindings):
            self._within.setdefault(new, []).append((scope.start_byte, scope.end_byte))
        elif scope is not None:
            return
        self._aliases.add(left.start_byte)
        known = bindings.setdefault(new, [])
        known.extend(target for to in bindings[name] if (target := f"{to}{rest}") not in known)

    def _hide(self, name: str, above: Node) -> None:
        """Of what is bound at the top of a file the import counts: «torch = None» where it isn't installed."""
        if (scope := _scope(above, _SCOPES)) is not None:
            self._hidden.setdefault(name, []).append((scope.start_byte, scope.end_byte))

    def _use(self, start: int, end: int, names: tuple[str, ...]) -> None:
        called = self._source[end : end + 200].lstrip(b" \t")[:1] == b"("
        keywords = None
        if called and self._asked(names[0]):
            keywords = self._keywords(start, end)
        base = any(first < start < last_byte for first, last_byte in self._bases) and not called
        self._facts.uses.append(NameUse(names, self._line(start), called, base, keywords))

    def _keywords(self, start: int, end: int) -> tuple[str, ...]:
        node = self._root.descendant_for_byte_range(start, end)
        while node is not None and node.type != "call":
            node = node.parent
        arguments = node.child_by_field_name("arguments") if node else None
        found = []
        for child in arguments.named_children if arguments else ():
            if child.type == "keyword_argument":
                name, value = child.child_by_field_name("name"), child.child_by_field_name("value")
                said = (name.text or b"").decode("utf-8", "replace") if name else ""
                plain = value is not None and value.type in ("true", "false", "none", "string", "integer", "float")
                text = (value.text or b"").decode("utf-8", "replace").strip("\"'") if value and plain else ""
                found.append(f"{said}={text}" if plain else said)
            elif child.type == "dictionary_splat":
                found.append("**")
        return tuple(found)

    def _dynamic(self, bindings: Mapping[str, list[str]]) -> None:
        """Names that are made up while the program runs."""
        for found in _CALLS.finditer(self._source):
            if not self._is_name(found.start(1)):
                continue
            node = self._root.descendant_for_byte_range(found.start(1), found.end(1))
            while node is not None and node.type != "call":
                node = node.parent
            arguments = node.child_by_field_name("arguments") if node else None
            given = [child.text or b"" for child in arguments.named_children] if arguments else []
            self._called(found[1], given, found.start(1), bindings)

    def _called(self, what: bytes, given: list[bytes], start: int, bindings: Mapping[str, list[str]]) -> None:
        line = self._line(start)
        if what != b"getattr":
            if given and not _LITERAL.match(given[0]):
                said = "imports a module whose name is known only when it runs"
                self._facts.blind.append(("dynamic-import", said, line))
            return
        name, _, rest = given[0].decode("utf-8", "replace").partition(".") if given else ("", "", "")
        if len(given) < 2 or name not in bindings or not self._means_it(name, start) or not re.fullmatch(r"[\w.]*", rest):
            return
        stem = [f"{target}.{rest}".rstrip(".") for target in bindings[name]]
        if literal := _LITERAL.match(given[1]):
            self._facts.uses.append(NameUse(tuple(f"{one}.{literal[1].decode()}" for one in stem), line, False))
        else:
            said = f"takes an attribute of {stem[0]} whose name is known only when it runs"
            self._facts.blind.append(("dynamic-attribute", said, line))

    def _is_name(self, start: int) -> bool:
        node = self._root.descendant_for_byte_range(start, start + 1)
        return node is not None and node.type == "identifier"

    def _line(self, start: int) -> int:
        """From 1."""
        return bisect_left(self._ends, start) + 1


def _scope(node: Node, kinds: set[str]) -> Node | None:
    above: Node | None = node
    while above is not None and above.type not in kinds:
        above = above.parent
    return above


def _binds(above: Node, node: Node) -> bool:
    if above.type not in _BINDING:
        return False
    where = _BINDING[above.type]
    if where:
        return above.child_by_field_name(where) == node
    return not (above.type == "typed_parameter" and above.child_by_field_name("type") == node)
