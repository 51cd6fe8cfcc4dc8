"""Counts finished migrations from their histories: ``python -m scripts.migrations FOLDER`` writes ``counted`` anew.

``FOLDER/OWNER+NAME/repo`` is the git directory of each repository, bare or not. ``advisor/knowledge/migrations.py``
says what is counted. Files are read through git and never run; nothing of them is kept.
"""

from __future__ import annotations

import argparse
import re
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

import yaml

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
