"""One side of a timed probe under other people's timers: lines to paste into a shell, and what they call.

``step = case("mlp.inference_b1", "pytorch", threads=1, seed=0, sizes={})`` builds just what a measured child clocks, in
this process and with the child's surroundings, warm.
"""

from __future__ import annotations

import atexit
import json
import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import Any

from probes.schema import Device, Framework, ProbeId, RunRequest

WARM_SECONDS = 1.0  # at most
_made: dict[tuple[Any, ...], Callable[[], Any]] = {}


def case(
    probe: str,
    framework: Framework,
    *,
    device: Device = "cpu",
    threads: int = 1,
    seed: int = 0,
    sizes: Mapping[str, int] = {},
) -> Callable[[], Any]:
    """The step that the engine clocks, after a warm-up; the same one again where a timer sets up several times.

    One framework and one case a process.

    ``sizes`` are those of the network, or none for its defaults. Raises ValueError for a probe that isn't timed, and
    whatever the framework raises where the case can't run.
    """
    asked = (probe, framework, device, threads, seed, tuple(sorted(sizes.items())))
    if asked in _made:
        return _made[asked]
    from probes.catalog import find
    from probes.engine.child.worker_bench import Worker
    from probes.engine.running import core_use, environment

    class Case(Worker):
        def step(self) -> Callable[[], Any]:
            return self._ready().step

    chosen = find(probe)
    if chosen.measure_spec.kind != "timed":
        raise ValueError(f"probe: {probe!r} is not timed step by step; its value is read once a process")
    cores = core_use.settled()
    surroundings = environment.variables(threads, device, _until_the_end(), passive=cores.passive(threads))
    for name, value in surroundings.items():
        os.environ[name] = value
    if (places := cores.placement(threads).cores) and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, places)
    side = Case.guarded(framework)
    side.load(threads)
    side.use(device, seed)
    side.prepare(probe, seed, chosen.model.SPEC.sized({chosen.spec.model: sizes}))
    side.warm(WARM_SECONDS)
    return _made.setdefault(asked, side.step())


def _until_the_end() -> str:
    from probes.system.scratch import scratch_folder

    ending = ExitStack()
    atexit.register(ending.close)
    return ending.enter_context(scratch_folder())


def lines(probe: str, framework: Framework, request: RunRequest, *, device: Device = "cpu") -> dict[str, str]:
    """By timer, the line that clocks this case; PyTorch's own timer knows PyTorch only."""
    sizes = json.dumps(dict(request.sizes.get(ProbeId.parse(probe).model, {})))
    made = (
        f'from probes.check.reproduce import case; step = case("{probe}", "{framework}", device="{device}", '
        f"threads={request.threads}, seed={request.seed}, sizes={sizes})"
    )
    commands = {
        "timeit": f"python -m timeit -s '{made}' 'step()'",
        "pyperf": f"python -m pyperf timeit --processes 3 --inherit-environ PATH -s '{made}' 'step()'",
    }
    if framework == "pytorch":
        timer = f'Timer("step()", globals={{"step": step}}, num_threads={request.threads})'
        program = f"{made}; from torch.utils.benchmark import Timer; print({timer}.blocked_autorange(min_run_time=1))"
        commands["torch.utils.benchmark"] = f"python -c '{program}'"
    return commands
