"""Do runs take as long as they say? ``python -m benchmarks.run_times FOLDER``: every network, every budget, in turn.

A run is stated to take its plan's seconds, and where its sides were never compared here the check's on top. What took
more than ``OVERRUN`` times that broke the promise; the exit status is 1 then. Each run's record is kept in FOLDER,
which is gone on with: what it has isn't run again.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from probes import catalog, records
from probes.engine.judging.results import OVERRUN
from probes.results import RunResult

#: Budgets of a command line, the named ones last: each network comes to each.
BUDGETS = ("quick", "60", "120", "standard")


def main(arguments: list[str] | None = None) -> int:
    networks = [spec.id for spec in catalog.models()]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--budget", action="append", choices=BUDGETS, help="may be repeated; all if left out")
    parser.add_argument("--model", action="append", choices=networks, help="may be repeated")
    parser.add_argument("--most", type=int, default=1000, metavar="N", help="runs made in this call; 0 only prints")
    options = parser.parse_args(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    asked = [(m, b) for b in options.budget or BUDGETS for m in options.model or networks]
    missing = [(m, b) for m, b in asked if not _place(options.folder, m, b).exists()]
    for model, budget in missing[: options.most]:
        place = _place(options.folder, model, budget)
        command = [sys.executable, "-m", "probes", "run", "--model", model, "--budget", budget, "--out", str(place)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode not in (0, 1) or not place.exists():
            raise SystemExit(f"{model} in {budget}: {done.stderr[-2000:]}")
    return _told([(m, b, records.read(p)) for m, b in asked if (p := _place(options.folder, m, b)).exists()])


def _place(folder: Path, model: str, budget: str) -> Path:
    return folder / f"{model}-{budget}.json"


def _told(runs: list[tuple[str, str, RunResult]]) -> int:
    """A line a run; 1 if one took too long."""
    print("network       budget    stated    took   share  rounds  probes  decided  disturbed rounds")
    broken = 0
    for model, budget, run in runs:
        if run.schedule is None:
            raise SystemExit(f"{model} in {budget}: the record says no schedule")
        stated = run.schedule.budget_seconds
        with_check = stated + run.schedule.check_seconds
        broken += run.seconds > OVERRUN * stated + run.schedule.check_seconds
        decided = sum(row.verdict not in (None, "undecided") for row in run.results)
        disturbed = sum(round_.contended for round_ in run.rounds)
        print(
            f"{model:12}  {budget:8}  {stated:5.0f} s  {run.seconds:5.1f} s  {run.seconds / stated:5.2f}  "
            f"{len(run.rounds):3} of {run.planned_rounds}  {len(run.results):6}  {decided:7}  {disturbed:3}"
            + (f"  (with the first comparison {with_check:.0f} s)" if run.seconds > stated else "")
        )
    print(f"{broken} of {len(runs)} runs took longer than {OVERRUN:g} times what was stated")
    return int(broken > 0)


if __name__ == "__main__":
    raise SystemExit(main())
