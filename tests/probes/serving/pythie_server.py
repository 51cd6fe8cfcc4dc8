"""pythie-serving with a straight line for a model, on loopback: ``… FOLDER PORT``. Runs in its own environment.

The messages, how they are read and how they are answered are pythie-serving's; only the model is this file's.
"""

import json
import sys
from concurrent import futures
from pathlib import Path

import grpc
import numpy as np
from pythie_serving.abstract_wrapper import AbstractPythieServingPredictionServiceServicer
from pythie_serving.tensorflow_proto.tensorflow_serving.apis import prediction_service_pb2_grpc
from pythie_serving.tensorflow_proto.tensorflow_serving.config.model_server_config_pb2 import ModelServerConfig


class Line(AbstractPythieServingPredictionServiceServicer):
    """y = (2x + 1, −x)."""

    model_file_extension = ".line"

    def _create_model_specs(self, model_config):
        names = json.loads(self._get_metadata_path(model_config).read_text(encoding="utf-8"))["feature_names"]
        return {
            "model": None, "feature_names": names, "nb_features": len(names), "samples_dtype": np.float32,
            "extra_specs": None,
        }  # fmt: skip

    def _predict(self, model_specs, samples):
        return np.concatenate([2 * samples + 1, -samples], axis=1)


folder, port = Path(sys.argv[1]), sys.argv[2]
(folder / "line.line").touch()
(folder / "metadata.json").write_text(json.dumps({"feature_names": ["x"]}), encoding="utf-8")
config = ModelServerConfig()
config.model_config_list.config.add(name="line", base_path=str(folder), model_platform="line")
server = grpc.server(futures.ThreadPoolExecutor(1))
server.add_insecure_port(f"127.0.0.1:{port}")  # its own program listens on all addresses
prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(Line(model_server_config=config), server)
server.start()
server.wait_for_termination()
