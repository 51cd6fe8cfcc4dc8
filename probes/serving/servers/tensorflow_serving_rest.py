"""TensorFlow Serving through its REST API: a server that the user runs."""

from __future__ import annotations

from pathlib import Path

from probes.serving import tensorflow_serving
from probes.serving.contracts import Launch, Place
from probes.serving.schema import ServerSpec, ServingRequest
from probes.serving.wire import rest

SPEC = ServerSpec(
    id="tensorflow_serving_rest",
    title="TensorFlow Serving, REST",
    framework="tensorflow",
    protocol="rest",
    way="tensorflow_savedmodel",
    settings="as the user runs it; JSON",
)


def why_not(request: ServingRequest, artefact: Path | None = None) -> str:
    """It needs an address: the program itself can't keep this door on loopback."""
    if request.tensorflow_serving:
        return ""
    exposed = (
        f"{tensorflow_serving.PROGRAM} is here, but its REST API always listens on all addresses "
        "(github.com/tensorflow/serving/issues/1969), and nothing is opened to the network unasked"
        if tensorflow_serving.installed()
        else f"{tensorflow_serving.PROGRAM} is not on the PATH"
    )
    line = tensorflow_serving.docker(request.model, artefact)
    return (
        f"{exposed}. Run it so that only this machine reaches it: {line} and give --tensorflow-serving 127.0.0.1:8501"
    )


def launch(place: Place) -> Launch:
    """Nothing is started."""
    return Launch(target=place.request.tensorflow_serving, path=rest.path(place.model), model=place.model)
