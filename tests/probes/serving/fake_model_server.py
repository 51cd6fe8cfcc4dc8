"""Stands in for tensorflow_model_server: takes its flags, needs its folder, answers its two methods on its socket.

Each answer is the first two features of a row.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import numpy as np

from probes.serving.wire import predict


def flags() -> dict[str, str]:
    """``--name=value`` each, as TensorFlow Serving wants them."""
    return dict(argument.removeprefix("--").split("=", 1) for argument in sys.argv[1:])


def answer(body: bytes, _: Any) -> bytes:
    """Predict."""
    request = predict._parsed("PredictRequest", body)
    tensor = request.inputs["features"]
    x = np.frombuffer(tensor.tensor_content, "<f4").reshape([dim.size for dim in tensor.tensor_shape.dim])
    response = predict._message("PredictResponse")
    made = predict._parsed("PredictRequest", predict.encode({"output_0": np.ascontiguousarray(x[:, :2])}, "toy"))
    response.outputs["output_0"].CopyFrom(made.inputs["output_0"])
    return bytes(response.SerializeToString())


def metadata(body: bytes, _: Any) -> bytes:
    """GetModelMetadata."""
    signatures, response = predict._message("SignatureDefMap"), predict._message("MetadataResponse")
    signatures.signature_def[predict.SIGNATURE].inputs["features"].name = "serving_default_features:0"
    response.metadata["signature_def"].value = signatures.SerializeToString()
    return bytes(response.SerializeToString())


class Both(grpc.GenericRpcHandler):
    """The two methods that a client needs."""

    def service(self, details: Any) -> Any:
        method = {predict.PREDICT: answer, predict.METADATA: metadata}.get(details.method)
        return method and grpc.unary_unary_rpc_method_handler(method)


def main() -> None:
    """Serve until it is ended."""
    given = flags()
    assert given["port"] == given["rest_api_port"] == "0", "a TCP port would listen on all addresses"
    assert (Path(given["model_base_path"]) / "1" / "saved_model.pb").is_file()
    server = grpc.server(ThreadPoolExecutor(4))
    server.add_generic_rpc_handlers((Both(),))
    server.add_insecure_port(f"unix:{given['grpc_socket_path']}")
    server.start()
    server.wait_for_termination()


if __name__ == "__main__":
    main()
