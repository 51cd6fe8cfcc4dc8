"""Pairs of children whose sides are not what their labels say: twice the same framework, or swapped."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from probes.contracts import Cancelled
from probes.engine.planning.plan import seed_of
from probes.engine.running.child import Child, Launcher
from probes.engine.running.interpreters import launcher as launcher_of
from probes.engine.running.pair import Pair, PairSettings
from probes.schema import FRAMEWORKS, Device, Framework, RunRequest
from probes.system.scratch import scratch_folder

Sides = Mapping[Framework, Framework]  # label -> what runs under it
TIME_LIMIT = 180.0  # seconds for any one command


class UnavailableError(Exception):
    """A framework can't be put on both sides here: it isn't installed, or sees no such device. The text says why."""


def both(framework: Framework) -> Sides:
    """The same framework on both sides."""
    return dict.fromkeys(FRAMEWORKS, framework)


TRUE: Sides = {framework: framework for framework in FRAMEWORKS}
SWAPPED: Sides = dict(zip(FRAMEWORKS, FRAMEWORKS[::-1], strict=True))


#: A child that can be spoilt and asked for other people's clocks.
WORKER: Final = "probes.check.worker"
start_worker: Launcher = launcher_of({}, WORKER)


def relabelled(sides: Sides, launcher: Launcher) -> Launcher:
    """A launcher that starts ``sides[label]`` where a label is asked for."""

    def start(framework: Framework, environment: dict[str, str], cancelled: Cancelled) -> Child:
        child = launcher(sides[framework], environment, cancelled)
        child.framework = framework
        return child

    return start


@dataclass(frozen=True, slots=True)
class Started:
    """A running pair, and what starting it took."""

    children: Mapping[Framework, Child]
    seconds: float


@contextmanager
def started(
    sides: Sides,
    number: int,
    *,
    seed: int = 0,
    device: Device = "cpu",
    launcher: Launcher = start_worker,
    cancelled: Callable[[], bool] = lambda: False,
    tell: Callable[[str], None] = lambda _: None,
) -> Iterator[Started]:
    """A fresh pair, the ``number``-th: who starts first alternates.

    Raises UnavailableError if a side can't be had here, ChildError if it breaks.
    """
    with scratch_folder() as scratch:
        surroundings = PairSettings(
            RunRequest(device=device, seed=seed), relabelled(sides, launcher), scratch, cancelled, TIME_LIMIT
        )
        order = FRAMEWORKS if number % 2 == 0 else FRAMEWORKS[::-1]
        pair = Pair(surroundings, order, seed_of(seed, number, "process"), tell)
        begin = time.monotonic()
        try:
            children = pair.start()
            if len(children) < len(FRAMEWORKS):
                raise UnavailableError(_reason(sides, pair))
            yield Started(children, time.monotonic() - begin)
        finally:
            pair.close()


def _reason(sides: Sides, pair: Pair) -> str:
    """A label speaks of the framework that it names: only where that one runs does it give the right advice."""
    reasons = {label: report.reason for label, report in pair.down.items()}
    named = [reason for label, reason in reasons.items() if sides[label] == label]
    return (named or list(reasons.values()))[0]
