"""TensorFlow Serving's REST API, whose bodies every HTTP server here takes: rows, or one column a name.

The format is described at https://www.tensorflow.org/tfx/serving/api_rest (Predict API).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from probes.deploy import batches

if TYPE_CHECKING:
    from numpy.typing import NDArray


def path(model: str) -> str:
    """Where TensorFlow Serving answers for a model's newest version."""
    return f"/v1/models/{model}:predict"


def encode(*leaves: NDArray[Any], columns: Sequence[str] = ()) -> bytes:
    """Inputs, each (n, …), as a body: ``{"instances": rows}`` of the only one, or ``{"inputs": {column: rows, …}}`` by
    the names that are given.

    Numbers are written so short that they read back as the same float32.
    """
    if not columns:
        (x,) = leaves
        return f'{{"instances":{_rows(x)}}}'.encode()
    named = (f"{json.dumps(column)}:{_rows(x)}" for column, x in zip(columns, leaves, strict=True))
    return f'{{"inputs":{{{",".join(named)}}}}}'.encode()


def decode(body: bytes) -> NDArray[Any]:
    """Answers of either form as a table (n, columns) float32, several outputs side by side by their names. Raises
    ValueError with the server's own words if there are none."""
    import numpy as np

    try:
        content = json.loads(body)
    except ValueError:
        raise ValueError(f"the answer is no JSON: {body[:200]!r}") from None
    predictions = content.get("predictions", content.get("outputs")) if isinstance(content, dict) else None
    if isinstance(predictions, list) and predictions and isinstance(predictions[0], dict):
        predictions = {name: [row.get(name) for row in predictions] for name in predictions[0]}
    outputs = predictions if isinstance(predictions, dict) else {"": predictions}
    if not outputs or not all(isinstance(rows, list) for rows in outputs.values()):
        raise ValueError(f"the answer has no predictions: {body[:200]!r}")
    try:
        return batches.table([np.asarray(outputs[name], np.float32) for name in batches.in_order(outputs)])
    except (ValueError, TypeError):
        raise ValueError(f"the predictions are no table of numbers: {body[:200]!r}") from None


def _rows(x: NDArray[Any]) -> str:
    values = _numbers(x.astype("U").tolist()) if x.dtype.kind == "f" else x.tolist()
    return json.dumps(values, separators=(",", ":"))


def _numbers(texts: Any) -> Any:
    """NumPy's texts are the shortest that tell a float32 from its neighbours."""
    return [_numbers(text) for text in texts] if isinstance(texts, list) else float(texts)
