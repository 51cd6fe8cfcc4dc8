"""What a machine can read again of facts: the packages that they name, as they are now (``stale --look``).

A fact's ``look`` says of which package, ``what`` of it, and what was ``seen`` when the fact was written down:

========== ==================================== ==============================================
what       seen                                 still so if
========== ==================================== ==============================================
version    ``2.15.0``                           it is the newest one
python     ``>=3.12``                           it is the range of Pythons that the package asks for
requires   ``torch``                            the package depends on it, in an extra perhaps
lacks      ``tensorflow``                       it does not, not even in an extra
classifier ``Development Status :: 3 - Alpha``  the package carries it
========== ==================================== ==============================================
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, Protocol

from advisor.knowledge.tables import columns
from advisor.model.facts import Fact, PackageStatement
from advisor.wording.quantities import counted
from probes.system.installed import normalised

_NAME_ENDS: Final = re.compile(r"[^A-Za-z0-9._-]")
State = Literal["as written", "moved", "not read"]
_ORDER: Final[Sequence[State]] = ("moved", "not read", "as written")


@dataclass(frozen=True, slots=True)
class Package:
    """What a package says of itself. ``newest`` where a package index said so, not only what is installed here."""

    version: str
    newest: bool
    python: str = ""  # the range of Pythons, "" for any
    requires: tuple[str, ...] = ()  # as written: ``torch>=2.8; extra == "all"``
    classifiers: tuple[str, ...] = ()


class PackageReader(Protocol):
    """Where packages are read. None where it wasn't reached, or has nothing for this Python and system."""

    def newest(self, package: str) -> str | None:
        """The newest version."""
        ...

    def described(self, package: str) -> Package | None:
        """The newest release's own description, or that of what is installed."""
        ...


@dataclass(frozen=True, slots=True)
class Looked:
    """One thing that a fact says of a package, and what is so now."""

    fact: str
    look: PackageStatement
    state: State
    found: str  # what is there now, or why it could not be read


def look_again(facts: Iterable[Fact], reader: PackageReader) -> tuple[Looked, ...]:
    """Everything that the facts name, what moved first."""
    found = [_looked(fact.id, item, reader) for fact in facts for item in fact.look]
    return tuple(sorted(found, key=lambda one: _ORDER.index(one.state)))


def _looked(fact: str, item: PackageStatement, reader: PackageReader) -> Looked:
    if item.what == "version":
        version = reader.newest(item.package)
        if version is None:
            return Looked(fact, item, "not read", _unread(item.package, reader))
        return Looked(fact, item, _state(version == item.seen), version)
    package = reader.described(item.package)
    if package is None:
        return Looked(fact, item, "not read", _unread(item.package, None))
    holds, found = _compared(item, package)
    where = "" if package.newest else ", as installed here"
    return Looked(fact, item, _state(holds), f"{found} ({package.version}{where})")


def _state(holds: bool) -> State:
    return "as written" if holds else "moved"


def _unread(package: str, reader: PackageReader | None) -> str:
    """Why there is no newest version; what is installed is named, which says nothing of the newest."""
    here = reader.described(package) if reader else None
    installed = f"; {here.version} is installed here" if here else ""
    return f"no package index was reached, or it has nothing for this Python and system{installed}"


def _compared(item: PackageStatement, package: Package) -> tuple[bool, str]:
    """Whether it is still so, and what is so now."""
    if item.what == "python":
        return package.python == item.seen, f"Python {package.python or 'of any version'}"
    if item.what == "classifier":
        kind = item.seen.split(" :: ")[0]
        like = [name for name in package.classifiers if name.split(" :: ")[0] == kind]
        return item.seen in package.classifiers, "; ".join(like) or f"no classifier {kind}"
    wanted = normalised(item.seen)
    named = [text for text in package.requires if normalised(_NAME_ENDS.split(text, maxsplit=1)[0]) == wanted]
    found = f"requires {named[0]}" if named else f"does not require {item.seen}"
    return bool(named) == (item.what == "requires"), found


def reached(looked: Iterable[Looked]) -> bool:
    """Whether anything could be read."""
    return any(one.state != "not read" for one in looked)


def to_text(looked: Sequence[Looked]) -> str:
    """How many are as written, and a table of the others, what moved first."""
    count = {state: sum(one.state == state for one in looked) for state in _ORDER}
    packages = len({one.look.package for one in looked})
    head = (
        f"Looked at {counted(len(looked), 'statement')} on {counted(packages, 'package')}: "
        f"{count['as written']} as written, {count['moved']} moved, {count['not read']} not read."
    )
    rows = [_row(one) for one in looked if one.state != "as written"]
    if not rows:
        return head
    return "\n".join([head, "", *columns([("state", "fact", "package", "was", "is"), *rows])])


def _row(one: Looked) -> tuple[str, ...]:
    return one.state, one.fact, one.look.package, f"{one.look.what} {one.look.seen}", one.found


def to_json(looked: Sequence[Looked], day: str) -> str:
    """Schema 1; every look, those as written too."""
    content: Mapping[str, object] = {"schema": 1, "day": day, "looked": [_entry(one) for one in looked]}
    return json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False)


def _entry(one: Looked) -> dict[str, str]:
    look = one.look
    return {
        "fact": one.fact,
        "package": look.package,
        "what": look.what,
        "seen": look.seen,
        "state": one.state,
        "found": one.found,
    }
