"""What is known of the names in a text: add-ons, platforms, boards and libraries that facts and routes speak of.

Nobody lists the names. A word of a fact or of a route's tool is one if it is written as names are, with a capital or
with a digit after letters, if it is a whole tool or a package in the title of a source, or if a version always stands
behind it («darts 0.47»). Words that our texts also write in small letters are none («Models»), nor are those that so
many facts share that they tell nothing.
"""

from __future__ import annotations

import re
from calendar import month_name
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Annotated, ClassVar, Final, NamedTuple

from pydantic import Field

from advisor.knowledge import Knowledge
from advisor.model.facts import Fact
from advisor.model.routes import Route
from probes.system.data_files import DataFile, Text

_WORD: Final = re.compile(r"[^\W_](?:[\w.+/-]*[\w+])?")
_END: Final = re.compile(r"[.!?:]\s|[.!?:]$|[,;()«»\"\n]|\sand\s|\sor\s")
_PACKAGES: Final = re.compile(r"PyPI index, about [\d-]+: ([\w., -]+)")
_RELEASE: Final = re.compile(r" \d+\.\d")
_VERSION: Final = re.compile(r"(?<=[^\W\d])[-_. ]?\d[\w.]*$")
_LONGEST: Final = 4  # words of a name
_SHARED: Final = 20  # facts; a name that more of them share tells nothing


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in a text, as it is written there, with what is known of it, newest facts first; often that is nothing."""

    name: str
    facts: tuple[Fact, ...] = ()
    routes: tuple[Route, ...] = ()

    @property
    def is_known(self) -> bool:
        return bool(self.facts or self.routes)


def mentions(text: str, knowledge: Knowledge) -> tuple[Mention, ...]:
    """Every name in ``text``, once, in order: those that are known of, and words that look like one and aren't."""
    if not text.strip():
        return ()
    routes = [route for sides in knowledge.routes.values() for rows in sides.values() for route in rows]
    index = _index(
        tuple(_Written(fact.id, fact.statement, fact.source.title) for fact in knowledge.facts.values()),
        tuple(route.tool for route in routes),
        tuple(_prose(knowledge)),
    )
    found: dict[str, Mention] = {}
    for part in filter(None, map(str.strip, _END.split(text))):
        for name in index.names_in(part):
            facts = [knowledge.facts[fact_id] for fact_id in index.facts(name)]
            facts.sort(key=lambda fact: fact.as_of, reverse=True)
            tools = index.tools(name)
            ways = (route for route in routes if route.tool in tools and route.maturity != "none")
            found.setdefault(_normal(name), Mention(name, tuple(facts), tuple(ways)))
    return tuple(found.values())


class _Written(NamedTuple):
    """What a fact says, where its names may be."""

    id: str
    statement: str
    source: str


class _Names(DataFile):
    file: ClassVar[str] = "names.yaml"
    common: tuple[Text, ...]
    names: tuple[Annotated[tuple[Text, ...], Field(min_length=2)], ...]


class _Spellings(NamedTuple):
    common: frozenset[str]
    same: Mapping[str, frozenset[str]]  # by each name, all that mean the same


@cache
def _spellings() -> _Spellings:
    """``data/names.yaml``, normalised. Raises DataError naming file, path and value."""
    written = _Names.read()
    groups = [frozenset(map(_normal, names)) for names in written.names]
    common = {*map(_normal, written.common), *map(_normal, month_name[1:])}
    return _Spellings(frozenset(common), {name: group for group in groups for name in group})


class _Index:
    """The names of all facts and tools, normalised."""

    def __init__(self, facts: Iterable[_Written], tools: Iterable[str], prose: Iterable[str]) -> None:
        facts, tools = tuple(facts), tuple(tools)
        texts = (*(fact.statement for fact in facts), *prose)
        versioned = _versioned(texts)
        self._ordinary = _ordinary(texts) - versioned
        self._facts = {
            fact.id: {
                *self._names(fact.statement),
                *_packages(fact.source),
                *(versioned & set(map(_normal, _WORD.findall(fact.statement)))),
            }
            for fact in facts
        }
        often = Counter(name for names in self._facts.values() for name in names)
        self._common = _spellings().common | {name for name, times in often.items() if times > _SHARED}
        self._tools = {tool: {_normal(tool), *self._names(tool)} for tool in tools}
        self._known = {name for names in (*self._facts.values(), *self._tools.values()) for name in names}

    def names_in(self, part: str) -> Iterator[str]:
        """The names in a part of a sentence: known ones, the longest first, and what looks like one."""
        words = [match.group() for match in _WORD.finditer(part)]
        unknown: list[str] = []
        at = 0
        while at < len(words):
            sizes = range(min(_LONGEST, len(words) - at), 0, -1)
            size = next((n for n in sizes if self._meant(" ".join(words[at : at + n])) & self._known), 0)
            if not size and self._looks_like_a_name(words[at], alone=len(words) == 1):
                unknown.append(words[at])
            elif unknown:
                yield " ".join(unknown)
                unknown = []
            if size:
                yield " ".join(words[at : at + size])
            at += size or 1
        if unknown:
            yield " ".join(unknown)

    def facts(self, name: str) -> list[str]:
        """Ids of the facts that speak of it."""
        meant = self._meant(name)
        return [fact for fact, names in self._facts.items() if meant & names]

    def tools(self, name: str) -> frozenset[str]:
        """Tools of routes that it is, or is a part of."""
        meant = self._meant(name)
        return frozenset(tool for tool, names in self._tools.items() if meant & names)

    def _meant(self, name: str) -> frozenset[str]:
        """All that means the same; of a name with a version, what the name alone means where only that is known."""
        exact, without = (self._alike(_normal(form)) for form in (name, _VERSION.sub("", name)))
        return without if without & self._known and not exact & self._known else exact

    def _alike(self, normal: str) -> frozenset[str]:
        return _spellings().same.get(normal, frozenset({normal})) - self._common

    def _looks_like_a_name(self, word: str, *, alone: bool) -> bool:
        name = _normal(word)
        if name in self._ordinary | self._common or len(name) < 2 or not word[0].isalpha():
            return False
        return alone or _is_name(word)

    def _names(self, text: str) -> Iterator[str]:
        """Runs of words that are written as names are, and all shorter runs in them.

        A run may hold ordinary words («ONNX Runtime»), but not only them, and it doesn't begin with one: that is how
        sentences begin.
        """
        for run in _runs(text):
            plain = [_normal(word) in self._ordinary or _normal(word) in _spellings().common for word in run]
            for start in (i for i, word in enumerate(run) if _normal(word) not in self._ordinary):
                for end in range(start + 1, min(start + _LONGEST, len(run)) + 1):
                    name = _normal("".join(run[start:end]))
                    if len(name) > 1 and not all(plain[start:end]):
                        yield name


_index = lru_cache(maxsize=4)(_Index)


def _normal(name: str) -> str:
    return re.sub(r"[\s._/-]+", "", name).casefold()


def _is_name(word: str) -> bool:
    return word[0].isalpha() and any(letter.isupper() or letter.isdigit() for letter in word)


def _runs(text: str) -> Iterator[list[str]]:
    """Words that are written as names are, where nothing but spaces is between them."""
    run: list[str] = []
    end = 0
    for match in _WORD.finditer(text):
        if run and (text[end : match.start()].strip() or not _is_name(match.group())):
            yield run
            run = []
        if _is_name(match.group()):
            run.append(match.group())
        end = match.end()
    if run:
        yield run


def _ordinary(texts: Iterable[str]) -> frozenset[str]:
    """Words that are written in small letters somewhere, and nowhere with a capital inside."""
    words = {match.group() for text in texts for match in _WORD.finditer(text)}
    names = {_normal(word) for word in words if any(letter.isupper() for letter in word[1:])}
    return frozenset({_normal(word) for word in words if word.islower() and word.isalpha()} - names)


def _versioned(texts: Iterable[str]) -> frozenset[str]:
    """Words in small letters that stand before a version wherever they stand: a package, as «monai 1.6.1»."""
    before: set[str] = set()
    elsewhere: set[str] = set()
    for text in texts:
        for match in _WORD.finditer(text):
            if match.group().islower():
                (before if _RELEASE.match(text, match.end()) else elsewhere).add(_normal(match.group()))
    return frozenset(before - elsewhere)


def _packages(source: str) -> Iterator[str]:
    found = _PACKAGES.match(source)
    return map(_normal, found.group(1).split(", ")) if found else iter(())


def _prose(knowledge: Knowledge) -> Iterator[str]:
    """More of our own texts: the more of them, the better one knows which words are ordinary."""
    for spec in knowledge.criteria:
        yield from (spec.title, spec.question, spec.why, *(rule.because for rule in spec.rules))
    yield from (f"{claim.claim} {claim.why}" for claim in knowledge.claims)
    yield from (f"{gap.question} {gap.looked}" for gap in knowledge.not_found)
