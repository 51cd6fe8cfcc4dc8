"""What a scan costs beside parsing alone.

``python -m benchmarks.scan FOLDER … [--times N]``: for each folder, lines a second of the whole scan and of
``ast.parse`` over the same Python files, and the ratio of both times; the medians of CPU seconds, taken in turns, files
warm.
"""

from __future__ import annotations

import argparse
import ast
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from statistics import median
from typing import Any

from advisor.scan import engine


def seconds(work: Callable[[Any], object], given: object) -> float:
    """CPU seconds of one call."""
    began = time.process_time()
    work(given)
    return time.process_time() - began


def parsed(files: list[bytes]) -> None:
    """Every file by Python's own parser; what it can't parse is passed over."""
    for content in files:
        with suppress(SyntaxError, ValueError, RecursionError, MemoryError):
            ast.parse(content)


def main() -> None:
    """Print a line a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="+", type=Path)
    parser.add_argument("--times", type=int, default=5)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    total = [0.0, 0.0, 0]
    for folder in options.folder:
        files = [path.read_bytes() for path in folder.rglob("*.py") if path.is_file()]
        report = engine.scan(folder)
        pairs = [(seconds(engine.scan, folder), seconds(parsed, files)) for _ in range(options.times)]
        scanning, parsing = (median(side) for side in zip(*pairs, strict=True))
        lines = report.coverage.lines
        total = [total[0] + scanning, total[1] + parsing, total[2] + lines]
        print(_line(folder.name, lines, scanning, parsing))
    print(_line("all", int(total[2]), total[0], total[1]))


def _line(name: str, lines: int, scanning: float, parsing: float) -> str:
    alone = max(parsing, 1e-9)
    paces = f"scan {lines / scanning:,.0f} lines/s, ast.parse {lines / alone:,.0f} lines/s"
    return f"{name}: {lines:,} lines; {paces}, ratio {scanning / alone:.2f}"


if __name__ == "__main__":
    main()
