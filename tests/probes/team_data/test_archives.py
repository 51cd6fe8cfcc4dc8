"""Arrays by name; and what an archive may not hold, told before it is unpacked."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

from probes.team_data import archives, limits
from probes.team_data.limits import TeamDataError
from tests.probes.team_data import made

X, Y = made.features(), made.classes()


def test_numbers_of_64_bits_become_32_and_integers_stay(tmp_path: Path) -> None:
    found, labels = archives.arrays(made.archive(tmp_path), "")
    assert {name: array.dtype for name, array in found.items()} == {"ids": np.int64, "x": np.float32}
    assert labels is not None
    assert (labels == Y).all()


def test_labels_may_be_called_otherwise(tmp_path: Path) -> None:
    found, labels = archives.arrays(made.archive(tmp_path, x=X, target=Y), "target")
    assert set(found) == {"x"}
    assert labels is not None


class Evil:
    """Whose unpickling would be noticed."""

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return print, ("unpickled",)


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"x": np.array([Evil()] * 64, object)}, "rows.npz, x is of type object; allowed: arrays of numbers"),
        ({"x": np.array(["a"] * 64)}, "rows.npz, x is of type <U1; allowed: arrays of numbers"),
        ({"x": X * 1j}, "rows.npz, x is of type complex128; allowed: arrays of numbers"),
        ({"x": np.float64(3)}, "rows.npz, x has the shape (); allowed: an axis of samples"),
        (
            {"x": X, "labels": Y[:64]},
            "the arrays of rows.npz have different lengths (x 200, labels 64); allowed: one row",
        ),
        ({"x": np.where(X > 0, X, np.nan), "labels": Y}, "rows.npz, x holds NaN or infinity; allowed: finite numbers"),
        ({"x": X, "labels": np.full(200, np.inf)}, "rows.npz, the labels holds NaN or infinity; allowed: finite"),
        ({"x": X, "labels": Y - 1}, "label: labels of rows.npz go from -1 to 1; allowed: 0 to 9,999"),
        ({"labels": Y}, "rows.npz holds no array besides the labels; allowed: arrays of numbers"),
    ],
)
def test_what_is_refused(
    tmp_path: Path, arrays: dict[str, np.ndarray], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(TeamDataError) as caught:
        archives.look(made.archive(tmp_path, **arrays), "")
    assert said in str(caught.value)
    assert "unpickled" not in capsys.readouterr().out


def test_a_name_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(TeamDataError, match=r"label: 'y' is no array of rows.npz; allowed: ids, labels, x"):
        archives.look(made.archive(tmp_path), "y")


def test_another_file_in_it_is_told(tmp_path: Path) -> None:
    path = made.archive(tmp_path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("run.py", "print('hello')")
    with pytest.raises(TeamDataError, match=r"data: rows.npz holds run.py; allowed: arrays of numbers"):
        archives.look(path, "")


@pytest.mark.parametrize(
    ("flags", "said"), [(b"\x01\x00", "encrypted"), (b"\x20\x00", "patched")], ids=["encrypted", "patched"]
)
def test_what_no_reader_unpacks_is_refused(tmp_path: Path, flags: bytes, said: str) -> None:
    path = made.archive(tmp_path)
    content = bytearray(path.read_bytes())
    for head, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):  # beside the array, and in the table of contents
        at = content.index(head) + place
        content[at : at + 2] = flags
    path.write_bytes(content)
    with pytest.raises(TeamDataError, match=rf"rows\.npz can't be read \(.*{said}"):
        archives.look(path, "")


def test_a_damaged_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rows.npz"
    np.savez_compressed(path, x=X, labels=Y)
    content = path.read_bytes()
    for place in range(100, 1000, 50):  # in the first array
        path.write_bytes(content[:place] + bytes([content[place] ^ 0x55]) + content[place + 1 :])
        with pytest.raises(TeamDataError, match=r"rows\.npz can't be read"):
            archives.look(path, "")


def test_what_would_unpack_too_large_is_never_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "rows.npz"
    np.savez_compressed(path, x=np.zeros((10_000, 100)), labels=np.zeros(10_000, int))
    monkeypatch.setattr(limits, "MOST_BYTES", 2**20)
    assert path.stat().st_size < 2**20
    with pytest.raises(
        TeamDataError, match=r"the arrays of rows.npz have 8,080,\d+ bytes; allowed: 1,048,576 at the most"
    ):
        archives.look(path, "")


def test_a_header_that_promises_more_than_there_is(tmp_path: Path) -> None:
    path = made.archive(tmp_path)
    content = path.read_bytes()
    path.write_bytes(content.replace(b"(200, 5)", b"(900, 5)"))
    with pytest.raises(TeamDataError, match=r"data: rows.npz"):
        archives.look(path, "")
