"""Do other people's timers see what runs say? ``python -m benchmarks.foreign_timers FOLDER``: ``verify`` at its word.

For each probe that a record of FOLDER timed step by step, the line that ``python -m probes verify`` prints for timeit
is run on both sides in turns, in fresh processes; the median of the pairs' ratios ought to lie in the interval that the
run stated, 19 times in 20. What was clocked is kept in FOLDER/foreign.jsonl, which is gone on with.

Records of a team's own models say which file, not where it lies: ``--models`` names the folder.
"""

from __future__ import annotations

import argparse
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from statistics import median

from probes import catalog, records
from probes.check import reproduce
from probes.results import ProbeResult, Ratio, RunResult
from probes.schema import FRAMEWORKS, Device, Framework

PAIRS = 3
SECONDS = {"nsec": 1e-9, "usec": 1e-6, "msec": 1e-3, "sec": 1.0}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "--most", type=int, default=1000, metavar="N", help="figures clocked in this call; 0 only prints"
    )
    parser.add_argument("--models", type=Path, metavar="FOLDER", help="where the model files of records lie")
    options = parser.parse_args(arguments)
    kept = options.folder / "foreign.jsonl"
    rows = [json.loads(line) for line in kept.read_text(encoding="utf-8").splitlines()] if kept.exists() else []
    known = {(row["run"], row["probe"]) for row in rows}
    for path in sorted(options.folder.glob("*.json")):
        run = records.read(path)
        model_path = _model_path(run, options.models)
        for result in run.results:
            if options.most and (path.name, result.probe) not in known and (ratio := _timed(result)) is not None:
                options.most -= 1
                pairs = [_pair(run, result, number, model_path) for number in range(PAIRS)]
                rows.append(
                    {"run": path.name, "probe": result.probe, "low": ratio.low, "high": ratio.high}
                    | {"estimate": ratio.estimate, "pairs": pairs}
                )
                with kept.open("a", encoding="utf-8") as lines:
                    lines.write(json.dumps(rows[-1]) + "\n")
    inside = 0
    for row in rows:
        seen = median(row["pairs"])
        inside += (held := row["low"] <= seen <= row["high"])
        print(
            f"{row['run']:28} {row['probe']:32} stated {row['low']:6.3f} to {row['high']:6.3f}  "
            f"timeit {seen:6.3f} ({min(row['pairs']):.3f} to {max(row['pairs']):.3f})  {'' if held else 'OUTSIDE'}"
        )
    print(f"{inside} of {len(rows)} lie inside")
    return int(inside < 0.95 * len(rows))


def _model_path(run: RunResult, folder: Path | None) -> str:
    """Where the run's own model lies; "" of a stock network. Ends the program where that isn't known."""
    file = run.request.model_file
    if file is None:
        return ""
    catalog.adopt(file)
    if folder is None or not (folder / file.name).exists():
        raise SystemExit(f"--models: {folder or 'missing'}; the run measured {file.name}: name the folder it lies in")
    return str((folder / file.name).absolute())


def _timed(result: ProbeResult) -> Ratio | None:
    """The ratio of a probe that ``verify`` has lines for."""
    found = catalog.known({result.probe})
    return result.ratio if found and found[0].measure_spec.kind == "timed" else None


def _pair(run: RunResult, result: ProbeResult, number: int, model_path: str) -> float:
    """TensorFlow over PyTorch in the probe's own unit, a time or a rate; who goes first alternates."""
    seconds = {
        side: _clocked(run, result.probe, side, model_path) for side in FRAMEWORKS[:: 1 if number % 2 == 0 else -1]
    }
    ratio = seconds["tensorflow"] / seconds["pytorch"]
    return round(ratio if result.better == "lower" else 1 / ratio, 4)


def _clocked(run: RunResult, probe: str, side: Framework, model_path: str) -> float:
    device: Device = "cuda" if run.on_gpu else "cpu"
    line = reproduce.lines(probe, side, run.request, device=device, model_path=model_path)["timeit"]
    command = [sys.executable if word == "python" else word for word in shlex.split(line)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    told = re.search(r"best of \d+: ([\d.e+-]+) (nsec|usec|msec|sec) per loop", done.stdout)
    if told is None:
        raise SystemExit(f"{probe} in {side}: {done.stdout[-500:]}{done.stderr[-2000:]}")
    return float(told[1]) * SECONDS[told[2]]


if __name__ == "__main__":
    raise SystemExit(main())
