"""KServe with a straight line for a model, on loopback: ``… PORT``. Runs in its own environment.

KServe's V1 protocol is TensorFlow Serving's REST protocol. How bodies are read and answered is KServe's; only the model
is this file's.
"""

import sys

from kserve import Model
from kserve.model_repository import ModelRepository
from kserve.protocol.dataplane import DataPlane
from kserve.protocol.model_repository_extension import ModelRepositoryExtension
from kserve.protocol.rest.server import RESTServer


class Line(Model):
    """y = (2x + 1, −x)."""

    def __init__(self):
        super().__init__("line")
        self.ready = True

    def predict(self, payload, headers=None, response_headers=None):
        return {"predictions": [[2 * x + 1, -x] for (x,) in payload["instances"]]}


models = ModelRepository()
models.update(Line())
server = RESTServer(
    "kserve.model_server:app", DataPlane(models), ModelRepositoryExtension(models), int(sys.argv[1])
)  # fmt: skip
server.config.host = "127.0.0.1"  # its own program listens on all addresses
server.run()
