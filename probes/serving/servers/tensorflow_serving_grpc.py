"""TensorFlow Serving through its gRPC API: the program on the PATH, or a server that the user runs."""

from __future__ import annotations

from pathlib import Path

from probes.serving import tensorflow_serving
from probes.serving.contracts import Launch, Place
from probes.serving.schema import ServerSpec, ServingRequest

SPEC = ServerSpec(
    id="tensorflow_serving_grpc",
    title="TensorFlow Serving, gRPC",
    framework="tensorflow",
    protocol="grpc",
    way="tensorflow_savedmodel",
    settings="no batching; tensors as bytes",
)


def why_not(request: ServingRequest, artefact: Path | None = None) -> str:
    """It needs the program, or an address."""
    if request.tensorflow_serving_grpc or tensorflow_serving.installed():
        return ""
    line = tensorflow_serving.docker(request.model, artefact)
    missing = f"{tensorflow_serving.PROGRAM} is not on the PATH: {tensorflow_serving.INSTALL}"
    return f"{missing}; or run {line} and give --tensorflow-serving-grpc 127.0.0.1:8500"


def launch(place: Place) -> Launch:
    """On a socket of the file system: its TCP port would always listen on all addresses."""
    if place.request.tensorflow_serving_grpc:
        return Launch(target=place.request.tensorflow_serving_grpc, model=place.model)
    socket = place.folder / "grpc"
    return Launch(
        target=f"unix:{socket}",
        command=(
            tensorflow_serving.PROGRAM, "--port=0", "--rest_api_port=0", f"--grpc_socket_path={socket}",
            f"--model_name={place.model}", f"--model_base_path={tensorflow_serving.versioned(place)}",
            f"--tensorflow_intra_op_parallelism={place.threads}",
        ),
        model=place.model,
    )  # fmt: skip
