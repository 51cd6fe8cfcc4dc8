"""The real part behind ``ports.CodeScanner``: uploads in a folder of their own, scans in a process with limits."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import re
import secrets
import shutil
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import IO, Any, Final

import psutil

from advisor.adapters.scan_process import KILL_AFTER, MOST_MEMORY, of_list
from advisor.ports import CodeScan
from advisor.ports.code import ScanSource
from advisor.queue.quotas import QuotaError
from advisor.scan.limits import MB, ScanLimits
from probes.json_form import from_dict
from probes.system import asking, file_modes, folders, pipes, quoting, scratch
from probes.system.variables import variables

#: Of all uploads that wait together. Each is deleted by its own scan.
MOST_WAITING: Final = 2_000 * MB
#: Left free on the disk beside an upload.
FREE: Final = 500 * MB
#: Uploads that no waiting scan names are deleted after so many seconds: an upload comes before its scan is asked for.
FORGOTTEN_AFTER: Final = 600.0
_NAME: Final = re.compile(r"[0-9a-f]{32}")
_POLL: Final = 0.1  # seconds between looks at a scan's memory and at who wants it cancelled
_LONGEST_LINE: Final = 64 * MB  # of a child: its result


class ProcessScanner:
    """Uploads lie in ``folder``, their owner's alone. ``opens_folders``: pages may name folders of this machine."""

    def __init__(self, folder: Path, *, opens_folders: bool = False) -> None:
        self._folder = folder.absolute()
        self.opens_folders = opens_folders

    def keep(self, content: IO[bytes]) -> str:
        folders.made(self._folder)
        waiting = sum(size for _, size, _ in self._kept())
        largest, name = ScanLimits().archive_bytes, secrets.token_hex(16)
        path = self._folder / name
        written = 0
        try:
            with open(path, "xb", opener=file_modes.opener) as target:
                while chunk := content.read(MB):
                    written += len(chunk)
                    if written > largest:
                        raise QuotaError(f"It has more than {largest / MB:,.0f} MB, which is the most that is taken.")
                    if waiting + written > MOST_WAITING or shutil.disk_usage(self._folder).free < FREE:
                        raise QuotaError(
                            "There is no room for one more upload now. Try again when a scan that waits is over, or "
                            "scan it on your own machine: python -m advisor scan PATH"
                        )
                    target.write(chunk)
        except (OSError, QuotaError) as error:
            self.discard(name)
            if isinstance(error, OSError):
                raise QuotaError(f"It can't be kept for the scan: {error.strerror or error}.") from error
            raise
        return name

    def discard(self, name: str) -> None:
        if _NAME.fullmatch(name):
            with contextlib.suppress(OSError):
                (self._folder / name).unlink()

    def listed(self, text: str, title: str) -> CodeScan:
        return of_list(text, title)

    def tidy(self, wanted: Collection[str]) -> int:
        old = [
            path
            for path, _, changed in self._kept()
            if path.name not in wanted and time.time() - changed >= FORGOTTEN_AFTER
        ]
        for path in old:
            self.discard(path.name)
        return len(old)

    def scan(
        self,
        source: ScanSource,
        place: str,
        title: str,
        *,
        tell: Callable[[str, float], None],
        cancelled: Callable[[], bool],
    ) -> CodeScan | None:
        path = Path(place) if source == "folder" else self._folder / place
        if source == "folder" and not (path.is_absolute() and os.path.isdir(path)):
            raise ValueError(f"Folder: {quoting.quoted(place)!r} is no folder of this machine; allowed: a full path")
        if source != "folder" and not (_NAME.fullmatch(place) and path.is_file()):
            raise ValueError("The upload isn't there any more, or lies on another machine. Hand it over again.")
        with scratch.scratch_folder() as folder:
            if source != "folder":  # refusals name a file as whoever handed it over does
                named = Path(folder) / (re.sub(r"[^\w .()+-]", "_", title)[-100:].strip(" .") or "upload")
                path = _called(path, named)
            request = {"source": source, "path": str(path), "title": title}
            return _Process(request, folder).result(tell, cancelled)

    def _kept(self) -> Iterator[tuple[Path, int, float]]:
        """Path, bytes and time of change of every upload."""
        with contextlib.suppress(OSError), os.scandir(self._folder) as entries:
            for entry in entries:
                with contextlib.suppress(OSError):  # another process has just taken it
                    if _NAME.fullmatch(entry.name):
                        status = entry.stat(follow_symlinks=False)
                        yield Path(entry.path), status.st_size, status.st_mtime


def _called(path: Path, other: Path) -> Path:
    """An upload under ``other``, a link; where that takes a right that few have (Windows), a copy."""
    try:
        other.symlink_to(path)
    except OSError:
        shutil.copyfile(path, other)
    return other


class _Process:
    """One scan under way. What it unpacks goes to ``folder``; when this process goes, its standard input ends."""

    def __init__(self, request: dict[str, str], folder: str) -> None:
        where = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), folder)
        self._process = subprocess.Popen(
            (sys.executable, "-m", "advisor.adapters.scan_process"), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, encoding="utf-8", errors="replace", cwd=folder,
            env=variables() | where | {"PYTHONPATH": str(folders.PACKAGES), "PYTHONSAFEPATH": "1"},
            start_new_session=os.name == "posix",
        )  # fmt: skip
        self._said: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._words: deque[str] = deque(maxlen=8)
        said, put = self._process.stdout, self._said.put
        self._readers = (
            pipes.listen(said, put, ended=lambda: put(None), longest=_LONGEST_LINE),
            pipes.listen(self._process.stderr, self._hear_words),
        )
        self._deadline = time.monotonic() + KILL_AFTER
        with contextlib.suppress(OSError):
            pipes.say(self._process.stdin, json.dumps(request))

    def result(self, tell: Callable[[str, float], None], cancelled: Callable[[], bool]) -> CodeScan | None:
        """Waits for it. Raises ValueError, RuntimeError."""
        try:
            while not cancelled():
                for answer in self._answers():
                    if "result" in answer:
                        return from_dict(CodeScan, answer["result"])
                    if "refused" in answer:
                        raise ValueError(answer["refused"])
                    tell(answer["doing"], answer["fraction"])
                self._bound()
            return None
        finally:
            self._end()

    def _answers(self) -> Iterator[dict[str, Any]]:
        """What was said since the last look, which waits for ``_POLL`` seconds at most."""
        with contextlib.suppress(queue.Empty):
            line = self._said.get(timeout=_POLL)
            while line is not None:
                yield json.loads(line)
                line = self._said.get_nowait()
            raise RuntimeError(self._death())

    def _bound(self) -> None:
        if time.monotonic() > self._deadline:
            raise RuntimeError(f"The scan was ended after {KILL_AFTER:.0f} s. Scan a part of it.")
        with contextlib.suppress(psutil.Error):
            if psutil.Process(self._process.pid).memory_info().rss > MOST_MEMORY:
                raise RuntimeError(
                    f"The scan was ended, because it took more than {MOST_MEMORY / MB:,.0f} MB of memory. "
                    "Scan a part of it, or on your own machine: python -m advisor scan PATH"
                )

    def _death(self) -> str:
        self._readers[1].join(1.0)
        words = quoting.quoted(self._words[-1]) if self._words else "it said nothing"
        return f"The process that scanned ended unexpectedly ({words}). Start it again, or scan a part of it."

    def _end(self) -> None:
        asking.end_family(self._process)
        self._process.wait()
        for reader in self._readers:
            reader.join(1.0)
        pipes.close(self._process.stdin, self._process.stdout, self._process.stderr)

    def _hear_words(self, line: str) -> None:
        if line.strip():
            self._words.append(line.rstrip())
