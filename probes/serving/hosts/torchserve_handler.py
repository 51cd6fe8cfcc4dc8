"""TorchServe's handler: takes and gives what TensorFlow Serving's REST API takes and gives. Copied into the archive.

It runs inside TorchServe's worker, which knows nothing of this project: only what TorchServe itself brings is imported.
"""

from __future__ import annotations

import json
import os
from typing import Any

import torch

_kept: dict[str, Any] = {}


def handle(data: Any, context: Any) -> list[dict[str, Any]] | None:
    """A batch of requests -> a list of answers, one each; the first call has no data and loads the model."""
    if not _kept:
        folder = context.system_properties["model_dir"]
        with open(os.path.join(folder, "settings.json"), encoding="utf-8") as file:
            settings = json.load(file)
        torch.set_num_threads(settings["threads"])
        _kept["dtypes"] = [getattr(torch, name) for name in settings["dtypes"]]  # NumPy calls them alike
        _kept["model"] = torch.jit.load(os.path.join(folder, settings["file"])).eval()
    if data is None:
        return None
    return [_answer(request) for request in data]


def _answer(request: Any) -> dict[str, Any]:
    body = request.get("body") if request.get("body") is not None else request.get("data")
    asked = json.loads(body) if isinstance(body, (bytes, bytearray, str)) else body
    columns = [asked["instances"]] if "instances" in asked else [asked["inputs"][f"x{n}"] for n in range(_number())]
    leaves = [torch.tensor(rows, dtype=dtype) for rows, dtype in zip(columns, _kept["dtypes"], strict=True)]
    with torch.inference_mode():
        answers = _kept["model"](*leaves)
    outputs = answers if isinstance(answers, (tuple, list)) else [answers]
    if len(outputs) == 1:
        return {"predictions": outputs[0].tolist()}
    return {"outputs": {f"output_{n}": output.tolist() for n, output in enumerate(outputs)}}


def _number() -> int:
    return len(_kept["dtypes"])
