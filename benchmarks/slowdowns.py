"""Are slow-downs found in a minute, whatever the hour? ``python -m benchmarks.slowdowns FILE``: a call is an hour.

A framework against itself, one side slowed by 5 % at inference or by 10 % in a training step, as a run of a minute
would measure it, and identical sides in the same way. Trials are judged as a user's are who never checked this machine:
by the spreads that are stated. FILE has a line a batch, with when its hour began and where; a later call adds an hour.
What matters is the worst of them.
"""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from probes.check.full import SHARED, series
from probes.check.quick import found, identical
from probes.check.schema import Trial
from probes.check.sides import start_worker, started
from probes.check.trials import batch, rejudged
from probes.engine.running.lock import machine_lock
from probes.engine.watching import machine
from probes.json_form import from_json, to_dict

MINUTE = 60.0  # seconds in which these verdicts are promised


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--trials", type=int, default=15, help="of each kind and framework; 0 only prints")
    options = parser.parse_args(arguments)
    promised = [one for one in series() if one.budget == MINUTE]
    hour, cpu = datetime.now(UTC).isoformat(timespec="minutes"), machine.read().cpu
    lines = options.file.read_text(encoding="utf-8").splitlines() if options.file.exists() else []
    rows = [json.loads(line) for line in lines]
    start = partial(started, launcher=start_worker)
    with machine_lock(waiting=lambda: print("Another run has this machine"), cancelled=lambda: False):
        for done in range(0, options.trials, SHARED):
            for one in promised:
                trials, pair_seconds = batch(one.design, min(SHARED, options.trials - done), len(rows), start)
                told = {"hour": hour, "machine": cpu, "series": one.name, "pair_seconds": round(pair_seconds, 2)}
                rows.append({**told, "trials": [to_dict(trial) for trial in trials]})
                with options.file.open("a", encoding="utf-8") as kept:
                    kept.write(json.dumps(rows[-1], separators=(",", ":")) + "\n")
    for one in promised:
        finding = found if one.design.slowdown else identical
        for hour in dict.fromkeys(row["hour"] for row in rows):
            own = [row for row in rows if (row["hour"], row["series"]) == (hour, one.name)]
            if trials := [rejudged(from_json(Trial, json.dumps(trial))) for row in own for trial in row["trials"]]:
                print(f"{one.name:42} {hour}  {own[0]['machine']}: {finding(trials, one.design).said}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
