"""What data are, by all that is in them; and what of it a record keeps."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from probes import catalog
from probes.json_form import from_json, to_json
from probes.schema import RunRequest
from probes.team_data import limits
from probes.team_data.limits import TeamDataError
from probes.team_data.looking import look, refusal
from tests.probes.team_data import made


def test_a_table(tmp_path: Path) -> None:
    data = look(made.table(tmp_path), "kind")
    assert (data.name, data.kind, data.count, data.label, data.classes) == ("rows.csv", "csv", 200, "kind", 3)
    assert dict(data.shapes) == {"features": (5,)}
    assert data.pass_count == 200


def test_an_archive(tmp_path: Path) -> None:
    data = look(made.archive(tmp_path))
    assert (data.kind, data.count, data.label, data.classes) == ("npz", 200, "labels", 3)
    assert dict(data.shapes) == {"x": (5,), "ids": (1,)}


def test_an_archive_without_labels_is_no_source_of_a_pipeline(tmp_path: Path) -> None:
    data = look(made.archive(tmp_path, x=made.features()))
    assert not data.labelled
    catalog.adopt_data(data)
    assert not catalog.probes_of(data.id)


def test_a_folder(tmp_path: Path) -> None:
    data = look(made.images(tmp_path))
    assert (data.name, data.kind, data.count, data.classes, data.labelled) == ("photos", "jpeg", 70, 2, True)


def test_numbers_are_labels_without_classes(tmp_path: Path) -> None:
    assert look(made.table(tmp_path), "e").classes == 0
    assert look(made.archive(tmp_path, x=made.features(), labels=made.features()[:, 0])).classes == 0


@pytest.mark.parametrize("make", [made.table, made.archive, made.images])
def test_the_hash_is_of_the_content_alone(tmp_path: Path, make: object) -> None:
    assert callable(make)
    path, label = make(tmp_path), "kind" if make is made.table else ""
    before = look(path, label)
    for file in (path, *path.rglob("*")):
        os.utime(file, (1, 1))
    assert look(path, label) == before
    assert refusal(path, before) == ""


def test_another_content_or_label_is_another_model_in_the_catalog(tmp_path: Path) -> None:
    path = made.table(tmp_path)
    first, other = look(path, "kind"), look(path, "e")
    assert first.sha256 == other.sha256
    assert first.id != other.id
    path.write_text(path.read_text(encoding="utf-8").replace("\n", "\n0,0,1,0,0,0\n", 1), encoding="utf-8")
    assert look(path, "kind").id != first.id
    assert refusal(path, first) == "rows.csv has changed since it was looked at: begin again"
    path.unlink()
    assert "can't be read (No such file or directory)" in refusal(path, first)
    assert refusal(None, first) == "rows.csv isn't here: name it to measure with it"


@pytest.mark.parametrize("change", ["name", "content", "gone"])
def test_a_folders_hash_knows_names_and_contents(tmp_path: Path, change: str) -> None:
    folder = made.images(tmp_path)
    before, file = look(folder), folder / "cat" / "1.JPEG"
    if change == "name":
        file.rename(file.with_name("one.jpg"))
    elif change == "content":
        file.write_bytes((folder / "dog" / "1.JPEG").read_bytes())
    else:
        file.unlink()
    assert refusal(folder, before) == "photos has changed since it was looked at: begin again"


def test_a_record_has_no_number_of_the_data(tmp_path: Path) -> None:
    data = look(made.table(tmp_path), "kind")
    text = to_json(RunRequest(model=data.id, data=data))
    assert from_json(RunRequest, text).data == data
    assert str(tmp_path) not in text
    assert all(f"{cell:.6g}" not in text for cell in made.features().flat)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("rows.txt", b"a,b\n", "data: rows.txt ends otherwise; allowed: .npz, .csv, or a folder of JPEG files"),
        ("rows.csv", b"", "data: rows.csv has 0 bytes; allowed: 1 to 1,073,741,824"),
        ("rows.csv", b"\xff\xfe", "data: rows.csv is no CSV file"),
        ("rows.npz", b"no archive", "data: rows.npz can't be read (File is not a zip file)"),
    ],
)
def test_what_is_no_data_is_refused(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(TeamDataError) as caught:
        look(tmp_path / name, "kind" if name.endswith("csv") else "")
    assert said in str(caught.value)


def test_nothing_there_and_a_pipe_are_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(TeamDataError, match=r"data: rows.csv can't be read \(No such file or directory\)"):
        look(tmp_path / "rows.csv", "kind")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "rows.csv")
        with pytest.raises(TeamDataError, match=r"data: rows.csv is a pipe or a device"):
            look(tmp_path / "rows.csv", "kind")


def test_too_few_and_too_many_samples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few = made.archive(tmp_path, x=np.zeros((63, 2)), labels=np.zeros(63, int))
    with pytest.raises(TeamDataError, match=r"data: rows.npz has 63 samples; allowed: 64 to 1,000,000"):
        look(few)
    monkeypatch.setattr(limits, "MOST", 100)
    with pytest.raises(TeamDataError, match="has 200 samples"):
        look(made.table(tmp_path), "kind")


@pytest.mark.parametrize(
    ("count", "size", "passed"), [(100, 1e3, 100), (10**6, 1e3, 1000), (10**6, 1e9, 64), (10**6, 0.0, 20_480)]
)
def test_a_pass_reads_no_more_than_its_share(count: int, size: float, passed: int) -> None:
    assert limits.pass_count(count, limits.PASS_ROWS, size, 1e6) == passed
