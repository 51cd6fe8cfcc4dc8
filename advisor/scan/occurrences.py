"""Every place of a source at which a framework's name stands, and what stands there."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from typing import Final

from tree_sitter import Node

from advisor.scan.facts import FileFacts, NameUse, TooLongError

#: A name with all that is taken of it. What other letters than ASCII's stand in it belongs to it.
_CHAIN: Final = re.compile(rb"(?<![\w.\x80-\xff])[\w\x80-\xff]+(?:\s*\.\s*[A-Za-z_]\w*)*")
_CALLS: Final = re.compile(rb"(?<![\w])(getattr|__import__|import_module)\s*\(")
_WORDS: Final = (b"getattr", b"import_module", b"__import__")
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
_CLIMB: Final = 300
_SCOPES: Final = {"function_definition", "lambda", "list_comprehension", "set_comprehension",
                  "dictionary_comprehension", "generator_expression"}  # fmt: skip


def places(source: bytes, *words: bytes) -> Iterator[int]:
    """Where words stand, word by word: an expression over all of a source takes many times as long."""
    for word in words:
        place = source.find(word)
        while place >= 0:
            yield place
            place = source.find(word, place + len(word))


class _Ranges:
    """Ranges of bytes, and whether one of them covers a place; they may lie in each other."""

    def __init__(self, ranges: Iterable[tuple[int, int]] = ()) -> None:
        self._new = list(ranges)
        self._starts: list[int] = []
        self._ends: list[int] = []

    def add(self, start: int, end: int) -> None:
        self._new.append((start, end))

    def __contains__(self, place: int) -> bool:
        if self._new:
            known = sorted([*zip(self._starts, self._ends, strict=True), *self._new])
            self._new, self._starts, self._ends = [], [], []
            for start, end in known:
                if self._ends and start <= self._ends[-1]:
                    self._ends[-1] = max(end, self._ends[-1])
                else:
                    self._starts.append(start)
                    self._ends.append(end)
        before = bisect_right(self._starts, place) - 1
        return before >= 0 and place < self._ends[before]


class Occurrences:
    """Every place at which a bound name stands."""

    def __init__(
        self,
        root: Node,
        source: bytes,
        facts: FileFacts,
        asked: Callable[[str], bool],
        bases: list[Node],
        over: Callable[[], bool],
    ) -> None:
        self._root = root
        self._source = source
        self._facts = facts
        self._asked = asked
        self._over = over
        self._bases = _Ranges((node.start_byte, node.end_byte) for node in bases)
        self._hidden: dict[str, _Ranges] = {}  # by name, where a function means something else by it
        self._within: dict[str, _Ranges] = {}  # names that mean it in a function alone: where
        self._aliases: set[int] = set()  # where a name begins that is bound to a framework's

    def collect(self, bindings: dict[str, list[str]]) -> None:
        """A name that is bound to a framework's («K = keras.backend») is looked for in its turn."""
        done: set[str] = set()
        while left := bindings.keys() - done:
            done |= left
            for start, end, row, name, rest in self._found(left, bindings):
                if self._means_it(name, start):
                    self._use(start, end, row + 1, tuple(f"{target}{rest}" for target in bindings[name]))
        self._dynamic(bindings)

    def _means_it(self, name: str, start: int) -> bool:
        if name in self._hidden and start in self._hidden[name]:
            return False
        return name not in self._within or start in self._within[name]

    def _chains(self, names: Set[str]) -> Iterator[tuple[Node, int, str, str]]:
        """(its first word, end, name, «.rest») of what begins with a name, the longest: «backend.tf» before «backend».

        Only of code. A comment or a string ends where it ends: «by torch.» doesn't go on in the line below it.
        """
        heads = {name.partition(".")[0].encode() for name in names}
        most = 1 + max(name.count(".") for name in names)
        done = 0
        for number, start in enumerate(sorted({*places(self._source, *heads)})):
            if number % 64 == 0 and self._over():
                raise TooLongError
            if start < done or (found := _CHAIN.match(self._source, start)) is None:
                continue
            chain = b"".join(found[0].split()).decode("utf-8", "replace")
            name = ".".join(chain.split(".", most)[:most])
            while name and name not in names:
                name = name.rpartition(".")[0]
            node = self._root.descendant_for_byte_range(start, start + 1) if name else None
            if node is not None and node.type == "identifier":
                done = found.end()
                yield node, done, name, chain[len(name) :]
            elif node is not None and node.type in ("comment", "string_content"):
                done = node.end_byte

    def _found(self, names: Set[str], bindings: dict[str, list[str]]) -> list[tuple[int, int, int, str, str]]:
        """(start, end, row, name, «.rest»); what is bound on the way is told to ``bindings`` or hidden."""
        found = []
        for node, end, name, rest in self._chains(names):
            start, above = node.start_byte, node.parent
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
            if self._source[max(0, start - 8) : start].rstrip().endswith(b"="):
                self._alias(self._root.descendant_for_byte_range(start, end), end, node, name, rest, bindings)
            found.append((start, end, node.start_point.row, name, rest))
        return found

    def _alias(
        self, whole: Node | None, end: int, node: Node, name: str, rest: str, bindings: dict[str, list[str]]
    ) -> None:
        """``tf1 = tf.compat.v1``: the right side is the chain and nothing else."""
        if whole is None or whole.type not in ("attribute", "identifier") or whole.end_byte != end:
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
            self._within.setdefault(new, _Ranges()).add(scope.start_byte, scope.end_byte)
        elif scope is not None:
            return
        self._aliases.add(left.start_byte)
        known = bindings.setdefault(new, [])
        known.extend(target for to in bindings[name] if (target := f"{to}{rest}") not in known)

    def _hide(self, name: str, above: Node) -> None:
        """Of what is bound at the top of a file the import counts: «torch = None» where it isn't installed."""
        if (scope := _scope(above, _SCOPES)) is not None:
            self._hidden.setdefault(name, _Ranges()).add(scope.start_byte, scope.end_byte)

    def _use(self, start: int, end: int, line: int, names: tuple[str, ...]) -> None:
        called = self._source[end : end + 200].lstrip(b" \t")[:1] == b"("
        keywords = None
        if called and self._asked(names[0]):
            keywords = self._keywords(start, end)
        base = not called and start in self._bases
        self._facts.uses.append(NameUse(names, line, called, base, keywords))

    def _keywords(self, start: int, end: int) -> tuple[str, ...]:
        node = self._root.descendant_for_byte_range(start, end)
        node = _scope(node, {"call"}) if node is not None else None
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
        for number, place in enumerate(sorted(places(self._source, *_WORDS))):
            if number % 64 == 0 and self._over():
                raise TooLongError
            if (found := _CALLS.match(self._source, place)) is None:
                continue
            node = self._root.descendant_for_byte_range(found.start(1), found.end(1))
            if node is None or node.type != "identifier":
                continue
            call = _scope(node, {"call"})
            arguments = call.child_by_field_name("arguments") if call else None
            given = [child.text or b"" for child in arguments.named_children] if arguments else []
            self._called(found[1], given, node, bindings)

    def _called(self, what: bytes, given: list[bytes], node: Node, bindings: Mapping[str, list[str]]) -> None:
        line = node.start_point.row + 1
        if what != b"getattr":
            if given and not _LITERAL.match(given[0]):
                said = "imports a module whose name is known only when it runs"
                self._facts.blind.append(("dynamic-import", said, line))
            return
        name, _, rest = given[0].decode("utf-8", "replace").partition(".") if given else ("", "", "")
        if (
            len(given) < 2
            or name not in bindings
            or not self._means_it(name, node.start_byte)
            or not re.fullmatch(r"[\w.]*", rest)
        ):
            return
        stem = [f"{target}.{rest}".rstrip(".") for target in bindings[name]]
        if literal := _LITERAL.match(given[1]):
            self._facts.uses.append(NameUse(tuple(f"{one}.{literal[1].decode()}" for one in stem), line, False))
        else:
            said = f"takes an attribute of {stem[0]} whose name is known only when it runs"
            self._facts.blind.append(("dynamic-attribute", said, line))


def _scope(node: Node, kinds: set[str]) -> Node | None:
    """The next of these kinds above; each step looks for the parent from the root, so there is an end to it."""
    above: Node | None = node
    for _ in range(_CLIMB):
        if above is None or above.type in kinds:
            return above
        above = above.parent
    return None


def _binds(above: Node, node: Node) -> bool:
    if above.type not in _BINDING:
        return False
    where = _BINDING[above.type]
    if where:
        return above.child_by_field_name(where) == node
    return not (above.type == "typed_parameter" and above.child_by_field_name("type") == node)
