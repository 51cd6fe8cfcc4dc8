"""Real repositories: ``python -m tests.stress.scanning CHECKOUTS [--write]``.

CHECKOUTS has a folder OWNER+NAME a repository of ``tests/advisor/scan/repositories.yaml``, at the commit that is named
there. Prints what the scan says beside the label; with ``--write`` that becomes the record. None of their code is kept.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path
from typing import Any, Final

import yaml

from advisor.scan.engine import scan

RECORD: Final = Path(__file__).parents[1] / "advisor" / "scan" / "repositories.yaml"


def looked(folder: Path) -> dict[str, Any]:
    """What is kept of a scan."""
    report = scan(folder)
    return {
        "primary": report.primary,
        "lines": report.coverage.lines,
        "uses": {name: use.uses for name, use in report.frameworks.items()},
        "findings": dict(sorted(Counter(one.rule for one in report.findings).items())),
        "blind_spots": dict(sorted(Counter(one.kind for one in report.blind_spots).items())),
    }


def main() -> int:
    """0 if every label is met and every record is still so."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkouts", type=Path)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    record = yaml.safe_load(RECORD.read_text(encoding="utf-8"))
    right = same = seen = 0
    for one in record:
        folder = options.checkouts / one["repository"].replace("/", "+")
        if not folder.is_dir():
            print(f"{one['repository']}: not there")
            continue
        found = looked(folder)
        seen += 1
        right += found["primary"] == one["label"]
        same += found == one.get("scan")
        changed = "" if found == one.get("scan") else ", changed"
        print(f"{one['repository']}: {found['primary']}, label {one['label']}{changed}")
        one["scan"] = found
    print(f"{right} of {seen} labels met, {same} records as before")
    if options.write:
        RECORD.write_text(yaml.safe_dump(record, sort_keys=False, width=120), encoding="utf-8")
    return 0 if right == same == seen else 1


if __name__ == "__main__":
    sys.exit(main())
