"""TensorFlow without Keras: variables, ``tf.nn``, fused BatchNorm and Adam kernels; as functions, or as TensorFlow 1's
graph and session. ``tensorflow`` is imported in here only, and Keras isn't."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from probes.contracts import STATISTICS, TrainingSettings, UnsupportedError
from probes.frameworks.concrete import Concrete

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from probes.contracts import Arrays

_BETAS = (0.9, 0.999)

#: (parts, x) and how -> logits and the new moving statistics: ``tensorflow_plain`` of a model's file.
Forward = Callable[..., "tuple[Any, dict[str, Any]]"]


def are_rows(labels: Any) -> bool:
    """Whether labels, an array or a tensor, are one-hot rows already, as an input pipeline delivers them: classes are
    integers."""
    return str(labels.dtype.name).startswith("float")


class _Arithmetic:
    """What both ways share: the loss and AdamW, of variables that may stand in a graph."""

    def __init__(self, forward: Forward, settings: TrainingSettings, classes: int) -> None:
        import tensorflow as tf

        if settings.precision == "bfloat16":
            raise UnsupportedError("mixed precision is a policy of Keras' layers: without them it isn't measured")
        self._tf, self._forward, self._settings, self._classes = tf, forward, settings, classes
        self._dtype = tf.float64 if settings.precision == "float64" else tf.float32

    def logits(self, parts: Mapping[str, Any], x: Any, *, training: bool) -> tuple[Any, dict[str, Any]]:
        if x.dtype.is_floating:
            x = self._tf.cast(x, self._dtype)
        return self._forward(parts, x, dropout=self._settings.dropout, training=training)

    def loss(self, logits: Any, labels: Any) -> Any:
        """Mean cross entropy of one-hot ``labels``, smoothed."""
        smoothing = self._settings.label_smoothing
        target = self._tf.cast(labels, logits.dtype) * (1 - smoothing) + smoothing / self._classes
        return self._tf.reduce_mean(self._tf.nn.softmax_cross_entropy_with_logits(labels=target, logits=logits))

    def slots(self, parts: Mapping[str, Any], variable: Callable[..., Any]) -> dict[str, Any]:
        """Both moments of every weight, and how many steps were done."""
        weights = {name: part for name, part in parts.items() if not name.endswith(STATISTICS)}
        zeros = {f"{name}/{moment}": part for name, part in weights.items() for moment in "mv"}
        made = {name: variable(self._tf.zeros(part.shape, self._dtype)) for name, part in zeros.items()}
        return {**made, "steps": variable(self._tf.zeros((), self._dtype))}

    def updates(self, parts: Mapping[str, Any], slots: Mapping[str, Any], gradients: Mapping[str, Any]) -> list[Any]:
        """One step of AdamW on clipped gradients, by TensorFlow's fused kernel.

        The kernel adds epsilon before the second moment's bias is corrected, PyTorch after it. It is scaled by that
        correction, so that both add the same at every step.
        """
        tf, settings = self._tf, self._settings
        rate = tf.constant(settings.learning_rate, self._dtype)
        if settings.cosine_steps:
            done = tf.minimum(slots["steps"] / settings.cosine_steps, 1.0)
            rate = rate * 0.5 * (1.0 + tf.cos(done * 3.141592653589793))
        powers = [tf.pow(tf.constant(beta, self._dtype), slots["steps"] + 1.0) for beta in _BETAS]
        epsilon = settings.epsilon * tf.sqrt(1.0 - powers[1])
        clipped, norm = tf.clip_by_global_norm(list(gradients.values()), settings.clip_norm)
        updates = []
        with tf.control_dependencies([norm]):  # a session knows no other order: until then weights are still read
            for name, gradient in zip(gradients, clipped, strict=True):
                part = parts[name]
                decay = part.assign_sub(part * (rate * settings.weight_decay), read_value=False)
                with tf.control_dependencies([decay]):
                    update = tf.raw_ops.ResourceApplyAdam(
                        var=part.handle, m=slots[f"{name}/m"].handle, v=slots[f"{name}/v"].handle,
                        beta1_power=powers[0], beta2_power=powers[1], lr=rate,
                        beta1=tf.constant(_BETAS[0], self._dtype), beta2=tf.constant(_BETAS[1], self._dtype),
                        epsilon=epsilon, grad=gradient,
                    )  # fmt: skip
                updates.append(update)
        return updates


class _Subject:
    """What of a subject is the same in both ways."""

    def __init__(self, names: list[str]) -> None:
        self._names = names

    def uncached(self) -> AbstractContextManager[Any]:
        """TensorFlow keeps nothing that it compiled."""
        return nullcontext()

    def breaks(self) -> int:
        return 0

    def split(self, x: Any, labels: Any, size: int) -> list[tuple[Any, Any]]:
        """Slices; nothing that is measured so takes them by the step."""
        return [(x[at : at + size], labels[at : at + size]) for at in range(0, len(x) // size * size, size)]

    def named(self, values: Any) -> Arrays:
        """Values in the order of the trained weights."""
        trained = [name for name in self._names if not name.endswith(STATISTICS)]
        return {name: self.read(value) for name, value in zip(trained, values, strict=True)}

    def read(self, value: Any) -> NDArray[Any]:
        """A copy to the host waits for the computation; a session has waited already."""
        import numpy as np

        return np.asarray(value.numpy() if hasattr(value, "numpy") else value)


class PlainSubject(_Subject):
    """Variables and ``tf.function`` by its concrete functions."""

    def __init__(
        self, forward: Forward, weights: Arrays, inputs: tuple[NDArray[Any], NDArray[Any]], device: str,
        settings: TrainingSettings, classes: int,
    ) -> None:  # fmt: skip
        import tensorflow as tf

        super().__init__(list(weights))
        self._tf, self._classes = tf, classes
        self._device = "/GPU:0" if device == "cuda" else "/CPU:0"
        self._arithmetic = _Arithmetic(forward, settings, classes)
        self._traces = 0
        with tf.device(self._device):
            dtype = tf.float64 if settings.precision == "float64" else tf.float32
            self.network = {name: tf.Variable(value, dtype=dtype) for name, value in weights.items()}
            self._slots = self._arithmetic.slots(self.network, tf.Variable)
        self._step, self._infer = Concrete(self.compiled(self._one_step)), Concrete(self.compiled(self.infer))
        self.x, self.labels = self.place(*inputs)

    def criterion(self, logits: Any, labels: Any) -> Any:
        """The mean loss."""
        return self._arithmetic.loss(logits, labels)

    def compiled(self, function: Callable[..., Any], *, relaxed: bool = False, whole: bool = True) -> Any:  # noqa: ARG002 - a tf.function is one graph, or an error
        """Through ``tf.function``."""

        def traced(*arguments: Any) -> Any:
            self._traces += 1  # Python runs this line only while tracing
            return function(*arguments)

        return self._tf.function(traced, reduce_retracing=relaxed)

    def infer(self, x: Any) -> Any:
        """Logits in inference mode."""
        return self._arithmetic.logits(self.network, x, training=False)[0]

    def forward(self, x: Any) -> Any:
        """Logits in training mode; the moving statistics move."""
        logits, moved = self._arithmetic.logits(self.network, x, training=True)
        for name, value in moved.items():
            self.network[name].assign(value)
        return logits

    def _one_step(self, x: Any, labels: Any) -> Any:
        trained = {name: part for name, part in self.network.items() if not name.endswith(STATISTICS)}
        with self._tf.GradientTape() as tape:
            loss = self.criterion(self.forward(x), labels)
        gradients = dict(zip(trained, tape.gradient(loss, list(trained.values())), strict=True))
        self._arithmetic.updates(self.network, self._slots, gradients)
        self._slots["steps"].assign_add(1.0)
        return loss

    def train(self) -> Any:
        return self.train_on(self.x, self.labels)

    def train_on(self, x: Any, labels: Any) -> Any:
        """One step on a placed batch; the loss."""
        return self._step(x, labels)

    def predict(self) -> Any:
        return self.predict_on(self.x)

    def predict_on(self, x: Any) -> Any:
        """Logits in inference mode."""
        return self._infer(x)

    def place(self, x: Any, labels: Any) -> tuple[Any, Any]:
        """Tensors on the device; labels as one-hot rows."""
        with self._tf.device(self._device):
            rows = labels if are_rows(labels) else self._tf.one_hot(labels, self._classes)
            return self._tf.convert_to_tensor(x), rows

    def settle(self) -> None:
        self._tf.test.experimental.sync_devices()

    def weights(self) -> Arrays:
        """By ``layer.part``; kernels as (in, out)."""
        return {name: part.numpy().copy() for name, part in self.network.items()}

    def traces(self) -> int:
        """How often a step or an inference was traced."""
        return self._traces


class GraphSubject(_Subject):
    """TensorFlow 1's way: a graph that is built once, and a session that runs it.

    Callables of the session are its fast path. What it is fed are arrays of the host, and what it fetches too: that is
    part of what this way costs.
    """

    def __init__(
        self, forward: Forward, weights: Arrays, inputs: tuple[NDArray[Any], NDArray[Any]], device: str,
        settings: TrainingSettings, classes: int,
    ) -> None:  # fmt: skip
        import tensorflow as tf

        super().__init__(list(weights))
        v1 = tf.compat.v1
        self._tf, self._classes = tf, classes
        arithmetic = _Arithmetic(forward, settings, classes)
        dtype = tf.float64 if settings.precision == "float64" else tf.float32

        def variable(value: Any) -> Any:
            return v1.Variable(value, dtype=dtype, use_resource=True)

        seed = int(tf.random.uniform((), maxval=2**31 - 1, dtype=tf.int32))  # a graph doesn't take over the global one
        with tf.Graph().as_default() as graph, tf.device("/GPU:0" if device == "cuda" else "/CPU:0"):
            v1.set_random_seed(seed)
            self.network = {name: variable(value) for name, value in weights.items()}
            slots = arithmetic.slots(self.network, variable)
            x = v1.placeholder(inputs[0].dtype, (None, *inputs[0].shape[1:]))
            labels = v1.placeholder(tf.float32, (None, classes))
            trained = {name: part for name, part in self.network.items() if not name.endswith(STATISTICS)}
            logits, moved = arithmetic.logits(self.network, x, training=True)
            loss = arithmetic.loss(logits, labels)
            gradients = dict(zip(trained, tf.gradients(loss, list(trained.values())), strict=True))
            moves = [self.network[name].assign(value, read_value=False) for name, value in moved.items()]
            with tf.control_dependencies(arithmetic.updates(self.network, slots, gradients)):
                counted = slots["steps"].assign_add(1.0, read_value=False)
            inferred = arithmetic.logits(self.network, x, training=False)[0]
            started = v1.global_variables_initializer()
        threads = tf.config.threading
        config = v1.ConfigProto(
            intra_op_parallelism_threads=threads.get_intra_op_parallelism_threads(),
            inter_op_parallelism_threads=threads.get_inter_op_parallelism_threads(),
        )
        config.gpu_options.allow_growth = True
        self._session = v1.Session(graph=graph, config=config)
        self._session.run(started)
        self._step: Callable[..., Any] = self._session.make_callable([loss, counted, *moves], [x, labels])
        self._forward: Callable[..., Any] = self._session.make_callable([logits, *moves], [x])
        self._infer: Callable[..., Any] = self._session.make_callable(inferred, [x])
        self.x, self.labels = self.place(*inputs)

    def criterion(self, logits: Any, labels: Any) -> Any:  # noqa: ARG002 - the graph has it
        raise UnsupportedError("in graph mode the loss is part of the graph, and can't be asked for alone")

    def compiled(self, function: Callable[..., Any], *, relaxed: bool = False, whole: bool = True) -> Any:  # noqa: ARG002 - nothing is left to compile
        """What runs is a graph already."""
        return function

    def infer(self, x: Any) -> Any:
        """Logits in inference mode."""
        return self._infer(x)

    def forward(self, x: Any) -> Any:
        """Logits in training mode."""
        return self._forward(x)[0]

    def train(self) -> Any:
        return self.train_on(self.x, self.labels)

    def train_on(self, x: Any, labels: Any) -> Any:
        """One step on a placed batch; the loss."""
        return self._step(x, labels)[0]

    def predict(self) -> Any:
        return self.predict_on(self.x)

    def predict_on(self, x: Any) -> Any:
        """Logits in inference mode."""
        return self._infer(x)

    def place(self, x: Any, labels: Any) -> tuple[Any, Any]:
        """Arrays; labels as one-hot rows."""
        import numpy as np

        given = np.asarray(labels)
        rows = given if are_rows(given) else np.equal(given[:, None], np.arange(self._classes)).astype(np.float32)
        return np.asarray(x), rows

    def settle(self) -> None:
        """A session's call returns when its fetches are there."""

    def weights(self) -> Arrays:
        """By ``layer.part``; kernels as (in, out)."""
        found: Arrays = self._session.run(self.network)
        return found

    def traces(self) -> int:
        """The graph is built once, before any step."""
        return 0
