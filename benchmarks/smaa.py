"""Our SMAA-2 beside pysensmcda's: ``python -m benchmarks.smaa ENVIRONMENT/bin/python [--problems N] [--samples N]``.

pysensmcda pins an old pandas, so it lives in an environment of its own:
``python -m venv ENVIRONMENT && ENVIRONMENT/bin/pip install pysensmcda==2.0.0``. Both get the same random problems (two
alternatives, 3 to 25 criteria, uncertain values, nothing said of weights) and draw weights by themselves. Prints how
far acceptabilities and central weights are apart in standard errors, and how long either took.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np

from advisor.decision.scoring.smaa import smaa
from advisor.decision.scoring.weights import uniform_simplex

_THEIRS = """
import sys, time
import numpy as np
from pysensmcda.smaa import smaa2

folder, problems = sys.argv[1], int(sys.argv[2])
for number in range(problems):
    values = np.load(f"{folder}/{number}.npy")
    begin = time.perf_counter()
    found = smaa2(lambda matrix, weights, types: matrix @ weights, values[0], np.ones(values.shape[2]),
                  num_samples=len(values), matrix_samples=values, seed=number)
    seconds = time.perf_counter() - begin
    np.savez(f"{folder}/{number}.npz", acceptability=found.acceptability, central=found.central_weights,
             error=found.central_weights_error, seconds=seconds)
"""


def main() -> None:
    """Compare and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("python", help="an interpreter that has pysensmcda 2.0.0")
    parser.add_argument("--problems", type=int, default=50)
    parser.add_argument("--samples", type=int, default=5_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        problems = [_problem(number, options.samples) for number in range(options.problems)]
        for number, values in enumerate(problems):
            np.save(folder / f"{number}.npy", values.transpose(2, 0, 1))
        subprocess.run([options.python, "-c", _THEIRS, str(folder), str(options.problems)], check=True)
        _compare(folder, problems)


def _problem(number: int, samples: int) -> np.ndarray:
    """Values of two alternatives, shape (2, criteria, samples) in [0, 1]."""
    rng = np.random.default_rng([number, 1])
    criteria = int(rng.integers(3, 26))
    middle, width = rng.random((2, criteria, 1)), rng.uniform(0, 0.4, (2, criteria, 1))
    return np.asarray(np.clip(middle + width * rng.standard_normal((2, criteria, samples)), 0, 1))


def _compare(folder: Path, problems: list[np.ndarray]) -> None:
    off, central_off, ours, theirs = [], [], 0.0, 0.0
    for number, values in enumerate(problems):
        samples = values.shape[2]
        begin = time.perf_counter()
        found = smaa(values, uniform_simplex(values.shape[1], samples, np.random.default_rng([number, 2])))
        ours += time.perf_counter() - begin
        other = np.load(folder / f"{number}.npz")
        theirs += float(other["seconds"])
        p = (found.acceptability[0] + other["acceptability"][0]) / 2
        error = max(np.sqrt(2 * p * (1 - p) / samples), 1 / samples)
        off.append(float((found.acceptability[0] - other["acceptability"][0]) / error))
        known = np.isfinite(found.central_weights) & np.isfinite(other["central"]) & (other["error"] > 0)
        enough = known & (np.minimum(found.acceptability, other["acceptability"]) * samples >= 100)[:, None]
        differences = (found.central_weights - other["central"])[enough]
        central_off += (differences / (np.sqrt(2) * other["error"][enough])).tolist()
    print(f"{len(problems)} problems; differences in standard errors, of which about 1 in 370 should be beyond 3:")
    for what, differences in (("acceptability", off), ("central weights", central_off)):
        size = np.abs(differences)
        print(
            f"  {what:<16} {len(size):5d} compared, root mean square {np.sqrt(np.mean(size**2)):.2f}, "
            f"largest {size.max():.2f}, beyond 3: {(size > 3).sum()}"
        )
    print(f"  time: ours {ours:.2f} s, pysensmcda {theirs:.2f} s, {theirs / ours:.0f} times as long")


if __name__ == "__main__":
    main()
