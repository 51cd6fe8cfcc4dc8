"""Whether anything goes out, looked at for every way, server and measure that can run here.

``python -m tests.stress.outgoing [--only TEXT] [--every-probe]`` prints a table: what was run, its outcome, attempts
that Python made, those that the kernel saw, and what was left in the user's home. Exits with 1 if there was one, if
something failed, or if nothing could be watched. Environments that were made take part; all in all about a quarter of
an hour on two cores that nobody else uses, and half a minute more for each probe.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from probes import catalog as probes_catalog
from probes.deploy import catalog as routes
from probes.schema import Outcome
from probes.serving import catalog as servers
from tests import outgoing

RAN = {"ok", "too noisy"}


@dataclass(frozen=True)
class Subject:
    """What is run, and how."""

    name: str
    arguments: tuple[str, ...]  # of ``python -m probes``
    why_not: str = ""


def subjects(*, every_probe: bool) -> Iterator[Subject]:
    """All that can be run, and what can't, with the reason."""
    for way in routes.ways():
        arguments = ("routes", "--model", "mlp", "--passes", "2", "--way", way.id)
        yield Subject(f"way {way.id}", arguments, routes.why_not(way))
    for row in servers.availability():
        arguments = ("serve", "--seconds", "10", "--limit-ms", "500", "--server", row.server.id)
        yield Subject(f"server {row.server.id}", arguments, row.reason if row.outcome != Outcome.OK else "")
    yield Subject("probes of a quick run", ("run", "--model", "mlp", "--budget", "quick"))
    for id_ in probes_catalog.probes_by_id() if every_probe else ():
        if id_.startswith("mlp."):
            yield Subject(f"probe {id_}", ("run", "--probe", id_, "--budget", "30"))


def main() -> int:
    """See above."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="names that contain this")
    parser.add_argument("--every-probe", action="store_true", help="each of the MLP's by itself, beside a quick run")
    options = parser.parse_args()
    if not outgoing.traced():
        print("strace is not here, or may not be used: attempts of native code would not be seen", file=sys.stderr)
        return 1
    clean = True
    with tempfile.TemporaryDirectory(prefix="outgoing-") as scratch:
        print(f"{'':44}{'outcome':16}{'Python':>8}{'kernel':>8}  left in the home", flush=True)
        for number, subject in enumerate(subjects(every_probe=options.every_probe)):
            if options.only not in subject.name:
                continue
            if subject.why_not:
                print(f"{subject.name:44}not run: {subject.why_not[:90]}", flush=True)
                continue
            folder, out = Path(scratch) / str(number), Path(scratch) / f"{number}.json"
            command = [sys.executable, "-m", "probes", *subject.arguments, "--out", str(out)]
            found = outgoing.watch(command, folder, cache=Path(scratch) / "cache")
            shutil.rmtree(folder, ignore_errors=True)
            ended = outgoing.outcomes(out) if found.code == 0 else (f"exit code {found.code}",)
            counts = f"{len(found.python):>8}{len(found.native or ()):>8}"
            print(f"{subject.name:44}{', '.join(ended):16}{counts}  {' '.join(found.home)}".rstrip(), flush=True)
            for what, times in Counter(found.attempts).items():
                print(f"{'':44}  {times} × {what}", flush=True)
            clean = clean and {*ended} <= RAN and not found.attempts and not found.home
    return 0 if clean else 1


if __name__ == "__main__":
    sys.exit(main())
