"""TensorFlow Serving's gRPC API without TensorFlow: the few messages of PredictionService that a client needs.

``tensorflow-serving-api`` would do the same, but it brings TensorFlow along: 7 s and 800 MB in the very process that
sends the load, on the cores that are being measured. Names and numbers of the fields are those of
``tensorflow_serving/apis/{model,predict,get_model_metadata,prediction_service}.proto`` and
``tensorflow/core/framework/{tensor,tensor_shape}.proto``; recorded exchanges in the tests hold them to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from probes.deploy import batches

if TYPE_CHECKING:
    from numpy.typing import NDArray

PREDICT = "/tensorflow.serving.PredictionService/Predict"
METADATA = "/tensorflow.serving.PredictionService/GetModelMetadata"
SIGNATURE = "serving_default"
_PACKAGE = "fulcrum.serving"  # not TensorFlow's: a process that has its messages too must not see two of a name

#: DataType of tensorflow/core/framework/types.proto -> NumPy's name, and the field that keeps single values of it.
_TYPES = {1: ("<f4", "float_val"), 2: ("<f8", "double_val"), 3: ("<i4", "int_val"), 9: ("<i8", "int64_val")}

# Message -> field -> (number, type); "*" repeats, "{}" maps from strings.
_MESSAGES: dict[str, dict[str, tuple[int, str]]] = {
    "Dim": {"size": (1, "int64")},
    "Shape": {"dim": (2, "*Dim")},
    "Tensor": {
        "dtype": (1, "int32"),
        "tensor_shape": (2, "Shape"),
        "tensor_content": (4, "bytes"),
        "float_val": (5, "*float"),
        "double_val": (6, "*double"),
        "int_val": (7, "*int32"),
        "int64_val": (10, "*int64"),
    },
    "ModelSpec": {"name": (1, "string"), "signature_name": (3, "string")},
    "PredictRequest": {"model_spec": (1, "ModelSpec"), "inputs": (2, "{}Tensor")},
    "PredictResponse": {"outputs": (1, "{}Tensor"), "model_spec": (2, "ModelSpec")},
    "TensorInfo": {"name": (1, "string"), "dtype": (2, "int32"), "tensor_shape": (3, "Shape")},
    "SignatureDef": {"inputs": (1, "{}TensorInfo"), "outputs": (2, "{}TensorInfo")},
    "SignatureDefMap": {"signature_def": (1, "{}SignatureDef")},
    "Any": {"type_url": (1, "string"), "value": (2, "bytes")},
    "MetadataRequest": {"model_spec": (1, "ModelSpec"), "metadata_field": (2, "*string")},
    "MetadataResponse": {"model_spec": (1, "ModelSpec"), "metadata": (2, "{}Any")},
}


def encode(inputs: Mapping[str, NDArray[Any]], model: str) -> bytes:
    """A PredictRequest with inputs (n, …) by their names. Raises ValueError for a type that it doesn't know."""
    if reason := not_sent([str(x.dtype) for x in inputs.values()]):
        raise ValueError(reason)
    request = _message("PredictRequest")
    request.model_spec.name, request.model_spec.signature_name = model, SIGNATURE
    for name, x in inputs.items():
        tensor = request.inputs[name]
        kind = next(key for key, (dtype, _) in _TYPES.items() if x.dtype == dtype)
        tensor.dtype, tensor.tensor_content = kind, x.astype(_TYPES[kind][0]).tobytes()
        for size in x.shape:
            tensor.tensor_shape.dim.add().size = size
    return bytes(request.SerializeToString(deterministic=True))


def not_sent(dtypes: Iterable[str]) -> str:
    """Why inputs of these types can't be sent; "" if they can."""
    known = ("float32", "float64", "int32", "int64")
    unknown = [dtype for dtype in dtypes if dtype not in known]
    return f"inputs of type {unknown[0]} can't be sent; allowed: {', '.join(known)}" if unknown else ""


def decode(body: bytes) -> NDArray[Any]:
    """Answers of a PredictResponse as a table (n, columns) float32, several outputs side by side by their names. Raises
    ValueError."""
    outputs = _parsed("PredictResponse", body).outputs
    if not outputs:
        raise ValueError("the answer has no outputs")
    return batches.table([_array(outputs[name]) for name in batches.in_order(outputs)])


def _array(tensor: Any) -> NDArray[Any]:
    import numpy as np

    if tensor.dtype not in _TYPES:
        raise ValueError(f"the output has DataType {tensor.dtype}; expected a type of numbers")
    dtype, field = _TYPES[tensor.dtype]
    shape = [dim.size for dim in tensor.tensor_shape.dim]
    values = np.frombuffer(tensor.tensor_content, dtype) if tensor.tensor_content else np.array(getattr(tensor, field))
    if len(values) == 1 and np.prod(shape) > 1:
        values = np.repeat(values, int(np.prod(shape)))  # one value stands for all, as TensorFlow packs constants
    if not shape or len(values) != np.prod(shape):
        raise ValueError(f"the output has {len(values)} values of shape {shape}; expected: (inputs, …)")
    return np.asarray(values, np.float32).reshape(shape)


def ask_metadata(model: str) -> bytes:
    """A GetModelMetadataRequest for the signatures."""
    request = _message("MetadataRequest")
    request.model_spec.name = model
    request.metadata_field.append("signature_def")
    return bytes(request.SerializeToString())


def input_names(body: bytes) -> list[str]:
    """The inputs of the default signature, from a GetModelMetadataResponse. Raises ValueError."""
    packed = _parsed("MetadataResponse", body).metadata
    if "signature_def" not in packed:
        raise ValueError("the server tells no signatures of the model")
    signatures = _parsed("SignatureDefMap", packed["signature_def"].value).signature_def
    if SIGNATURE not in signatures:
        raise ValueError(f"the model has no signature {SIGNATURE}; it has: {', '.join(signatures)}")
    return batches.in_order(signatures[SIGNATURE].inputs)


def _parsed(name: str, body: bytes) -> Any:
    from google.protobuf.message import DecodeError

    message = _message(name)
    try:
        message.ParseFromString(body)
    except DecodeError as error:
        raise ValueError(f"the answer is no {name}: {error}") from None
    return message


def _message(name: str) -> Any:
    return _classes()[name]()


@cache
def _classes() -> dict[str, Any]:
    """Message classes from the table above."""
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

    file = descriptor_pb2.FileDescriptorProto(name="fulcrum/serving.proto", package=_PACKAGE, syntax="proto3")
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for field, (number, kind) in fields.items():
            _add(message, name, field, number, kind)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{_PACKAGE}.{name}")) for name in _MESSAGES
    }


def _add(message: Any, owner: str, field: str, number: int, kind: str) -> None:
    from google.protobuf.descriptor_pb2 import FieldDescriptorProto as Field

    many = kind.startswith(("*", "{}"))
    made = message.field.add(name=field, number=number, label=Field.LABEL_REPEATED if many else Field.LABEL_OPTIONAL)
    if kind.startswith("{}"):
        entry_name = "".join(part.capitalize() for part in field.split("_")) + "Entry"
        entry = message.nested_type.add(name=entry_name)
        entry.options.map_entry = True
        _add(entry, "", "key", 1, "string")
        _add(entry, "", "value", 2, kind.removeprefix("{}"))
        made.type, made.type_name = Field.TYPE_MESSAGE, f".{_PACKAGE}.{owner}.{entry_name}"
        return
    plain = kind.removeprefix("*")
    if plain in _MESSAGES:
        made.type, made.type_name = Field.TYPE_MESSAGE, f".{_PACKAGE}.{plain}"
    else:
        made.type = Field.Type.Value(f"TYPE_{plain.upper()}")
