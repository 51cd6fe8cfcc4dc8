"""What the exported networks are trained on and asked: scikit-learn's handwritten digits, cut to a model's inputs.

Top-1 agreement and lost accuracy mean what they say only of a network that has learned something.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

NAME = "handwritten digits"
ASKED = 256  # inputs that every way answers
CALIBRATION = 128  # inputs for static quantisation
_SIDE, _LEVELS = 8, 17  # of an image; 0 … 16


@dataclass(frozen=True, slots=True)
class Data:
    """What a network is trained on and what it is asked. Without a task the labels are empty."""

    train_x: NDArray[Any]
    train_y: NDArray[Any]
    asked: NDArray[Any]  # (256, …), none of them trained on
    labels: NDArray[Any]  # (256,) or (0,)

    @property
    def trainable(self) -> bool:
        """Whether there is something to learn."""
        return bool(len(self.train_x))


def data(model: ModuleType, sizes: Mapping[str, int], seed: int) -> Data:
    """Digits as the model takes its inputs; random inputs where it takes something that no image can be made into.

    A model for fewer classes gets fewer digits. Raises ImportError without scikit-learn.
    """
    import numpy as np

    rng = np.random.default_rng(seed)
    like, labels = model.inputs(rng, sizes, ASKED)
    if labels.ndim != 1 or "classes" not in sizes:
        return Data(like[:0], labels[:0], like, labels[:0])
    from sklearn.datasets import load_digits

    digits = load_digits()
    order = rng.permutation(len(digits.target))
    images, targets = digits.images[order], digits.target[order].astype(labels.dtype)
    images, targets = images[targets < sizes["classes"]], targets[targets < sizes["classes"]]
    x = _as_inputs(images, like)
    asked = min(ASKED, len(x) // 2)
    return Data(x[asked:], targets[asked:], _repeated(x[:asked]), _repeated(targets[:asked]))


def _as_inputs(images: NDArray[Any], like: NDArray[Any]) -> NDArray[Any]:
    """Images (n, 8, 8) of 0 … 16 in the shape and type of ``like`` (any, …), by the nearest pixel.

    Numbers become 0 … 1. Tokens are grey levels, as many as the vocabulary of the sample lets one tell apart.
    """
    import numpy as np

    shape = like.shape[1:]
    if len(shape) == 1:  # a row of features or tokens: the image line by line
        pixels = images.reshape(len(images), -1)
        scaled = pixels[:, _nearest(pixels.shape[1], shape[0])]
    else:
        scaled = images[:, _nearest(_SIDE, shape[0])][:, :, _nearest(_SIDE, shape[1])]
        for size in shape[2:]:
            scaled = np.repeat(scaled[..., None], size, axis=-1)
    if np.issubdtype(like.dtype, np.integer):
        levels = min(_LEVELS, int(like.max()) + 1)
        return (scaled * levels // _LEVELS).astype(like.dtype)
    return (scaled / (_LEVELS - 1)).astype(like.dtype)


def _nearest(before: int, after: int) -> NDArray[Any]:
    import numpy as np

    return ((np.arange(after) + 0.5) * before / after).astype(int)


def _repeated(values: NDArray[Any]) -> NDArray[Any]:
    """As many as are asked, some twice where there are too few."""
    import numpy as np

    return values[np.arange(ASKED) % len(values)]
