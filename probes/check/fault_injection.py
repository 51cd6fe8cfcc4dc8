"""Ways to spoil one side on purpose. The self-check uses them: an engine that can't see these sees nothing."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from probes.contracts import Subject, Timed, TrainingSettings

#: What a side does that takes no notice of a training setting: without it, or what PyTorch does by default.
UNHEEDED: Mapping[str, Any] = {
    "dropout": 0.0,
    "learning_rate": 1e-3,
    "weight_decay": 0.0,
    "epsilon": 1e-8,
    "label_smoothing": 0.0,
    "clip_norm": 1e9,
    "cosine_steps": 0,
    "precision": "float32",
}


@dataclass(frozen=True, slots=True)
class FaultInjection:
    """How a side is spoilt on purpose; nothing by default."""

    extra_every: int = 0  # so many steps, one more that isn't counted
    unfinished: bool = False  # steps run on behind the caller's back, and nobody waits for them
    other_weights: bool = False
    unheeded: str = ""  # the training setting that this side takes no notice of
    hog: bool = False  # another process spins on this side's core while its clock runs, and only then

    def heeded(self, settings: TrainingSettings) -> TrainingSettings:
        """What this side makes of the settings that it is given."""
        return replace(settings, **{self.unheeded: UNHEEDED[self.unheeded]}) if self.unheeded else settings

    def uncounted(self, steps: int) -> int:
        """Real steps on top of ``steps`` that aren't counted: a slow-down of known size."""
        return steps // self.extra_every if self.extra_every else 0


def unfinished(timed: Timed) -> Timed:
    """``timed`` with its steps handed to another thread, and nobody waits for the last one."""
    pool = ThreadPoolExecutor(1)
    waiting: list[Future[Any]] = []
    subject = Unsettled(timed.subject, waiting)
    return Timed(subject, lambda: waiting.append(pool.submit(timed.step)), lambda _: None)


class Unsettled:
    """A subject whose steps another thread computes."""

    def __init__(self, subject: Subject, waiting: list[Future[Any]]) -> None:
        self._subject, self._waiting = subject, waiting

    def settle(self) -> None:
        """Wait for all that was submitted."""
        while self._waiting:
            self._waiting.pop().result()
        self._subject.settle()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._subject, name)


class Hog:
    """A process that spins on this process's core between ``begin`` and ``end``."""

    def __init__(self) -> None:
        import psutil  # late: a measured child carries no library that it doesn't need

        code = "import os, sys\nparent = int(sys.argv[1])\nwhile os.getppid() == parent:\n    sum(range(100_000))\n"
        self._process = psutil.Popen([sys.executable, "-c", code, str(os.getpid())])  # inherits the affinity
        self._process.suspend()

    def begin(self) -> None:
        self._process.resume()

    def end(self) -> None:
        self._process.suspend()

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
