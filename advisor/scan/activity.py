"""Is it alive? Per file and per area: when it was last changed, what reaches it, and which model's file it names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from advisor.scan.history import History
from advisor.scan.reachability import REACHES, Reached
from advisor.scan.report import (
    CODE_AREAS,
    AreaActivity,
    AreaFate,
    CodeActivity,
    CodeArea,
    FateReason,
    FileActivity,
)  # fmt: skip

#: A file that wasn't changed for so long before the last commit of all isn't worked on.
_QUIET_DAYS: Final = 730


@dataclass(frozen=True, slots=True)
class UsedFile:
    """A file in which a framework's names stand, by area; and the artefacts that it names."""

    path: str
    uses: Mapping[CodeArea | None, int]
    artefacts: tuple[str, ...]


def activity(used: Iterable[UsedFile], reached: Mapping[str, Reached], history: History | None) -> CodeActivity:
    """Joined, files by name. ``history`` is None where nothing is known of it."""
    history = history or History({})
    unreached = Reached("nothing", "")
    files: list[FileActivity] = []
    areas: dict[CodeArea, list[tuple[FileActivity, int]]] = {}
    for one in sorted(used, key=lambda one: one.path):
        way = reached.get(one.path, unreached)
        named = tuple(area for area in CODE_AREAS if area in one.uses)
        file = FileActivity(
            one.path, named, sum(one.uses.values()), way.way, way.by, history.changed.get(one.path), one.artefacts
        )
        files.append(file)
        for area in named:
            areas.setdefault(area, []).append((file, one.uses[area]))
    return CodeActivity(
        last_commit=history.newest or None,
        read_back_to=history.until or None,
        areas={area: _area(areas[area], history) for area in CODE_AREAS if area in areas},
        files=tuple(files),
    )


def _area(found: list[tuple[FileActivity, int]], history: History) -> AreaActivity:
    files = [file for file, _ in found]
    uses = sum(count for _, count in found)
    idle = sum(count for file, count in found if file.reached_from == "nothing")
    days = [file.last_commit for file in files if file.last_commit]
    newest = max(days, default=None)
    named = len({name for file in files for name in file.artefacts})
    fate, reason = _fate(idle == uses, bool(named), newest, history)
    ways = Counter(file.reached_from for file in files)
    return AreaActivity(
        files=len(files),
        reached_from={way: ways[way] for way in REACHES if ways[way]},
        unreached_share=round(idle / uses, 4) if uses else 0.0,
        last_commit=newest,
        artefacts=named,
        proposed=fate,
        reason=reason,
    )


def _fate(idle: bool, named: bool, newest: str | None, history: History) -> tuple[AreaFate, FateReason]:
    """What is proposed. Only what nothing reaches, names no model's file and nobody works on is to be dropped."""
    if not idle:
        return "keep", "reached"
    if named:
        return "keep", "artefact"
    if not history.newest:
        return "drop", "unreached"
    last = newest or history.until
    if last and (date.fromisoformat(history.newest) - date.fromisoformat(last)).days < _QUIET_DAYS:
        return "keep", "recent"
    return "drop", "unreached_and_quiet"
