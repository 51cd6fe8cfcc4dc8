"""PyTorch → ExecuTorch: one program with a method for each batch that is clocked, run by XNNPACK."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from probes.deploy import batches, torch_model
from probes.deploy.contracts import Artefact, Predict, RouteSpec, SourceModel
from probes.deploy.schema import BATCHES, ArtefactForm

if TYPE_CHECKING:
    from numpy.typing import NDArray

SPEC = RouteSpec(
    id="pytorch_executorch",
    title="ExecuTorch (XNNPACK)",
    framework="pytorch",
    steps="torch.export → to_edge_transform_and_lower(XnnpackPartitioner) → executorch.runtime",
    forms=("float32", "int8 static"),
    exports_in="executorch",
    runs_in="executorch",
    packages=("executorch",),
    heavy=True,
)
_FILE = "model.pte"


def export(source: SourceModel, folder: Path, form: ArtefactForm) -> None:
    """One file. The methods share their weights."""
    import torch
    from executorch.backends.xnnpack.partition.xnnpack_partitioner import XnnpackPartitioner
    from executorch.exir import to_edge_transform_and_lower

    programs = {}
    for batch in BATCHES:
        example = torch_model.example(source, batch)
        module = source.network if form == "float32" else _quantised(source, example)
        programs[f"batch{batch}"] = torch.export.export(module, example, strict=True)
    partitioners = {name: [XnnpackPartitioner()] for name in programs}
    program = to_edge_transform_and_lower(programs, partitioner=partitioners).to_executorch()
    with (folder / _FILE).open("wb") as file:
        program.write_to_file(file)


def _quantised(source: SourceModel, example: tuple[Any, ...]) -> Any:
    """Weights by channel and activations as int8, calibrated in batches like ``example``."""
    import numpy as np
    import torch
    from executorch.backends.xnnpack.quantizer.xnnpack_quantizer import (
        XNNPACKQuantizer,
        get_symmetric_quantization_config,
    )
    from torchao.quantization.pt2e.quantize_pt2e import convert_pt2e, prepare_pt2e

    quantizer = XNNPACKQuantizer().set_global(get_symmetric_quantization_config(is_per_channel=True))
    module = prepare_pt2e(torch.export.export(source.network, example, strict=True).module(), quantizer)
    size = len(example[0])
    for start in range(0, len(source.calibration[0]) - size + 1, size):
        rows = batches.rows(source.calibration, start, start + size)
        module(*(torch.from_numpy(np.ascontiguousarray(leaf)) for leaf in rows))
    return convert_pt2e(module)


def load(artefact: Artefact) -> Predict:
    """The methods of the file, each for its batch alone."""
    import torch
    from executorch.extension.pybindings import portable_lib
    from executorch.runtime import Runtime

    torch.set_num_threads(artefact.threads)
    portable_lib._unsafe_reset_threadpool(artefact.threads)
    program = Runtime.get().load_program(artefact.folder / _FILE)
    methods = {batch: program.load_method(f"batch{batch}") for batch in BATCHES}

    def predict(*x: NDArray[Any]) -> NDArray[Any]:
        if (number := len(x[0])) not in methods:
            raise ValueError(f"this program was made for batches of {' and '.join(map(str, methods))}, not of {number}")
        try:
            outputs = methods[number].execute([*map(torch.from_numpy, x)])
        except RuntimeError as error:  # a number; which operation it was goes to the log
            raise RuntimeError(
                f"{error}: ExecuTorch refuses an operation of the program. It has no channels-last order, for one, "
                "which Keras' convolutions ask for on PyTorch"
            ) from None
        return batches.table([output.numpy() for output in outputs])

    return predict
