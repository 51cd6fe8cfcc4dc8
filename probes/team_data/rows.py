"""Samples of a team's own data in a process that feeds them to its model: some at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from probes.contracts import DataPlace
from probes.team_data import archives, files, pictures, tables

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Height and width that images are wanted in.
Extent = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Taken:
    """Some samples: arrays by name, (n, …) each, and their labels, if they have any."""

    data: DataPlace
    arrays: dict[str, NDArray[Any]]
    labels: NDArray[Any] | None


class Rows:
    """Reads a file when the first of it is asked for, and an image whenever it is."""

    def __init__(self, data: DataPlace) -> None:
        self.data = data
        self._whole: tuple[dict[str, NDArray[Any]], NDArray[Any] | None] | None = None
        self._images: tuple[tuple[Any, int], ...] = ()

    def drawn(self, rng: Any, number: int, extent: Extent | None) -> Taken:
        """So many, each once while there are enough. ``extent``: that images are to have."""
        import numpy as np

        return self.at(np.resize(self.order(rng), number), extent)

    def order(self, rng: Any) -> NDArray[Any]:
        """All places in a drawn order, of which ``drawn`` takes the first ones."""
        order: NDArray[Any] = rng.permutation(self.data.data.count)
        return order

    def at(self, places: Sequence[int] | NDArray[Any], extent: Extent | None) -> Taken:
        """Those at ``places``. Raises what reading raises."""
        import numpy as np

        if self.data.data.kind == "jpeg":
            self._images = self._images or files.images(self.data.path)[1]
            chosen = [self._images[int(place)] for place in places]
            height, width = extent or (1, 1)
            pixels = pictures.decoded([path for path, _ in chosen], height, width)
            return Taken(self.data, {"image": pixels}, np.array([label for _, label in chosen], np.int64))
        if self._whole is None:
            self._whole = self._read()
        arrays, labels = self._whole
        taken = {name: array[places] for name, array in arrays.items()}
        return Taken(self.data, taken, None if labels is None else labels[places])

    def _read(self) -> tuple[dict[str, NDArray[Any]], NDArray[Any] | None]:
        import numpy as np

        told = self.data.data
        if told.kind == "npz":
            return archives.arrays(self.data.path, told.label)
        features, labels = tables.arrays(self.data.path, told.label)
        return {"features": features}, labels.astype(np.int64) if told.classes else labels
