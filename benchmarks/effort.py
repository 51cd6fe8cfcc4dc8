"""How estimates of effort did on finished migrations, each estimated from the others alone.

``python -m benchmarks.effort``: a line a migration, then how many lay between P10 and P90, the width of the intervals,
and what it comes to with less told and by lines alone; ``--exit`` ends with 1 below seven in ten.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from statistics import mean, median, stdev
from typing import Final

from scipy.special import stdtrit

from advisor.effort import record
from advisor.wording.quantities import percent

LEAST: Final = 0.7


def main() -> int:
    """Print the record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--exit", action="store_true", help="end with 1 below seven in ten")
    options = parser.parse_args()
    print(f"{'migration':26} {'author-days':>11} {'P10':>6} {'P50':>6} {'P90':>6}  held")
    for line in record.lines():
        counted = line.migration.counted
        held = {None: "squashed, not counted", True: "yes", False: "no"}[line.held]
        days = f"{line.p10:6.1f} {line.p50:6.1f} {line.p90:6.1f}"
        print(f"{line.migration.id:26} {counted.author_days:11} {days}  {held}")
    told = [line for line in record.lines() if line.held is not None]
    share = sum(bool(line.held) for line in told) / len(told)
    off = [abs(math.log(line.migration.counted.author_days / line.p50)) for line in told]
    fit = record.fit()
    print(
        f"\nheld {share * len(told):.0f} of {len(told)}, {percent(share)}; P90/P10 median "
        f"{median(line.p90 / line.p10 for line in told):.1f}; median error a factor of {math.exp(median(off)):.2f}"
    )
    print(f"fit of all: level × {math.exp(fit.location):.2f}, spread × {math.exp(fit.spread):.2f}")
    untold = [line for line in record.lines(told=False) if line.held is not None]
    print(
        f"without being told what is dropped or redesigned: held {sum(bool(line.held) for line in untold)} of "
        f"{len(untold)}, P90/P10 median {median(line.p90 / line.p10 for line in untold):.1f}"
    )
    held_by_lines, width = by_lines([
        (line.migration.counted.lines_before, line.migration.counted.author_days) for line in told
    ])  # fmt: skip
    print(f"author-days a line alone, the same way: held {held_by_lines} of {len(told)}, P90/P10 median {width:.1f}")
    return int(options.exit and share < LEAST)


def by_lines(rows: Sequence[tuple[int, int]]) -> tuple[int, float]:
    """What the simplest model comes to: days = lines × a log-normal rate. How many held, and the median of P90/P10."""
    held, widths = 0, []
    for i, (lines, days) in enumerate(rows):
        rates = [math.log(d / n) for k, (n, d) in enumerate(rows) if k != i]
        reach = stdev(rates) * math.sqrt(1 + 1 / len(rates)) * float(stdtrit(len(rates) - 1, 0.9))
        off = math.log(days / lines) - mean(rates)
        held += abs(off) <= reach
        widths.append(math.exp(2 * reach))
    return held, median(widths)


if __name__ == "__main__":
    raise SystemExit(main())
