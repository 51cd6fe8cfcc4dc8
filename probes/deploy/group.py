"""Plays artefacts in turns: each in fresh processes of its own, all of them alive at once, clocked pass by pass.

What is compared was clocked side by side: pass i of every way lies within the same seconds. The order within a pass is
drawn anew, so that no way always follows the same neighbour.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from probes.contracts import Tell, UnsupportedError
from probes.deploy import catalog, environments, summary
from probes.deploy.launch import RouteChildren
from probes.deploy.schema import BATCHES, Logits, Played, Way
from probes.engine.running.child import Child, ChildError
from probes.schema import Outcome

OPEN_LIMIT, ANSWER_LIMIT, BLOCK_LIMIT = 300.0, 180.0, 60.0  # seconds; opening may compile
#: What a process takes about, over all runtimes (80 MB with LiteRT, 750 MB with TensorFlow, whose larger part is code
#: that they share), and the share of the free memory that a group may take.
PLAYER_BYTES, MEMORY_SHARE = 400 * 2**20, 0.8
FEWEST = 4
#: Fresh processes that each way is clocked in, one after the other: one alone can't show how far processes differ.
PROCESSES = 2


@dataclass(slots=True)
class Seat:
    """One way in the group: what it plays, and what was seen of it so far."""

    way: Way
    folder: Path
    model: str
    sizes: dict[str, int]
    asked: Path
    source: Logits
    own: Mapping[str, Any] | None = None  # see ``workshop.Network``
    scored: Path | None = None
    outcome: Outcome = Outcome.OK
    reason: str = ""
    child: Child | None = None
    seen: dict[str, Any] = field(default_factory=dict)
    calls: dict[int, int] = field(default_factory=dict)
    blocks: dict[str, list[float]] = field(default_factory=dict)
    processes: int = 0

    def played(self) -> Played | None:
        """What was seen; None if it never answered."""
        if "answers" not in self.seen:
            return None
        blocks = {batch: tuple(seconds) for batch, seconds in self.blocks.items()}
        return Played(**self.seen, blocks=blocks, processes=self.processes)

    def end(self, outcome: Outcome, reason: str) -> None:
        """It goes no further."""
        self.outcome, self.reason = outcome, reason
        self.close()

    def close(self) -> None:
        if self.child is not None:
            self.child.close()
            self.child = None


def capacity() -> int:
    """How many ways this machine can keep alive at once."""
    return max(FEWEST, int(psutil.virtual_memory().available * MEMORY_SHARE // PLAYER_BYTES))


def play(surroundings: RouteChildren, seats: Sequence[Seat], *, passes: int, seed: int, tell: Tell) -> None:
    """Fill ``seats`` with what is seen. A seat that fails ends with its outcome, the others go on.

    ``passes`` are shared out to the processes, rounded up so that each has as many. What a way answers, weighs and
    takes to start is told by its first process; another one must answer as well. Raises CancelledError; whatever
    happens, no process is left.
    """
    rng = np.random.default_rng(seed)
    share = math.ceil(passes / PROCESSES)
    for process in range(PROCESSES):
        done, part = process / PROCESSES, 1 / PROCESSES
        try:
            for index, seat in enumerate(seats):
                what = "another start" if process else "first answer"
                tell(f"{what} of {seat.way.title}", done + part * 0.6 * index / len(seats))
                _guarded(seat, lambda seat: _open(surroundings, seat))
            for seat in seats:
                _guarded(seat, _warm)
            for number in range(share):
                alive = sum(seat.child is not None for seat in seats)
                told = f"clocking {alive} ways in turns, pass {process * share + number + 1} of {PROCESSES * share}"
                tell(told, done + part * (0.7 + 0.3 * number / share))
                for index in rng.permutation(len(seats)):
                    _guarded(seats[index], _block)
            if process == 0:
                for seat in seats:
                    _guarded(seat, _weigh)
                    _guarded(seat, _score)
        finally:
            for seat in seats:
                seat.close()


def _guarded(seat: Seat, do: Callable[[Seat], None]) -> None:
    if seat.outcome != Outcome.OK:
        return
    try:
        do(seat)
    except ChildError as error:
        seat.end(error.outcome, error.reason)
    except UnsupportedError as error:
        seat.end(Outcome.UNSUPPORTED, str(error))


def _open(surroundings: RouteChildren, seat: Seat) -> None:
    """The cold start, then all answers, which must be the source's."""
    spec = catalog.spec(seat.way)
    pins = environments.find(spec.runs_in).pins if spec.runs_in else ()
    start = time.perf_counter()
    seat.child = surroundings.start("play", seat.way.framework, spec.runs_in, spec.environment)
    opened = seat.child.ask(
        "open", timeout=OPEN_LIMIT, route=seat.way.route, form=seat.way.form, folder=str(seat.folder),
        model=seat.model, sizes=seat.sizes, threads=surroundings.threads, asked=str(seat.asked),
        requirements=(*spec.packages, *pins), own=seat.own,
    )  # fmt: skip
    cold_s = time.perf_counter() - start - opened["guard_s"]
    seat.processes += 1
    found = {"cold_s": cold_s, "load_s": opened["load_s"], "first_s": opened["first_s"]}
    seat.seen = found | seat.seen
    answered = seat.child.ask("answer", timeout=ANSWER_LIMIT)
    answers, alone = summary.told(answered["answers"]), summary.told(answered["alone"])
    if "answers" not in seat.seen:
        batch = seat.child.ask("any_batch", timeout=ANSWER_LIMIT)
        seat.seen |= {"answers": answers, "dynamic_batch": batch["dynamic"], "batch_reason": batch["reason"]}
    reason = summary.unfaithful(seat.way, spec.tolerance, answers, seat.source)
    if not reason and (
        off := summary.unfaithful(seat.way, spec.tolerance, alone, summary.first(seat.source, alone.rows))
    ):
        reason = f"Asked one by one, not in batches: {off}"
    if reason:
        seat.end(Outcome.NOT_COMPARABLE, reason)


def _warm(seat: Seat) -> None:
    for batch in BATCHES:
        seat.calls[batch] = _child(seat).ask("warm", timeout=BLOCK_LIMIT, batch=batch)["calls"]


def _block(seat: Seat) -> None:
    for batch in BATCHES:
        reply = _child(seat).ask("block", timeout=BLOCK_LIMIT, batch=batch, calls=seat.calls[batch])
        seat.blocks.setdefault(str(batch), []).append(reply["wall"])


def _weigh(seat: Seat) -> None:
    weighed = _child(seat).ask("weigh", timeout=ANSWER_LIMIT)
    seat.seen |= {name: weighed[name] for name in ("peak_bytes", "runtime_bytes", "versions", "said")}


def _score(seat: Seat) -> None:
    if seat.scored is not None:
        seat.seen["right"] = _child(seat).ask("score", timeout=ANSWER_LIMIT, file=str(seat.scored))["right"]


def _child(seat: Seat) -> Child:
    if seat.child is None:
        raise RuntimeError(f"{seat.way.id} has no process")
    return seat.child
