"""What subjects without Keras do, told as JSON by a process that holds TensorFlow and nothing of the tests."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

import numpy as np

from probes.contracts import TrainingSettings, UnsupportedError
from probes.frameworks import tensorflow
from probes.models import mlp
from probes.schema import Track
from probes.tracks import MODES, half

SIZES = {"inputs": 6, "hidden1": 5, "hidden2": 4, "classes": 3}
ROWS = 8
LINEAR = {"fc.kernel": np.linspace(-1, 1, 18, dtype=np.float32).reshape(6, 3)}
#: An epsilon that shows in every step, a norm that every gradient exceeds, and a schedule that ends.
SETTINGS = TrainingSettings(learning_rate=0.1, weight_decay=0.5, epsilon=0.01, clip_norm=0.05, cosine_steps=3)
STEPS = 5


def main(track: Track) -> dict[str, Any]:
    tensorflow.load(1)
    tensorflow.use("cpu", 0)
    told: dict[str, Any] = {}
    subject = _built(half(mlp, "tensorflow", track), mlp.weights(np.random.default_rng(0), SIZES), track)
    subject.train()
    told["trained"] = {name: value.tolist() for name, value in subject.weights().items()}
    forward = subject.compiled(subject.forward)
    told["masks"] = [subject.read(forward(subject.x)).tolist() for _ in range(2)]
    told["rows"] = len(subject.read(subject.predict_on(subject.place(*_inputs(3))[0])))
    if session := getattr(subject, "_session", None):
        told["session"] = _session(subject, session)
    for precision in ("float32", "float64"):
        linear = _built(_linear, LINEAR, track, replace(SETTINGS, precision=precision))
        losses = [float(linear.read(linear.train())) for _ in range(STEPS)]
        told[precision] = {"losses": losses, "kernel": linear.weights()["fc.kernel"].tolist()}
    try:
        _built(_linear, LINEAR, track, replace(SETTINGS, precision="bfloat16"))
    except UnsupportedError as error:
        told["refusal"] = str(error)
    return told


def _session(subject: Any, session: Any) -> dict[str, Any]:
    """What three more steps add to the graph, the session's threads, and the changes of weights that may come before
    the loss was computed from them."""
    before = len(session.graph.get_operations())
    for _ in range(3):
        subject.train()
        subject.weights()
    operations = session.graph.get_operations()
    decays = [operation for operation in operations if operation.type == "AssignSubVariableOp"]
    return {
        "grown": len(operations) - before,
        "threads": [session._config.intra_op_parallelism_threads, session._config.inter_op_parallelism_threads],
        "decays": len(decays),
        "early": [one.name for one in decays if "SoftmaxCrossEntropyWithLogits" not in _before(one)],
    }


def _before(operation: Any) -> set[str]:
    """The types of all operations that must have ended before this one begins."""
    seen, waiting = set(), [operation]
    while waiting:
        one = waiting.pop()
        if one.name not in seen:
            seen.add(one.name)
            waiting += [tensor.op for tensor in one.inputs] + list(one.control_inputs)
    return {operation.graph.get_operation_by_name(name).type for name in seen}


def _inputs(rows: int) -> Any:
    return mlp.inputs(np.random.default_rng(1), SIZES, rows)


def _built(function: Any, weights: Mapping[str, Any], track: Track, settings: TrainingSettings = SETTINGS) -> Any:
    return tensorflow.build(
        function, weights, _inputs(ROWS), sizes=SIZES, mode=MODES[track]["tensorflow"], device="cpu", settings=settings
    )


def _linear(parts: Mapping[str, Any], x: Any, **_: Any) -> tuple[Any, dict[str, Any]]:
    import tensorflow as tf

    return tf.matmul(x, parts["fc.kernel"]), {}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(cast(Track, sys.argv[1]))))
