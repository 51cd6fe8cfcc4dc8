"""How long a sweep takes on two hosts against one: ``python -m benchmarks.sweeps --budget quick``.

Hosts are network namespaces with a core each (``tests.fleets``: needs root, iproute2 and FULCRUM_TEST_RAY). Every
network is measured once on the first host alone, then once on whichever of both is free. Six networks in a quick run
take twelve minutes on two cores that nothing else uses; ``--network`` and ``--on`` do it in pieces.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace

from advisor.adapters.ray_runner import RayRunner
from advisor.answers import Answers
from advisor.ports import Services
from advisor.queue import executor, sweeps
from advisor.records import Requester, SweepPart, SweepStatus
from probes.schema import LEVELS, RunRequest
from tests import fakes, fleets
from tests.stores import the

HOSTS = ("a", "b")
PATIENCE = 3600.0


def main(arguments: Sequence[str] | None = None) -> int:
    """0 if every run came to its end."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sweeps")
    parser.add_argument("--network", action="append", default=[], help="may be repeated; all if left out")
    parser.add_argument("--budget", default="quick", help=f"{', '.join(LEVELS)}, or seconds")
    parser.add_argument("--on", choices=("one", "two", "both"), default="both", help="hosts; one, then two if left out")
    options = parser.parse_args(arguments)
    if reason := fleets.why_not():
        print(reason, file=sys.stderr)
        return 1
    took = {}
    for name, hosts in (("one", HOSTS[:1]), ("two", HOSTS)):
        if options.on in (name, "both"):
            took[name], runs = _swept(hosts, options.network, options.budget)
            said = {"hosts": name, "budget": options.budget, "seconds": round(took[name], 1), "runs": runs}
            print(json.dumps(said), flush=True)
    if len(took) == 2:
        print(f"two hosts / one: {took['two'] / took['one']:.3f}")
    return 0


def _swept(hosts: Sequence[str], networks: Sequence[str], asked: str) -> tuple[float, dict[str, str]]:
    """In a cluster and with a cache of their own: what one sweep learned, the other would find known."""
    with (
        tempfile.TemporaryDirectory() as folder,
        fleets.variable("FULCRUM_DATA_DIR", folder),
        fleets.fleet(*hosts) as fleet,
    ):
        services = replace(fakes.services(), runner=RayRunner(fleet.address, python=fleets.PYTHON))
        services.runner.look()
        chosen = networks or [model.id for model in services.runner.models()]
        budget = asked if asked in LEVELS else float(asked)
        parts = sweeps.parts(RunRequest(budget=budget), chosen, sweeps.Places((tuple(hosts),)), services.runner)
        return _seconds(services, parts)


class _Watched(executor.Stop):
    """Looks at a sweep as often as the executor looks for work, and ends that with it: a look of its own, dozens of
    times a second, took a fifth of a core from what was measured."""

    def __init__(self, services: Services, decision: str) -> None:
        super().__init__()
        self._services, self._decision, self._begun = services, decision, time.monotonic()
        self.seen: dict[str, list[float]] = {}  # by network, the seconds at which it was seen at work

    def idle(self) -> bool:
        if time.monotonic() - self._begun > PATIENCE:
            raise RuntimeError(f"not over after {PATIENCE:.0f} s")
        found = self.sweep()
        for part in found.parts:
            if part.status == "running":
                self.seen.setdefault(part.request.model, []).append(time.monotonic() - self._begun)
        return not found.active

    def sweep(self) -> SweepStatus:
        return the(self._services.store.sweep(self._decision))


def _seconds(services: Services, parts: Sequence[SweepPart]) -> tuple[float, dict[str, str]]:
    """How long it took, and of each network where and from when to when its run was seen at work, in seconds."""
    decision = services.store.create_decision(Answers()).id
    begun = time.monotonic()
    services.store.begin_sweep(decision, parts, Requester(operator=True))
    watched = _Watched(services, decision)
    executor.work(services, "here", watched)
    seconds, found = time.monotonic() - begun, watched.sweep()
    if reasons := [part.reason for part in found.parts if part.status != "done"]:
        raise RuntimeError(f"not done: {reasons}")
    where = {part.request.model: part.machine for part in found.parts}
    return seconds, {one: f"{where[one]} {at[0]:.0f} to {at[-1]:.0f}" for one, at in watched.seen.items()}


if __name__ == "__main__":
    sys.exit(main())
