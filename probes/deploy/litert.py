"""LiteRT: what both frameworks' ways to it share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from probes.deploy import batches

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from probes.deploy.batches import Leaves
    from probes.deploy.contracts import Artefact, Predict

FILE = "model.tflite"
_BATCH = "batch"


def signature(batch: int) -> str:
    """The name under which a file that knows certain batches only keeps one of them."""
    return f"{_BATCH}{batch}"


def fed(names: Iterable[str], leaves: Leaves) -> dict[str, NDArray[Any]]:
    """By the names that a signature has for its inputs. ``litert_torch`` counts them args_0, args_1 …; it lists them
    in no order."""
    return batches.fed(batches.in_order(names), leaves)


def session(artefact: Artefact) -> Predict:
    """An interpreter on the CPU for each batch that is asked: planned at its first call, as sizes change rarely.

    A batch that the file can't be resized to is an error that says so.
    """
    path, threads = artefact.folder / FILE, artefact.threads
    planned: dict[int, Callable[..., NDArray[Any]]] = {}

    def predict(*x: NDArray[Any]) -> NDArray[Any]:
        if len(x[0]) not in planned:
            planned[len(x[0])] = _planned(path, threads, x)
        return planned[len(x[0])](x)

    return predict


def _planned(path: Path, threads: int, x: Leaves) -> Callable[[Leaves], NDArray[Any]]:
    from ai_edge_litert.interpreter import Interpreter

    interpreter: Any = Interpreter(model_path=str(path), num_threads=threads)
    kept, batch = interpreter.get_signature_list(), len(x[0])
    if signature(batch) in kept:
        return _by_signature(interpreter.get_signature_runner(signature(batch)))
    if made := [name.removeprefix(_BATCH) for name in kept if name.startswith(_BATCH)]:
        raise ValueError(f"this file was made for batches of {' and '.join(made)}, not of {batch}")
    given, answers = interpreter.get_input_details(), interpreter.get_output_details()
    if kept and len(given) > 1:  # a signature knows inputs and outputs by their names
        # Looked up in another interpreter: one that has lent a signature can't be resized.
        runner = Interpreter(model_path=str(path)).get_signature_runner(next(iter(kept)))
        by_name, found = runner.get_input_details(), runner.get_output_details()
        given = [by_name[name] for name in _in_order(by_name, x)]
        answers = [found[name] for name in batches.in_order(found)]
    for one, leaf in zip(given, x, strict=True):
        interpreter.resize_tensor_input(one["index"], leaf.shape, strict=True)
    interpreter.allocate_tensors()

    def call(x: Leaves) -> NDArray[Any]:
        for one, leaf in zip(given, x, strict=True):
            interpreter.set_tensor(one["index"], leaf.astype(one["dtype"], copy=False))
        interpreter.invoke()
        return batches.table([interpreter.get_tensor(answer["index"]) for answer in answers])

    return call


def _in_order(names: Iterable[str], x: Leaves) -> list[str]:
    by_name = fed(names, x)
    return sorted(by_name, key=lambda name: next(n for n, leaf in enumerate(x) if leaf is by_name[name]))


def _by_signature(runner: Any) -> Callable[[Leaves], NDArray[Any]]:
    given = runner.get_input_details()
    answers = batches.in_order(runner.get_output_details())

    def call(x: Leaves) -> NDArray[Any]:
        asked = {name: leaf.astype(given[name]["dtype"], copy=False) for name, leaf in fed(given, x).items()}
        outputs = runner(**asked)
        return batches.table([outputs[name] for name in answers])

    return call
