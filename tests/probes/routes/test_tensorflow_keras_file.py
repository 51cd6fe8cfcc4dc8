"""What a team reads when Keras' own file doesn't bring its model back."""

from __future__ import annotations

from probes.routes.tensorflow_keras_file import _not_back


def test_the_class_that_keras_stops_at_is_named_and_its_words_are_not() -> None:
    said = (
        "<class 'team_model.tensorflow.<locals>.Bert'> could not be deserialized properly. Please ensure that "
        "components that are Python object instances (layers, models, etc.) returned by `get_config()` are explicitly"
    )
    reason = str(_not_back(TypeError(said)))
    assert reason.startswith("Keras' own file doesn't bring your class Bert back: it needs an __init__ that takes")
    assert "Please ensure" not in reason


def test_anything_else_is_quoted() -> None:
    reason = str(_not_back(ValueError("Requested the deserialization of a Lambda layer")))
    assert "a Lambda layer isn't loaded at all (ValueError: Requested the deserialization of a Lambda layer)" in reason
