"""A real executor, to be run in a process of its own, with a runner that measures nothing.

Each round waits for a file ``go-N`` in the data directory, so that a test decides when a round ends, and starts a child
that is the run's witness: it must not outlive the executor.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from advisor import wiring
from advisor.queue import executor, handlers
from advisor.storage import executing
from probes.results import Progress, Round, RunResult
from probes.schema import Outcome, RunSetup
from tests.fakes import FakeRunner


def folder() -> Path:
    """The data directory that the test gave this process."""
    return Path(os.environ["FULCRUM_DATA_DIR"])


def cut_off(result: RunResult) -> RunResult:
    """As the engine says it when a run was stopped early."""
    return replace(result, results=tuple(replace(r, outcome=Outcome.CANCELLED) for r in result.results))


@dataclass
class SlowRunner(FakeRunner):
    """Two rounds, each as long as the test likes."""

    mark: str = ""

    def run(
        self,
        setup: RunSetup,
        *,
        done: Sequence[Round] = (),
        on_round: Callable[[Round], None],
        on_progress: Callable[[Progress], None],
        cancelled: Callable[[], bool],
    ) -> RunResult:
        recording = self.recording
        # Like the engine's children: it goes when its standard input ends, that is, with this process.
        child = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
        (folder() / f"child-{len(done)}{self.mark}").write_text(str(child.pid))
        try:
            for number, round_ in enumerate(recording.rounds[len(done) :], start=len(done)):
                on_progress(Progress(f"round {number}", None, number + 1, 2, number / 2, recording.results))
                while not (folder() / f"go-{number}").exists():
                    if cancelled():
                        return cut_off(recording)
                    time.sleep(0.02)
                on_round(round_)
            return recording
        finally:
            child.kill()
            child.wait()


def main(folder: Path, parent: int, machine: str = "") -> None:
    """Serve over the data directory ``folder`` until the process ``parent`` is gone.

    With a ``machine`` as if on one of that name beside others, which take silent ones for dead after half a second.
    """
    os.environ["FULCRUM_DATA_DIR"] = str(folder)
    executor.POLL_SECONDS = handlers.LOOK_SECONDS = 0.02  # tests wait for what these looks find
    if machine:
        executor.BEAT_SECONDS = executor.RECOVER_SECONDS = 0.05
        executing.LOST_AFTER = timedelta(seconds=0.5)
    real = wiring.build()
    services = replace(real, runner=replace(SlowRunner.replay("quick.json"), mark=machine))
    lock = folder / f"lock{machine}"
    sys.exit(executor.serve(services, lock=lock, worker=machine or "test-machine", parent=parent))
