"""PyTorch's side: devices, threads, modes, the training step, weights, memory. ``torch`` is imported in here only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from probes.contracts import STATISTICS, TrainingSettings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from probes.contracts import Arrays


def load(threads: int) -> None:
    """Import PyTorch; ``threads`` for its intra-op and inter-op pools; full float32 precision everywhere."""
    import torch

    torch.set_num_threads(threads)
    torch.set_num_interop_threads(threads)
    torch.set_float32_matmul_precision("highest")  # no TF32 on one side only
    torch.backends.cudnn.allow_tf32 = False


def devices() -> tuple[str, ...]:
    import torch

    return ("cpu", "cuda") if torch.cuda.is_available() else ("cpu",)


def use(device: str, seed: int) -> None:  # noqa: ARG001 - tensors are placed one by one
    """Seed the generators of every device."""
    import torch

    torch.manual_seed(seed)


def describe(device: str) -> dict[str, str]:
    import torch

    tf32 = torch.backends.cuda.matmul.allow_tf32 or torch.backends.cudnn.allow_tf32
    return {
        "version": torch.__version__,
        "device": torch.cuda.get_device_name() if device == "cuda" else "cpu",
        "cuda": torch.version.cuda or "none: a CPU build",
        "tf32": "on" if tf32 else "off",
        "intra_op_threads": str(torch.get_num_threads()),
        "inter_op_threads": str(torch.get_num_interop_threads()),
        "precision": f"float32, matmul {torch.get_float32_matmul_precision()}",
        "mkldnn": str(torch.backends.mkldnn.is_available()),
        "openmp": str(torch.backends.openmp.is_available()),
        "cpu_capability": torch.backends.cpu.get_cpu_capability(),
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
) -> TorchSubject:
    """A subject in ``mode``: "eager", "eager, careful" or "torch.compile"."""
    network = half(sizes, settings.dropout)
    _write(network, weights)
    return TorchSubject(network.to(device), inputs, mode, device, settings)


class TorchSubject:
    """The training loop of PyTorch's own tutorials: zero_grad, forward, backward, clip, step."""

    def __init__(
        self,
        network: Any,
        inputs: tuple[NDArray[Any], NDArray[Any]],
        mode: str,
        device: str,
        settings: TrainingSettings,
    ) -> None:
        import torch

        self._torch, self.network, self._device, self._settings = torch, network, device, settings
        self._compiles = mode == "torch.compile"
        self._careful = mode != "eager"  # what data/modes.yaml names, each with its source
        if self._careful:
            _channels_last(network)
        torch.backends.cudnn.benchmark = self._careful
        if self._compiles:
            torch._dynamo.reset()  # every instance compiles for itself; the eighth would fall back to eager
        if settings.precision == "float64":
            network.double()
        self._mixed = torch.autocast(device, dtype=torch.bfloat16, enabled=settings.precision == "bfloat16")
        self._call, self._loss_on = self.compiled(network), self.compiled(self._network_and_loss)
        self._loss = torch.nn.CrossEntropyLoss(label_smoothing=settings.label_smoothing)
        if inputs[1] is not None:  # without labels nothing is trained, and an optimiser imports the compiler
            self._optimizer = torch.optim.AdamW(
                network.parameters(),
                lr=settings.learning_rate,
                weight_decay=settings.weight_decay,
                eps=settings.epsilon,
                fused=True if self._careful else None,  # as fast as a compiled step of it, and no graph of its own
            )
            self._schedule = (
                torch.optim.lr_scheduler.CosineAnnealingLR(self._optimizer, settings.cosine_steps)
                if settings.cosine_steps
                else None
            )
        self.x, self.labels = self.place(*inputs)

    def criterion(self, logits: Any, labels: Any) -> Any:
        """The mean loss: of a class for each input, or for each of its steps."""
        return self._loss(logits.flatten(0, -2), labels.flatten())

    def compiled(self, function: Callable[..., Any], *, relaxed: bool = False, whole: bool = True) -> Any:
        """Through ``torch.compile`` if that is the mode."""
        if not self._compiles:
            return function
        return self._torch.compile(function, fullgraph=whole, dynamic=True if relaxed else None)

    def infer(self, x: Any) -> Any:
        """The module in evaluation mode, without gradients."""
        if self.network.training:
            self.network.eval()
        with self._torch.no_grad():  # torch.compile takes no inference_mode into its graph
            return self.network(x)

    def forward(self, x: Any) -> Any:
        """The module in training mode, as ``train_on`` calls it."""
        self.network.train()
        with self._mixed:
            return self.network(x)

    def named(self, values: Any) -> Arrays:
        """Values in the order of ``parameters()``: a copy of the network lends its layout."""
        import copy

        holder = copy.deepcopy(self.network)
        trained = [parameter for parameter in holder.parameters() if parameter.requires_grad]
        for parameter, value in zip(trained, values, strict=True):
            parameter.data = value.detach()
        return {name: self.read(tensor).copy() for name, tensor in parts(holder) if not name.endswith(STATISTICS)}

    def breaks(self) -> int:
        """Graph breaks that Dynamo has counted: those asked for, and what it can't take into a graph."""
        counters = self._counters()
        return sum(sum(counters.get(kind, {}).values()) for kind in ("graph_break", "unimplemented"))

    def uncached(self) -> AbstractContextManager[Any]:
        """Without Inductor's caches."""
        if not self._compiles:
            return nullcontext()
        import torch._inductor.config as inductor

        patched: AbstractContextManager[Any] = inductor.patch(force_disable_caches=True)
        return patched

    def _network_and_loss(self, x: Any, labels: Any) -> Any:
        return self.criterion(self.network(x), labels)

    def train(self) -> Any:
        return self.train_on(self.x, self.labels)

    def train_on(self, x: Any, labels: Any) -> Any:
        """One step on a placed batch; the loss."""
        self.network.train()
        self._optimizer.zero_grad()
        with self._mixed:
            loss = self._loss_on(x, labels)
        loss.backward()
        self._torch.nn.utils.clip_grad_norm_(self.network.parameters(), self._settings.clip_norm)
        self._optimizer.step()
        if self._schedule is not None:
            self._schedule.step()
        return loss

    def predict(self) -> Any:
        return self.predict_on(self.x)

    def predict_on(self, x: Any) -> Any:
        """Logits in inference mode. ``eval()`` walks all modules, so it is called only after training."""
        if self.network.training:
            self.network.eval()
        with self._torch.inference_mode():
            return self._call(x)

    def place(self, x: Any, labels: Any) -> tuple[Any, Any]:
        """Tensors on the device; labels stay integers, as PyTorch's cross entropy wants them. What lies in pinned
        memory is copied while the program goes on."""
        placed, labels = (
            self._torch.as_tensor(part).to(self._device, non_blocking=self._careful) for part in (x, labels)
        )
        if self._settings.precision == "float64" and placed.is_floating_point():
            placed = placed.double()
        return placed, labels

    def split(self, x: Any, labels: Any, size: int) -> list[tuple[Any, Any]]:
        """Views."""
        whole = len(x) // size * size
        return list(zip(x[:whole].split(size), labels[:whole].split(size), strict=True))

    def read(self, value: Any) -> NDArray[Any]:
        """A copy to the host waits for the stream that computes the value."""
        value = value.detach().cpu()
        array: NDArray[Any] = (value.float() if value.dtype is self._torch.bfloat16 else value).numpy()
        return array

    def settle(self) -> None:
        """Wait for the device; a CPU has done its work when a call returns."""
        if self._device == "cuda":
            self._torch.cuda.synchronize()

    def weights(self) -> Arrays:
        """By ``layer.part``; kernels as (in, out)."""
        return {name: self.read(tensor).copy() for name, tensor in parts(self.network)}

    def traces(self) -> int:
        """Graphs that Dynamo has compiled in this process."""
        return int(self._counters().get("stats", {}).get("unique_graphs", 0))

    def _counters(self) -> Mapping[str, Mapping[str, int]]:
        counters: Mapping[str, Mapping[str, int]] = (
            self._torch._dynamo.utils.counters if "_dynamo" in vars(self._torch) else {}
        )
        return counters


def parts(network: Any) -> list[tuple[str, Any]]:
    """(``layer.part``, tensor) of every layer with weights; a kernel is a transposed view. Raises TypeError for a layer
    of a kind that isn't known."""
    from torch import nn

    found: list[tuple[str, Any]] = []
    for name, layer in network.named_modules():
        if isinstance(layer, nn.Linear):
            own = [("kernel", layer.weight.T), ("bias", layer.bias)]
        elif isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
            own = [("scale", layer.weight), ("offset", layer.bias)]
            own += [("mean", layer.running_mean), ("variance", layer.running_var)]
        elif isinstance(layer, nn.LayerNorm):
            own = [("scale", layer.weight), ("offset", layer.bias)]
        elif isinstance(layer, nn.Conv1d | nn.Conv2d | nn.ConvTranspose1d):
            own = [("kernel", _places_first(layer.weight)), ("bias", layer.bias)]
        elif isinstance(layer, nn.Embedding):
            own = [("table", layer.weight)]
        elif isinstance(layer, nn.LSTM) and not layer.bias_hh_l0.requires_grad:  # frozen at zero: Keras has one bias
            own = [("kernel", layer.weight_ih_l0.T), ("recurrent", layer.weight_hh_l0.T), ("bias", layer.bias_ih_l0)]
        elif any(True for _ in layer.parameters(recurse=False)):
            raise TypeError(f"layer {name}: this adapter doesn't know how to load a {type(layer).__name__}")
        else:
            own = []
        found += [(f"{name}.{part}", tensor) for part, tensor in own if tensor is not None]
    return found


def _channels_last(network: Any) -> None:
    """Of kernels of 2-d convolutions; all else stays as it is. One of 3-d has another name for it, and would raise."""
    import torch

    for layer in network.modules():
        if isinstance(layer, torch.nn.Conv2d | torch.nn.ConvTranspose2d):
            layer.to(memory_format=torch.channels_last)


def _places_first(kernel: Any) -> Any:
    """A convolution's kernel (out, in, places …) as (places …, in, out); a transposed one's (in, out, places …) as
    (places …, out, in). A view: what is written to it is written to the kernel."""
    return kernel.permute(*range(2, kernel.ndim), 1, 0)


def _write(network: Any, weights: Arrays) -> None:
    """Copy ``weights`` into the network. Raises KeyError if the two don't name the same parts."""
    import torch

    own = dict(parts(network))
    if own.keys() != weights.keys():
        raise KeyError(f"weights and network differ in {sorted(own.keys() ^ weights.keys())}")
    with torch.no_grad():
        for name, tensor in own.items():
            tensor.copy_(torch.from_numpy(weights[name]))


def reset_device_peak(device: str) -> None:
    import torch

    if device == "cuda":
        torch.cuda.synchronize()
        torch.cuda.reset_peak_memory_stats()


def device_peak(device: str) -> float:
    """Bytes that tensors held at most on ``device``."""
    import torch

    torch.cuda.synchronize()
    return float(torch.cuda.max_memory_allocated(device))


def device_held(device: str) -> float:
    """Bytes that the allocator holds on ``device``, for tensors or in reserve."""
    import torch

    torch.cuda.synchronize()
    return float(torch.cuda.memory_reserved(device))


def is_out_of_memory(error: BaseException) -> bool:
    """PyTorch's own error on accelerators; on a CPU a RuntimeError of its allocator."""
    import torch

    return isinstance(error, MemoryError | torch.OutOfMemoryError) or "DefaultCPUAllocator" in str(error)
