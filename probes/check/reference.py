"""The same work under other people's timers, inside a measured child."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def torch_timer(step: Callable[[], Any], steps: int) -> float:
    """Seconds a step by ``torch.utils.benchmark.Timer`` with the threads that are set. For PyTorch's child only."""
    import torch
    from torch.utils.benchmark import Timer

    timer = Timer("step()", globals={"step": step}, num_threads=torch.get_num_threads())
    return float(timer.timeit(steps).mean)
