"""Processes killed at random moments of real runs: ``python -m tests.stress.kills --log kills.jsonl``.

Starts the real app on loopback, changes an answer in a page, waits for a random moment within a run, and sends SIGKILL
to the server, the executor, a process that is measured, or to server and executor at once. After each it asks whether
the answer is stored, every round of before is there byte by byte, and all that had to follow has gone; runs that were
interrupted are resumed. In the end every run must be done, and neither a process nor a scratch folder be left.

A line of JSON for each kill goes to the log; with the same log it goes on where it stopped, with data of its own.
Two hundred take two to three hours on two cores.
"""

from __future__ import annotations

import argparse
import json
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

import psutil

from advisor.answers import Answers
from advisor.queue.kinds import MEASURE
from advisor.records import DecisionRecord, Job, Requester
from probes.schema import RunRequest
from tests.processes import over, wait_until
from tests.stress.apps import App, machine, renamed

MOST_KILLS: Final = 2000
BUDGET: Final = 60.0  # seconds: three rounds, two on a slow day
OPERATOR: Final = Requester(operator=True)
LONGEST_WAIT: Final = 0.75  # of the budget into a run, with the frameworks' import: into its second or third round
VICTIMS: Final = ("server", "executor", "child", "both")
PATIENCE: Final = 120.0


@dataclass
class Kill:
    """One kill and what was true after it. ``problems`` are sentences; none is what one wants."""

    number: int
    victim: str
    after_s: float
    status: str  # of the run, at that moment
    rounds: int  # that were finished by then, of all runs
    problems: list[str] = field(default_factory=list)


def main(arguments: Sequence[str] | None = None) -> int:
    """0 if nothing was lost or left."""
    parser = argparse.ArgumentParser(prog="python -m tests.stress.kills")
    parser.add_argument("--kills", type=int, default=200, help=f"in all, up to {MOST_KILLS}; 200 if left out")
    parser.add_argument("--log", type=Path, required=True, help="JSON lines; goes on where it ends")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--budget", type=float, default=BUDGET, help="seconds of each run; two rounds take 30 at least")
    options = parser.parse_args(arguments)
    before = _read(options.log)
    with tempfile.TemporaryDirectory(prefix="kills-") as folder, ExitStack() as undo:
        app = App(Path(folder))
        undo.callback(app.stop)
        trial = Trial(app, random.Random(f"{options.seed} {len(before)}"), options.budget)
        with options.log.open("a", encoding="utf-8") as log:
            for number in range(len(before), min(options.kills, MOST_KILLS)):
                done = trial.kill(number)
                log.write(json.dumps(asdict(done)) + "\n")
                log.flush()
                if done.problems:
                    print(f"kill {number} of the {done.victim}: {'; '.join(done.problems)}")
        problems, told = trial.end()
    kills = _read(options.log)
    print(table(kills, [*problems, told]))
    return bool(problems or any(kill.problems for kill in kills))


def table(kills: Sequence[Kill], ends: Sequence[str]) -> str:
    """Markdown; below it what was found at the end, and the machine."""
    lines = ["| killed | times | in the midst of a run | with finished rounds | problems |", "|---|---|---|---|---|"]
    for victim in VICTIMS:
        of_it = [kill for kill in kills if kill.victim == victim]
        running = sum(kill.status == "running" for kill in of_it)
        rounds = sum(kill.rounds > 0 for kill in of_it)
        lines.append(f"| {victim} | {len(of_it)} | {running} | {rounds} | {sum(bool(k.problems) for k in of_it)} |")
    return "\n".join([*lines, *ends, machine()])


def _read(log: Path) -> list[Kill]:
    return [Kill(**json.loads(line)) for line in log.read_text().splitlines()] if log.exists() else []


class Trial:
    """The app, its runs so far, and all that must never change again."""

    def __init__(self, app: App, drawn: random.Random, budget: float) -> None:
        self._app, self._drawn = app, drawn
        self._request = RunRequest(probes=("mlp.inference_b1",), budget=budget)
        self._longest_wait = LONGEST_WAIT * budget
        self._services = app.services()
        self._record: DecisionRecord | None = None
        self._runs: list[str] = []
        self._rounds: dict[tuple[str, int], str] = {}

    def kill(self, number: int) -> Kill:
        """One more."""
        self._stand_up()
        run = self._active_run()
        assert self._record is not None
        name = f"Kill {number}"
        with self._app.editor(self._record).page("", f"decision={self._record.id}") as tab:
            renamed(tab, tab.run(), name)
        wait = self._drawn.uniform(0, self._longest_wait)
        self._let_pass(wait, run.id)
        self._remember_rounds()
        victim, processes = self._choose()
        done = Kill(number, victim, round(wait, 2), self._run(run.id).status, len(self._rounds))
        # A killed server's executor finishes the run; whatever was below a killed executor has to go.
        followers = [] if victim == "server" else processes[-1].children(recursive=True)
        for process in processes:
            process.kill()
        if server := self._app.process:
            # Of one with threads the first may be a zombie while others still hold its sockets.
            wait_until(lambda: victim in ("executor", "child") or server.poll() is not None, "the killed to be gone")
        done.problems += self._seen_after(name, followers)
        return done

    def end(self) -> tuple[list[str], str]:
        """Let every run end, stop the app, and look at what is left: problems, and a line on the runs."""
        self._stand_up()
        problems = []
        for run_id in self._runs:
            wait_until(lambda run_id=run_id: self._ended(run_id), "the run to end", 5 * PATIENCE)
            run = self._run(run_id)
            if run.status != "done":
                problems.append(f"a run ended as {run.status}: {run.reason}")
        if left := self._app.stop():
            problems.append(f"processes are left: {left}")
        problems += self._seen_after(None, [])
        if folders := [path for path in self._app.temporary.glob("fulcrum-*") if path.is_dir()]:
            problems.append(f"{len(folders)} scratch folders are left")
        rounds = [self._run(run_id).finished_rounds for run_id in self._runs]
        return problems, f"{len(rounds)} runs came to their end, {sum(n > 1 for n in rounds)} with several rounds"

    def _stand_up(self) -> None:
        if not self._app.alive():
            self._app.start()
        wait_until(lambda: self._app.executor() and self._services.store.executor().alive, "an executor", PATIENCE)

    def _active_run(self) -> Job:
        """The run under way: the last one, resumed if need be, or a new one of a new decision."""
        store = self._services.store
        if self._runs:
            run = self._run(self._runs[-1])
            if run.status == "interrupted":
                return store.resume(run.id, OPERATOR)
            if run.active:
                return run
        self._record = store.create_decision(Answers())
        run = store.enqueue(MEASURE, self._request, OPERATOR, decision_id=self._record.id)
        self._runs.append(run.id)
        return run

    def _ended(self, run_id: str) -> bool:
        run = self._run(run_id)
        if run.status == "interrupted":
            self._services.store.resume(run_id, OPERATOR)
        return run.status not in ("queued", "running", "interrupted")

    def _run(self, run_id: str) -> Job:
        run = self._services.store.job(run_id)
        assert run is not None, "a run is gone"
        return run

    def _let_pass(self, seconds: float, run_id: str) -> None:
        """So long from the moment on in which the run is measured; less if it ends before."""
        wait_until(lambda: self._run(run_id).status != "queued", "the run's turn", PATIENCE)
        end = time.monotonic() + seconds
        wait_until(lambda: time.monotonic() >= end or not self._run(run_id).active, "the moment", seconds + PATIENCE)

    def _choose(self) -> tuple[str, list[psutil.Process]]:
        server, executor = self._app.process, self._app.executor()
        assert server is not None
        victim = self._drawn.choice(VICTIMS)
        if executor is None:
            return "server", [server]
        children = executor.children(recursive=True)
        if victim == "child" and children:
            return victim, [self._drawn.choice(children)]
        if victim == "both":
            return victim, [server, executor]
        return ("server", [server]) if victim == "server" else ("executor", [executor])

    def _remember_rounds(self) -> None:
        self._rounds |= self._stored_rounds()

    def _stored_rounds(self) -> dict[tuple[str, int], str]:
        with closing(sqlite3.connect(self._app.data / "fulcrum.db", timeout=30)) as connection:
            whole = "SELECT job_id, number, data FROM round JOIN job ON job.id = job_id WHERE number < finished_rounds"
            found = connection.execute(whole).fetchall()
        return {(run, number): data for run, number, data in found}

    def _seen_after(self, name: str | None, followers: Sequence[psutil.Process]) -> list[str]:
        problems = []
        try:
            wait_until(lambda: all(map(over, followers)), "the processes below to follow", 30)
        except AssertionError as error:
            problems.append(str(error))
        record = self._record and self._services.store.decision(self._record.id)
        if name is not None and (record is None or record.answers.project.name != name):
            problems.append(f"the answer {name!r} was acknowledged and is not stored")
        stored = self._stored_rounds()
        lost = [key for key, data in self._rounds.items() if stored.get(key) != data]
        if lost:
            problems.append(f"{len(lost)} finished rounds are gone or changed")
        with closing(sqlite3.connect(self._app.data / "fulcrum.db", timeout=30)) as connection:
            if connection.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                problems.append("the database is damaged")
        return problems


if __name__ == "__main__":
    sys.exit(main())
