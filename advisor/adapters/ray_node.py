"""What an actor does on its machine of a Ray cluster: the engine's own run, in child processes as everywhere."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Iterator
from dataclasses import replace

from advisor.adapters.local_runner import LocalRunner
from probes.engine.running import supervisor
from probes.json_form import from_json, to_json
from probes.results import Round
from probes.schema import RunSetup
from probes.system import own_code
from probes.system.data_files import HOME

#: A word for what follows, and that as JSON.
NodeMessage = tuple[str, str]


class FleetNode:
    """One a machine. Whoever made it is told round by round; when that one is gone, Ray ends this process, and the
    measured children end with it."""

    def __init__(self) -> None:
        os.chdir(HOME)  # children are started as modules of this very code
        self._runner = LocalRunner()
        self._cancelled = threading.Event()

    def look(self) -> tuple[str, str]:
        """The digest of the code that is here, and the machine as JSON."""
        return own_code.digest(), to_json(self._runner.machine())

    def cancel(self) -> None:
        """Asks the run to end with what it has."""
        self._cancelled.set()

    def measure(self, asked: str, done: list[str]) -> Iterator[NodeMessage]:
        """Measure the setup ``asked``; ``done`` are its finished rounds, each as JSON. Says what it goes by
        («begun»), «progress», each «round» as it ends, and the «result»; what can't be measured is «refused»."""
        setup = from_json(RunSetup, asked)
        said: queue.SimpleQueue[NodeMessage | None] = queue.SimpleQueue()
        rounds = [from_json(Round, text) for text in done]
        if not rounds:  # what this machine knows of itself, not what the one that asks knows of itself
            setup = replace(setup, calibration=self._runner.calibration(setup.request.device, None))

        def run() -> None:
            try:
                said.put(("begun", to_json(supervisor.as_planned(setup)[1])))
                result = self._runner.run(
                    setup,
                    done=rounds,
                    on_round=lambda one: said.put(("round", to_json(one))),
                    on_progress=lambda one: said.put(("progress", to_json(one))),
                    cancelled=self._cancelled.is_set,
                )
                said.put(("result", to_json(result)))
            except Exception as error:  # whatever it is, somebody waits for an answer
                text = (
                    str(error) if isinstance(error, ValueError | RuntimeError) else f"{type(error).__name__}: {error}"
                )
                said.put(("refused", text))
            finally:
                said.put(None)

        threading.Thread(target=run, name="measuring", daemon=True).start()
        while (message := said.get()) is not None:
            yield message
