"""A whole run: the lock, the rounds, progress, the result. Imports no framework; blocks until the end."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from probes.catalog import Probe
from probes.engine.judging.results import OVERRUN, summarise
from probes.engine.planning.plan import FEWEST_ROUNDS, Plan, plan, schedule, stated
from probes.engine.running import core_use, strays
from probes.engine.running.child import CancelledError, Launcher, ProcessChild
from probes.engine.running.lock import Lock, machine_lock
from probes.engine.running.pair import PairSettings
from probes.engine.running.round_runner import RoundRunner
from probes.engine.watching import machine
from probes.engine.watching.contention import ContentionWatch, Witness
from probes.results import Measurement, ProbeResult, Progress, Round, RunResult
from probes.schema import Outcome, RunSetup
from probes.system.scratch import scratch_folder


def run(
    setup: RunSetup,
    *,
    done: Sequence[Round] = (),
    on_round: Callable[[Round], None] = lambda _: None,
    on_progress: Callable[[Progress], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
    launcher: Launcher = ProcessChild,
    lock: Lock = machine_lock,
    clock: Callable[[], float] = time.monotonic,
    watch: Callable[[], Witness] = ContentionWatch,
    learn: Callable[[Round, Sequence[Probe]], None] = lambda *_: None,
    model_path: Path | None = None,
    data_path: Path | None = None,
) -> RunResult:
    """Measure what ``setup`` asks for and say what came out.

    ``done`` are complete rounds of the same setup to go on from; every round has seeds of its own, so that going on
    is the same as never having stopped. ``on_round`` gets each complete round at once. ``cancelled`` is asked several
    times a second; a cancelled run returns what it has. ``learn`` gets each round and what was planned: later plans can
    reckon with how long it took. ``model_path``, ``data_path``: where the request's model file and data lie. Raises
    ValueError for a request that can't be planned.
    """
    planned, setup = as_planned(setup)
    run_ = _Supervision(setup, planned, [r for r in done if r.complete], on_progress, clock)
    try:
        with (
            lock(waiting=lambda: run_.tell("Waiting: another run has this machine", None, 0.0), cancelled=cancelled),
            scratch_folder() as scratch,
            strays.ended(scratch if model_path else ""),
        ):
            run_.begin()
            cores = core_use.choose(setup.request, planned.probes, run_.rounds)
            surroundings = PairSettings(
                setup.request, launcher, scratch, cancelled, planned.import_limit, watch, cores, model_path, data_path
            )
            while run_.wants_more():
                if cancelled():
                    raise CancelledError
                round_ = run_.next_round(surroundings)
                learn(round_, planned.probes)
                on_round(round_)
    except CancelledError:
        return run_.result(cancelled=True)
    return run_.result(cancelled=False)


def as_planned(setup: RunSetup) -> tuple[Plan, RunSetup]:
    """What a run does, and all that it states as it begins: it is judged by that. Raises ValueError as ``run``."""
    planned = plan(setup)
    return planned, replace(setup, calibration=stated(setup.calibration, planned.probes), schedule=schedule(planned))


class _Supervision:
    """The rounds so far, and the one in the making."""

    def __init__(
        self,
        setup: RunSetup,
        planned: Plan,
        rounds: list[Round],
        on_progress: Callable[[Progress], None],
        clock: Callable[[], float],
    ) -> None:
        self.rounds = rounds
        self._setup, self._plan, self._on_progress, self._clock = setup, planned, on_progress, clock
        self.begin()
        self._running: RoundRunner | None = None
        self._summary: tuple[tuple[int, ...], tuple[ProbeResult, ...]] = ((), ())

    def begin(self) -> None:
        """The run starts when it has the machine: waiting for another one isn't measuring."""
        self._started_at, self._start = datetime.now(UTC), self._clock()

    def wants_more(self) -> bool:
        """Whether there is a planned round left that could still decide something, and time for it."""
        wanted = len(self.rounds) < self._plan.rounds and len(self._over()) < len(self._plan.probes)
        if wanted and len(self.rounds) >= FEWEST_ROUNDS:
            seconds = [round_.seconds for round_ in self.rounds]
            if sum(seconds) + seconds[-1] > OVERRUN * self._plan.budget_seconds + self._plan.check_seconds:
                self._end_here()
                return False
        return wanted

    def _end_here(self) -> None:
        """What was to be looked at later is looked at now. The clock decides that, and no ratio."""
        stated, number = self._setup.schedule, len(self.rounds)
        if stated is not None:
            looks = {p: tuple(sorted({min(look, number) for look in looks})) for p, looks in stated.looks.items()}
            self._setup = replace(self._setup, schedule=replace(stated, looks=looks))
            self._summary = ((), ())

    def _over(self) -> set[str]:
        """Probes that are decided or ended: measuring them again would change nothing."""
        ended = {m.probe for r in self.rounds for m in r.measurements if _ended(m)}
        return ended | {row.probe for row in self._provisional() if not row.provisional}

    def next_round(self, surroundings: PairSettings) -> Round:
        index = len(self.rounds)
        self._running = RoundRunner(
            self._plan,
            surroundings,
            index,
            skip=self._over(),
            agreed={m.probe for r in self.rounds for m in r.measurements if m.agreement},
            tell=self.tell,
            clock=self._clock,
        )
        finished = self._running.run()
        self.rounds.append(finished)
        self._running = None
        return finished

    def tell(self, message: str, probe: str | None, share: float) -> None:
        """Progress with provisional results over all that was measured so far."""
        rounds, number = self._plan.rounds, len(self.rounds) + (self._running is not None)
        self._on_progress(
            Progress(
                message=f"Round {number} of {rounds}: {message}" if self._running else message,
                probe=probe,
                round=number,
                rounds=rounds,
                fraction=(len(self.rounds) + share) / rounds,
                results=self._provisional(),
            )
        )

    def result(self, *, cancelled: bool) -> RunResult:
        """The result over all rounds, the one that was cut off included."""
        rounds = tuple(self._so_far())
        return RunResult(
            machine=machine.seen_by(self._setup.request.interpreters),
            request=self._setup.request,
            calibration=self._setup.calibration,
            priority=self._setup.priority,
            schedule=self._setup.schedule,
            results=summarise(self._setup, rounds, planned_rounds=self._plan.rounds, cancelled=cancelled),
            rounds=rounds,
            planned_rounds=self._plan.rounds,
            started_at=self._started_at.isoformat(timespec="seconds"),
            seconds=round(self._clock() - self._start, 3),
        )

    def _provisional(self) -> tuple[ProbeResult, ...]:
        """Summarised anew only when something was measured or ended since: many messages say what is about to run."""
        rounds = self._so_far()
        measurements = [m for round_ in rounds for m in round_.measurements]
        failures = sum(side.outcome != Outcome.OK for m in measurements for side in m.sides.values())
        state = (len(self.rounds), len(measurements), *(len(m.instances) for m in measurements), failures)
        if state != self._summary[0]:
            self._summary = (state, summarise(self._setup, rounds, planned_rounds=self._plan.rounds))
        return self._summary[1]

    def _so_far(self) -> list[Round]:
        return [*self.rounds, self._running.so_far()] if self._running else list(self.rounds)


def _ended(measurement: Measurement) -> bool:
    """A probe that failed on a side, other than for want of it, isn't tried again."""
    return any(side.outcome not in (Outcome.OK, Outcome.UNSUPPORTED) for side in measurement.sides.values())
