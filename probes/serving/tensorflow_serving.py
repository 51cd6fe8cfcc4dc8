"""What TensorFlow Serving's two doors share: how to get it, and what it is given."""

from __future__ import annotations

import ipaddress
import shutil
from pathlib import Path

from probes.serving.contracts import Place

PROGRAM = "tensorflow_model_server"
SAVED_MODEL = "saved_model"  # the folder in the artefact of the way tensorflow_savedmodel
INSTALL = (
    "apt-get install tensorflow-model-server (from TensorFlow's own apt repository, "
    "https://www.tensorflow.org/tfx/serving/setup)"
)
DOCKER = (
    "docker run --rm -p 127.0.0.1:8500:8500 -p 127.0.0.1:8501:8501 -e MODEL_NAME={model} "
    "-v {artefact}:/models/{model}/1 tensorflow/serving:2.20.0"
)


def installed() -> bool:
    """Whether the server's program is on the PATH."""
    return shutil.which(PROGRAM) is not None


def docker(model: str, artefact: Path | None) -> str:
    """The line that serves a SavedModel on loopback; with a word for its folder where nothing was exported yet."""
    return DOCKER.format(model=model, artefact=(artefact or Path("FOLDER")) / SAVED_MODEL)


def versioned(place: Place) -> Path:
    """The SavedModel as version 1 below a folder of the server's own."""
    base = place.folder / "models" / place.model
    shutil.copytree(place.artefact / SAVED_MODEL, base / "1")
    return base


def look_at(option: str, address: str) -> None:
    """Raise ValueError unless the address is HOST:PORT on this machine: load is sent nowhere else."""
    host, _, port = address.rpartition(":")
    if not port.isdecimal() or not 1 <= int(port) <= 65_535:
        raise ValueError(f"{option}: {address!r}; allowed: HOST:PORT with a port from 1 to 65535")
    try:
        loopback = host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise ValueError(
            f"{option}: {address!r} is not on this machine; allowed: 127.0.0.1:PORT or localhost:PORT. "
            "Load is sent to loopback only; ssh -L brings a server of yours there"
        )
