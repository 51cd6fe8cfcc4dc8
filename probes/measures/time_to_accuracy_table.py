"""Time to accuracy on a table: scikit-learn's measurements of breast tumours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from probes.contracts import UnsupportedError
from probes.workloads import training

if TYPE_CHECKING:
    from numpy.typing import NDArray


def tumours(rng: Any) -> tuple[NDArray[Any], NDArray[Any]]:  # noqa: ARG001 - all of them, as they are
    """569 rows of 30 measurements, each column with mean 0 and standard deviation 1; benign or malignant."""
    import numpy as np

    try:
        from sklearn.datasets import load_breast_cancer
    except ImportError as error:
        raise UnsupportedError("scikit-learn, which brings the table, is missing: pip install scikit-learn") from error
    data = load_breast_cancer()
    columns = (data.data - data.data.mean(0)) / data.data.std(0)
    return columns.astype(np.float32), data.target.astype(np.int64)


TASK = training.Task(tumours, {"inputs": 30, "classes": 2}, target=0.92)

SPEC = training.spec(
    "time_to_accuracy_table",
    "Time to accuracy, table",
    "How long does training on a table of measurements take, tracing included, until 92 % of new rows are right?",
    TASK,
    budget="thorough",
    packages=("scikit-learn",),
    seconds=4.0,
)

check, measure = TASK.check, TASK.learn
