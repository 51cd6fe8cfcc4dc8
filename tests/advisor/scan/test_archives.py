"""Archives are unpacked within bounds, or refused with the reason; nothing is left of them."""

from __future__ import annotations

import io
import os
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from advisor.scan.engine import scan
from advisor.scan.limits import ScanError, ScanLimits

USES = b"import torch\ntorch.rfft(x, 1)\n"


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def tarred(path: Path, members: dict[str, bytes], mode: str = "w:gz") -> Path:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, content in members.items():
            one = tarfile.TarInfo(name)
            one.size = len(content)
            archive.addfile(one, io.BytesIO(content))
    return path


@pytest.fixture(autouse=True)
def nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    return lambda: os.listdir(scratch)


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("a.zip", zipped), ("a.tar.gz", tarred), ("a.tar", lambda path, members: tarred(path, members, "w:")),
        ("a.tar.bz2", lambda path, members: tarred(path, members, "w:bz2")),
        ("a.tar.xz", lambda path, members: tarred(path, members, "w:xz")), ("no-ending", zipped),
    ],
)  # fmt: skip
def test_an_archive_is_scanned_as_a_folder_is(
    name: str, make: Callable[[Path, dict[str, bytes]], Path], tmp_path: Path, nothing_is_left: Callable[[], list[str]]
) -> None:
    report = scan(make(tmp_path / name, {"p/a.py": USES, "p/.gitignore": b"b.py\n", "p/b.py": USES}))
    assert [(one.file, one.rule) for one in report.findings] == [("p/a.py", "torch-fft")]
    assert nothing_is_left() == []


OUTSIDE = ["../a.py", "/etc/a.py", "p/../../a.py", "..\\a.py", "C:\\a.py", "\\a.py"]


@pytest.mark.parametrize("name", OUTSIDE)
@pytest.mark.parametrize("make", [zipped, tarred])
def test_a_member_that_would_lie_outside_refuses_it_all(
    name: str, make: Callable[[Path, dict[str, bytes]], Path], tmp_path: Path, nothing_is_left: Callable[[], list[str]]
) -> None:
    with pytest.raises(ScanError, match="lies outside of it; nothing was scanned"):
        scan(make(tmp_path / "in.x", {"good.py": USES, name: USES}))
    assert nothing_is_left() == []
    assert not (tmp_path / "a.py").exists()


def test_a_bomb_is_refused_when_it_grows_and_not_afterwards(
    tmp_path: Path, nothing_is_left: Callable[[], list[str]]
) -> None:
    for path in (
        zipped(tmp_path / "a.zip", {"a.py": b"0" * 40_000_000}),
        tarred(tmp_path / "a.tar.gz", {"a.py": b"0" * 40_000_000}),
    ):
        with pytest.raises(ScanError, match="unpacks to more than 10 MB"):
            scan(path)
    assert nothing_is_left() == []


def test_a_zip_that_lies_about_its_sizes_is_counted_by_what_comes_out(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"a.py": b"0" * 40_000_000})
    content = bytearray(path.read_bytes())
    directory = content.rindex(b"PK\x01\x02")
    content[directory + 24 : directory + 28] = (10).to_bytes(4, "little")
    path.write_bytes(content)
    with pytest.raises(ScanError, match=r"unpacks to more than|can't be unpacked"):
        scan(path)


def test_links_and_devices_in_a_tar_are_left_out(tmp_path: Path) -> None:
    secret = tmp_path / "secret.py"
    secret.write_bytes(USES)
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        for name, kind, to in (
            ("link.py", tarfile.SYMTYPE, str(secret)), ("hard.py", tarfile.LNKTYPE, str(secret)),
            ("folder", tarfile.SYMTYPE, str(tmp_path)), ("pipe.py", tarfile.FIFOTYPE, ""),
            ("null", tarfile.CHRTYPE, ""),
        ):  # fmt: skip
            one = tarfile.TarInfo(name)
            one.type, one.linkname = kind, to
            archive.addfile(one)
        one = tarfile.TarInfo("folder/a.py")
        one.size = len(USES)
        archive.addfile(one, io.BytesIO(USES))
    assert [one.file for one in scan(tmp_path / "a.tar").findings] == ["folder/a.py"]
    assert not (tmp_path / "a.py").exists()


def test_a_link_in_a_zip_is_left_out(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        one = zipfile.ZipInfo("link.py")
        one.external_attr = 0o120777 << 16
        archive.writestr(one, "/etc/passwd")
    assert scan(tmp_path / "a.zip").coverage.files == 0


def test_of_two_members_of_a_name_the_first_counts(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        for content in (USES, b"import os\n"):
            one = tarfile.TarInfo("a.py")
            one.size = len(content)
            archive.addfile(one, io.BytesIO(content))
    assert len(scan(tmp_path / "a.tar").findings) == 1


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (ScanLimits(archive_bytes=10), "allowed: archives of at most"),
        (ScanLimits(files=2), "holds more than 2 files"),
        (ScanLimits(unpacked_bytes=50), "unpacks to more than"),
        (ScanLimits(seconds=-1), "takes longer than"),
    ],
)
def test_what_is_too_much_is_refused_in_one_line(limits: ScanLimits, said: str, tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {f"{name}.py": USES for name in "abc"})
    with pytest.raises(ScanError, match=said) as refused:
        scan(path, limits)
    assert "\n" not in str(refused.value)
    assert "'a.zip'" in str(refused.value)


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04broken", b"\x1f\x8b\x08broken"])
def test_what_is_no_archive_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(content)
    with pytest.raises(ScanError, match=r"^PATH: 'a.zip' (is neither|can't be unpacked)"):
        scan(path)


def test_an_empty_zip_is_an_empty_tree(tmp_path: Path) -> None:
    assert scan(zipped(tmp_path / "a.zip", {})).coverage.files == 0


def test_an_encrypted_zip_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"a.py": USES})
    content = bytearray(path.read_bytes())
    content[6] |= 1
    content[content.rindex(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(ScanError, match="is encrypted"):
        scan(path)


def test_a_large_file_of_zeros_is_no_work(tmp_path: Path) -> None:
    """Tried as one compression after the other, each 13 bytes of it were a stream of their own, for minutes."""
    with (tmp_path / "zeros").open("wb") as file:
        file.truncate(100_000_000)
    began = time.process_time()
    assert scan(tmp_path / "zeros").coverage.files == 0
    assert time.process_time() - began < 10
