"""What a network gives, in whatever it runs: outputs, what its layers give, its weights and their gradients.

Runs in a child; each function imports its own framework. The gradient is that of one step in a direction drawn from a
seed, which needs no labels and no loss of the file's own: the loss is the sum of each output times a random number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from probes.compare import keras_side, keras_steps, torch_side, torch_steps
from probes.compare.steps import Step

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from probes.deploy.batches import Leaves

#: Samples: as many as BatchNorm needs for a variance that isn't mere chance.
BATCH: Final = 16
Arrays = dict[str, "NDArray[Any]"]


class Recorded:
    """Collects arrays under ``output/``, ``value/``, ``weight/``, ``gradient/`` (of a training step) and ``steady/``
    (of a step in evaluation mode, which is all that a file for inference knows), and the titles of values."""

    def __init__(self) -> None:
        self.arrays: Arrays = {}
        self.titles: list[str] = []

    def value(self, title: str, array: NDArray[Any]) -> None:
        self.arrays[f"value/{len(self.titles)}"] = array
        self.titles.append(title)

    def outputs(self, found: Sequence[NDArray[Any]]) -> None:
        self.arrays |= {f"output/{place}": output for place, output in enumerate(found)}

    def keep(self, file: Path) -> dict[str, Any]:
        """Write the arrays; the reply of the child."""
        import numpy as np

        np.savez(file, allow_pickle=False, **self.arrays)
        return {"titles": self.titles}


def directions(outputs: Sequence[NDArray[Any]], seed: int) -> list[NDArray[Any] | None]:
    """A random number for each number of each output; None for outputs that have no gradient."""
    import numpy as np

    rng = np.random.default_rng(seed)
    drawn = [rng.standard_normal(output.shape).astype(np.float32) for output in outputs]
    return [one if output.dtype.kind == "f" else None for one, output in zip(drawn, outputs, strict=True)]


def of_torch(network: Any, leaves: Leaves, seed: int) -> Recorded:
    """A module in evaluation mode that takes its inputs by place: a team's own, or what was made of ONNX."""
    import torch

    told = Recorded()
    tensors = [torch.from_numpy(leaf) for leaf in leaves]

    def note(step: Step, value: Any) -> None:
        told.value(_path(step.title), torch_side.array(value))

    network.eval()
    with torch.no_grad(), torch_steps.noting(network, note):
        outputs = _tensors(network(*tensors))
    told.outputs([torch_side.array(output) for output in outputs])
    network.zero_grad(set_to_none=True)
    _backward(_tensors(network(*tensors)), seed)
    for name, parameter in network.named_parameters():
        if parameter.requires_grad and parameter.grad is not None:
            told.arrays[f"weight/{name}"] = torch_side.array(parameter)
            told.arrays[f"steady/{name}"] = torch_side.array(parameter.grad)
    return told


def every_module(module: Any, leaves: Leaves, told: Recorded) -> None:
    """Adds what each innermost part of a module made of ONNX gives: its parts are operations, not layers."""
    import torch

    def noting(title: str) -> Callable[..., None]:
        def note(_part: Any, _inputs: Any, output: Any) -> None:
            for one in _tensors(output):
                told.value(title, torch_side.array(one))

        return note

    hooks = [
        part.register_forward_hook(noting(name))
        for name, part in module.named_modules()
        if name and not any(True for _ in part.children())
    ]
    try:
        with torch.no_grad():
            module(*map(torch.from_numpy, leaves))
    finally:
        for hook in hooks:
            hook.remove()


def of_keras(network: Any, leaves: Leaves, seed: int) -> Recorded:
    """A Keras model that takes its inputs by place, on whichever backend runs in this process. A training step is one
    without masks, which are random; batch statistics are part of it."""
    import keras

    from probes.deploy import keras_model
    from probes.model_file import keras_subject

    told = Recorded()
    with keras_steps.noting(network, lambda step, value: told.value(step.title, keras_side.array(value))):
        told.outputs(keras_model.answered(network, leaves))
    keras_subject.without_dropout(network)
    given = [keras.ops.convert_to_tensor(leaf) for leaf in leaves]
    x, variables = given[0] if len(given) == 1 else given, network.trainable_variables
    gradients_of = _GRADIENTS[keras.backend.backend()]
    for what, training in (("steady", False), ("gradient", True)):
        gradients = gradients_of(network, x, variables, seed, training)
        for place, (variable, gradient) in enumerate(zip(variables, gradients, strict=True)):
            if gradient is not None:
                name = f"{place}.{getattr(variable, 'path', variable.name)}"
                told.arrays |= {
                    f"weight/{name}": keras_side.array(variable),
                    f"{what}/{name}": keras_side.array(gradient),
                }
    return told


def _on_tensorflow(network: Any, x: Any, variables: Any, seed: int, training: bool) -> list[Any]:
    import tensorflow as tf

    with tf.GradientTape() as tape:
        outputs = _leaves(network(x, training=training))
        loss = _tensorflow_loss(outputs, seed)
    found = tape.gradient(loss, [getattr(variable, "value", variable) for variable in variables])
    return [None if gradient is None else tf.convert_to_tensor(gradient) for gradient in found]  # slices are added


def _on_torch(network: Any, x: Any, variables: Any, seed: int, training: bool) -> list[Any]:
    for variable in variables:
        variable.value.grad = None
    _backward(_leaves(network(x, training=training)), seed)
    return [variable.value.grad for variable in variables]


def _on_jax(network: Any, x: Any, variables: Any, seed: int, training: bool) -> list[Any]:
    import jax
    import numpy as np

    fixed = [variable.value for variable in network.non_trainable_variables]

    def loss(trained: Any) -> Any:
        outputs = _leaves(network.stateless_call(trained, fixed, x, training=training)[0])
        blank = [np.zeros(output.shape, output.dtype) for output in outputs]
        return sum((output * drawn).sum() for output, drawn in _directed(outputs, blank, seed))

    return list(jax.grad(loss)([variable.value for variable in variables]))


_GRADIENTS: Final[Mapping[str, Callable[..., list[Any]]]] = {
    "tensorflow": _on_tensorflow,
    "torch": _on_torch,
    "jax": _on_jax,
}


def of_functional(model: Any, leaves: Leaves, seed: int) -> Recorded:
    """A functional model that a converter made for TensorFlow: in evaluation mode, layer by layer."""
    import tensorflow as tf

    told = Recorded()
    given = list(map(tf.constant, leaves))
    x = given[0] if len(given) == 1 else given
    places = [layer for layer in model.layers if hasattr(layer, "output")]
    inner = type(model)(model.inputs, [layer.output for layer in places])
    for layer, values in zip(places, _leaves_of_list(inner(x, training=False), len(places)), strict=True):
        for value in _leaves(values):
            if hasattr(value, "numpy"):
                told.value(layer.name, value.numpy())
    weights = list(model.trainable_weights)
    with tf.GradientTape() as tape:
        outputs = _leaves(model(x, training=False))
        loss = _tensorflow_loss(outputs, seed)
    told.outputs([output.numpy() for output in outputs])
    for weight, gradient in zip(weights, tape.gradient(loss, weights), strict=True):
        if gradient is not None:
            gradient = tf.convert_to_tensor(gradient).numpy()
            told.arrays |= {f"weight/{weight.name}": weight.numpy(), f"steady/{weight.name}": gradient}
    return told


def of_onnx(file: Path, leaves: Leaves) -> Recorded:
    """What ONNX Runtime makes of an exported file, value by value: who runs it is no party to the move."""
    import onnx
    import onnxruntime

    from probes.deploy import batches

    model = onnx.load(str(file))
    outputs = [output.name for output in model.graph.output]
    made = [name for node in model.graph.node for name in node.output if name]
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in made if name not in outputs)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL  # else values are fused away
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    fed = batches.fed([given.name for given in session.get_inputs()], leaves)
    names = [output.name for output in session.get_outputs()]
    found = dict(zip(names, session.run(names, fed), strict=True))
    told = Recorded()
    for name in names:
        if hasattr(found[name], "dtype"):  # a sequence is no array
            told.value(name, found[name])
    told.outputs([found[name] for name in outputs])
    return told


def _backward(outputs: Sequence[Any], seed: int) -> None:
    """Nothing for a network whose weights are all constants: no output has a gradient then."""
    import torch

    arrays = [torch_side.array(output) for output in outputs]
    losses = [(output * torch.from_numpy(drawn)).sum() for output, drawn in _directed(outputs, arrays, seed)]
    if trained := [loss for loss in losses if loss.requires_grad]:
        sum(trained).backward()


def _tensorflow_loss(outputs: Sequence[Any], seed: int) -> Any:
    import tensorflow as tf

    arrays = [output.numpy() for output in outputs]
    return tf.add_n([tf.reduce_sum(output * drawn) for output, drawn in _directed(outputs, arrays, seed)])


def _directed(outputs: Sequence[Any], arrays: Sequence[NDArray[Any]], seed: int) -> list[tuple[Any, NDArray[Any]]]:
    drawn = directions(arrays, seed)
    return [(output, one) for output, one in zip(outputs, drawn, strict=True) if one is not None]


def _path(module: str) -> str:
    """As the file's author reads a module's dotted path: what is around the network is ours."""
    return module.removeprefix("network.")


def _tensors(outputs: Any) -> list[Any]:
    return [one for one in _leaves(outputs) if hasattr(one, "detach")]


def _leaves(tree: Any) -> list[Any]:
    from probes.model_file import trees

    return [leaf for _, leaf in trees.leaves(tree) if leaf is not None]


def _leaves_of_list(values: Any, number: int) -> list[Any]:
    """Of a model with one output Keras gives that one, not a list of one."""
    return [values] if number == 1 else list(values)
