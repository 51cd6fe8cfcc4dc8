"""TensorFlow's side: devices, threads, modes, the training step, weights, memory. Imported in here only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from probes.contracts import Subject, TrainingSettings
from probes.frameworks.concrete import Concrete
from probes.frameworks.tensorflow_plain import GraphSubject, PlainSubject, are_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from probes.contracts import Arrays


_WITHOUT_KERAS: Mapping[str, Callable[..., Subject]] = {
    "tf.function, without Keras": PlainSubject,
    "graph and session of TensorFlow 1": GraphSubject,
}


def load(threads: int) -> None:
    """Import TensorFlow and Keras; ``threads`` for both pools; full float32 precision; GPU memory on demand."""
    import keras
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    tf.config.experimental.enable_tensor_float_32_execution(False)
    for gpu in tf.config.list_physical_devices("GPU"):
        tf.config.experimental.set_memory_growth(gpu, True)
    if keras.backend.backend() != "tensorflow":
        raise ImportError(f"Keras runs on {keras.backend.backend()} here, not on TensorFlow")


def devices() -> tuple[str, ...]:
    import tensorflow as tf

    return ("cpu", "cuda") if tf.config.list_physical_devices("GPU") else ("cpu",)


def use(device: str, seed: int) -> None:
    """Hide accelerators from a CPU run, and seed the generators."""
    import keras
    import tensorflow as tf

    if device == "cpu" and tf.config.get_visible_devices("GPU"):
        tf.config.set_visible_devices([], "GPU")
    keras.utils.set_random_seed(seed % 2**32)  # NumPy's older generator, which Keras seeds too, takes no more


def describe(device: str) -> dict[str, str]:
    import os

    import keras
    import tensorflow as tf

    gpus = tf.config.list_physical_devices("GPU")
    gpu = tf.config.experimental.get_device_details(gpus[0]).get("device_name", "GPU") if gpus else ""
    built = tf.sysconfig.get_build_info()
    return {
        "version": tf.__version__,
        "keras": keras.__version__,
        "device": gpu if device == "cuda" else "cpu",
        "intra_op_threads": str(tf.config.threading.get_intra_op_parallelism_threads()),
        "inter_op_threads": str(tf.config.threading.get_inter_op_parallelism_threads()),
        "cuda": str(built.get("cuda_version", "none: a CPU build")),
        "tf32": "on" if tf.config.experimental.tensor_float_32_execution_enabled() else "off",
        "precision": keras.config.floatx(),
        "onednn": os.environ.get("TF_ENABLE_ONEDNN_OPTS", "default"),
        "build": ", ".join(f"{k}={v}" for k, v in sorted(built.items()) if "version" in k),
    }


def build(
    half: Callable[..., Any],
    weights: Arrays,
    inputs: tuple[NDArray[Any], NDArray[Any]],
    *,
    sizes: Mapping[str, int],
    mode: str,
    device: str,
    settings: TrainingSettings,
) -> Subject:
    """A subject in ``mode``, one of TensorFlow's in ``tracks.MODES``."""
    if mode in _WITHOUT_KERAS:
        return _WITHOUT_KERAS[mode](half, weights, inputs, device, settings, sizes["classes"])
    import keras

    policy = {"bfloat16": "mixed_bfloat16"}.get(settings.precision, settings.precision)
    keras.config.set_dtype_policy(policy)  # layers take it over when they are made
    try:
        network = half(sizes, settings.dropout)
    finally:
        keras.config.set_dtype_policy("float32")
    _write(network, weights)
    return KerasSubject(network, inputs, mode, device, settings)


class KerasSubject:
    """A Keras network under a custom step with GradientTape.

    That is the counterpart of PyTorch's written-out loop; ``train_on_batch`` would add metrics and data
    handling which the other side doesn't do.
    """

    def __init__(
        self,
        network: Any,
        inputs: tuple[NDArray[Any], NDArray[Any]],
        mode: str,
        device: str,
        settings: TrainingSettings,
    ) -> None:
        import keras
        import tensorflow as tf

        self._tf, self.network, self._settings = tf, network, settings
        self._device = "/GPU:0" if device == "cuda" else "/CPU:0"
        # Keras' sparse cross entropy knows no label smoothing: one-hot labels it is, made when data are placed.
        self._loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=settings.label_smoothing)
        rate: Any = settings.learning_rate
        if settings.cosine_steps:
            rate = keras.optimizers.schedules.CosineDecay(rate, settings.cosine_steps)
        # Keras adds epsilon before the second moment's bias is corrected, PyTorch after it. So they agree at step 1,
        # and later both are far below any gradient that matters.
        beta = 0.999
        epsilon = settings.epsilon * (1 - beta) ** 0.5
        if inputs[1] is not None:  # without labels nothing is trained
            decay = settings.weight_decay
            self._optimizer = keras.optimizers.AdamW(rate, beta_2=beta, weight_decay=decay, epsilon=epsilon)
            self._optimizer.build(network.trainable_variables)
        self._traces = 0
        self._mode = mode
        self._step, self._infer = self.compiled(self._one_step()), self.compiled(self.infer)
        if mode in ("tf.function, careful", "jit_compile=True"):  # what data/modes.yaml names, with its source
            self._step, self._infer = Concrete(self._step), Concrete(self._infer)
        self.x, self.labels = self.place(*inputs)

    def criterion(self, logits: Any, labels: Any) -> Any:
        """The mean loss: of a class for each input, or for each of its steps."""
        return self._loss(labels, logits)

    def compiled(self, function: Callable[..., Any], *, relaxed: bool = False, whole: bool = True) -> Any:  # noqa: ARG002 - a tf.function is one graph, or an error
        """Through ``tf.function`` or XLA, whichever is the mode."""

        def traced(*arguments: Any) -> Any:
            self._traces += 1  # Python runs this line only while tracing, or at every call when eager
            return function(*arguments)

        if self._mode == "eager":
            return traced
        jit = True if self._mode == "jit_compile=True" else None
        return self._tf.function(traced, jit_compile=jit, reduce_retracing=relaxed)

    def infer(self, x: Any) -> Any:
        """The model in inference mode."""
        return self.network(x, training=False)

    def forward(self, x: Any) -> Any:
        """The model in training mode."""
        return self.network(x, training=True)

    def named(self, values: Any) -> Arrays:
        """Values in the order of ``trainable_variables``."""
        of = {id(variable): value for variable, value in zip(self.network.trainable_variables, values, strict=True)}
        return {
            name: self._tf.convert_to_tensor(of[id(variable)]).numpy().copy()
            for name, variable in _parts(self.network)
            if id(variable) in of
        }

    def uncached(self) -> AbstractContextManager[Any]:
        """TensorFlow keeps nothing that it compiled."""
        return nullcontext()

    def breaks(self) -> int:
        """A ``tf.function`` is one graph, or an error."""
        return 0

    def _one_step(self) -> Callable[..., Any]:
        tf, variables = self._tf, self.network.trainable_variables

        def step(x: Any, labels: Any) -> Any:
            with tf.GradientTape() as tape:
                loss = self.criterion(self.forward(x), labels)
            # Of an embedding, TensorFlow would clip the norm of slices that are not added up yet; PyTorch's are whole.
            whole = [tf.convert_to_tensor(gradient) for gradient in tape.gradient(loss, variables)]
            gradients, _ = tf.clip_by_global_norm(whole, self._settings.clip_norm)
            self._optimizer.apply(gradients, variables)
            return loss

        return step

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
            rows = labels if are_rows(labels) else self._tf.one_hot(labels, self.network.output_shape[-1])
            return self._tf.convert_to_tensor(x), rows

    def split(self, x: Any, labels: Any, size: int) -> list[tuple[Any, Any]]:
        """One operation that copies the parts; a slice for each of them would cost more than a small step."""
        number = len(x) // size
        parts = (self._tf.split(tensor[: number * size], number) for tensor in (x, labels))
        return list(zip(*parts, strict=True))

    def read(self, value: Any) -> NDArray[Any]:
        """A copy to the host waits for the computation."""
        if value.dtype == self._tf.bfloat16:
            value = self._tf.cast(value, self._tf.float32)
        array: NDArray[Any] = value.numpy()
        return array

    def settle(self) -> None:
        self._tf.test.experimental.sync_devices()

    def weights(self) -> Arrays:
        """By ``layer.part``; kernels as (in, out)."""
        return {name: variable.numpy().copy() for name, variable in _parts(self.network)}

    def traces(self) -> int:
        """How often a step or an inference was traced; an eager subject is never traced."""
        return 0 if self._mode == "eager" else self._traces


def _parts(network: Any) -> list[tuple[str, Any]]:
    """(``layer.part``, variable) of every layer with weights."""
    return [part for layer in network.layers for part in parts_of(layer)]


def parts_of(layer: Any) -> list[tuple[str, Any]]:
    """(``layer.part``, variable) of one layer, which may have none. Raises TypeError for a kind that isn't known."""
    from keras import layers

    name = layer.name
    if isinstance(layer, layers.Dense):
        found = [("kernel", layer.kernel), ("bias", layer.bias)]
    elif isinstance(layer, layers.BatchNormalization):
        found = [("scale", layer.gamma), ("offset", layer.beta)]
        found += [("mean", layer.moving_mean), ("variance", layer.moving_variance)]
    elif isinstance(layer, layers.LayerNormalization):
        found = [("scale", layer.gamma), ("offset", layer.beta)]
    elif isinstance(layer, layers.Conv1D | layers.Conv2D | layers.Conv1DTranspose):
        found = [("kernel", layer.kernel), ("bias", layer.bias)]
    elif isinstance(layer, layers.Embedding):
        found = [("table", layer.embeddings)]
    elif isinstance(layer, layers.LSTM):
        found = [("kernel", layer.cell.kernel), ("bias", layer.cell.bias), ("recurrent", layer.cell.recurrent_kernel)]
    elif layer.weights:
        raise TypeError(f"layer {name}: this adapter doesn't know how to load a {type(layer).__name__}")
    else:
        found = []
    return [(f"{name}.{part}", variable) for part, variable in found if variable is not None]


def _write(network: Any, weights: Arrays) -> None:
    """Copy ``weights`` into the network. Raises KeyError if the two don't name the same parts."""
    parts = dict(_parts(network))
    if parts.keys() != weights.keys():
        raise KeyError(f"weights and network differ in {sorted(parts.keys() ^ weights.keys())}")
    for name, variable in parts.items():
        variable.assign(weights[name])


def reset_device_peak(device: str) -> None:
    import tensorflow as tf

    if device == "cuda":
        tf.test.experimental.sync_devices()
        tf.config.experimental.reset_memory_stats("GPU:0")


def device_peak(device: str) -> float:  # noqa: ARG001 - the one device a run uses
    """Bytes that tensors held at most on the GPU."""
    import tensorflow as tf

    tf.test.experimental.sync_devices()
    return float(tf.config.experimental.get_memory_info("GPU:0")["peak"])


def device_held(device: str) -> float:  # noqa: ARG001 - the one device a run uses
    """Bytes that tensors hold on the GPU; what the allocator keeps in reserve isn't told."""
    import tensorflow as tf

    tf.test.experimental.sync_devices()
    return float(tf.config.experimental.get_memory_info("GPU:0")["current"])


def is_out_of_memory(error: BaseException) -> bool:
    """TensorFlow's own error for a failed allocation."""
    import tensorflow as tf

    return isinstance(error, MemoryError | tf.errors.ResourceExhaustedError)
