"""TensorFlow Serving's REST API, whose bodies every HTTP server here takes: rows, or one column a name.

The format is described at https://www.tensorflow.org/tfx/serving/api_rest (Predict API).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray


def path(model: str) -> str:
    """Where TensorFlow Serving answers for a model's newest version."""
    return f"/v1/models/{model}:predict"


def encode(x: NDArray[Any], *, columns: str = "") -> bytes:
    """Inputs (n, …) as a body: ``{"instances": rows}``, or ``{"inputs": {columns: rows}}`` where a name is given.

    Numbers are written so short that they read back as the same float32.
    """
    values = _numbers(x.astype("U").tolist()) if x.dtype.kind == "f" else x.tolist()
    rows = json.dumps(values, separators=(",", ":"))
    return (f'{{"inputs":{{{json.dumps(columns)}:{rows}}}}}' if columns else f'{{"instances":{rows}}}').encode()


def decode(body: bytes) -> NDArray[Any]:
    """Logits (n, classes) float32 of either form. Raises ValueError with the server's own words if there are none."""
    import numpy as np

    try:
        content = json.loads(body)
    except ValueError:
        raise ValueError(f"the answer is no JSON: {body[:200]!r}") from None
    predictions = content.get("predictions", content.get("outputs")) if isinstance(content, dict) else None
    if isinstance(predictions, dict) and len(predictions) == 1:
        predictions = next(iter(predictions.values()))
    if not isinstance(predictions, list):
        raise ValueError(f"the answer has no predictions: {body[:200]!r}")
    if predictions and isinstance(predictions[0], dict) and len(predictions[0]) == 1:
        predictions = [next(iter(row.values())) for row in predictions]
    try:
        answers = np.asarray(predictions, np.float32)
    except (ValueError, TypeError):
        raise ValueError(f"the predictions are no table of numbers: {body[:200]!r}") from None
    if answers.ndim != 2:
        raise ValueError(f"the predictions have {answers.ndim} dimensions; expected: 2 (inputs, classes)")
    return answers


def _numbers(texts: Any) -> Any:
    """NumPy's texts are the shortest that tell a float32 from its neighbours."""
    return [_numbers(text) for text in texts] if isinstance(texts, list) else float(texts)
