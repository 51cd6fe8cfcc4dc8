"""One server from its start to its end: started, checked, clocked, stopped. Every way out is a stated outcome."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

from probes.deploy import batches, environments, summary
from probes.deploy.schema import Logits
from probes.engine.running import core_use, environment
from probes.engine.running.child import Child, ChildError, ProcessChild
from probes.engine.running.interpreters import SidePython
from probes.engine.watching import contention, topology
from probes.schema import Outcome
from probes.serving import clocks, figures, process, trace
from probes.serving.contracts import Launch, Place
from probes.serving.process import ServerError, ServerProcess
from probes.serving.schema import ClientCheck, ServerSpec, ServingRecord, ServingRequest, Trace, TraceReplay
from probes.system import variables
from probes.system.scratch import scratch_folder

START_LIMIT = 120.0  # seconds from starting a server to its first answer
TOLERANCE = 1e-4  # largest deviation from the source that answers may have
ATTEMPTS = 3  # with other ports, should somebody have taken them meanwhile
_LOOK = 0.1
_ANSWERS_LIMIT = 60.0
_CHECK_SECONDS = 2.5


@dataclass(frozen=True, slots=True)
class Model:
    """What is served: the artefact, and what is right."""

    id: str
    sizes: Mapping[str, int]
    artefact: Path
    data: Path  # the file with the inputs
    source: Logits
    own: Mapping[str, Any] | None = None  # see ``workshop.Network``


class _StoppedError(Exception):
    def __init__(self, outcome: Outcome, reason: str) -> None:
        super().__init__(reason)
        self.outcome, self.reason = outcome, reason


class Measuring:
    """One server. ``record`` is what is known so far, whatever happens."""

    def __init__(
        self, module: ModuleType, model: Model, request: ServingRequest, *,
        tell: Callable[[str], None], cancelled: Callable[[], bool], start_limit: float = START_LIMIT,
        python: SidePython | None = None, trace_path: Path | None = None, added: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        """``python``: what the server runs in, in place of its environment. ``trace_path``: where the request's trace
        lies. ``added``: variables that show its environment what the model's code needs (``side_pythons.added``).
        """
        self._python, self._trace_path, self._added = python, trace_path, added or {}
        self._module, self._model, self._request = module, model, request
        self._spec: ServerSpec = module.SPEC
        self._tell: Callable[[str], None] = lambda message: tell(f"{self._spec.title}: {message}")
        self._cancelled, self._start_limit = cancelled, start_limit
        self._server: ServerProcess | None = None
        self._client: Child | None = None
        self._watch: contention.ContentionWatch | None = None
        self._cores = core_use.apart(topology.here())
        self._allowed = allowed(model.source)
        self.record = ServingRecord(
            self._spec, model.id, Outcome.CANCELLED, "The run was cancelled before it was done."
        )

    def run(self) -> None:
        """All of it. Raises CancelledError; every other end is in the record, and nothing is left running."""
        try:
            with scratch_folder() as scratch:
                try:
                    self._run(Path(scratch))
                finally:
                    self._close()
        except _StoppedError as error:
            self._note(outcome=error.outcome, reason=error.reason)
        except ServerError as error:
            self._note(outcome=Outcome.FAILED, reason=error.reason)
        except ChildError as error:
            self._note(outcome=error.outcome, reason=error.reason)
        except OSError as error:
            self._note(outcome=Outcome.FAILED, reason=f"The server's files could not be written: {error}")
        else:
            self._note(outcome=Outcome.OK, reason="")

    def _run(self, scratch: Path) -> None:
        server_cores, client_cores = self._cores
        self._note(cores={"server": server_cores, "client": client_cores})
        if (asked := self._request.trace) is not None and (reason := trace.refusal(self._trace_path, asked)):
            raise _StoppedError(Outcome.FAILED, reason)
        self._tell("starting")
        launch = self._started(scratch)
        self._note(versions=self._versions(), address=launch.target)
        self._check()
        self._clock(scratch)

    def _started(self, scratch: Path) -> Launch:
        """A server that has answered once, after as many attempts as it takes to find ports that stay free."""
        for attempt in range(ATTEMPTS):
            folder = scratch / f"server{attempt}"
            folder.mkdir()
            launch: Launch = self._module.launch(self._place(folder))
            self._client = self._loader(scratch, launch, self._model.source)
            try:
                start_s = self._await(launch, folder)
            except ServerError as error:
                self._close()
                if not error.retry or attempt == ATTEMPTS - 1:
                    raise
            else:
                self._note(start_s=start_s)
                return launch
        raise AssertionError("unreachable")

    def _await(self, launch: Launch, folder: Path, *, echo: bool = False) -> float | None:
        """Seconds from the start to the first answer; None for a server that the user runs. ``echo``: it is the one
        that does nothing, which runs in the app's own interpreter."""
        if launch.command:
            variables = self._common(folder) if echo else self._variables(folder, launch)
            self._server = ServerProcess(
                launch.command, folder=folder, variables=variables, cores=self._cores[0], stop=launch.stop
            )
        begin = self._server.started if self._server else time.perf_counter()
        heard = "nothing"
        while time.perf_counter() - begin < self._start_limit:
            if self._server and self._server.ended():
                raise self._server.death()
            reply = self._ask("first", timeout=30.0, patience=_LOOK)
            if reply["state"] == "answered":
                if self._server:
                    self._server.refuse_beyond_loopback()
                return time.perf_counter() - begin if self._server else None
            if reply["state"] == "refused":
                heard = reply["said"]
                if self._server is None:
                    raise ServerError(f"Nothing at {launch.target} answers: {heard}. Is the server running?")
                self._server.ended(wait=_LOOK)
        words = f"\n{self._server.last_words()}" if self._server else ""
        raise _StoppedError(
            Outcome.TIMED_OUT, f"No answer within {self._start_limit:.0f} s (last heard: {heard}); it was ended.{words}"
        )

    def _check(self) -> None:
        """Before any clock: the answers must be the source's."""
        deviation = float(self._ask("answers", timeout=_ANSWERS_LIMIT + 30, seconds=_ANSWERS_LIMIT)["deviation"])
        self._note(deviation=deviation)
        _refuse(deviation, "Its answers differ", self._allowed)

    def _clock(self, scratch: Path) -> None:
        asked, limit = self._request, self._request.limit_ms / 1e3
        # A server that the user runs is not ours: its work would be taken for a neighbour's.
        self._watch = contention.ContentionWatch() if self._server else None
        self._tell("one query at a time")
        single = clocks.single_stream(self._ask, asked.seconds * clocks.SINGLE_SHARE, asked.seed)
        self._note(single_stream=single)
        self._look("one query at a time", single.errors, single.error, single.deviation)
        trials = clocks.search(
            self._ask, single, seconds=clocks.search_seconds(asked.seconds, traced=asked.trace is not None),
            limit_s=limit, seed=asked.seed, tell=self._tell, settle=self._settle,
        )  # fmt: skip
        for trial in trials:
            self._note(trials=(*self.record.trials, trial))
            self._look(f"{trial.rate:.3g} queries/s", 0, "", trial.issued.deviation)
        best, _ = figures.bracket(self.record.trials, limit)
        late = sum(figures.disturbed(trial, limit) for trial in self.record.trials)
        if best is None and late:
            raise _StoppedError(
                Outcome.TOO_NOISY,
                f"No rate kept the limit, but in {late} of {len(self.record.trials)} trials the client sent late: "
                "something else needs this machine. Run it again when it is quiet.",
            )
        if asked.trace is not None:
            self._replay(asked.trace)
        self._tell("all at once")
        rate = max(best.rate if best else 0.0, 1 / figures.percentile(figures.unpack(single.latencies), 0.5))
        offline = clocks.offline(self._ask, asked.seconds * clocks.OFFLINE_SHARE, rate, asked.seed)
        self._note(offline=offline)
        self._look("all at once", offline.errors, offline.error, offline.deviation)
        if best or self.record.trace:
            self._check_client(scratch, best.rate if best else 0.0)

    def _replay(self, asked: Trace) -> None:
        """Late answers and missing ones are figures here, as in a trial: it is the team's own load."""
        self._tell(f"replaying {asked.name}")
        found = self._replayed(asked, clocks.trace_seconds(self._request.seconds), self._settle)
        self._note(trace=found)
        for name, issued in (("replaying the trace", found.replayed), ("at its rate", found.poisson)):
            self._look(name, 0, "", issued.deviation)

    def _replayed(self, asked: Trace, seconds: float, settle: Callable[[], None]) -> TraceReplay:
        assert self._trace_path is not None  # noqa: S101 - looked at before the server was started
        return clocks.replay(
            self._ask, self._trace_path, asked.sha256, seconds=seconds, limit_s=self._request.limit_ms / 1e3,
            seed=self._request.seed, settle=settle,
        )  # fmt: skip

    def _look(self, when: str, errors: int, error: str, deviation: float) -> None:
        """After each test: a server that died, answered with errors or wrongly is no measurement."""
        if self._watch:
            self._watch.look()
            self._note(disturbances=self._watch.disturbances())
        if self._server and self._server.ended():
            death = self._server.death()
            raise _StoppedError(Outcome.FAILED, f"Under load ({when}): {death.reason}")
        if errors:
            raise _StoppedError(Outcome.FAILED, f"Under load ({when}): {errors} queries failed, the first: {error}")
        _refuse(deviation, f"Under load ({when}) its answers differ", self._allowed)

    def _settle(self) -> None:
        """What a lost trial left in the server's queue goes first."""
        end = time.monotonic() + 20.0
        while time.monotonic() < end:
            if self._server and self._server.ended():
                return  # said by the look after the next test
            if self._ask("first", timeout=30.0, patience=_LOOK)["state"] == "answered":
                return

    def _check_client(self, scratch: Path, rate: float) -> None:
        """The same rate, and the trace, against a server that does nothing."""
        self._tell("the client alone")
        self._close()
        folder = scratch / "echo"
        folder.mkdir()
        port = process.free_port()
        echo = Launch(target=f"127.0.0.1:{port}", path="/predict", model=self._model.id)
        size = len(self._model.source.base64) // self._model.source.rows  # of a body, about
        command = (sys.executable, "-m", "probes.serving.echo", self._spec.protocol, echo.target, str(size))
        self._client = self._loader(scratch, echo, None)
        self._await(replace(echo, command=command), folder, echo=True)
        seconds = min(_CHECK_SECONDS, self._request.seconds * (1 - clocks.SINGLE_SHARE - clocks.SEARCH_SHARE))
        if rate:
            self._note(client=ClientCheck(rate, clocks.at_rate(self._ask, rate, seconds, self._request.seed)))
        if (asked := self._request.trace) is not None and self.record.trace is not None:
            alone = self._replayed(asked, max(seconds, asked.fewest_seconds), lambda: None)
            self._note(
                trace=replace(self.record.trace, client=alone.replayed, client_poisson=alone.poisson)
            )  # fmt: skip

    def _place(self, folder: Path) -> Place:
        dtypes = tuple(str(leaf.dtype) for leaf in batches.read(self._model.data))
        return Place(
            way=self._spec.way,
            artefact=self._model.artefact,
            folder=folder,
            python=self._interpreter(),
            own_python=self._python,
            model=self._model.id,
            sizes=self._model.sizes,
            dtypes=dtypes,
            threads=self._request.threads,
            port=process.free_port,
            request=self._request,
            own=self._model.own,
        )

    def _variables(self, folder: Path, launch: Launch) -> dict[str, str]:
        common = self._common(folder)
        if self._python is not None:
            return self._python.surroundings(common) | dict(launch.variables)
        of_environment = environments.variables(self._spec.environment) if self._spec.environment else {}
        if path := self._added.get("PYTHONPATH"):
            of_environment |= {"PYTHONPATH": os.pathsep.join((common["PYTHONPATH"], path))}
        return common | of_environment | dict(launch.variables)

    def _common(self, folder: Path) -> dict[str, str]:
        return environment.variables(self._request.threads, "cpu", str(folder))

    def _interpreter(self) -> Path:
        if self._python is not None:
            return self._python.path
        where = self._spec.environment
        return environments.interpreter(where) if where else Path(sys.executable)

    def _loader(self, scratch: Path, launch: Launch, source: Logits | None) -> Child:
        surroundings = environment.variables(1, "cpu", str(scratch))
        command = (sys.executable, "-m", "probes.serving.loader")
        client = ProcessChild(self._spec.framework, surroundings, self._cancelled, command)
        try:
            client.ask("limit", timeout=60.0, cpus=self._cores[1], memory=0)
            client.ask(
                "prepare", timeout=60.0, protocol=self._spec.protocol, target=launch.target, path=launch.path,
                model=launch.model, inputs=str(self._model.data), source=asdict(source) if source else None,
                input_names=() if source else batches.names(len(batches.read(self._model.data))), bearer=launch.bearer,
            )  # fmt: skip
        except BaseException:
            client.close()
            raise
        return client

    def _ask(self, do: str, *, timeout: float, **arguments: Any) -> Mapping[str, Any]:
        assert self._client is not None  # noqa: S101 - started before any question
        return self._client.ask(do, timeout=timeout, **arguments)

    def _versions(self) -> dict[str, str]:
        """As the server's own interpreter knows them."""
        names = self._spec.packages
        code = "import sys; from importlib.metadata import version; print(*map(version, sys.argv[1:]))"
        versions = subprocess.run(
            [str(self._interpreter()), "-I", "-c", code, *names], env=variables.variables(), capture_output=True,
            text=True, timeout=30, check=False,
        ).stdout.split()  # fmt: skip
        return dict(zip(names, versions, strict=False))

    def _close(self) -> None:
        server, self._server = self._server, None
        client, self._client = self._client, None
        try:
            if client is not None:
                client.close()
        finally:
            if server is not None:
                server.close()

    def _note(self, **changes: Any) -> None:
        self.record = replace(self.record, **changes)


def allowed(source: Logits) -> float:
    """How far answers may lie from the source's; of a team's own model, which answers with anything, in its scale."""
    return TOLERANCE * summary.largest(source) if source.outputs else TOLERANCE


def _refuse(deviation: float, what: str, most: float) -> None:
    if deviation > most:
        raise _StoppedError(
            Outcome.NOT_COMPARABLE, f"{what} from the source network's by {deviation:.1e}; allowed: {most:.0e}"
        )
