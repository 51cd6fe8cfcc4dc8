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
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from advisor.adapters.ray_runner import RayRunner
from advisor.answers import Answers
from advisor.ports import Services
from advisor.queue import executor, sweeps
from advisor.records import Requester, SweepPart, SweepStatus
from probes.schema import LEVELS, RunRequest
from tests import fakes, fleets
from tests.processes import wait_until
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
    with (
        tempfile.TemporaryDirectory() as folder,
        fleets.fleet(*HOSTS) as fleet,
        fleets.variable("FULCRUM_DATA_DIR", folder),
    ):
        services = replace(fakes.services(), runner=RayRunner(fleet.address, python=fleets.PYTHON))
        services.runner.look()
        networks = options.network or [model.id for model in services.runner.models()]
        budget = options.budget if options.budget in LEVELS else float(options.budget)
        for name, places in (("one", HOSTS[:1]), ("two", HOSTS)):
            if options.on in (name, "both"):
                asked = sweeps.parts(RunRequest(budget=budget), networks, sweeps.Places((places,)), services.runner)
                took[name], runs = _seconds(services, asked)
                said = {"hosts": name, "budget": budget, "seconds": round(took[name], 1), "runs": runs}
                print(json.dumps(said), flush=True)
    if len(took) == 2:
        print(f"two hosts / one: {took['two'] / took['one']:.3f}")
    return 0


def _seconds(services: Services, parts: Sequence[SweepPart]) -> tuple[float, dict[str, str]]:
    """How long it took, and of each network where and from when to when its run was seen at work, in seconds."""
    stop, begun = executor.Stop(), time.monotonic()
    seen: dict[str, list[float]] = {}
    sweep = services.store.begin_sweep(services.store.create_decision(Answers()).id, parts, Requester(operator=True))

    def over() -> SweepStatus | None:
        found = the(services.store.sweep(sweep.decision_id))
        for part in found.parts:
            if part.status == "running":
                seen.setdefault(part.request.model, []).append(time.monotonic() - begun)
        return None if found.active else found

    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(executor.work, services, "here", stop)
        found = the(wait_until(over, "the end of the sweep", PATIENCE))
        seconds = time.monotonic() - begun
        stop.asked.set()
        working.result()
    if reasons := [part.reason for part in found.parts if part.status != "done"]:
        raise RuntimeError(f"not done: {reasons}")
    where = {part.request.model: part.machine for part in found.parts}
    return seconds, {one: f"{where[one]} {at[0]:.0f} to {at[-1]:.0f}" for one, at in seen.items()}


if __name__ == "__main__":
    sys.exit(main())
