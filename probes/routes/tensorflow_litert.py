"""Keras → LiteRT (the former TensorFlow Lite), as float32, float16 and in both forms of int8."""

from __future__ import annotations

from pathlib import Path

from probes.deploy import litert
from probes.deploy.contracts import RouteSpec, SourceModel
from probes.deploy.schema import ArtefactForm

SPEC = RouteSpec(
    id="tensorflow_litert",
    title="LiteRT",
    framework="tensorflow",
    steps="tf.lite.TFLiteConverter.from_keras_model → convert → ai_edge_litert's Interpreter",
    forms=("float32", "float16", "int8 dynamic", "int8 static"),
    runs_with=("ai_edge_litert",),
    packages=("ai-edge-litert",),
)


def export(source: SourceModel, folder: Path, form: ArtefactForm) -> None:
    """One file. Inputs and outputs stay as they are in every form."""
    import tensorflow as tf

    converter = tf.lite.TFLiteConverter.from_keras_model(source.network)
    if form != "float32":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if form == "float16":
        converter.target_spec.supported_types = [tf.float16]
    elif form == "int8 static":
        converter.representative_dataset = lambda: ([single] for single in source.calibration[:, None])
    (folder / litert.FILE).write_bytes(converter.convert())


load = litert.session
