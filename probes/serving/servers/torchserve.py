"""TorchServe 0.12 with a TorchScript module: what many teams still run, and nobody should begin with."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

from probes.deploy import torchscript
from probes.serving.contracts import Launch, Place
from probes.serving.schema import ServerSpec

SPEC = ServerSpec(
    id="torchserve",
    title="TorchServe",
    framework="pytorch",
    protocol="rest",
    way="pytorch_torchscript",
    settings="one worker, no batching; JSON",
    environment="torchserve",
    packages=("torchserve", "torch"),
    deprecated="archived: last release 0.12.0 of 2024-09, no commit after 2025-03-17, no security patches",
)
KEYS = "key_file.json"  # in the folder that it is started in, for its user's eyes alone
_HANDLER = Path(__file__).resolve().parent.parent / "hosts" / "torchserve_handler.py"


def launch(place: Place) -> Launch:
    """The front end in Java and a worker in Python. Everything that it writes lies in the server's own folder.

    Who has no token is refused at every door: other users of this machine reach its ports, and so do pages in their
    browsers. https://github.com/pytorch/serve/blob/master/docs/token_authorization_api.md
    """
    store, scratch = place.folder / "store", place.folder / "tmp"
    store.mkdir()
    scratch.mkdir()
    _archive(place, store / f"{place.model}.mar")
    port = place.port()
    config = place.folder / "config.properties"
    config.write_text(_config(place, port), encoding="utf-8")
    program = str(place.python.parent / "torchserve")
    return Launch(
        target=f"127.0.0.1:{port}",
        path=f"/predictions/{place.model}",
        command=(
            program, "--start", "--foreground", "--ncs", "--model-store", str(store),
            "--models", f"{place.model}={place.model}.mar", "--ts-config", str(config),
        ),
        stop=(program, "--stop"),
        # It keeps its process id in the temporary folder; one of its own knows neither another's nor a stale one.
        variables={"TMPDIR": str(scratch), "LOG_LOCATION": str(scratch), "METRICS_LOCATION": str(scratch)},
        model=place.model,
        bearer=(str(place.folder / KEYS), "inference", "key"),
    )  # fmt: skip


def _archive(place: Place, to: Path) -> None:
    """A model archive is a zip with a manifest; https://github.com/pytorch/serve/tree/master/model-archiver."""
    manifest = {
        "runtime": "python",
        "model": {
            "modelName": place.model,
            "serializedFile": torchscript.FILE,
            "handler": f"{_HANDLER.name}:handle",
            "modelVersion": "1.0",
        },
        "archiverVersion": "0.12.0",
    }
    settings = {"threads": place.threads, "dtypes": list(place.dtypes), "file": torchscript.FILE}
    with zipfile.ZipFile(to, "w") as archive:
        archive.writestr("MAR-INF/MANIFEST.json", json.dumps(manifest))
        archive.writestr("settings.json", json.dumps(settings))
        archive.write(_HANDLER, _HANDLER.name)
        archive.write(place.artefact / torchscript.FILE, torchscript.FILE)


def _config(place: Place, port: int) -> str:
    lines = {
        "inference_address": f"http://127.0.0.1:{port}",
        "management_address": f"http://127.0.0.1:{place.port()}",
        "metrics_address": f"http://127.0.0.1:{place.port()}",
        "grpc_inference_address": "127.0.0.1",
        "grpc_management_address": "127.0.0.1",
        "grpc_inference_port": place.port(),
        "grpc_management_port": place.port(),
        "default_workers_per_model": 1,
        "job_queue_size": 1000,
        "enable_envvars_config": "false",
        # Nobody registers another model, with a token or without, and from nowhere.
        "disable_token_authorization": "false",
        "enable_model_api": "false",
        "allowed_urls": "",
        "install_py_dep_per_model": "false",
    }
    return "".join(f"{name}={value}\n" for name, value in lines.items())
