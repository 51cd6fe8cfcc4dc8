"""Keras → LiteRT (the former TensorFlow Lite), as float32, float16 and in both forms of int8."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from probes.contracts import UnsupportedError
from probes.deploy import batches, keras_model, litert
from probes.deploy.contracts import RouteSpec, SourceModel
from probes.deploy.schema import BATCHES, ArtefactForm

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
    """One file. Inputs and outputs stay as they are in every form.

    A recurrent layer's loop keeps lists of tensors, whose shapes have to be known, and reads its variables from inside:
    such a network becomes a file with a signature for each batch that is clocked, and its weights constants.
    """
    with tempfile.TemporaryDirectory() as saved:
        recurrent = keras_model.is_recurrent(source.network)
        converter = _of_batches(source, saved, form) if recurrent else _of_any_batch(source, saved, form)
        if form != "float32":
            converter.optimizations = [tensorflow().lite.Optimize.DEFAULT]
        if form == "float16":
            converter.target_spec.supported_types = [tensorflow().float16]
        (folder / litert.FILE).write_bytes(converter.convert())


def tensorflow() -> Any:
    """Imported where it is needed: who lists ways has none."""
    import tensorflow

    return tensorflow


def _of_any_batch(source: SourceModel, saved: str, form: ArtefactForm) -> Any:
    tf = tensorflow()
    if keras_model.has_no_graph(source.network):
        keras_model.save(source, Path(saved))
        converter = tf.lite.TFLiteConverter.from_saved_model(saved, signature_keys=["serving_default"])
    else:
        converter = tf.lite.TFLiteConverter.from_keras_model(source.network)
    if form == "int8 static":
        converter.representative_dataset = lambda: _samples(source)
    return converter


def _samples(source: SourceModel) -> Iterator[Any]:
    """For calibration, one by one: by place, or by name where the file has a signature."""
    names = batches.names(len(source.example))
    for n in range(len(source.calibration[0])):
        sample = batches.rows(source.calibration, n, n + 1)
        yield dict(zip(names, sample, strict=True)) if keras_model.has_no_graph(source.network) else list(sample)


def _of_batches(source: SourceModel, saved: str, form: ArtefactForm) -> Any:
    if form == "int8 static":  # the process dies while it calibrates
        raise UnsupportedError(
            "TensorFlow's converter crashes when it calibrates the loop of a recurrent layer: take int8 dynamic"
        )
    tf = tensorflow()
    signatures = {litert.signature(batch): keras_model.of_constants(source, batch) for batch in BATCHES}
    tf.saved_model.save(tf.Module(), saved, signatures=signatures)
    return tf.lite.TFLiteConverter.from_saved_model(saved, signature_keys=list(signatures))


load = litert.session
