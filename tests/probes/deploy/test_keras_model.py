"""What a Keras model has to be told when it is exported."""

from __future__ import annotations

from types import SimpleNamespace

from probes.deploy import keras_model


def test_only_a_graph_knows_what_it_takes() -> None:
    """Keras exports a subclass as if it took ``float32``, whatever it was called with."""

    class ByPlace(SimpleNamespace):
        pass

    assert keras_model.has_no_graph(SimpleNamespace())
    assert keras_model.has_no_graph(SimpleNamespace(inputs=None))
    assert keras_model.has_no_graph(ByPlace(inputs=["ids"]))
    assert not keras_model.has_no_graph(SimpleNamespace(inputs=["ids"]))
