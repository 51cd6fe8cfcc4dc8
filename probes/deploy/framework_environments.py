"""Environments with one version of a framework, or of both: named by what they hold, «pytorch==2.12.0»."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from typing import Final

from probes import catalog
from probes.deploy.runtimes import Runtime
from probes.engine.child.import_guard import OWN
from probes.schema import TITLES, Framework

FORM: Final = "FRAMEWORK==VERSION, like pytorch==2.12.0 or tensorflow[and-cuda]==2.21.0; both with a comma"
_PART: Final = re.compile(r"(pytorch|tensorflow(?:\[and-cuda\])?)==(\d+(?:\.\d+)*[\w.!+]*)")
#: As pip calls them.
_PACKAGES: Final[Mapping[str, str]] = {
    "pytorch": "torch",
    "tensorflow": "tensorflow",
    "tensorflow[and-cuda]": "tensorflow[and-cuda]",
}
#: Megabytes on disk, about. On Linux PyPI's PyTorch brings CUDA's libraries along.
_SIZES: Final[Mapping[str, int]] = {"pytorch": 900, "tensorflow": 2_100, "tensorflow[and-cuda]": 6_500}
_WITH_CUDA: Final = 6_000
_REST: Final = 300  # of what measuring needs
#: The first PyTorch that was built for NumPy 2: https://github.com/pytorch/pytorch/releases/tag/v2.3.0
_NUMPY_2: Final = (2, 3)
#: The first TensorFlow that comes with Keras 3, which both the engine and its networks are written for.
_KERAS_3: Final = (2, 16)


def parsed(id_: str) -> Runtime | None:
    """The environment of that name; None if it isn't the name of one. Raises ValueError for a version that can't be
    measured."""
    parts = [_PART.fullmatch(part) for part in id_.split(",")]
    if not all(parts):
        return None
    versions = {match[1]: match[2] for match in parts if match}
    frameworks: tuple[Framework, ...] = tuple(dict.fromkeys(_framework(name) for name in versions))
    if len(frameworks) < len(parts):
        raise ValueError(f"environment: {id_!r} names a framework twice; allowed: {FORM}")
    if any(_framework(name) == "tensorflow" and _numbers(version) < _KERAS_3 for name, version in versions.items()):
        raise ValueError(f"environment: {id_!r}; allowed: TensorFlow 2.16 or newer, the first with Keras 3")
    title = " and ".join(f"{TITLES[_framework(name)]} {version}" for name, version in versions.items())
    return Runtime(
        id=id_,
        title=title,
        purpose=f"A side's own interpreter: it measures {title}.",
        pins=tuple(f"{_PACKAGES[name]}=={version}" for name, version in versions.items()),
        besides=_besides(versions),
        modules=(*OWN, *(module for framework in frameworks for module in catalog.MODULES[framework])),
        python=_pythons(),
        app_packages=False,
        megabytes=_REST + sum(_megabytes(name, version) for name, version in versions.items()),
    )


def frameworks_of(id_: str) -> tuple[Framework, ...]:
    """What an environment of that name holds; () if it isn't the name of one."""
    parts = [_PART.fullmatch(part) for part in id_.split(",")]
    return tuple(_framework(match[1]) for match in parts if match) if all(parts) else ()


def _framework(name: str) -> Framework:
    return "pytorch" if name == "pytorch" else "tensorflow"


def _besides(versions: Mapping[str, str]) -> tuple[str, ...]:
    """What measuring needs, in the versions that the frameworks go with: their own bounds, but for an old PyTorch,
    which states none."""
    old = "pytorch" in versions and _numbers(versions["pytorch"]) < _NUMPY_2
    return ("numpy<2" if old else "numpy", *(name for name in OWN if name != "numpy"), *catalog.measuring_packages())


def _numbers(version: str) -> tuple[int, ...]:
    """2.16.0rc1 → (2, 16)"""
    return tuple(int(number) for number in re.findall(r"\d+", version)[:2])


def _pythons() -> tuple[str, ...]:
    """The one that the app runs on first: an environment is made from it."""
    running = f"{sys.version_info.major}.{sys.version_info.minor}"
    return tuple(dict.fromkeys((running, "3.11", "3.12", "3.13")))


def _megabytes(name: str, version: str) -> int:
    cuda = name == "pytorch" and sys.platform == "linux" and not version.endswith("+cpu")
    return _WITH_CUDA if cuda else _SIZES[name]
