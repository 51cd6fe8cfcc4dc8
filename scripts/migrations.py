"""Counts finished migrations from their histories: ``python -m scripts.migrations FOLDER`` writes ``counted`` anew.

What the scan finds at the commit before goes into ``constructs``. ``FOLDER/OWNER+NAME/repo`` is the git directory of
each repository, bare or not. ``advisor/effort/migrations.py`` says what is counted. Files are read through git and
never run; nothing of them is kept.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any, Final

import yaml

from advisor.effort.constructs import by_area, by_file
from advisor.effort.rates import rates
from advisor.effort.record import way_taken
from advisor.scan import engine
from advisor.scan.report import FoundFramework

#: What a migration leaves: that there was PyTorch in the project already is no work.
LEFT: Final[tuple[FoundFramework, ...]] = ("tensorflow", "keras")
FILE: Final = Path(__file__).resolve().parents[1] / "data" / "migrations.yaml"
_DAYS_A_MONTH: Final = 30.44


def main() -> None:
    """Count the migrations of the file, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the git directories are, as OWNER+NAME/repo")
    parser.add_argument("ids", nargs="*", help="all of the file if left out")
    options = parser.parse_args()
    text = FILE.read_text(encoding="utf-8")
    for row in yaml.safe_load(text)["migrations"]:
        if options.ids and row["id"] not in options.ids:
            continue
        owner, name = row["repository"].split("/")[-2:]
        found = counted(
            options.folder / f"{owner}+{name}" / "repo", row["before"], row["after"], row["old"], row["new"]
        )
        text = written(text, row["id"], found)
        text = with_constructs(text, row["id"], constructs(options.folder / f"{owner}+{name}" / "repo", row))
    FILE.write_text(text, encoding="utf-8")


def counted(repository: Path, before: str, after: str, old: Sequence[str], new: Sequence[str]) -> dict[str, Any]:
    """What ``CountedMigration`` holds. Raises SystemExit where a commit is missing or nothing is to be counted."""
    started = files(repository, before, old)
    ended = files(repository, after, new)
    touched = set(started) | set(ended) | set(files(repository, before, new)) | set(files(repository, after, old))
    work = list(commits(repository, before, after, touched))
    if not started or not work:
        raise SystemExit(
            f"{repository}: no file imports {', '.join(old)}, or no commit touches one; are the commits there?"
        )
    days = sorted(day for _, day in work)
    between = date.fromisoformat(days[-1]) - date.fromisoformat(days[0])
    return {
        "begun": days[0],
        "ended": days[-1],
        "months": round(between.days / _DAYS_A_MONTH, 1),
        "files_before": len(started),
        "files_after": len(ended),
        "lines_before": lines(repository, before, started),
        "lines_after": lines(repository, after, ended),
        "author_days": len(set(work)),
        "authors": len({author for author, _ in work}),
        "commits": len(work),
    }


def files(repository: Path, commit: str, modules: Iterable[str]) -> list[str]:
    """The Python files that import any of the modules, or what is in them."""
    names = "|".join(re.escape(module) for module in modules)
    pattern = rf"^[[:space:]]*(from|import)[[:space:]]+({names})([[:space:].,]|$)"
    found = _git(repository, "grep", "-z", "-l", "-E", pattern, commit, "--", "*.py", none=1)
    return [entry.partition(":")[2] for entry in found.split("\0") if entry]


def lines(repository: Path, commit: str, paths: Iterable[str]) -> int:
    """How many of their lines aren't blank."""
    return sum(
        bool(line.strip()) for path in paths for line in _git(repository, "show", f"{commit}:{path}").splitlines()
    )


def commits(repository: Path, before: str, after: str, paths: set[str]) -> Iterator[tuple[str, str]]:
    """Author and day of each commit after ``before`` up to ``after`` that touches a path, merges aside."""
    log = _git(
        repository, "log", "--no-merges", "--name-only", "--format=%x01%ae%x02%as", f"{before}..{after}", "--", "*.py"
    )
    for entry in log.split("\x01")[1:]:
        head, *touched = entry.splitlines()
        if paths & set(touched):
            author, _, day = head.partition("\x02")
            yield author.lower(), day


def constructs(repository: Path, row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the scan of the Python files at ``before`` finds of the frameworks that were left."""
    way = way_taken(row["target"])
    concerns = {framework: rates().move(way.moves[framework]).concerns for framework in LEFT}
    with tempfile.TemporaryDirectory() as folder:
        for path in _git(repository, "ls-tree", "-r", "-z", "--name-only", row["before"]).split("\0"):
            if path.endswith(".py"):
                place = Path(folder) / path
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_text(_git(repository, "show", f"{row['before']}:{path}"), encoding="utf-8")
        report = engine.scan(Path(folder))
    held = by_area(by_file(report, concerns))
    return [
        {
            "framework": framework,
            "area": area,
            **{name: round(count, 1) for name, count in asdict(one).items() if count},
        }
        for (framework, area), one in held.items()
    ]


def with_constructs(text: str, row: str, found: Sequence[dict[str, Any]]) -> str:
    """The file with what there was to move in a row, on lines of their own below what was counted."""
    entries = (
        ", ".join(
            f"{key}: {value:.10g}" if isinstance(value, float) else f"{key}: {value}" for key, value in one.items()
        )
        for one in found
    )
    lines = "".join(f"  - {{{entry}}}\n" for entry in entries)
    block = re.compile(
        rf"(^- id: {re.escape(row)}\n(?:  .*\n)*?  counted:.*\n)(?:  constructs:.*\n(?:  - .*\n)*)?", re.MULTILINE
    )
    return block.sub(lambda match: f"{match[1]}  constructs:\n{lines}" if found else match[1], text, count=1)


def _git(repository: Path, *arguments: str, none: int = 0) -> str:
    """What git writes; ``none`` is the exit status that says that it found nothing."""
    command = ["git", "-c", "core.quotepath=off", "-C", str(repository), *arguments]
    found = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if found.returncode not in (0, none):
        raise SystemExit(f"{repository}: git {arguments[0]}: {found.stderr.strip()[-300:]}")
    return found.stdout


def written(text: str, row: str, found: dict[str, Any]) -> str:
    """The file with what was counted of a row, on a line of its own."""
    values = ", ".join(f"{key}: {value!r}" for key, value in found.items())
    block = re.compile(rf"(^- id: {re.escape(row)}\n(?:  .*\n)*?)  counted:.*\n", re.MULTILINE)
    return block.sub(lambda match: f"{match[1]}  counted: {{{values}}}\n", text, count=1)


if __name__ == "__main__":
    main()
