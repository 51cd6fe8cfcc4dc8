"""Which ways out take which model files: ``python -m benchmarks.model_file_ways FOLDER [FILE …] [--light]``.

Exports each half by every way and compares what comes out with the half itself; clocks nothing to speak of. A record a
file is kept in FOLDER, and a file that has one already is passed over: a run that was ended goes on where it was.
Without files: the twenty architectures of the tests. What is in FOLDER is printed as a table of Markdown, and below it
every reason of a way that can't take a file.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from probes import records
from probes.commands import terminal
from probes.deploy import catalog, group, run
from probes.deploy.schema import RouteRecord, RoutesRequest, RoutesRun
from probes.engine.running import model_files
from probes.json_form import to_json
from probes.schema import Outcome

ARCHITECTURES = Path(__file__).parents[1] / "tests/architectures"
#: Columns of the table; all other outcomes are one more.
SHOWN = {Outcome.OK: "same answers", Outcome.NOT_COMPARABLE: "other answers", Outcome.UNSUPPORTED: "refused"}


def tried(path: Path, ways: Sequence[str]) -> RoutesRun:
    """All ways of one file, each played by one process. Raises ModelFileError."""
    file = model_files.describe(path)
    request = RoutesRequest(models=(file.id,), ways=tuple(ways), passes=1, model_file=file)
    return run.run(request, model_path=path, on_progress=terminal.Reporter(), lock=_unlocked)


def _unlocked(**_: object) -> AbstractContextManager[None]:
    """Others may measure meanwhile, and nothing here is a figure: the machine isn't waited for."""
    return nullcontext()


def table(runs: Sequence[RoutesRun]) -> list[str]:
    """Rows of Markdown: a way, and of how many halves it gave the answers of its own framework."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for record in _records(runs):
        counts[record.way.id][SHOWN.get(record.outcome, "failed")] += 1
    heads = (*SHOWN.values(), "failed")
    rows = [f"| Way | {' | '.join(heads)} |", "|---" * (1 + len(heads)) + "|"]
    for way in catalog.ways():
        cells = " | ".join(str(counts[way.id][head] or "") for head in heads)
        rows.append(f"| {way.title} ({way.framework}) | {cells} |")
    return rows


def reasons(runs: Sequence[RoutesRun]) -> list[str]:
    """Each reason with its way and its files."""
    found: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for run_ in runs:
        name = Path(run_.request.model_file.name).stem if run_.request.model_file else ""
        for record in run_.records:
            if record.outcome is not Outcome.OK:
                found[record.way.id, record.outcome, record.reason].append(name)
    return [f"{way}: {what}: {', '.join(files)}: {reason}" for (way, what, reason), files in sorted(found.items())]


def _records(runs: Sequence[RoutesRun]) -> list[RouteRecord]:
    return [record for run_ in runs for record in run_.records]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("file", type=Path, nargs="*")
    parser.add_argument("--light", action="store_true", help="leave out what takes half a minute or more to export")
    options = parser.parse_intermixed_args()
    options.folder.mkdir(exist_ok=True)
    group.PROCESSES = 1  # whether another start takes as long isn't asked here
    ways = [way.id for way in catalog.ways() if not (options.light and way.heavy)]
    files = options.file or sorted(path for path in ARCHITECTURES.glob("*.py") if path.name != "__init__.py")
    for path in files:
        kept = options.folder / f"{path.stem}.json"
        if not kept.exists():
            print(path.stem, file=sys.stderr)
            kept.write_text(to_json(tried(path.absolute(), ways)), encoding="utf-8")
    runs = [records.read_routes(kept) for kept in sorted(options.folder.glob("*.json"))]
    print(*table(runs), "", *reasons(runs), sep="\n")


if __name__ == "__main__":
    main()
