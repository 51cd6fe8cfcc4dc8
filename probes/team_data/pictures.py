"""A folder of JPEG files, a subfolder a class. Each is decoded once before a run, so that a broken one is told then."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from probes.contracts import UnsupportedError
from probes.team_data import files, limits
from probes.team_data.limits import TeamDataError

if TYPE_CHECKING:
    from numpy.typing import NDArray

PACKAGES: Final = ("pillow",)
_MODES: Final = ("RGB", "L")  # as Pillow calls colour and grey


def look(folder: Path, tell: Callable[[str], None]) -> dict[str, Any]:
    """Fields of ``TeamData``. Raises TeamDataError, and UnsupportedError without Pillow."""
    image = _pillow()
    classes, found = files.images(folder)
    tell(f"looking at {len(found):,} images of {folder.name}")
    pixels = 0
    for path, _ in found:
        named = f"{folder.name}/{path.relative_to(folder).as_posix()}"
        try:
            with image.open(path, formats=("JPEG",)) as opened:
                size, mode = opened.width * opened.height, opened.mode
                if size <= limits.MOST_PIXELS and mode in _MODES:
                    opened.load()
        except (OSError, ValueError, SyntaxError, image.DecompressionBombError) as error:
            raise TeamDataError(f"{named} is no whole JPEG ({error})", "JPEG files that can be decoded") from error
        if size > limits.MOST_PIXELS:
            raise TeamDataError(f"{named} has {size:,} pixels", f"{limits.MOST_PIXELS:,} at the most")
        if mode not in _MODES:
            raise TeamDataError(f"{named} is of the colour mode {mode}", "RGB or grey")
        pixels += size
    return {
        "count": len(found),
        "shapes": {},
        "label": "",
        "classes": len(classes),
        "pass_count": limits.pass_count(
            len(found), limits.PASS_IMAGES, pixels / len(found), limits.PASS_PIXELS
        ),
    }  # fmt: skip


def spread(folder: Path, number: int) -> list[tuple[str, int]]:
    """So many images, evenly over the whole folder, hence over its classes."""
    _, found = files.images(folder)
    return [(str(path), label) for path, label in (found[at * len(found) // number] for at in range(number))]


def decoded(paths: Sequence[Path], height: int, width: int) -> NDArray[Any]:
    """Colours from 0 to 1, (n, height, width, 3) as float32, scaled as the pipelines scale."""
    import numpy as np

    image = _pillow()
    found = np.empty((len(paths), height, width, 3), np.float32)
    for at, path in enumerate(paths):
        with image.open(path, formats=("JPEG",)) as opened:
            pixels = opened.convert("RGB").resize((width, height), image.Resampling.BOX)
        found[at] = np.asarray(pixels, np.float32) / 255
    return found


def _pillow() -> Any:
    try:
        from PIL import Image
    except ImportError as error:
        raise UnsupportedError("Pillow, which reads the images, is missing: pip install pillow") from error
    return Image
