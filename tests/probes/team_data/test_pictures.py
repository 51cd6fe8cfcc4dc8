"""Images that can be decoded on both sides, and the name of one that can't."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from probes.team_data import limits, pictures
from probes.team_data.limits import TeamDataError
from tests.probes.team_data import made

image = pytest.importorskip("PIL.Image")


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made.images(tmp_path_factory.mktemp("data"))


@pytest.fixture
def spoilt(tmp_path: Path, photos: Path) -> Path:
    """The same images; a test does something to ``cat/1.JPEG``."""
    for file in sorted(photos.glob("*/*")):
        (tmp_path / "photos" / file.parent.name).mkdir(parents=True, exist_ok=True)
        (tmp_path / "photos" / file.parent.name / file.name).write_bytes(file.read_bytes())
    return tmp_path / "photos" / "cat" / "1.JPEG"


def refused(file: Path) -> str:
    with pytest.raises(TeamDataError) as caught:
        pictures.look(file.parent.parent, lambda _: None)
    return str(caught.value)


def test_one_that_was_cut_off_is_told_by_its_name(spoilt: Path) -> None:
    spoilt.write_bytes(spoilt.read_bytes()[:-200])
    assert refused(spoilt).startswith("data: photos/cat/1.JPEG is no whole JPEG (image file is truncated")


def test_another_format_under_the_name_is_told(spoilt: Path) -> None:
    image.new("RGB", (8, 8)).save(spoilt, "PNG")
    assert refused(spoilt).startswith("data: photos/cat/1.JPEG is no whole JPEG (cannot identify image file")


def test_colours_for_print_are_told(spoilt: Path) -> None:
    image.new("CMYK", (8, 8)).save(spoilt, "JPEG")
    assert refused(spoilt) == "data: photos/cat/1.JPEG is of the colour mode CMYK; allowed: RGB or grey"


def test_one_that_is_too_large_is_never_decoded(spoilt: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_PIXELS", 90 * 90)
    image.new("RGB", (100, 100)).save(spoilt, "JPEG")
    assert refused(spoilt) == "data: photos/cat/1.JPEG has 10,000 pixels; allowed: 8,100 at the most"


def test_a_pass_takes_as_many_of_each_class(photos: Path) -> None:
    assert Counter(label for _, label in pictures.spread(photos, 64)) == {0: 32, 1: 32}
    assert len({path for path, _ in pictures.spread(photos, 70)}) == 70


def test_decoded_they_are_colours_of_one_size(photos: Path) -> None:
    found = pictures.decoded([photos / "cat" / "0.jpg", photos / "dog" / "1.JPEG"], 12, 16)
    assert found.shape == (2, 12, 16, 3)
    assert found.dtype == np.float32
    assert 0 <= found.min() < found.max() <= 1
    assert (found[0] == found[0][..., :1]).all(), "grey is grey in all three"
