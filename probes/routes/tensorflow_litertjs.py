"""Keras → LiteRT with a signature for each batch: LiteRT.js can't resize what it has compiled."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from probes.deploy import batches, keras_model, litert
from probes.deploy.contracts import RouteSpec, SourceModel
from probes.deploy.schema import BATCHES, ArtefactForm

SPEC = RouteSpec(
    id="tensorflow_litertjs",
    title="LiteRT.js",
    framework="tensorflow",
    steps="tf.saved_model.save with a signature a batch → tf.lite.TFLiteConverter.from_saved_model → loadAndCompile",
    elsewhere="runs in a browser",
)


def export(source: SourceModel, folder: Path, form: ArtefactForm) -> None:  # noqa: ARG001
    """One file; the signatures share their weights. LiteRT.js knows no int64, so such inputs are taken as int32."""
    import keras
    import tensorflow as tf

    archive = keras.export.ExportArchive()
    archive.track(source.network)
    for batch in BATCHES:
        archive.add_endpoint(litert.signature(batch), _caller(source), input_signature=_specs(source, batch))
    with tempfile.TemporaryDirectory() as saved:
        archive.write_out(saved, verbose=False)
        converter = tf.lite.TFLiteConverter.from_saved_model(
            saved, signature_keys=[litert.signature(batch) for batch in BATCHES]
        )
        (folder / litert.FILE).write_bytes(converter.convert())


def _caller(source: SourceModel) -> Callable[..., Any]:
    """The network, to inputs of the types that LiteRT.js knows."""
    import tensorflow as tf

    answer = keras_model.caller_of(source.network)
    wanted = [leaf.dtype for leaf in source.example]
    return lambda *x: answer(*(tf.cast(leaf, dtype) for leaf, dtype in zip(x, wanted, strict=True)))


def _specs(source: SourceModel, batch: int) -> list[Any]:
    """What it takes in batches of this size alone."""
    import tensorflow as tf

    names = batches.names(len(source.example))
    return [
        tf.TensorSpec((batch, *leaf.shape[1:]), tf.int32 if leaf.dtype == "int64" else leaf.dtype, name=name)
        for name, leaf in zip(names, source.example, strict=True)
    ]
