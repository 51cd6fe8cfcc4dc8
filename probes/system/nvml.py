"""NVIDIA's management library, opened late: without its driver or its package there is simply no GPU to tell of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

#: The module ``pynvml`` (package nvidia-ml-py); untyped, and another object in tests.
Library = Any
Handle = Any


class UnreadableError(Exception):
    """The library or a GPU can't be read. The text says why."""


@dataclass(frozen=True, slots=True)
class Found:
    """The machine's NVIDIA GPUs in bus order, as ``nvidia-smi`` counts them, and what drives them."""

    gpus: tuple[str, ...] = ()  # "NVIDIA H100 80GB HBM3, 80 GiB"
    versions: Mapping[str, str] = field(default_factory=dict)  # nvidia-driver, and the newest CUDA that it can run


def open_library() -> Library:
    """The library, initialised: to be closed with ``nvmlShutdown``. Raises UnreadableError."""
    try:
        import pynvml
    except ImportError as error:
        raise UnreadableError(f"the package nvidia-ml-py can't be imported ({error})") from error
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError as error:
        raise UnreadableError(f"NVIDIA's management library says: {error}") from error
    return pynvml


def asked(library: Library, question: str, *arguments: Any) -> Any:
    """The answer to one question, None where this GPU, driver or container doesn't answer it."""
    try:
        return getattr(library, question)(*arguments)
    except library.NVMLError:
        return None


def gpu_of(library: Library, visible: str) -> Handle:
    """The GPU behind an entry of ``CUDA_VISIBLE_DEVICES``: an index in bus order or a UUID. Raises UnreadableError."""
    name = "nvmlDeviceGetHandleByIndex" if visible.isdigit() else "nvmlDeviceGetHandleByUUID"
    handle = asked(library, name, int(visible) if visible.isdigit() else visible)
    if handle is None:
        raise UnreadableError(f"NVIDIA's management library knows no GPU {visible!r}")
    return handle


def describe() -> Found:
    """What this machine has; nothing where it can't be read."""
    try:
        library = open_library()
    except UnreadableError:
        return Found()
    try:
        handles = [
            asked(library, "nvmlDeviceGetHandleByIndex", index)
            for index in range(asked(library, "nvmlDeviceGetCount") or 0)
        ]
        gpus = tuple(_name(library, handle) for handle in handles if handle is not None)
        return Found(gpus, _versions(library))
    finally:
        library.nvmlShutdown()


def _name(library: Library, handle: Handle) -> str:
    name = asked(library, "nvmlDeviceGetName", handle) or "NVIDIA GPU"
    memory = asked(library, "nvmlDeviceGetMemoryInfo", handle)  # unified memory has none of its own
    return f"{name}, {memory.total / 2**30:.0f} GiB" if memory is not None else str(name)


def _versions(library: Library) -> dict[str, str]:
    versions = {}
    if driver := asked(library, "nvmlSystemGetDriverVersion"):
        versions["nvidia-driver"] = str(driver)
    if cuda := asked(library, "nvmlSystemGetCudaDriverVersion_v2"):
        versions["cuda-driver"] = f"{cuda // 1000}.{cuda % 1000 // 10}"
    return versions
