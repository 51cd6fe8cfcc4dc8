"""What an actor does on its machine of a Ray cluster: the engine's own run, in child processes as everywhere."""

from __future__ import annotations

import json
import os
import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

from advisor.adapters.local_deployment import LocalDeployment
from advisor.adapters.local_runner import LocalRunner
from probes.deploy.schema import RoutesRequest
from probes.engine.running import supervisor
from probes.json_form import from_dict, from_json, to_json
from probes.results import Progress, Round
from probes.schema import RunSetup
from probes.serving.schema import ServingRequest
from probes.system import own_code
from probes.system.data_files import HOME

#: A word for what follows, and that as JSON.
NodeMessage = tuple[str, str]
_Say = Callable[[str, str], None]
_Told = Callable[[str], None]
_Work = Callable[[LocalRunner, Any, _Told, Callable[[], bool]], str]
RESULTS_EVERY: Final = 2.0  # seconds


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

    def work(self, what: str, asked: str) -> Iterator[NodeMessage]:
        """Other work than a measurement, one of ``WORK``: «begun», «progress» in its own form, and the «result», null
        where it was cancelled before there was any; what can't be done is «refused»."""

        def do(said: _Say) -> None:
            said("begun", "null")
            said(
                "result", WORK[what](self._runner, json.loads(asked), partial(said, "progress"), self._cancelled.is_set)
            )

        yield from _saying(do)  # Ray streams what a generator function yields, and that alone

    def measure(self, asked: str, done: list[str]) -> Iterator[NodeMessage]:
        """Measure the setup ``asked``; ``done`` are its finished rounds, each as JSON. Says what it goes by
        («begun»), «progress», each «round» as it ends, and the «result»; what can't be measured is «refused»."""
        setup = from_json(RunSetup, asked)
        rounds = [from_json(Round, text) for text in done]
        if not rounds:  # what this machine knows of itself, not what the one that asks knows of itself
            setup = replace(setup, calibration=self._runner.calibration(setup.request.device, None))

        def do(said: _Say) -> None:
            said("begun", to_json(supervisor.as_planned(setup)[1]))
            result = self._runner.run(
                setup,
                done=rounds,
                on_round=lambda one: said("round", to_json(one)),
                on_progress=_sparing(partial(said, "progress")),
                cancelled=self._cancelled.is_set,
            )
            said("result", to_json(result))

        yield from _saying(do)  # Ray streams what a generator function yields, and that alone


def _sparing(tell: _Told, clock: Callable[[], float] = time.monotonic) -> Callable[[Progress], None]:
    """Progress as JSON, with what was measured so far every ``RESULTS_EVERY`` seconds at most: messages come several
    times a second, results are tens of kilobytes, and one process reads those of every machine."""
    told_at = float("-inf")

    def say(progress: Progress) -> None:
        nonlocal told_at
        if (now := clock()) - told_at < RESULTS_EVERY:
            progress = replace(progress, results=())
        elif progress.results:
            told_at = now
        tell(to_json(progress))

    return say


def _saying(do: Callable[[_Say], None]) -> Iterator[NodeMessage]:
    """What ``do`` says, as it says it, from a thread of its own; what it raises is «refused»."""
    said: queue.SimpleQueue[NodeMessage | None] = queue.SimpleQueue()

    def run() -> None:
        try:
            do(lambda what, text: said.put((what, text)))
        except Exception as error:  # whatever it is, somebody waits for an answer
            known = isinstance(error, ValueError | RuntimeError)
            said.put(("refused", str(error) if known else f"{type(error).__name__}: {error}"))
        finally:
            said.put(None)

    threading.Thread(target=run, name="measuring", daemon=True).start()
    while (message := said.get()) is not None:
        yield message


def _check(runner: LocalRunner, asked: Any, told: _Told, cancelled: Callable[[], bool]) -> str:
    form, device = asked
    found = runner.check(form, device, tell=lambda *said: told(json.dumps(said)), cancelled=cancelled)
    return "null" if found is None else to_json(found)


def _deployed(kind: type[Any], do: Callable[..., Any]) -> _Work:
    """A method of ``LocalDeployment`` whose request is a ``kind``, as work. Its result names the request as it came."""

    def work(_: LocalRunner, asked: Any, told: _Told, cancelled: Callable[[], bool]) -> str:
        request = from_dict(kind, asked)
        here = replace(request, machine="")
        found = do(LocalDeployment(), here, on_progress=lambda one: told(to_json(one)), cancelled=cancelled)
        return "null" if found is None else to_json(replace(found, request=request))

    return work


#: Work of other kinds, by the names of those: its request and what it tells and makes are JSON.
WORK: Final[Mapping[str, _Work]] = {
    "check": _check,
    "routes": _deployed(RoutesRequest, LocalDeployment.routes),
    "serving": _deployed(ServingRequest, LocalDeployment.serve),
}
