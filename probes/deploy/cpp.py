"""C++ programs that answer with an exported network: built once, asked through their pipes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from probes.contracts import UnsupportedError
from probes.deploy import store

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SOURCE = Path(__file__).resolve().parent / "native" / "libtorch.cpp"
_BINARY = "program"
_SETTLE = (2).to_bytes(8, sys.byteorder)
_LAST_WORDS = 800  # characters


def look_at(inputs: Sequence[NDArray[Any]], outputs: Sequence[NDArray[Any]]) -> None:
    """Raises UnsupportedError for what our program can't be asked; LibTorch itself could take it."""
    kinds = [str(array.dtype) for array in inputs]
    if len(kinds) > 1 or kinds[0] not in ("float32", "int64"):
        raise UnsupportedError(
            f"the C++ program takes one input of float32 or int64; the model takes {', '.join(kinds)}"
        )
    if len(outputs) > 1 or outputs[0].ndim != 2:
        shapes = " and ".join(str(output.shape) for output in outputs)
        raise UnsupportedError(f"the C++ program answers with one table; the model answers with {shapes}")


def libtorch_program(to: Path) -> None:
    """Put the program at ``to``; it is built once for each LibTorch. Raises RuntimeError with the compiler's words."""
    import torch

    name = store.key(kind="program", source=store.source_of(_SOURCE), torch=torch.__version__, at=torch.__file__)
    entry = store.find(name) or store.make(name, _build)
    shutil.copy2(entry[0] / _BINARY, to)


def _build(folder: Path) -> store.Json:
    import torch
    from torch.utils import cpp_extension

    libraries = Path(torch.__file__).resolve().parent / "lib"
    command = [
        os.environ.get("CXX", "g++"), "-std=c++20", "-O2", str(_SOURCE), "-o", str(folder / _BINARY),
        *(f"-I{path}" for path in cpp_extension.include_paths()),
        f"-D_GLIBCXX_USE_CXX11_ABI={int(torch.compiled_with_cxx11_abi())}",
        f"-L{libraries}", f"-Wl,-rpath,{libraries}", "-Wl,--no-as-needed", "-ltorch", "-ltorch_cpu", "-lc10",
    ]  # fmt: skip
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    if built.returncode:
        raise RuntimeError(f"the C++ program could not be built: {built.stderr[-_LAST_WORDS:]}")
    return {}


class Program:
    """A running program as a ``Predict``. It ends when this process does: its stdin ends then."""

    def __init__(self, command: Sequence[str]) -> None:
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    @property
    def pid(self) -> int:
        """The process whose memory counts."""
        return self._process.pid

    def settle(self) -> str:
        """Its allocator; what a record says of it."""
        assert self._process.stdin is not None  # noqa: S101 - PIPE above
        self._process.stdin.write(_SETTLE)  # answered by nothing: the next request goes out behind it
        return "settled by the program"

    def __call__(self, x: NDArray[Any]) -> NDArray[Any]:
        """One request and its answer, (n, classes). Raises RuntimeError if the program has ended."""
        import numpy as np

        assert self._process.stdin is not None  # noqa: S101 - PIPE above
        header = np.array([int(np.issubdtype(x.dtype, np.integer)), x.ndim, *x.shape], np.int64)
        try:
            self._process.stdin.write(header.tobytes() + np.ascontiguousarray(x).tobytes())
            self._process.stdin.flush()
        except BrokenPipeError:
            raise RuntimeError(f"the program ended with exit code {self._process.wait()}") from None
        rows, columns = np.frombuffer(self._read(16), np.int64)
        return np.frombuffer(self._read(int(rows * columns) * 4), np.float32).reshape(rows, columns)

    def _read(self, number: int) -> bytes:
        assert self._process.stdout is not None  # noqa: S101 - PIPE above
        data = self._process.stdout.read(number)
        if len(data) < number:
            raise RuntimeError(f"the program ended with exit code {self._process.wait()}")
        return data
