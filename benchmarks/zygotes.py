"""Do processes that are forked from an importer scatter like fresh ones? ``python -m benchmarks.zygotes --out FILE``.

A *zygote* has imported a framework and computed nothing; a fork of it saves the import, but all forks of one share an
address layout. Identical sides (A/A): pairs of forks of twelve pairs of zygotes, three each, in turns with as many
fresh pairs. If forks of one zygote scatter like fresh pairs do, a fork may count as a process; if zygotes differ beyond
their forks, the zygote is the process and forks are instances of it. Linux and CPU only. FILE takes a line for each
pair and is gone on with.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import fmean, variance
from typing import Any, cast

from scipy.stats import f as f_distribution

from probes.catalog import PACKAGES
from probes.check.sides import both, start_worker, started
from probes.check.trials import Design, measure
from probes.contracts import Cancelled
from probes.engine.child import command_loop
from probes.engine.child.import_guard import ImportGuard
from probes.engine.judging import verdicts
from probes.engine.running.child import Child, ChildError
from probes.schema import FRAMEWORKS, Framework

PROBES = ("mlp.inference_b1", "mlp.train_step")
ZYGOTES, FORKS, INSTANCES = 12, 3, 2
IMPORTED = {"pytorch": ("torch",), "tensorflow": ("tensorflow", "keras")}


class ForkedChild:
    """A fork of a zygote, behind two named pipes."""

    def __init__(self, framework: Framework, zygote: subprocess.Popen[str], folder: Path) -> None:
        self.framework: Framework = framework
        names = [str(folder / f"{len(list(folder.iterdir()))}-{end}") for end in ("in", "out")]
        for name in names:
            os.mkfifo(name)
        assert zygote.stdin is not None  # noqa: S101 - a pipe
        zygote.stdin.write(json.dumps(names) + "\n")
        zygote.stdin.flush()
        self._commands = open(names[0], "w", encoding="utf-8")  # noqa: SIM115 - closed by close()
        self._replies = open(names[1], encoding="utf-8")  # noqa: SIM115

    def ask(self, do: str, *, timeout: float, **arguments: Any) -> dict[str, Any]:  # noqa: ARG002 - nobody cancels this
        self._commands.write(json.dumps({"do": do, **arguments}) + "\n")
        self._commands.flush()
        reply: dict[str, Any] = json.loads(self._replies.readline())
        if "error" in reply:
            raise RuntimeError(reply["error"])
        return reply

    def close(self) -> None:
        """The end of its commands is its own end."""
        self._commands.close()
        self._replies.read()
        self._replies.close()


@contextmanager
def zygotes(number: Callable[[], int]) -> Iterator[Callable[..., Child]]:
    """A launcher that forks two zygotes, each always the same side: who starts first alternates with ``number``."""
    made: dict[int, subprocess.Popen[str]] = {}
    calls = 0

    with ExitStack() as ending:
        folder = Path(ending.enter_context(tempfile.TemporaryDirectory()))

        def launch(framework: Framework, environment: dict[str, str], _: Cancelled) -> Child:
            nonlocal calls
            side = (calls + number()) % 2
            calls += 1
            if side not in made:
                command = [sys.executable, "-m", "benchmarks.zygotes", "--zygote", framework]
                made[side] = subprocess.Popen(
                    command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, text=True
                )
                ending.callback(made[side].wait)
                ending.callback(made[side].kill)
            return ForkedChild(framework, made[side], folder)

        yield launch


def be_zygote(framework: Framework) -> None:
    """Import, and fork for every line: a fork serves as a measured child does."""
    guard = ImportGuard()
    guard.start(PACKAGES[framework])
    for module in IMPORTED[framework]:
        __import__(module)
    from probes.check.worker import COMMANDS, CheckWorker

    own = os.getpid()
    for line in iter(sys.stdin.readline, ""):
        if os.fork() == 0:
            commands, replies = json.loads(line)
            os.dup2(os.open(commands, os.O_RDONLY), 0)
            os.dup2(os.open(replies, os.O_WRONLY), 1)
            command_loop.serve(own, COMMANDS, lambda: CheckWorker(framework, guard))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--zygote", choices=FRAMEWORKS, help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, default=Path("zygotes.jsonl"))
    options = parser.parse_args()
    if options.zygote:
        be_zygote(cast(Framework, options.zygote))
        return
    kept = options.out.read_text(encoding="utf-8").splitlines() if options.out.exists() else []
    done = {(row["framework"], row["zygote"]) for row in map(json.loads, kept)}
    for number in range(ZYGOTES):
        for framework in FRAMEWORKS:
            if (framework, number) not in done:
                rows = _whole_block(framework, number)
                with options.out.open("a", encoding="utf-8") as file:
                    file.writelines(json.dumps(row) + "\n" for row in rows)
    print(report([json.loads(line) for line in options.out.read_text(encoding="utf-8").splitlines()]))


def _whole_block(framework: Framework, number: int) -> list[dict[str, Any]]:
    """Once more where somebody else's work got in between."""
    while True:
        try:
            return list(_block(framework, number))
        except ChildError as error:
            print(f"{framework}, zygotes {number}: {error}; once more", file=sys.stderr)


def _block(framework: Framework, number: int) -> Iterator[dict[str, Any]]:
    """The forks of one pair of zygotes, in turns with fresh pairs."""
    fork = 0
    with zygotes(lambda: fork) as launcher:
        for fork in range(FORKS):
            for kind, how in (("fork", launcher), ("fresh", start_worker)):
                seed = number * FORKS + fork
                with started(both(framework), fork, seed=seed, launcher=how) as pair:
                    for probe in PROBES:
                        design = Design(probe, framework, instances=INSTANCES)
                        piece = measure(pair, design, probe, framework, kind, seed)
                        logs = [verdicts.log_ratio(instance, cpu=False) for instance in piece.instances]
                        yield {
                            "framework": framework, "probe": probe, "kind": kind, "zygote": number, "fork": fork,
                            "start_s": round(pair.seconds, 2), "logs": [round(log or 0.0, 6) for log in logs],
                        }  # fmt: skip


def report(rows: Sequence[dict[str, Any]]) -> str:
    """A table: how pair means scatter, and whether forks of one zygote scatter less or zygotes more."""
    lines = [
        "| | fresh pairs | forks within a zygote | forks / fresh, variances | zygotes / their forks | starts |",
        "|---|---|---|---|---|---|",
    ]
    for framework in FRAMEWORKS:
        for probe in PROBES:
            own = [row for row in rows if (row["framework"], row["probe"]) == (framework, probe)]
            fresh = [fmean(row["logs"]) for row in own if row["kind"] == "fresh"]
            by_zygote: dict[int, list[float]] = defaultdict(list)
            for row in own:
                if row["kind"] == "fork":
                    by_zygote[row["zygote"]].append(fmean(row["logs"]))
            groups = list(by_zygote.values())
            within = fmean(map(variance, groups))
            within_freedom = sum(len(group) - 1 for group in groups)
            among = FORKS * variance([fmean(group) for group in groups])
            between = _ratio(within, within_freedom, variance(fresh), len(fresh) - 1)
            zygote = _ratio(among, len(groups) - 1, within, within_freedom)
            starts = [fmean(row["start_s"] for row in own if row["kind"] == kind) for kind in ("fresh", "fork")]
            lines.append(
                f"| {probe}, {framework} | {variance(fresh) ** 0.5:.2%} | {within**0.5:.2%} | {between} | {zygote} | "
                f"{starts[0]:.1f} / {starts[1]:.1f} s |"
            )
    return "\n".join(lines)


def _ratio(a: float, a_freedom: int, b: float, b_freedom: int) -> str:
    """Ratio of two variances with its 95 % interval by F."""
    high, low = (f_distribution.ppf(q, a_freedom, b_freedom) for q in (0.025, 0.975))
    return f"{a / b:.2f} ({a / b / low:.2f} to {a / b / high:.2f})"


if __name__ == "__main__":
    main()
