"""Keras → SavedModel → TensorFlow.js: converted and weighed here; a browser runs it."""

from __future__ import annotations

import tempfile
from pathlib import Path

from probes.deploy import erfc, keras_model
from probes.deploy.contracts import RouteSpec, SourceModel
from probes.deploy.schema import ArtefactForm

SPEC = RouteSpec(
    id="tensorflow_tfjs",
    title="TensorFlow.js",
    framework="tensorflow",
    steps="model.export → tensorflowjs_converter --input_format=tf_saved_model → tf.loadGraphModel",
    exports_in="tensorflowjs",
    elsewhere="runs in a browser",
    deprecated="TensorFlow.js has had no release since October 2024",
    heavy=True,
)


def export(source: SourceModel, folder: Path, form: ArtefactForm) -> None:  # noqa: ARG001
    """A graph model: model.json, and its weights in shards."""
    from tensorflowjs.converters import tf_saved_model_conversion_v2

    with tempfile.TemporaryDirectory() as saved:
        with erfc.as_erf():
            keras_model.save(source, Path(saved))
        tf_saved_model_conversion_v2.convert_tf_saved_model(saved, str(folder))
