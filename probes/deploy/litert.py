"""LiteRT: what both frameworks' ways to it share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from probes.deploy.contracts import Artefact, Predict

FILE = "model.tflite"
_BATCH = "batch"


def signature(batch: int) -> str:
    """The name under which a file that knows certain batches only keeps one of them."""
    return f"{_BATCH}{batch}"


def session(artefact: Artefact) -> Predict:
    """An interpreter on the CPU for each batch that is asked: planned at its first call, as sizes change rarely.

    A batch that the file can't be resized to is an error that says so.
    """
    path, threads = artefact.folder / FILE, artefact.threads
    planned: dict[int, Callable[[NDArray[Any]], NDArray[Any]]] = {}

    def predict(x: NDArray[Any]) -> NDArray[Any]:
        if len(x) not in planned:
            planned[len(x)] = _planned(path, threads, x)
        return planned[len(x)](x)

    return predict


def _planned(path: Path, threads: int, x: NDArray[Any]) -> Callable[[NDArray[Any]], NDArray[Any]]:
    from ai_edge_litert.interpreter import Interpreter

    interpreter: Any = Interpreter(model_path=str(path), num_threads=threads)
    kept = interpreter.get_signature_list()
    if signature(len(x)) in kept:
        return _by_signature(interpreter.get_signature_runner(signature(len(x))))
    if batches := [name.removeprefix(_BATCH) for name in kept if name.startswith(_BATCH)]:
        raise ValueError(f"this file was made for batches of {' and '.join(batches)}, not of {len(x)}")
    (given,), (answer,) = interpreter.get_input_details(), interpreter.get_output_details()
    interpreter.resize_tensor_input(given["index"], x.shape, strict=True)
    interpreter.allocate_tensors()

    def call(x: NDArray[Any]) -> NDArray[Any]:
        interpreter.set_tensor(given["index"], x.astype(given["dtype"], copy=False))
        interpreter.invoke()
        logits: NDArray[Any] = interpreter.get_tensor(answer["index"])
        return logits

    return call


def _by_signature(runner: Any) -> Callable[[NDArray[Any]], NDArray[Any]]:
    ((name, given),) = runner.get_input_details().items()
    (answer,) = runner.get_output_details()

    def call(x: NDArray[Any]) -> NDArray[Any]:
        logits: NDArray[Any] = runner(**{name: x.astype(given["dtype"], copy=False)})[answer]
        return logits

    return call
