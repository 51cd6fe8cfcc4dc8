"""NumPy's npz: an array for each input, by its name, and one with the labels. Nothing is unpickled."""

from __future__ import annotations

import math
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from probes.system.broken_zips import BROKEN_ZIP
from probes.team_data import limits
from probes.team_data.limits import TeamDataError

if TYPE_CHECKING:
    from numpy.typing import NDArray

LABELS: Final = "labels"  # what the array with the labels is called unless somebody says otherwise
_KINDS: Final = "biuf"  # as NumPy calls truth values, integers, floats
_NUMBERS: Final = "arrays of numbers, saved by numpy.savez"


def look(path: Path, label: str) -> dict[str, Any]:
    """Fields of ``TeamData``. ``label``: the name of the array with the labels. Raises TeamDataError."""
    import numpy as np

    features, labels = arrays(path, label)
    count = len(next(iter(features.values())))
    limits.look_at_count(path.name, count)
    for name, array in {**features, **({} if labels is None else {"the labels": labels})}.items():
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise TeamDataError(f"{path.name}, {name} holds NaN or infinity", "finite numbers")
    whole = labels is not None and labels.ndim == 1 and labels.dtype.kind in "iu"
    size = sum(array[:1].nbytes for array in features.values())
    return {
        "count": count,
        "shapes": {name: tuple(array.shape[1:]) for name, array in features.items()},
        "label": (label or LABELS) if labels is not None else "",
        "classes": limits.class_number(path.name, int(labels.min()), int(labels.max()))
        if whole and labels is not None
        else 0,
        "pass_count": limits.pass_count(count, limits.PASS_ROWS, size, limits.PASS_ARRAY_BYTES),
    }


def arrays(path: Path, label: str) -> tuple[dict[str, NDArray[Any]], NDArray[Any] | None]:
    """Every array by name, and the labels, or None. Numbers of 64 bits, NumPy's default, become 32-bit.

    Raises TeamDataError.
    """
    import numpy as np

    named = label or LABELS
    try:
        _look_at_headers(path)
        with np.load(path, allow_pickle=False) as archive:
            found = {name: _shortened(archive[name]) for name in sorted(archive.files)}
    except BROKEN_ZIP as error:
        if isinstance(error, TeamDataError):
            raise
        raise TeamDataError(f"{path.name} can't be read ({error})", _NUMBERS) from error
    labels = found.pop(named, None)
    if label and labels is None:
        raise TeamDataError(f"{label!r} is no array of {path.name}", ", ".join(found), "label")
    if not found:
        raise TeamDataError(f"{path.name} holds no array besides the labels", _NUMBERS)
    return found, labels


def _look_at_headers(path: Path) -> None:
    """Before anything is unpacked: what there is, of which type and how large."""
    from numpy.lib import format as npy

    lengths = {}
    with zipfile.ZipFile(path) as archive:
        total = sum(entry.file_size for entry in archive.infolist())
        if total > limits.MOST_BYTES:
            raise TeamDataError(f"the arrays of {path.name} have {total:,} bytes", f"{limits.MOST_BYTES:,} at the most")
        for entry in archive.infolist():
            name = entry.filename.removesuffix(".npy")
            if name == entry.filename:
                raise TeamDataError(f"{path.name} holds {entry.filename}", _NUMBERS)
            with archive.open(entry) as file:
                version = npy.read_magic(file)
                read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
                shape, _, dtype = read(file)
            if dtype.kind not in _KINDS or dtype.itemsize > 8:
                raise TeamDataError(f"{path.name}, {name} is of type {dtype}", _NUMBERS)
            if not shape or math.prod(shape) * dtype.itemsize > entry.file_size:
                raise TeamDataError(f"{path.name}, {name} has the shape {shape}", "an axis of samples, and all of them")
            lengths[name] = shape[0]
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} {length:,}" for name, length in lengths.items())
        raise TeamDataError(f"the arrays of {path.name} have different lengths ({told})", "one row a sample in each")


def _shortened(array: NDArray[Any]) -> NDArray[Any]:
    import numpy as np

    native = array.astype(array.dtype.newbyteorder("="), copy=False)
    return np.ascontiguousarray(native.astype(np.float32) if native.dtype == np.float64 else native)
