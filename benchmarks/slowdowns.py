"""Are slow-downs found in a minute, whatever the hour? ``python -m benchmarks.slowdowns FILE``: a call is an hour.

A framework against itself, one side slowed by 5 % at inference or by 10 % in a training step, as a run of a minute
would measure it, and identical sides in the same way. Trials are judged as a user's are who never checked this machine:
by the spreads that are stated. FILE has a line a batch, with when its hour began and where; a later call adds an hour.
What matters is the worst of them.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median

from probes.check.full import SHARED, series
from probes.check.quick import found, identical
from probes.check.schema import Trial
from probes.check.sides import start_worker, started
from probes.check.trials import batch, rejudged
from probes.engine.running.lock import machine_lock
from probes.engine.watching import machine
from probes.json_form import from_dict, to_dict

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
            kept_trials = [(from_dict(Trial, trial), row["pair_seconds"]) for row in own for trial in row["trials"]]
            if not kept_trials:
                continue
            took = median(seconds_of(*kept_trial) for kept_trial in kept_trials)
            trials = [in_a_minute(*kept_trial) for kept_trial in kept_trials]
            rounds = median(len(trial.logs) for trial in trials)
            print(f"{one.name} {hour} {own[0]['machine']}: {one.design.rounds} pairs take {took:.0f} s")
            print(f"    all: {finding([rejudged(trial) for trial, _ in kept_trials], one.design).said}")
            print(f"    what a minute had time for, {rounds:.0f}: {finding(trials, one.design).said}")
    return 0


def seconds_of(trial: Trial, pair_seconds: float) -> float:
    """What a trial takes by itself: its instances, and the starts of its pairs."""
    return trial.seconds + len(trial.logs) * pair_seconds


def in_a_minute(trial: Trial, pair_seconds: float) -> Trial:
    """The trial by as many of its first pairs as a minute has time for, two at least. A design's pairs are those of a
    machine that takes what the planner reckons with; on a slower one a run has fewer."""
    most = int(MINUTE / seconds_of(trial, pair_seconds) * len(trial.logs))
    fewer = slice(max(2, min(len(trial.logs), most)))
    return rejudged(replace(trial, logs=trial.logs[fewer], cpu_logs=trial.cpu_logs[fewer]))


if __name__ == "__main__":
    raise SystemExit(main())
