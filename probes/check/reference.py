"""The same work under other people's timers, inside a measured child."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import cache
from typing import Any

PACKAGES = ("pyperf",)  # of other people's timers, beyond the framework's own


def torch_timer(step: Callable[[], Any], steps: int) -> float:
    """Seconds a step by ``torch.utils.benchmark.Timer`` with the threads that are set. For PyTorch's child only."""
    import torch
    from torch.utils.benchmark import Timer

    timer = Timer("step()", globals={"step": step}, num_threads=torch.get_num_threads())
    return float(timer.timeit(steps).mean)


def pyperf_timer(step: Callable[[], Any], steps: int) -> float:
    """Seconds a step by pyperf's own loop, as one of its workers would time it: after as many that are not counted,
    since what pyperf does before its clock leaves the caches cold."""
    runner = _pyperf()
    runner.args.loops = steps
    return float(runner.bench_func(f"turn {next(_turns)}", step).mean())  # names must differ


_turns = itertools.count()


@cache
def _pyperf() -> Any:
    """One runner a process is all that pyperf allows."""
    import pyperf

    runner = pyperf.Runner(program_args=("unused",), show_name=False)
    runner.parse_args(["--worker", "--quiet", "--loops=1", "--values=1", "--warmups=1"])
    return runner


TIMERS = {"timer": torch_timer, "pyperf": pyperf_timer}
