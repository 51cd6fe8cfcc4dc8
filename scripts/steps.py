"""Counts what the stock networks compute, and reads what that took: ``python -m scripts.steps`` writes
``data/steps.yaml``.

PyTorch's own ``FlopCounterMode`` counts the FLOPs of matrix products, convolutions and attention in the operations
that really run, backward pass and optimiser included; beside them each operation that isn't a view is counted once,
with the bytes of its tensors, in and out. Counted with eager PyTorch on a CPU, where LSTM and attention are taken
apart into the operations that they consist of. Seconds are those of the runs in ``docs/measurements``: the median of
each side in its default mode. This process holds PyTorch alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
import yaml
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.roofline import BATCHES, recorded
from probes import catalog
from probes.contracts import TrainingSettings
from probes.frameworks import pytorch
from probes.system.data_files import DATA

HEAD = """# What the stock networks compute in a step at their default sizes, and what it took where it was measured, in
# seconds of one step on one thread: counted and read by scripts/steps.py and written by it alone.
# FLOPs: two for each multiplication with an addition, of matrix products, convolutions and attention. Bytes: of every
# operation's tensors, in and out, as if nothing stayed in a cache. Operations: those that aren't views, in PyTorch's
# eager mode; how many each framework starts differs, and is in the factors that are fitted to what was measured.
"""


class _Operations(TorchDispatchMode):  # type: ignore[misc]  # PyTorch is no module to the type checker
    """Counts what is dispatched."""

    def __init__(self) -> None:
        super().__init__()
        self.number = self.bytes = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        found = func(*args, **(kwargs or {}))
        if not func.is_view:
            self.number += 1
            self.bytes += sum(tensor.numel() * tensor.element_size() for tensor in _tensors(args, kwargs, found))
        return found


def _tensors(*trees: Any) -> Iterator[torch.Tensor]:
    return (leaf for leaf in tree_leaves(trees) if isinstance(leaf, torch.Tensor))


def counted(step: Callable[[], object]) -> dict[str, int]:
    """FLOPs, bytes and operations of one call of ``step``, after one that isn't counted."""
    step()
    flops, operations = FlopCounterMode(display=False), _Operations()
    with sdpa_kernel(SDPBackend.MATH), torch.backends.mkldnn.flags(enabled=False), flops, operations:
        step()
    return {"flops": int(flops.get_total_flops()), "bytes": operations.bytes, "operations": operations.number}


def main() -> None:
    pytorch.load(threads=1)
    took, rows = recorded(), []
    for name, model in catalog.modules().items():
        sizes = model.SPEC.sized({})
        for measure, batch in BATCHES.items():
            subject = pytorch.build(
                model.pytorch,
                model.weights(np.random.default_rng(0), sizes),
                model.inputs(np.random.default_rng(0), sizes, batch),
                sizes=sizes,
                mode="eager",
                device="cpu",
                settings=TrainingSettings(),
            )
            step = subject.train if measure == "train_step" else subject.predict
            rows.append({"id": f"{name}.{measure}", **counted(step), "seconds": took[f"{name}.{measure}"]})
    text = "".join(f"- {yaml.safe_dump(row, default_flow_style=True, sort_keys=False, width=1000)}" for row in rows)
    (DATA / "steps.yaml").write_text(f"{HEAD}schema: 1\nsteps:\n{text}", encoding="utf-8")


if __name__ == "__main__":
    main()
