"""A LitServe server around a way's artefact: ``… lit ROUTE FOLDER MODEL SIZES THREADS PORT DTYPES OWN``.

Runs in the environment ``litserve``. It takes and gives what TensorFlow Serving's REST API takes and gives.
"""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import litserve
import numpy as np

from probes.deploy import batches
from probes.deploy.contracts import Artefact
from probes.deploy.own_half import OwnHalf
from probes.engine.child import allocator
from probes.engine.child.import_guard import ImportGuard

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Answering(litserve.LitAPI):  # type: ignore[misc]  # its types live in another environment
    """One worker that answers a request at a time."""

    def __init__(self, route: str, artefact: Artefact, dtypes: Sequence[str]) -> None:
        super().__init__(api_path="/predict")
        self._route, self._artefact, self._dtypes = route, artefact, dtypes

    def setup(self, device: str) -> None:  # noqa: ARG002 - LitServe's signature
        """In the worker: what it imports here stays out of the HTTP process.

        It is put into the state that a route's player is in (``probes.deploy.player``), less what LitServe has loaded.
        """
        module = importlib.import_module(f"probes.routes.{self._route}")
        guard = ImportGuard()
        guard.start(("litserve", *module.SPEC.packages))
        own = self._artefact.own
        self._predict = module.load(replace(self._artefact, own=own and replace(own, show=guard.open)))
        allocator.settle()

    # LitServe finds the argument by this very name, and takes annotations for schemas of its own: so there are none.
    def decode_request(self, request):  # type: ignore[no-untyped-def]
        """Inputs by place, each (n, …)."""
        columns = request["inputs"] if "inputs" in request else {"x": request["instances"]}
        names = batches.names(len(self._dtypes))
        return [np.asarray(columns[name], dtype) for name, dtype in zip(names, self._dtypes, strict=True)]

    def predict(self, x: list[NDArray[Any]]) -> NDArray[Any]:
        answers: NDArray[Any] = self._predict(*x)
        return answers

    def encode_response(self, output):  # type: ignore[no-untyped-def]
        """Rows of answers, several outputs side by side."""
        return {"predictions": output.tolist()}


def main() -> None:
    route, folder, model, sizes, threads, port, dtypes, own = sys.argv[1:]
    half = OwnHalf(**fields) if (fields := json.loads(own)) else None
    artefact = Artefact(Path(folder), "float32", model, json.loads(sizes), int(threads), half)
    server = litserve.LitServer(
        Answering(route, artefact, dtypes.split(",")), accelerator="cpu", workers_per_device=1, timeout=30
    )
    server.run(host="127.0.0.1", port=int(port), num_api_servers=1, generate_client_file=False, log_level="warning")


if __name__ == "__main__":
    main()
