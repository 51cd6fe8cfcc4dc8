"""Fetches the runtimes for browsers from npm into the cache folder, once for each set of pins."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import shutil
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Final

from probes.in_browser.runtimes import BrowserRuntime, NpmPackage, runtimes
from probes.system import folders, variables

MANIFEST: Final = "manifest.json"
DAYS: Final = 30  # after which what other pins fetched goes
NPM_SECONDS: Final = 300.0  # for one package
#: LiteRT.js names another package as bundlers know it; a browser needs the file's address.
_REWRITTEN: Final[Mapping[bytes, bytes]] = {b'"@litertjs/wasm-utils"': b'"./wasm-utils.js"'}
_RENAMED: Final[Mapping[str, str]] = {"@litertjs/wasm-utils/dist/index.js": "wasm-utils.js"}
HOW: Final = "python -m probes browser"


class FetchError(RuntimeError):
    """What can't be fetched, and what to do about it."""


@dataclass(frozen=True, slots=True)
class RuntimeFile:
    """A file that a browser loads."""

    name: str  # in the runtime's folder
    bytes: int
    packed: int  # bytes that go over the wire, by gzip
    sha256: str  # hex


@dataclass(frozen=True, slots=True)
class FetchedRuntimes:
    """All files of all runtimes, by runtime and PACKAGE/PATH."""

    digest: str  # of the pins: part of every address, so that a browser may keep what it has
    folder: Path
    files: Mapping[str, Mapping[str, RuntimeFile]]

    def of(self, runtime: BrowserRuntime, backend: str) -> tuple[RuntimeFile, ...]:
        """What one backend loads: its scripts in their order, then the rest."""
        part = runtime.backend(backend)
        return tuple(self.files[runtime.id][path] for path in (*part.scripts, *part.files))


@dataclass(frozen=True, slots=True)
class BrowserFiles:
    """What a browser loads for one kit: the runtimes' files, and where the kit's own lie."""

    runtimes: FetchedRuntimes
    kit: Path


def name_of(path: str) -> str:
    """What a file of a package is called in its runtime's folder."""
    return _RENAMED.get(path, path.rpartition("/")[2])


@cache
def digest() -> str:
    """Of the pins, of the files' names and of what is done to them: 24 hex digits."""
    told = [asdict(runtime) for runtime in runtimes()]
    done = [[old.decode(), new.decode()] for old, new in _REWRITTEN.items()]
    return hashlib.sha256(json.dumps([told, done, _RENAMED], sort_keys=True).encode()).hexdigest()[:24]


def home() -> Path:
    """Where they are kept."""
    return folders.cache() / "browser-runtimes"


def fetched() -> FetchedRuntimes | None:
    """What is here, None if it was not fetched or the pins have changed since. Cheap."""
    folder = home() / digest()
    try:
        told = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        files = {runtime: {path: RuntimeFile(**file) for path, file in rows.items()} for runtime, rows in told.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return None
    return FetchedRuntimes(digest(), folder, files)


def fetch(tell: Callable[[str], None] = lambda _: None) -> FetchedRuntimes:
    """Fetch what isn't here yet. Raises FetchError with what to do; nothing half is left."""
    if (found := fetched()) is not None:
        return found
    npm = shutil.which("npm")
    if npm is None:
        raise FetchError("npm is not on the PATH; install it (Debian: apt install npm), then try again")
    folders.made(home())
    with tempfile.TemporaryDirectory(dir=home()) as scratch:
        part = Path(scratch) / "part"
        part.mkdir()
        told: dict[str, dict[str, RuntimeFile]] = {}
        for runtime in runtimes():
            (part / runtime.id).mkdir()
            told[runtime.id] = {}
            for package in runtime.packages:
                tell(f"{package.name} {package.version}")
                archive = _packed(npm, package, Path(scratch))
                told[runtime.id] |= _taken(archive, package, runtime, part / runtime.id)
            if lacking := [path for path in runtime.paths if path not in told[runtime.id]]:
                raise FetchError(f"{runtime.title}: its packages have no {', '.join(lacking)}")
        manifest = {name: {path: asdict(file) for path, file in rows.items()} for name, rows in told.items()}
        (part / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
        whole = home() / digest()
        shutil.rmtree(whole, ignore_errors=True)
        part.rename(whole)
    _tidy()
    found = fetched()
    if found is None:
        raise FetchError(f"{whole}: what was fetched can't be read again")
    return found


def _packed(npm: str, package: NpmPackage, scratch: Path) -> bytes:
    """The archive of a package, which must be the very one that is pinned."""
    command = [npm, "pack", "--silent", "--pack-destination", str(scratch), f"{package.name}@{package.version}"]
    try:
        done = subprocess.run(
            command,
            cwd=scratch,
            env=variables.npm(),
            capture_output=True,
            timeout=NPM_SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise FetchError(f"{package.name}: npm can't be asked: {error}") from error
    archives = sorted(scratch.glob("*.tgz"))
    if done.returncode or len(archives) != 1:
        said = " ".join(done.stderr.decode(errors="replace").split())[-300:]
        raise FetchError(
            f"{package.name}@{package.version} could not be fetched from npm: {said or 'it gave no reason'}"
        )
    content = archives[0].read_bytes()
    archives[0].unlink()
    found = f"sha512-{base64.b64encode(hashlib.sha512(content).digest()).decode()}"
    if found != package.integrity:
        raise FetchError(
            f"{package.name}@{package.version}: its archive is {found}; pinned in data/browser_runtimes.yaml: "
            f"{package.integrity}"
        )
    return content


def _taken(archive: bytes, package: NpmPackage, runtime: BrowserRuntime, folder: Path) -> dict[str, RuntimeFile]:
    """The files that the runtime needs of a package, plain and packed once."""
    wanted = {f"package/{path.removeprefix(package.name)[1:]}": path for path in runtime.paths if _is_of(path, package)}
    taken = {}
    with tempfile.SpooledTemporaryFile() as held:
        held.write(archive)
        held.seek(0)
        with tarfile.open(fileobj=held, mode="r:gz") as opened:
            for member in opened:
                if member.name not in wanted or not member.isfile():
                    continue
                source = opened.extractfile(member)
                content = source.read() if source else b""
                for old, new in _REWRITTEN.items():
                    if member.name.endswith(".js"):
                        content = content.replace(old, new)
                name = name_of(wanted[member.name])
                packed = gzip.compress(content, compresslevel=9, mtime=0)
                (folder / name).write_bytes(content)
                (folder / f"{name}.gz").write_bytes(packed)
                sha256 = hashlib.sha256(content).hexdigest()
                taken[wanted[member.name]] = RuntimeFile(name, len(content), len(packed), sha256)
    return taken


def _is_of(path: str, package: NpmPackage) -> bool:
    return path.startswith(f"{package.name}/")


def _tidy() -> None:
    """Folders of pins of before. Another Fulcrum that shares the cache may still hand them out: a month is waited."""
    for folder in home().iterdir():
        if folder.name != digest() and time.time() - folder.stat().st_mtime > DAYS * 86_400:
            shutil.rmtree(folder, ignore_errors=True)
