"""Fetching from npm: whole and the very archive that is pinned, or a reason and nothing left behind."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import os
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from probes.in_browser import fetching
from probes.in_browser.runtimes import BrowserRuntime, NpmPackage, find
from probes.system import folders

CONTENT = {"dist/index.js": b'import { a } from "@litertjs/wasm-utils";', "wasm/litert.wasm": b"\0asm" * 100}


def archive() -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w:gz") as made:
        for name, content in {**CONTENT, "README.md": b"hello"}.items():
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(content)
            made.addfile(member, io.BytesIO(content))
    return held.getvalue()


@pytest.fixture
def npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """An npm that hands out ``archive``, or says that it can't; the only runtime is made of its package."""
    packed = archive()
    (tmp_path / "package.tgz").write_bytes(packed)
    integrity = f"sha512-{base64.b64encode(hashlib.sha512(packed).digest()).decode()}"
    backend = replace(
        find("litertjs").backends[0], scripts=(), instead=(), files=tuple(f"@litertjs/core/{name}" for name in CONTENT)
    )
    package = NpmPackage("@litertjs/core", "2.5.3", integrity)

    def install(*, says: str = "", pinned: str = integrity) -> None:
        program = tmp_path / "bin" / "npm"
        program.parent.mkdir(exist_ok=True)
        done = f"echo '{says}' >&2; exit 1" if says else f'cp {tmp_path / "package.tgz"} "$4/a.tgz"'
        program.write_text(f"#!/bin/sh\n{done}\n", encoding="utf-8")
        program.chmod(0o755)
        runtime: BrowserRuntime = replace(
            find("litertjs"), packages=(replace(package, integrity=pinned),), backends=(backend,)
        )
        monkeypatch.setattr(fetching, "runtimes", lambda: (runtime,))
        monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
        fetching.digest.cache_clear()

    return install


@pytest.fixture(autouse=True)
def cache_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv(folders.CACHE, str(tmp_path / "cache"))
    yield
    fetching.digest.cache_clear()


def test_what_is_fetched_is_whole_packed_and_known_by_its_hash(npm: Callable[..., None]) -> None:
    npm()
    assert fetching.fetched() is None
    found = fetching.fetch()
    assert fetching.fetched() == found
    script, wasm = (found.files["litertjs"][f"@litertjs/core/{name}"] for name in CONTENT)
    kept = (found.folder / "litertjs" / script.name).read_bytes()
    assert b'from "./wasm-utils.js"' in kept
    assert hashlib.sha256(kept).hexdigest() == script.sha256
    assert gzip.decompress((found.folder / "litertjs" / f"{wasm.name}.gz").read_bytes()) == CONTENT["wasm/litert.wasm"]
    assert wasm.bytes == 400
    assert wasm.packed < 100


def test_another_archive_than_the_pinned_one_is_refused(npm: Callable[..., None]) -> None:
    npm(pinned="sha512-" + "A" * 86 + "==")
    with pytest.raises(
        fetching.FetchError, match=r"its archive is sha512-.*pinned in data/browser_runtimes.yaml: sha512-A"
    ):
        fetching.fetch()
    assert fetching.fetched() is None
    assert list(fetching.home().iterdir()) == []


def test_a_refusal_of_npm_is_told_in_its_words(npm: Callable[..., None]) -> None:
    npm(says="E404 no such package")
    with pytest.raises(fetching.FetchError, match="could not be fetched from npm: E404 no such package"):
        fetching.fetch()


def test_without_npm_it_says_how_to_get_it(npm: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    npm()
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(fetching.FetchError, match="npm is not on the PATH; install it"):
        fetching.fetch()
