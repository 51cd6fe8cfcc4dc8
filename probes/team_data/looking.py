"""Looks at a team's own data before anything is planned: what they are, whether they can be read whole, their hash."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from probes.contracts import UnsupportedError
from probes.system.plaintext import visible
from probes.team_data import archives, files, pictures, tables
from probes.team_data.limits import TeamDataError
from probes.team_files import DataKind, TeamData

_KINDS: Final[dict[str, DataKind]] = {".npz": "npz", ".csv": "csv"}


def look(path: Path, label: str = "", tell: Callable[[str], None] = lambda _: None) -> TeamData:
    """What lies at ``path``; all of it is read. ``label``: a column of a CSV file, or an array of an npz file.

    Raises TeamDataError.
    """
    path = path.absolute()
    try:
        sha256 = files.digest(path)
        if path.is_dir():
            kind: DataKind = "jpeg"
            if label:
                raise TeamDataError(f"{label!r} for a folder", "nothing: the subfolders are the labels", "label")
            told = pictures.look(path, tell)
        elif path.suffix.lower() in _KINDS:
            kind = _KINDS[path.suffix.lower()]
            tell(f"looking at {path.name}")
            told = tables.look(path, label) if kind == "csv" else archives.look(path, label)
        else:
            raise TeamDataError(f"{path.name} ends otherwise", f"{', '.join(_KINDS)}, or a folder of JPEG files")
    except UnsupportedError as error:
        raise TeamDataError(f"{path.name} can't be read here ({error})", "an npz or CSV file") from error
    return TeamData(name=visible(path.name), sha256=sha256, kind=kind, **told)


def refusal(path: Path | None, data: TeamData) -> str:
    """Why a run can't go on with the data, which may be others by now; "" if they are what was looked at."""
    if path is None:
        return f"{data.name} isn't here: name it to measure with it"
    try:
        changed = files.digest(path) != data.sha256
    except TeamDataError as error:
        return str(error)
    return f"{data.name} has changed since it was looked at: begin again" if changed else ""
