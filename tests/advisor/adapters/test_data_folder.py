"""A team's own data on the pages: what may be named, and what nobody gets through it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from advisor.adapters.data_folder import DataFolder, data_of
from advisor.ports import OwnDataFile
from probes.schema import RunRequest
from probes.team_files import TeamData

posix = pytest.mark.skipif(os.name != "posix", reason="links as POSIX has them")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With one of each kind, and what is nobody's data."""
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "rows.npz", x=rng.standard_normal((80, 3)), labels=rng.integers(0, 2, 80))
    (tmp_path / "table.csv").write_text("age,price\n" + "1,2\n" * 80, encoding="utf-8")
    (tmp_path / "requests.csv").write_text("Timestamp,size\n" + "".join(f"{n},1\n" for n in range(30)), "utf-8")
    for name in ("cats", "dogs"):
        (tmp_path / "pets" / name).mkdir(parents=True)
        Image.new("RGB", (8, 8)).save(tmp_path / "pets" / name / "1.jpg")
    (tmp_path / "ours.py").write_text("", encoding="utf-8")
    (tmp_path / "package" / "inner").mkdir(parents=True)
    (tmp_path / "package" / "inner" / "code.py").write_text("", encoding="utf-8")
    return tmp_path


def nothing(*_: object) -> None: ...


def test_what_may_be_named_is_told_by_its_beginning(folder: Path) -> None:
    assert DataFolder(folder).files() == (
        OwnDataFile("pets", "jpeg"),
        OwnDataFile("requests.csv", "trace"),
        OwnDataFile("rows.npz", "npz", ("x", "labels")),
        OwnDataFile("table.csv", "csv", ("age", "price")),
    )
    assert DataFolder(None).files() == DataFolder(folder / "not there yet").files() == ()


@pytest.mark.skipif(sys.platform != "linux", reason="names are text elsewhere")
def test_a_name_that_is_no_text_is_left_out(folder: Path) -> None:
    before = DataFolder(folder).files()
    (folder / "rows.npz").rename(folder / os.fsdecode(b"r\xff.npz"))
    assert DataFolder(folder).files() == tuple(file for file in before if file.name != "rows.npz")


def test_what_is_broken_is_listed_with_its_reason(folder: Path) -> None:
    (folder / "broken.npz").write_bytes(b"PK")
    later = bytearray((folder / "rows.npz").read_bytes())
    later[later.index(b"PK\x01\x02") + 6] = 200  # packed for a version that nobody knows yet
    (folder / "later.npz").write_bytes(later)
    reasons = {file.name: file.reason for file in DataFolder(folder).files() if file.reason}
    assert set(reasons) == {"broken.npz", "later.npz"}
    assert all(reason.startswith(f"{name} can't be read: ") for name, reason in reasons.items())


def test_data_are_looked_at_as_on_the_command_line(folder: Path) -> None:
    told: list[str] = []
    found = DataFolder(folder).look("rows.npz", "labels", tell=lambda text, _: told.append(text), cancelled=bool)
    assert found is not None
    assert (found.name, found.count, found.classes, found.shapes) == ("rows.npz", 80, 2, {"x": (3,)})
    assert told == ["reading rows.npz", "looking at rows.npz"]
    assert DataFolder(folder).look("rows.npz", "", tell=nothing, cancelled=lambda: True) is None
    with pytest.raises(ValueError, match=r"^label: "):
        DataFolder(folder).look("rows.npz", "price", tell=nothing, cancelled=bool)


def test_a_trace_is_looked_at_by_name(folder: Path) -> None:
    assert DataFolder(folder).trace("requests.csv").requests == 30
    with pytest.raises(ValueError, match=r"^trace: table\.csv begins with"):
        DataFolder(folder).trace("table.csv")


@pytest.mark.parametrize("name", ["../rows.npz", ".rows.npz", "a/rows.npz", "", "gone.npz"])
def test_nothing_else_of_the_machine_is_read(folder: Path, name: str) -> None:
    for ask in (DataFolder(folder / "pets").path, DataFolder(folder).path):
        with pytest.raises(ValueError, match=r"without a folder$|isn't in the folder"):
            ask(name)
    with pytest.raises(ValueError, match="FULCRUM_OWN_MODELS"):
        DataFolder(None).path("rows.npz")


@posix
def test_links_are_neither_listed_nor_followed(folder: Path) -> None:
    (folder / "link.npz").symlink_to(folder / "rows.npz")
    assert "link.npz" not in {file.name for file in DataFolder(folder).files()}
    with pytest.raises(ValueError, match="is a link"):
        DataFolder(folder).path("link.npz")


def test_a_request_has_data_by_themselves_or_through_its_model(folder: Path) -> None:
    data = TeamData("rows.npz", "0" * 64, "npz", 80, {"x": (3,)}, "labels", 2, 80)
    assert data_of(RunRequest()) is None
    assert data_of(RunRequest(data=data)) is data
    assert DataFolder(folder).of(data) == folder / "rows.npz"
    assert DataFolder(folder).of(None) is None
