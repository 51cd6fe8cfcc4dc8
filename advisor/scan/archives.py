"""Archives: unpacked into a temporary folder within bounds, or refused with the reason."""

from __future__ import annotations

import shutil
import stat
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import IO, Final

from advisor.scan.limits import MB, ScanClock, ScanError, ScanLimits
from probes.system.broken_zips import BROKEN_ZIP
from probes.system.whole_files import shortened

_CHUNK: Final = 1 << 18
_BROKEN: Final = (*BROKEN_ZIP, tarfile.TarError)


@contextmanager
def opened(path: Path, limits: ScanLimits, clock: ScanClock) -> Iterator[Path]:
    """The folder to scan: ``path`` itself, or what an archive holds for as long as it is needed. Raises ScanError."""
    try:
        seen = path.stat()
    except FileNotFoundError as error:
        raise ScanError(f"PATH: {shortened(path)!r} is not there; allowed: a folder, a zip or a tar") from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ScanError(
            f"PATH: {shortened(path)!r} can't be read ({reason}); allowed: a folder, a zip or a tar"
        ) from error
    if stat.S_ISDIR(seen.st_mode):
        yield path
        return
    if not stat.S_ISREG(seen.st_mode):
        raise ScanError(f"PATH: {shortened(path)!r} is no regular file; allowed: a folder, a zip or a tar")
    if (size := seen.st_size) > limits.archive_bytes:
        raise ScanError(
            f"PATH: {path.name!r} has {size / MB:,.0f} MB; allowed: archives of at most "
            f"{limits.archive_bytes / MB:,.0f} MB. Unpack it and name the folder"
        )
    with TemporaryDirectory(prefix="fulcrum-scan-") as scratch:
        unpacking = _Unpacking(path, Path(scratch).resolve(), size, limits, clock)
        try:
            if size and zipfile.is_zipfile(path):  # a file of the kernel's has no size, and reading it may never end
                unpacking.zip()
            elif size and _is_tar(path):
                unpacking.tar()
            else:
                raise ScanError(f"PATH: {path.name!r} is neither a folder nor a zip or tar archive")
        except _BROKEN as error:
            raise ScanError(f"PATH: {path.name!r} can't be unpacked: {error}; make it anew") from error
        yield Path(scratch)


def _is_tar(path: Path) -> bool:
    """As a stream, which goes by the first bytes: trying one compression after the other takes minutes for zeros."""
    try:
        with tarfile.open(path, "r|*"):
            return True
    except _BROKEN:
        return False


class _Unpacking:
    """Counts what comes out. A member that would lie elsewhere ends it: such an archive was made to do harm."""

    def __init__(self, path: Path, folder: Path, size: int, limits: ScanLimits, clock: ScanClock) -> None:
        self._path = path
        self._folder = folder
        self._limits = limits
        self._clock = clock
        self._allowed = min(limits.unpacked_bytes, max(10 * MB, size * limits.unpacked_ratio))
        self._bytes = 0
        self._members = 0

    def zip(self) -> None:
        """Links are files with a mode in a zip; they are left out, as in a folder."""
        with zipfile.ZipFile(self._path) as archive:
            for member in archive.infolist():
                place = self._place(member.filename)
                mode = member.external_attr >> 16
                if member.is_dir() or place is None or (mode and not stat.S_ISREG(mode) and stat.S_IFMT(mode)):
                    continue
                if member.flag_bits & 1:
                    raise ScanError(f"PATH: {self._path.name!r} is encrypted; unpack it and name the folder")
                with archive.open(member) as source:
                    self._write(source, place)

    def tar(self) -> None:
        """One pass: members of a tar are where they come."""
        with tarfile.open(self._path, "r|*") as archive:
            for member in archive:
                place = self._place(member.name)
                if place is None or not member.isfile():
                    self._passed(member.size if member.isfile() else 0)
                    continue
                if source := archive.extractfile(member):
                    self._write(source, place)

    def _place(self, name: str) -> Path | None:
        """Where a member goes; None for the root itself."""
        self._members += 1
        if self._members > self._limits.files:
            raise ScanError(f"PATH: {self._path.name!r} holds more than {self._limits.files:,} files")
        if self._clock.over:
            raise ScanError(f"PATH: {self._path.name!r} takes longer than {self._limits.seconds:g} s to unpack")
        parts = PurePosixPath(name.replace("\\", "/")).parts
        if name.startswith(("/", "\\")) or ".." in parts or ":" in "".join(parts[:1]) or "\0" in name:
            raise ScanError(f"PATH: {self._path.name!r} holds {name!r}, which lies outside of it; nothing was scanned")
        if not parts or len(name) > 4096 or any(len(part.encode(errors="replace")) > 255 for part in parts):
            return None
        return self._folder.joinpath(*parts)

    def _write(self, source: IO[bytes], place: Path) -> None:
        """What others have written there already stays: of two members of a name the first one counts."""
        if any(parent.is_file() for parent in place.parents if parent != self._folder) or place.exists():
            self._drain(source)
            return
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("xb") as target:
            while chunk := source.read(_CHUNK):
                self._passed(len(chunk))
                target.write(chunk)

    def _drain(self, source: IO[bytes]) -> None:
        while chunk := source.read(_CHUNK):
            self._passed(len(chunk))

    def _passed(self, size: int) -> None:
        self._bytes += size
        if self._bytes > self._allowed:
            raise ScanError(
                f"PATH: {self._path.name!r} unpacks to more than {self._allowed / MB:,.0f} MB; "
                "unpack it yourself if you trust it, and name the folder"
            )
        if self._clock.over:
            raise ScanError(f"PATH: {self._path.name!r} takes longer than {self._limits.seconds:g} s to unpack")
        if self._bytes % (64 * _CHUNK) < _CHUNK and shutil.disk_usage(self._folder).free < 100 * MB:
            raise ScanError("PATH: the temporary folder has less than 100 MB left; make room, or set TMPDIR")
