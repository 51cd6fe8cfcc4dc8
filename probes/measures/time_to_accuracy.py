"""Time to accuracy on scikit-learn's handwritten digits: the article's task."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from probes.contracts import UnsupportedError
from probes.workloads import training

if TYPE_CHECKING:
    from numpy.typing import NDArray


def digits(rng: Any) -> tuple[NDArray[Any], NDArray[Any]]:  # noqa: ARG001 - all of them, as they are
    """1 797 images of 8 × 8 pixels, scaled to 0 … 1."""
    import numpy as np

    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise UnsupportedError("scikit-learn, which brings the digits, is missing: pip install scikit-learn") from error
    data = load_digits()
    return (data.data / 16).astype(np.float32), data.target.astype(np.int64)


TASK = training.Task(digits, {"inputs": 64, "classes": 10}, target=0.95)

SPEC = training.spec(
    "time_to_accuracy",
    "Time to accuracy",
    "How long does training on handwritten digits take, tracing included, until 95 % of new ones are right?",
    TASK,
    budget="standard",
    packages=("scikit-learn",),
    seconds=8.0,
)

check, measure = TASK.check, TASK.learn
