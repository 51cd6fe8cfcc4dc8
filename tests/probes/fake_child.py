"""A child that answers at once, from a script of what goes wrong. Time stands still unless the clock is moved."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from probes.engine.running.child import CancelledError, ChildError
from probes.schema import Framework, Outcome

#: Seconds a step, by framework: TensorFlow takes half as long again.
STEP: dict[Framework, float] = {"pytorch": 0.010, "tensorflow": 0.015}
#: Bytes that a process holds, and what each sample of a batch adds.
BASE = 2**30
SAMPLE: dict[Framework, int] = {"pytorch": 2**16, "tensorflow": 2**17}


@dataclass(frozen=True)
class Trouble:
    """What goes wrong when ``framework`` is asked to ``do`` something (with ``probe``, if given)."""

    framework: Framework
    do: str
    outcome: Outcome
    reason: str = "its last words"
    probe: str | None = None
    dead: bool = True
    times: int = 1  # how often


@dataclass
class FakeMachine:
    """Starts fake children and remembers them."""

    troubles: list[Trouble] = field(default_factory=list)
    cancel_at: int = -1  # the how-manieth question raises CancelledError
    devices: dict[str, tuple[str, ...]] = field(default_factory=dict)
    skew: float = 0.0  # how far TensorFlow's outputs are off
    cpu_share: float = 1.0
    notices: bool = True  # whether its children can tell that work went on after the clock
    scales: float = 0.0  # exponent of the number of threads by which a single value shrinks
    accuracy: dict[str, float] = field(default_factory=dict)
    other_timers: dict[str, float] = field(default_factory=dict)  # times what the engine says
    started: list[Framework] = field(default_factory=list)
    asked: list[tuple[Framework, str, dict[str, Any]]] = field(default_factory=list)
    alive: int = 0

    def __call__(self, framework: Framework, environment: dict[str, str], cancelled: Callable[[], bool]) -> FakeChild:
        self.started.append(framework)
        self.alive += 1
        return FakeChild(framework, self, environment)


class FakeChild:
    """Answers like ``probes.check.worker``."""

    def __init__(self, framework: Framework, machine: FakeMachine, environment: dict[str, str]) -> None:
        self.framework: Framework = framework  # what it is called; a self-check calls it otherwise
        self._is: Framework = framework
        self._tampering: dict[str, Any] = {}
        self.environment = environment
        self._machine = machine
        self._open = True
        self._jitter = itertools.cycle((1.0, 1.01, 0.99, 1.005, 0.995, 1.002, 0.998))

    def ask(self, do: str, *, timeout: float, **arguments: Any) -> dict[str, Any]:
        assert self._open, f"{do} was asked of a closed child"
        assert timeout > 0
        machine = self._machine
        machine.asked.append((self.framework, do, arguments))
        if len(machine.asked) == machine.cancel_at:
            self.close()
            raise CancelledError
        for trouble in list(machine.troubles):
            wanted = (trouble.framework, trouble.do) == (self._is, do)
            if wanted and trouble.probe in (None, arguments.get("probe")):
                machine.troubles.remove(trouble)
                if trouble.times > 1:
                    machine.troubles.append(Trouble(**{**vars(trouble), "times": trouble.times - 1}))
                raise ChildError(self.framework, trouble.outcome, trouble.reason, dead=trouble.dead)
        answer: dict[str, Any] = getattr(self, f"_{do}")(**arguments)
        return answer

    def close(self) -> None:
        if self._open:
            self._open = False
            self._machine.alive -= 1

    def _limit(self, cpus: tuple[int, ...], memory: int) -> dict[str, Any]:
        self._memory = memory
        return {"cpus": list(cpus)}

    def _load(self, threads: int) -> dict[str, Any]:
        return {"import_s": 1.0, "devices": self._machine.devices.get(self._is, ("cpu",))}

    def _use(self, device: str, seed: int) -> dict[str, Any]:
        return {"environment": {"version": "0", "device": device}}

    def _data(self, path: str, data: dict[str, Any]) -> dict[str, Any]:
        return {}

    def _own(self, path: str, file: dict[str, Any]) -> dict[str, Any]:
        return {}

    def _keep(self, file: str, alike: bool) -> dict[str, Any]:
        return {"reason": ""}

    def _carry(self, file: str, alike: bool) -> dict[str, Any]:
        return {"reason": ""}

    def _check(self, file: str, **_: Any) -> dict[str, Any]:
        skew = self._machine.skew if self._is == "tensorflow" else 0.0
        skew += bool(self._tampering.get("other_weights") or self._tampering.get("unheeded"))
        np.savez(file, outputs=np.ones(3) + skew)
        return {"checked": True}

    def _attempt(self, number: int, **_: Any) -> dict[str, Any]:
        held = BASE + number * SAMPLE[self._is]
        if held > self._memory:
            self.close()
            raise ChildError(self.framework, Outcome.FAILED, "killed", dead=True)
        return {"held": float(held)}

    def _prepare(self, **_: Any) -> dict[str, Any]:
        return {"build_s": 0.1, "first_step_s": 0.2}

    def _warm(self, limit: float, probe: str = "") -> dict[str, Any]:
        return {"step_s": STEP[self._is], "steady": True}

    def _tamper(self, **how: Any) -> dict[str, Any]:
        self._tampering = how
        return {}

    def _cost(self, steps: int) -> dict[str, Any]:
        return {"wall": 5e-8}

    def _reference(self, steps: int, discard: int, timer: str) -> dict[str, Any]:
        return {"wall": STEP[self._is] * next(self._jitter) * self._machine.other_timers.get(timer, 1.0)}

    def _block(self, steps: int, discard: int, probe: str = "") -> dict[str, Any]:
        wall = STEP[self._is] * next(self._jitter)
        every = self._tampering.get("extra_every", 0)
        wall *= 1 + (steps // every / steps if every else 0)
        cpu = wall * self._machine.cpu_share
        if self._tampering.get("hog"):
            wall *= 2
        late = 10 * wall if self._tampering.get("unfinished") and self._machine.notices else 0.0
        return {"wall": wall, "cpu": cpu, "idle_cpu": 0.0, "idle_wall": 0.02, "late": late, "retraced": False}

    def _single(self, probe: str, **_: Any) -> dict[str, Any]:
        threads = float(self.environment.get("OMP_NUM_THREADS", "1"))
        value = STEP[self._is] * 1000 / threads**self._machine.scales
        details = {"import_s": value / 2, "build_s": value / 4, "first_step_s": value / 4}
        if "accuracy" in probe:
            details["accuracy"] = self._machine.accuracy.get(self._is, 0.97)
        return {"value": value, "details": details, "note": ""}


@dataclass
class Around:
    """What a fake round saw of other people's work."""

    seen: tuple[str, ...] = ()

    def look(self) -> None:
        """Nothing moves here."""

    def disturbances(self) -> tuple[str, ...]:
        return self.seen


@contextmanager
def no_lock(**_: Any) -> Iterator[None]:
    """Tests with fake children measure nothing, so they need not wait for each other."""
    yield
