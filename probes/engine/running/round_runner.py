"""One round: a fresh pair of children runs all planned probes and exits; then the probes that want children of their
own. Whatever happens to a child ends in a stated outcome of the probe it was busy with, and the rest goes on."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from probes.catalog import Probe
from probes.engine.judging.statistics import six
from probes.engine.planning import time_costs
from probes.engine.planning.memory_estimate import side_by_side
from probes.engine.planning.plan import Plan, another, seed_of, share_seconds, thread_counts, timing_seconds
from probes.engine.planning.three_sizes import three_sizes
from probes.engine.running import agreements, environment
from probes.engine.running.asking import Asking
from probes.engine.running.blocks import Timing, TimingError, time_in_turns
from probes.engine.running.child import ChildError
from probes.engine.running.memory_search import MemorySearch
from probes.engine.running.pair import Pair, PairSettings
from probes.engine.running.probe_record import ProbeRecord, curve, open_record
from probes.engine.running.round_progress import RoundProgress, TellRound
from probes.engine.watching import gpu, machine
from probes.places import titles
from probes.results import Instance, Round
from probes.schema import FRAMEWORKS, Framework, Outcome
from probes.workloads import cold_start

#: Share of the warm-up's limit for what this process has run before: libraries are warm, and only the build is new.
WARM_AGAIN = 0.4

STARVED = "a measured process had to wait for its core"


class RoundRunner:
    """Runs round ``index`` of a plan. ``skip`` names probes that ended in an earlier round: they aren't tried again.

    ``agreed`` names those whose sides were seen to compute the same in an earlier round: in this one the same programs
    run on other numbers.
    """

    def __init__(
        self,
        plan: Plan,
        surroundings: PairSettings,
        index: int,
        *,
        skip: Collection[str],
        agreed: Collection[str] = (),
        tell: TellRound,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._plan, self._with, self._index, self._clock = plan, surroundings, index, clock
        self._agreed = agreed
        self._probes = [probe for probe in plan.probes if probe.spec.id not in skip]
        order: tuple[Framework, ...] = FRAMEWORKS if index % 2 == 0 else FRAMEWORKS[::-1]
        self._order = order
        self._progress = RoundProgress(tell, plan.round_costs(self._probes))
        self._pair = Pair(surroundings, order, self._seed("process"), self._progress.say)
        self._entries = {probe.spec.id: open_record(probe, surroundings.request.interpreters) for probe in self._probes}
        self._reached: dict[str, None] = {}  # in the order of the run
        self._started_at, self._start, self._watch = datetime.now(UTC), clock(), surroundings.watch()
        may_use_gpu = surroundings.request.device != "cpu" and bool(machine.read().gpus)
        self._gpu = gpu.GpuWatch(environment.visible_gpu() if may_use_gpu else "")
        self._starved = False
        self._ask = Asking(surroundings, order, plan.step_limit, self._seed, self._watch)
        self._start_seconds = 0.0

    def run(self) -> Round:
        """The finished round. Raises CancelledError, after which ``so_far`` still tells what was measured."""
        works = {"search": self._searched, "scaled": self._over_threads, "sized": self._over_sizes}
        with self._gpu:
            try:
                self._pair_probes()
            finally:
                self._pair.close()
            own = time_costs.with_own_children(self._probes)
            untold = [p for p in self._of_kind("cold") if p.spec.id not in self._reached and p not in own]
            for probe in (*own, *untold):  # what the pair's start should have told, and couldn't, starts for itself
                self._guarded(probe, works.get(probe.measure_spec.kind, self._fresh))
                self._progress.spend(time_costs.own_seconds(probe))
        return self.so_far(complete=True)

    def so_far(self, *, complete: bool = False) -> Round:
        """All that was measured up to now."""
        starved = (STARVED,) if self._starved else ()
        of_gpu = self._gpu.disturbances() if self._on_gpu() else ()
        disturbances = (*starved, *self._watch.disturbances(), *of_gpu)
        return Round(
            index=self._index,
            measurements=tuple(self._entries[name].closed() for name in self._reached),
            environment={framework: dict(said) for framework, said in self._pair.environment.items()},
            started_at=self._started_at.isoformat(timespec="seconds"),
            seconds=round(self._clock() - self._start, 3),
            contended=bool(disturbances),
            disturbances=disturbances,
            complete=complete,
            start_seconds=round(self._start_seconds, 3),
        )

    # ------------------------------------------------------------------------- probes on the pair

    def _pair_probes(self) -> None:
        started = self._clock()
        for probe in time_costs.on_the_start(self._probes)[:1]:
            self._guarded(probe, self._cold)
        if self._of_kind("timed") or self._of_kind("paired"):
            with suppress(ChildError):  # said where it matters: the next probe starts the pair again
                self._pair.start()
                self._watch.look()
        self._progress.spend(time_costs.pair_seconds(self._probes))
        self._start_seconds = self._clock() - started
        deadline = self._start + self._plan.round_seconds - self._plan.later_seconds(self._probes, self._start_seconds)
        ahead = self._of_kind("timed")
        while ahead:
            now, modes = self._clock(), self._in_turns(ahead)
            seconds = timing_seconds(self._plan, ahead, deadline - now)
            until = now + share_seconds(modes, ahead, deadline - now)
            self._timed(modes, seconds=seconds, until=until)
            ahead = [probe for probe in ahead if probe not in modes]
        for probe in self._of_kind("paired"):
            self._guarded(probe, self._paired)

    def _cold(self, entry: ProbeRecord) -> None:
        """The start of this pair, which no other work preceded."""
        self._also_a_start(entry.probe, self._ask.singles(entry, self._ask.ready(entry, self._pair), 0))

    def _in_turns(self, ahead: Sequence[Probe]) -> list[Probe]:
        """The next probe with the other modes of its measure, as many as fit into memory at once."""
        first = ahead[0]
        modes = [p for p in ahead if (p.spec.model, p.spec.measure) == (first.spec.model, first.spec.measure)]
        sizes = first.model.SPEC.sized(self._with.request.sizes)
        return modes[: side_by_side(first.model, sizes, machine.read().memory_bytes)]

    def _timed(self, modes: Sequence[Probe], *, seconds: float, until: float) -> None:
        """Instances of all ``modes`` of a measure, taken in turns. One that fails leaves the others to go on."""
        entries = {probe.spec.id: self._entries[probe.spec.id] for probe in modes}
        comparable: set[str] = set()
        for probe in modes:
            self._guarded(probe, lambda entry: comparable.add(entry.probe.spec.id) if self._comparable(entry) else None)
        begin, planned, number = self._clock(), self._plan.instances, 0
        while comparable and another(planned, number, (now := self._clock()) - begin, until - now):
            live = [entry for name, entry in entries.items() if name in comparable]
            which = f"{number + 1} of {planned}" if number < planned else f"{number + 1}, while there is time"
            beside = f", {len(live)} modes in turns" if len(live) > 1 else ""
            self._progress.probe = live[0].probe.spec.id
            self._progress.say(f"{live[0].probe.spec.title}{beside}, instance {which}")
            try:
                self._one_instance(live[number % len(live) :] + live[: number % len(live)], number, seconds)
                number += 1
            except ChildError as error:
                failed = error.probe if isinstance(error, TimingError) else live[0].probe.spec.id
                comparable.discard(failed)
                if self._failed(entries[failed], error):  # the others start over: a round is one pair of processes
                    number = 0
                    for name in comparable:
                        entries[name].instances.clear()
        for entry in entries.values():
            self._over(entry)

    def _one_instance(self, entries: Sequence[ProbeRecord], number: int, seconds: float) -> None:
        timings = [
            Timing(
                probe=entry.probe.spec.id,
                seed=self._seed(entry.probe.spec.id, number),
                sizes=entry.probe.model.SPEC.sized(self._with.request.sizes),
                seconds=seconds,
                warmup=self._plan.warmup_seconds * (1.0 if number == 0 else WARM_AGAIN),
                timeout=self._plan.step_limit,
                titles=titles(self._with.request.interpreters),
            )
            for entry in entries
        ]
        timed = time_in_turns(
            [(self._ask.ready(entry, self._pair), timing) for entry, timing in zip(entries, timings, strict=True)]
        )
        self._watch.look()
        for entry, found in zip(entries, timed, strict=True):
            entry.turns = tuple(other.probe for other in timings if other.probe != entry.probe.spec.id)
            entry.instances.append(self._with_gpu(found.instance, entry))
            entry.notes += found.notes
            self._starved |= found.starved and not self._on_gpu() and self._with.request.threads == 1
            self._progress.spend(time_costs.instance_seconds(entry.probe) if number < self._plan.instances else 0.0)

    def _with_gpu(self, instance: Instance, entry: ProbeRecord) -> Instance:
        """With the GPU's clock and heat right after the last block, if that is where it ran."""
        if not self._on_gpu():
            return instance
        figures = self._gpu.look(entry.probe.spec.title)
        entry.notes += filter(None, [self._gpu.note])
        return replace(instance, details={f: {**parts, **figures} for f, parts in instance.details.items()})

    def _on_gpu(self) -> bool:
        return any(said.get("device", "cpu") != "cpu" for said in self._pair.environment.values())

    def _paired(self, entry: ProbeRecord) -> None:
        """One value a side and seed; who goes first alternates."""
        if not self._comparable(entry):
            return
        seeds = self._plan.seeds_of(entry.probe)
        for number in range(seeds):
            self._progress.say(f"{entry.probe.spec.title}, {number + 1} of {seeds}")
            self._ask.singles(entry, self._ask.ready(entry, self._pair)[:: 1 if number % 2 == 0 else -1], number)
            self._progress.spend(time_costs.value_seconds(entry.probe))

    def _comparable(self, entry: ProbeRecord, pair: Pair | None = None) -> bool:
        """Both halves must compute the same before any clock starts. One side alone has nothing to agree with."""
        pair = pair or self._pair
        children = self._ask.ready(entry, pair)
        if not children:
            return False
        if len(children) == 1 or entry.probe.spec.id in self._agreed or not hasattr(entry.probe.measure, "check"):
            return True
        arguments = self._ask.arguments(entry.probe, 0)
        return agreements.comparable(entry, pair, children, arguments, self._with, self._progress.say)

    # ------------------------------------------------------------------------- children of their own

    def _fresh(self, entry: ProbeRecord) -> None:
        """A pair that is started for this probe alone; its start is a cold one as well."""
        threads = machine.read().physical_cores if entry.probe.measure_spec.every_core else None
        pair = Pair(self._with, self._order, self._seed(entry.probe.spec.id), self._progress.say, threads=threads)
        try:
            if not self._comparable(entry, pair):
                return
            replies = self._ask.singles(entry, self._ask.ready(entry, pair), 0)
        finally:
            pair.close()
        if threads is None:
            self._also_a_start(entry.probe, replies)

    def _also_a_start(self, of: Probe, replies: Mapping[Framework, Mapping[str, Any]]) -> None:
        """What else was measured in such children: a cold start, if it was clocked part by part."""
        parts = {
            framework: {name: six(reply["details"][name]) for name in cold_start.PARTS if name in reply["details"]}
            for framework, reply in replies.items()
        }
        for probe in self._of_kind("cold"):
            start, alike = self._entries[probe.spec.id], (probe.spec.model, probe.spec.track)
            whole = all(len(found) == len(cold_start.PARTS) for found in parts.values())
            if (
                whole
                and probe is not of
                and alike == (of.spec.model, of.spec.track)
                and set(start.sound()) == set(parts)
            ):
                single = {framework: six(sum(found.values())) for framework, found in parts.items()}
                self._reached[probe.spec.id] = None
                start.instances.append(Instance(single=single, details=parts))

    def _over_threads(self, entry: ProbeRecord) -> None:
        """The figure with 1, 2, 4 … threads and with all cores."""
        counts = thread_counts(machine.usable_cores())
        values = {threads: self._at(entry, "threads", threads, threads=threads) for threads in counts}
        entry.instances.append(curve("threads", values, efficiency=True))

    def _over_sizes(self, entry: ProbeRecord) -> None:
        """The figure of the network as asked for, 8 times as large, and as large as may be."""
        model = entry.probe.model
        grown = three_sizes(model, model.SPEC.sized(self._with.request.sizes), machine.read().memory_bytes)
        values = {weights: self._at(entry, "weights", weights, sizes=sizes) for weights, sizes in grown.sizes.items()}
        entry.notes += filter(None, [grown.note])
        entry.instances.append(curve("weights", values))

    def _at(
        self,
        entry: ProbeRecord,
        over: str,
        at: int,
        *,
        threads: int | None = None,
        sizes: Mapping[str, int] | None = None,
    ) -> dict[Framework, float]:
        """Both sides' figure at one place of a curve, from a pair of its own."""
        pair = Pair(self._with, self._order, self._seed(entry.probe.spec.id), self._progress.say, threads=threads)
        self._progress.say(f"{entry.probe.spec.title}, {over}: {at:,}")
        try:
            replies, failure = self._ask.asked(entry, self._ask.ready(entry, pair), 0, sizes)
        finally:
            pair.close()
        if failure is not None:
            raise failure
        return {framework: six(reply["value"]) for framework, reply in replies.items()}

    def _searched(self, entry: ProbeRecord) -> None:
        """The largest number that fits on each side, every trial in a child of its own."""
        found = {
            framework: MemorySearch(self._with, entry.probe, framework, self._plan).run() for framework in entry.sound()
        }
        single = {framework: six(float(number)) for framework, number in found.items()}
        entry.instances.append(Instance(single=single))

    # ------------------------------------------------------------------------- what they share

    def _guarded(self, probe: Probe, work: Callable[[ProbeRecord], None]) -> None:
        """Run ``work``; a child that doesn't deliver ends this probe, and only this one."""
        entry = self._entries[probe.spec.id]
        self._reached[probe.spec.id], self._progress.probe = None, probe.spec.id
        self._progress.say(probe.spec.title)
        try:
            if entry.sound():
                work(entry)
        except ChildError as error:
            self._failed(entry, error)
        if probe.measure_spec.kind != "timed":
            self._over(entry)

    def _failed(self, entry: ProbeRecord, error: ChildError) -> bool:
        """Note what ended a probe; whether the pair had to go."""
        entry.fail(error.framework, error.outcome, error.reason)
        if error.outcome == Outcome.CONTAMINATED:
            entry.instances.clear()
        gone = error.dead or error.outcome == Outcome.OUT_OF_MEMORY  # what it still holds would starve the next probe
        if gone:
            self._pair.close()
        return gone

    def _over(self, entry: ProbeRecord) -> None:
        ended = next((side.outcome for side in entry.sides.values() if side.outcome != Outcome.OK), "done")
        self._progress.say(f"{entry.probe.spec.title}: {ended}")
        self._progress.probe = None

    def _of_kind(self, kind: str) -> list[Probe]:
        return [probe for probe in self._probes if probe.measure_spec.kind == kind]

    def _seed(self, *parts: object) -> int:
        return seed_of(self._with.request.seed, self._index, *parts)
