"""Reads ``data/browser_runtimes.yaml``: what runs exported models in a browser, and which files of npm it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field, model_validator

from probes.places import Framework
from probes.system.data_files import DataFile, Once, Text

#: What computes. ``wasm`` is the processor on one thread, ``wasm-threads`` on several, ``webgl`` and ``webgpu`` are the
#: GPU; with ``webnn`` the system's own library decides.
Backend = Literal["wasm", "wasm-threads", "webgl", "webgpu", "webnn"]
BACKENDS: Final[Mapping[Backend, str]] = {
    "wasm": "WebAssembly, 1 thread",
    "wasm-threads": "WebAssembly, several threads",
    "webgl": "GPU by WebGL",
    "webgpu": "GPU by WebGPU",
    "webnn": "WebNN",
}
RuntimeId = Literal["onnxruntime-web", "litertjs", "tfjs"]

_Path = Annotated[str, Field(pattern=r"^(@[a-z0-9-]+/)?[a-z0-9-]+(/[\w.-]+)+$")]


@dataclass(frozen=True, slots=True)
class NpmPackage:
    """An exact release, and the hash of its archive as npm states it."""

    name: Annotated[str, Field(pattern=r"^(@[a-z0-9-]+/)?[a-z0-9-]+$")]
    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
    integrity: Annotated[str, Field(pattern=r"^sha512-[A-Za-z0-9+/]{86}==$")]


@dataclass(frozen=True, slots=True)
class BackendFiles:
    """What one backend of a runtime loads, as PACKAGE/PATH."""

    id: Backend
    scripts: tuple[_Path, ...]  # into a Worker, in this order
    files: tuple[_Path, ...]  # that the scripts load themselves
    instead: tuple[_Path, ...] = ()  # what they load in older browsers


@dataclass(frozen=True, slots=True)
class BrowserRuntime:
    """What runs exported models in a browser."""

    id: RuntimeId
    title: Text
    packages: Annotated[tuple[NpmPackage, ...], Field(min_length=1)]
    exports: Mapping[Framework, str]  # the file of ``probes/routes`` that leaves what it plays
    backends: Annotated[Once[BackendFiles], Field(min_length=1)]

    @model_validator(mode="after")
    def _names_its_packages(self) -> BrowserRuntime:
        names = tuple(f"{package.name}/" for package in self.packages)
        for path in self.paths:
            if not path.startswith(names):
                raise ValueError(f"{path!r}; allowed: files of {', '.join(names)}")
        return self

    @property
    def paths(self) -> tuple[str, ...]:
        """Every file of all backends, once."""
        return tuple(
            dict.fromkeys(path for part in self.backends for path in (*part.scripts, *part.files, *part.instead))
        )

    def backend(self, id_: str) -> BackendFiles:
        """The backend of that id. Raises ValueError naming those that exist."""
        by_id: dict[str, BackendFiles] = {part.id: part for part in self.backends}
        if id_ not in by_id:
            raise ValueError(f"backend: {id_!r} doesn't exist for {self.title}; allowed: {', '.join(by_id)}")
        return by_id[id_]


class BrowserRuntimes(DataFile):
    """``data/browser_runtimes.yaml``."""

    file: ClassVar[str] = "browser_runtimes.yaml"
    runtimes: Annotated[Once[BrowserRuntime], Field(min_length=1)]


@cache
def runtimes() -> tuple[BrowserRuntime, ...]:
    """Every runtime that is known. Raises DataError naming file, path and value."""
    return BrowserRuntimes.read().runtimes


def find(id_: str) -> BrowserRuntime:
    """The runtime of that id. Raises ValueError naming those that exist."""
    by_id: dict[str, BrowserRuntime] = {runtime.id: runtime for runtime in runtimes()}
    if id_ not in by_id:
        raise ValueError(f"runtime: {id_!r} doesn't exist; allowed: {', '.join(by_id)}")
    return by_id[id_]
