"""What a scan didn't see: before anything that it saw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import streamlit as st

from advisor.scan.report import BlindKind, BlindSpot, ScanReport
from advisor.wording.quantities import counted
from ui.kit import components

#: In the order in which they make the rest doubtful, with what each is called.
_TITLES: Final[Mapping[BlindKind, str]] = {
    "time": "Not read, because time was over",
    "read-limit": "Not read, because it was too much",
    "file-limit": "Not read, because there were too many files",
    "size": "Too large to be read",
    "line-length": "Lines too long to be read",
    "unparsed": "Lines that can't be parsed",
    "dispatcher": "Modules that choose the framework",
    "dynamic-import": "Imports that are only known when it runs",
    "dynamic-attribute": "Names that are only known when it runs",
    "star-import": "Everything imported at once",
    "custom-op": "C++ and CUDA on a framework",
    "guarded": "Lines behind a check of the version",
    "own-name": "Modules called like a package",
    "submodule": "Repositories in the repository",
    "vendored": "Code of others",
    "generated": "Made by tools",
    "ignored": "Ignored by git",
    "notebook": "Notebooks that can't be read",
    "manifest": "Lists of packages that can't be read",
    "encoding": "Unusual encodings",
    "null-bytes": "Null bytes",
    "unreadable": "Can't be opened",
    "changed": "Changed while it was read",
    "binary": "Binary files",
    "pickle": "Pickles",
    "depth": "Folders too deep",
    "finding-limit": "Findings that aren't listed",
    "history": "History that can't be read",
    "link": "Links",
    "special": "No regular files",
}
_PLACES: Final = 8  # of a kind that are listed


def show(report: ScanReport) -> None:
    """A line a kind, and below it where."""
    kinds: dict[BlindKind, list[BlindSpot]] = {}
    for spot in report.blind_spots:
        kinds.setdefault(spot.kind, []).append(spot)
    ordered = sorted(kinds, key=list(_TITLES).index)
    st.markdown("## What was not seen")
    if not ordered:
        st.markdown(":material/check_circle: Nothing was left out.")
        return
    st.markdown("\n".join(f"* **{_TITLES[kind]}**: {_gist(kinds[kind])}" for kind in ordered))
    with components.folded("Where that is", key="code-blind", icon=":material/visibility_off:") as is_open:
        if is_open:
            for kind in ordered:
                st.markdown(f"**{_TITLES[kind]}**")
                st.code(_places(kinds[kind]), language=None, wrap_lines=True)


def _gist(spots: Sequence[BlindSpot]) -> str:
    number = sum(spot.count for spot in spots)
    if len(spots) == 1:
        spot = spots[0]
        where = f", {spot.file}" if spot.file else ""
        return components.escape(
            f"{spot.said}{where}" if spot.count == 1 else f"{spot.count:,} times: {spot.said}{where}"
        )
    return components.escape(f"{counted(number, 'place')}, the first in {spots[0].file or 'the project'}")


def _places(spots: Sequence[BlindSpot]) -> str:
    lines = []
    for spot in spots[:_PLACES]:
        where = f"{spot.file}:{spot.line}" if spot.line else spot.file or "."
        lines.append(f"{where}: {f'{spot.count:,} ' if spot.count > 1 else ''}{spot.said}")
    more = len(spots) - _PLACES
    return "\n".join([*lines, f"and {more:,} more, which the download lists"] if more > 0 else lines)
