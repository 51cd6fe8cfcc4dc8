"""Keras → LiteRT (the former TensorFlow Lite), as float32, float16 and in both forms of int8."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from probes.deploy import batches, keras_model, litert
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
    with tempfile.TemporaryDirectory() as saved:
        (folder / litert.FILE).write_bytes(_converter(source, saved, form).convert())


def _converter(source: SourceModel, saved: str, form: ArtefactForm) -> Any:
    import tensorflow as tf

    if keras_model.has_no_graph(source.network):
        keras_model.save(source, Path(saved))
        converter = tf.lite.TFLiteConverter.from_saved_model(saved, signature_keys=["serving_default"])
    else:
        converter = tf.lite.TFLiteConverter.from_keras_model(source.network)
    if form != "float32":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if form == "float16":
        converter.target_spec.supported_types = [tf.float16]
    elif form == "int8 static":
        converter.representative_dataset = lambda: _samples(source)
    return converter


def _samples(source: SourceModel) -> Iterator[Any]:
    """For calibration, one by one: by place, or by name where the file has a signature."""
    names = batches.names(len(source.example))
    for n in range(len(source.calibration[0])):
        sample = batches.rows(source.calibration, n, n + 1)
        yield dict(zip(names, sample, strict=True)) if keras_model.has_no_graph(source.network) else list(sample)


load = litert.session
