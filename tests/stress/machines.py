"""What may go wrong with the machines of a sweep: ``python -m tests.stress.machines --times 100 --log machines.jsonl``.

A Ray cluster of two hosts, network namespaces with a core each (``tests.fleets``: needs root, iproute2 and
FULCRUM_TEST_RAY), and an executor that sends them a sweep. At a random moment of each one of these happens: a host
loses its power, its cable is pulled, its disk is full, the head is killed, the driver is killed, and, where
FULCRUM_TEST_OTHER_RAY names another Python with the same Ray, a host is started anew with that. After each, every
part must have a stated outcome, every round that was kept must still be there, no machine may have measured two things
at once, and no process may be left that measures. Then all is put back, and the sweep is gone on with to its end.

A line of JSON for each goes to the log, and the first problem ends it; with the same log it goes on where it stopped.
One takes about a minute.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Final

import psutil

from advisor.adapters.ray_runner import RayRunner
from advisor.answers import Answers
from advisor.ports import Services
from advisor.queue import executor
from advisor.records import Requester, SweepPart, SweepStatus
from probes.schema import RunRequest
from tests import fakes, fleets
from tests.fleets import Fleet, Host
from tests.processes import wait_until
from tests.stores import the

MOST: Final = 2000
ASKED: Final = RunRequest(probes=("mlp.train_step",), budget=30.0)
PARTS: Final = 2
LATEST_S: Final = 25.0  # into a sweep: its parts are in their second round by then
PATIENCE: Final = 600.0  # seconds on a machine that others use as well
A_CLUSTER: Final = 25  # so many in a row in one cluster
OPERATOR: Final = Requester(operator=True)
STATED: Final = frozenset({"done", "interrupted", "failed", "cancelled"})
#: Another Python than that of the cluster, with the same Ray: as after an update of one machine alone.
OTHER_PYTHON: Final = os.environ.get("FULCRUM_TEST_OTHER_RAY", "")
HAPPENS: Final = ("power", "cable", "disk", "head", "driver", *(("python",) if OTHER_PYTHON else ()))


@dataclass
class Case:
    """One mishap and what was true after it. ``problems`` are sentences; none is what one wants."""

    number: int
    what: str
    host: str
    after_s: float
    rounds: int = 0  # that were kept by then
    outcomes: list[str] = field(default_factory=list)
    again: list[str] = field(default_factory=list)  # what came out once all was put back
    problems: list[str] = field(default_factory=list)


def main(arguments: Sequence[str] | None = None) -> int:
    """0 if nothing was lost, doubled or left."""
    parser = argparse.ArgumentParser(prog="python -m tests.stress.machines")
    parser.add_argument("--times", type=int, default=100, help=f"in all, up to {MOST}; 100 if left out")
    parser.add_argument("--log", type=Path, required=True, help="JSON lines; goes on where it ends")
    parser.add_argument("--seed", type=int, default=0, help="of what happens when")
    parser.add_argument("--only", choices=HAPPENS, help="one kind of mishap")
    options = parser.parse_args(arguments)
    if reason := fleets.why_not():
        print(reason, file=sys.stderr)
        return 1
    done = options.log.read_text(encoding="utf-8").splitlines() if options.log.exists() else []
    for first in range(len(done), min(options.times, MOST), A_CLUSTER):
        with fleets.fleet("a", "b") as fleet:
            for number in range(first, min(first + A_CLUSTER, options.times, MOST)):
                case = _case(number, random.Random(f"{options.seed} {number}"), options.only)
                _one(case, fleet)
                with options.log.open("a", encoding="utf-8") as log:
                    log.write(json.dumps(asdict(case)) + "\n")
                print(json.dumps(asdict(case)), flush=True)
                if case.problems:
                    return 1
    return int(any(json.loads(line)["problems"] for line in done))


def _case(number: int, chance: random.Random, only: str | None) -> Case:
    what = only or HAPPENS[number % len(HAPPENS)]
    return Case(number, what, chance.choice("ab"), round(chance.uniform(0, LATEST_S), 1))


def _one(case: Case, fleet: Fleet) -> None:
    with tempfile.TemporaryDirectory() as folder, fleets.variable("FULCRUM_DATA_DIR", folder):
        services = replace(fakes.services(), runner=RayRunner(fleet.address, python=fleets.PYTHON))
        stop = executor.Stop()
        with ThreadPoolExecutor(1) as pool:
            working = pool.submit(executor.work, services, "here", stop)
            try:
                _through(case, services, fleet)
            except AssertionError as error:
                case.problems.append(str(error))
            finally:
                stop.asked.set()
                working.result()


def _through(case: Case, services: Services, fleet: Fleet) -> None:
    parts = [SweepPart(replace(ASKED, seed=seed, machine="a"), ("a", "b")) for seed in range(PARTS)]
    sweep = services.store.begin_sweep(services.store.create_decision(Answers()).id, parts, OPERATOR)
    begun = time.monotonic()
    while time.monotonic() - begun < case.after_s and the(services.store.sweep(sweep.decision_id)).active:
        time.sleep(0.05)
    before = _rounds(services, sweep)
    case.rounds = len(before)
    host = fleet.hosts[case.host]
    put_back = _happens(case.what, fleet, host)
    found = _over(services, sweep)
    case.outcomes = [f"{part.status}: {part.reason}" for part in found.parts]
    _judge(case, services, found, before)
    if case.what == "cable":
        _gone(case, fleet, "with its cable pulled")
    put_back()
    _gone(case, fleet, "once all was put back")
    services.store.resume_sweep(sweep.id, OPERATOR)
    found = _over(services, sweep)
    case.again = [f"{part.status}: {part.reason}" for part in found.parts]
    _judge(case, services, found, before)
    if any(part.status != "done" for part in found.parts):
        case.problems.append("gone on with, it did not come to its end")
    _gone(case, fleet, "in the end")


def _happens(what: str, fleet: Fleet, host: Host) -> Callable[[], None]:
    """Let it happen; what is returned puts it back."""

    def anew() -> None:
        host.kill()
        fleet.start(host.name)

    if what == "power":
        host.kill()
        return anew
    if what == "python":
        host.kill()
        try:
            fleet.start(host.name, OTHER_PYTHON)
        except RuntimeError as error:
            if "Version mismatch" in str(error):
                return anew
            raise
        raise AssertionError("a host with another Python joined")
    if what == "cable":
        host.cut()

        def plug() -> None:
            host.cut(back=True)
            anew()

        return plug
    if what == "disk":
        return fleet.fill(host)
    if what == "head":
        for process in fleets.head_processes(fleet):
            process.kill()
        return lambda: _restart(fleet)
    for process in _drivers(fleet):
        process.kill()
    return lambda: None


def _restart(fleet: Fleet) -> None:
    """A head without a memory of its own: the hosts have to join anew."""
    for host in fleet.hosts.values():
        host.kill()
    fleet.head_again()
    for name in fleet.hosts:
        fleet.start(name)


def _drivers(fleet: Fleet) -> list[psutil.Process]:
    """Those that live: one that a killed head took along may not have been waited for yet."""
    wanted = {"advisor.adapters.ray_driver", fleet.address}
    children = (one for one in psutil.Process().children() if one.status() != psutil.STATUS_ZOMBIE)
    return [one for one in children if wanted <= {*one.cmdline()}]


def _over(services: Services, sweep: SweepStatus) -> SweepStatus:
    def over() -> SweepStatus | None:
        found = the(services.store.sweep(sweep.decision_id))
        return None if found.active else found

    return wait_until(over, "the end of the sweep", PATIENCE)


def _rounds(services: Services, sweep: SweepStatus) -> dict[tuple[str, int], str]:
    """Every whole round, by its run and number: when it was begun."""
    with services.store._reading() as session:  # type: ignore[attr-defined]
        jobs = [row[0] for row in session.connection().exec_driver_sql("SELECT id FROM job ORDER BY seq")]
    return {(job, one.index): one.started_at for job in jobs for one in services.store.rounds(job)}


def _judge(case: Case, services: Services, sweep: SweepStatus, before: dict[tuple[str, int], str]) -> None:
    for part in sweep.parts:
        if part.status not in STATED or (part.status != "done" and not part.reason):
            case.problems.append(f"{part.status} without a reason")
    now = _rounds(services, sweep)
    if lost := [key for key, begun in before.items() if now.get(key) != begun]:
        case.problems.append(f"{len(lost)} finished rounds are gone or others")
    with services.store._reading() as session:  # type: ignore[attr-defined]
        machines = dict(session.connection().exec_driver_sql("SELECT id, machine FROM job").fetchall())
    spans: dict[str, list[tuple[datetime, datetime]]] = {}
    for job in {job for job, _ in now}:
        for one in services.store.rounds(job):
            start = datetime.fromisoformat(one.started_at)
            spans.setdefault(machines[job], []).append((start, start + timedelta(seconds=one.seconds)))
    for machine, held in spans.items():
        # Moments are kept in whole seconds.
        if any(after[0] < span[1] - timedelta(seconds=1) for span, after in pairwise(sorted(held))):
            case.problems.append(f"{machine} measured two things at once")


def _gone(case: Case, fleet: Fleet, when: str) -> None:
    for host in fleet.hosts.values():
        try:
            wait_until(lambda host=host: not host.measured(), "gone", 60)  # type: ignore[misc]
        except AssertionError:
            case.problems.append(f"{len(host.measured())} processes of a measurement are left on {host.name} {when}")


if __name__ == "__main__":
    sys.exit(main())
