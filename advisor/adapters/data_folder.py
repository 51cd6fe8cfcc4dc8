"""The real part behind ``ports.OwnData``: data and traces that lie beside a team's own models."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from advisor.adapters import team_folder
from advisor.ports import OwnDataFile
from probes.engine.running.child import CancelledError
from probes.schema import RunRequest
from probes.serving import trace as traces
from probes.serving.schema import Trace
from probes.system.broken_zips import BROKEN_ZIP
from probes.system.plaintext import visible
from probes.team_data import looking
from probes.team_files import ModelFile, TeamData

#: Files that are listed, and columns that are named of each: a page has to show them.
MOST: Final = 100
_MOST_COLUMNS: Final = 200
_HEAD: Final = 2**16  # bytes in which a table's line of names has to end
_IMAGES: Final = (".jpg", ".jpeg")


class DataFolder:
    """Archives, tables and folders of images right in ``folder``: no path, no link. None: there is no such folder.

    What was looked at may be other data by now: each use compares the hash once more.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder.absolute() if folder else None  # a child works elsewhere

    def files(self) -> tuple[OwnDataFile, ...]:
        listed = (self._listed(name) for name in team_folder.names(self._folder))
        return tuple(file for file in listed if file is not None)[:MOST]

    def look(
        self, name: str, label: str, *, tell: Callable[[str, float], None], cancelled: Callable[[], bool]
    ) -> TeamData | None:
        def say(message: str) -> None:
            if cancelled():
                raise CancelledError
            tell(message, 0.5)

        try:
            say(f"reading {name}")
            return looking.look(self.path(name), label, say)
        except CancelledError:
            return None

    def trace(self, name: str) -> Trace:
        return traces.look(team_folder.found(self._folder, name, (".csv",), "trace"))

    def path(self, name: str) -> Path:
        """Where the data or the trace of that name lie. Raises ``ValueError`` saying why not."""
        return team_folder.found(self._folder, name, (".npz", ".csv", ""), "data file")

    def of(self, data: TeamData | None) -> Path | None:
        """Where the data of a request lie; None of one without."""
        return self.path(data.name) if data is not None else None

    def _listed(self, name: str) -> OwnDataFile | None:
        """None: it is nothing that would be data."""
        try:
            path = self.path(name)
        except ValueError:
            return None
        try:
            if path.suffix == ".npz":
                return OwnDataFile(name, "npz", _arrays(path))
            if path.suffix == ".csv":
                columns = _columns(path)
                is_trace = "timestamp" in (column.lower() for column in columns)
                return OwnDataFile(name, "trace") if is_trace else OwnDataFile(name, "csv", columns)
            return OwnDataFile(name, "jpeg") if _holds_images(path) else None
        except (*BROKEN_ZIP, csv.Error) as error:
            return OwnDataFile(name, "csv" if path.suffix == ".csv" else "npz", reason=f"{name} can't be read: {error}")


def data_of(request: RunRequest) -> TeamData | None:
    """The data that a run reads, by themselves or through a model."""
    file: ModelFile | None = request.model_file
    return request.data or (file.data if file else None)


def _arrays(path: Path) -> tuple[str, ...]:
    """Names of an archive's arrays: of its table of contents, nothing is unpacked."""
    with zipfile.ZipFile(path) as archive:
        return tuple(visible(name.removesuffix(".npy")) for name in archive.namelist()[:_MOST_COLUMNS])


def _columns(path: Path) -> tuple[str, ...]:
    with path.open("rb") as file:
        head = file.read(_HEAD).decode("utf-8-sig", errors="replace").splitlines()[:1]
    return tuple(visible(cell.strip()) for cell in next(csv.reader(head), []))[:_MOST_COLUMNS]


def _holds_images(path: Path) -> bool:
    """Whether one of its subfolders begins with a JPEG file: others hold code, or a published model."""
    if not path.is_dir():
        return False
    for inner in (path / name for name in team_folder.names(path)):
        first = next(iter(team_folder.names(inner)), "") if inner.is_dir() and not inner.is_symlink() else ""
        if first:
            return first.lower().endswith(_IMAGES)
    return False
