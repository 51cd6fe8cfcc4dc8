"""A folder is walked one level deep, and out of it nowhere."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from probes.team_data import files, limits
from probes.team_data.limits import TeamDataError

links = pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Files that are JPEG by name: what is in them matters to others."""
    for kind in ("cat", "dog"):
        (tmp_path / "photos" / kind).mkdir(parents=True)
        for number in range(35):
            (tmp_path / "photos" / kind / f"{number}.jpg").write_bytes(f"{kind} {number}".encode())
    return tmp_path / "photos"


def test_classes_and_images_come_in_the_order_of_their_names_and_hidden_files_do_not(folder: Path) -> None:
    (folder / ".DS_Store").write_bytes(b"x")
    (folder / "cat" / ".DS_Store").write_bytes(b"x")
    classes, found = files.images(folder)
    assert classes == ("cat", "dog")
    assert len(found) == 70
    assert [label for _, label in found] == [0] * 35 + [1] * 35
    assert found == tuple(sorted(found))


def spoil_link_out(folder: Path) -> None:
    (folder / "cat" / "x.jpg").symlink_to("/etc/passwd")


def spoil_link_inside(folder: Path) -> None:
    (folder / "cat" / "x.jpg").symlink_to(folder / "dog" / "1.jpg")


def spoil_folder_link(folder: Path) -> None:
    (folder / "bird").symlink_to(folder / "dog", target_is_directory=True)


def spoil_text(folder: Path) -> None:
    (folder / "cat" / "notes.txt").write_text("hello", encoding="utf-8")


def spoil_depth(folder: Path) -> None:
    (folder / "cat" / "young.jpg").mkdir()


def spoil_loose(folder: Path) -> None:
    (folder / "1.jpg").write_bytes(b"x")


def spoil_one_class(folder: Path) -> None:
    for file in (folder / "dog").iterdir():
        file.rename(folder / "cat" / f"dog {file.name}")
    (folder / "dog").rmdir()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        pytest.param(
            spoil_link_out, "cat/x.jpg is a link; allowed: JPEG files (.jpg, .jpeg), and no links", marks=links
        ),
        pytest.param(spoil_link_inside, "cat/x.jpg is a link; allowed: JPEG files", marks=links),
        pytest.param(spoil_folder_link, "photos/bird is a link; allowed: a folder with a subfolder of", marks=links),
        (spoil_text, "photos/cat holds notes.txt; allowed: JPEG files (.jpg, .jpeg)"),
        (spoil_depth, "photos/cat holds young.jpg; allowed: JPEG files (.jpg, .jpeg)"),
        (spoil_loose, "photos holds 1.jpg, which lies in no subfolder; allowed: a folder with a subfolder of"),
        (spoil_one_class, "photos has 1 subfolder; allowed: 2 to 10,000, one a class"),
    ],
)
def test_what_else_lies_there_is_refused_by_name(folder: Path, spoil: Callable[[Path], None], said: str) -> None:
    spoil(folder)
    with pytest.raises(TeamDataError) as caught:
        files.digest(folder)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("limit", "value", "said"),
    [("MOST_BYTES", 300, "the images of photos have 4.. bytes"), ("FEWEST", 71, "70 samples")],
)
def test_too_much_and_too_little(
    folder: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int, said: str
) -> None:
    for module in (files, limits):
        if hasattr(module, limit):
            monkeypatch.setattr(module, limit, value)
    with pytest.raises(TeamDataError, match=said):
        files.images(folder)
