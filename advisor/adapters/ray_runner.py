"""The engine on the machines of a Ray cluster. Ray is imported by a child process alone (``ray_driver``)."""

from __future__ import annotations

import contextlib
import json
import queue
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from advisor.adapters.data_folder import DataFolder
from advisor.adapters.local_runner import LocalRunner
from advisor.adapters.model_folder import ModelFolder
from advisor.ports import FleetMachine, MachineLostError
from probes import catalog
from probes.engine.running.child import CancelledError
from probes.engine.running.interpreters import SidePythons
from probes.engine.running.lock import Lock, machine_lock
from probes.json_form import from_json, to_dict, to_json
from probes.results import Progress, Round, RunResult
from probes.schema import Machine, RunRequest, RunSetup
from probes.system.variables import starting_with, variables

#: A look starts a process with Ray in it, which nobody wants beside a measurement, and not often at all.
LOOK_EVERY: Final = 60.0
_LOOK_SECONDS: Final = 120.0
#: What a run that was cancelled may take to end in good order: a child ends at once, a driver with its connection.
_GRACE_SECONDS: Final = 30.0
_POLL: Final = 0.2
_HOME: Final = Path(__file__).resolve().parents[2]

Said = dict[str, Any]


class RayRunner(LocalRunner):
    """``ports.ProbeRunner`` on this machine and on those of the cluster at ``address`` (HOST:PORT) that carry the
    resource «fulcrum». ``python``: the interpreter that has Ray."""

    def __init__(
        self,
        address: str,
        own_models: ModelFolder | None = None,
        pythons: SidePythons = catalog.NONE,
        python: str = sys.executable,
        lock: Lock = machine_lock,
        own_data: DataFolder | None = None,
    ) -> None:
        super().__init__(own_models, pythons, own_data)
        self._address, self._python, self._lock = address, python, lock
        self._known: tuple[FleetMachine, ...] | None = None
        self._looked_at = float("-inf")
        self._looking = threading.Lock()

    def fleet(self) -> tuple[FleetMachine, ...] | None:
        """As the last look had it; a look that is due is begun beside, unless something is measured here."""
        if time.monotonic() - self._looked_at > LOOK_EVERY and self._looking.acquire(blocking=False):
            threading.Thread(target=self._look_beside, name="looking at the fleet", daemon=True).start()
        return self._known

    def machine(self, name: str = "") -> Machine:
        if not name:
            return super().machine()
        found = next((one for one in self._known or () if one.name == name), None)
        if found is None or found.machine is None:
            names = ", ".join(one.name for one in self._known or () if one.machine) or "none is known now"
            raise ValueError(f"machine: {name!r}; allowed: {names}")
        return found.machine

    def validate(self, request: RunRequest) -> None:
        if request.machine:
            if request.model_file is not None or request.data is not None:
                raise ValueError(
                    "machine: files of your own are measured on this machine alone; take the plan to the other one "
                    "(«Measure on another machine»)"
                )
            if request.device == "cuda" and not self.machine(request.machine).gpus:
                raise ValueError(f"device: 'cuda'; {request.machine} shows no NVIDIA GPU; allowed there: auto, cpu")
        super().validate(request)

    def look(self) -> tuple[FleetMachine, ...]:
        """The machines that take part, asked now: takes seconds. Raises RuntimeError with a reason."""
        with _driver(self._python, self._address, {"do": "look"}) as driver:
            said = driver.next(_LOOK_SECONDS)
            if said is None or said["say"] != "machines":
                raise RuntimeError(said["reason"] if said else driver.why_silent())
        self._known = tuple(from_json(FleetMachine, json.dumps(one)) for one in said["machines"])
        self._looked_at = time.monotonic()
        return self._known

    def _look_beside(self) -> None:
        try:
            with self._lock(waiting=lambda: None, cancelled=lambda: True):
                self.look()
        except CancelledError:
            pass  # something is measured here: the next look is soon enough
        except RuntimeError as error:
            self._known = (FleetMachine(self._address, None, str(error)),)
        finally:
            self._looked_at = time.monotonic()
            self._looking.release()

    def run(
        self,
        setup: RunSetup,
        *,
        done: Sequence[Round] = (),
        on_round: Callable[[Round], None],
        on_progress: Callable[[Progress], None],
        cancelled: Callable[[], bool],
    ) -> RunResult:
        if not setup.request.machine:
            return super().run(setup, done=done, on_round=on_round, on_progress=on_progress, cancelled=cancelled)
        setup = replace(setup, request=replace(setup.request, interpreters={}))
        asked = {
            "do": "measure",
            "machine": setup.request.machine,
            "setup": to_dict(setup),
            "done": [to_json(round_) for round_ in done],
        }
        run = _RemoteRun(self, setup, list(done))
        with _driver(self._python, self._address, asked) as driver:
            for said in driver.heard(cancelled):
                match said["say"]:
                    case "begun":
                        run.setup = from_json(RunSetup, json.dumps(said["begun"]))
                        run.machine = from_json(Machine, json.dumps(said["machine"]))
                        self._remember(setup.request.machine, run.machine)
                    case "waiting":
                        on_progress(Progress(said["message"], None, 0, 0, 0.0))
                    case "progress":
                        on_progress(run.seen(from_json(Progress, json.dumps(said["progress"]))))
                    case "round":
                        run.rounds.append(from_json(Round, json.dumps(said["round"])))
                        on_round(run.rounds[-1])
                    case "result":
                        return from_json(RunResult, json.dumps(said["result"]))
                    case "refused":
                        raise RuntimeError(said["reason"])
                    case _:
                        if cancelled():
                            break
                        raise MachineLostError(f"{said['reason']}. Finished rounds are kept", run.so_far())
            if cancelled():
                return run.so_far() or _nothing(self, setup)
            raise MachineLostError(
                f"{setup.request.machine} can't be reached any more: {driver.why_silent()}. Finished rounds are kept",
                run.so_far(),
            )

    def _remember(self, name: str, machine: Machine) -> None:
        """Pages ask what measures while it does, and it isn't looked at then."""
        others = tuple(one for one in self._known or () if one.name != name)
        self._known = (*others, FleetMachine(name, machine, busy=True))


class _RemoteRun:
    """What is known here of a run on another machine."""

    def __init__(self, runner: RayRunner, setup: RunSetup, rounds: list[Round]) -> None:
        self._runner = runner
        self.setup, self.rounds = setup, rounds
        self.machine: Machine | None = None
        self._planned = 0
        self._begun = rounds[0].started_at if rounds else ""

    def seen(self, progress: Progress) -> Progress:
        self._planned = progress.rounds or self._planned
        return progress

    def so_far(self) -> RunResult | None:
        """As a run that was cut off; None if it never began."""
        if self.machine is None:
            return None
        return RunResult(
            machine=self.machine,
            request=self.setup.request,
            results=self._runner.results(self.setup, self.rounds, planned_rounds=self._planned, cancelled=True),
            rounds=tuple(self.rounds),
            planned_rounds=self._planned,
            started_at=self.rounds[0].started_at if self.rounds else self._begun,
            seconds=round(sum(one.seconds for one in self.rounds), 3),
            calibration=self.setup.calibration,
            priority=self.setup.priority,
            schedule=self.setup.schedule,
        )


def _nothing(runner: RayRunner, setup: RunSetup) -> RunResult:
    """Of a run that was cancelled before its machine had begun."""
    results = runner.results(setup, (), planned_rounds=0, cancelled=True)
    try:
        machine = runner.machine(setup.request.machine)
    except ValueError:  # nobody has looked at it yet
        machine = runner.machine()
    return RunResult(machine, setup.request, results, calibration=setup.calibration, priority=setup.priority)


class _Driver:
    """The child with Ray in it: one order in, what it says out."""

    def __init__(self, python: str, address: str, order: Said) -> None:
        own = starting_with("RAY_")  # the token, above all
        passed = variables() | {"RAY_AUTH_MODE": "token"} | own
        self._process = subprocess.Popen(
            [python, "-m", "advisor.adapters.ray_driver", address],
            cwd=_HOME,
            env=passed,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
        self._heard: queue.SimpleQueue[Said | None] = queue.SimpleQueue()
        self._words: deque[str] = deque(maxlen=20)
        self._readers = [threading.Thread(target=read, daemon=True) for read in (self._read, self._read_words)]
        for reader in self._readers:
            reader.start()
        self._tell(json.dumps(order))

    def next(self, seconds: float) -> Said | None:
        """What it says next; None if it has ended, or says nothing for so long."""
        try:
            return self._heard.get(timeout=seconds)
        except queue.Empty:
            return None

    def heard(self, cancelled: Callable[[], bool]) -> Iterator[Said]:
        """All that it says, until it ends. Once ``cancelled``, it is asked to end, and ended if it takes long."""
        patience = float("inf")
        while time.monotonic() < patience:
            if patience == float("inf") and cancelled():
                patience = time.monotonic() + _GRACE_SECONDS
                self._tell("cancel")
            try:
                said = self._heard.get(timeout=_POLL)
            except queue.Empty:
                continue
            if said is None:
                return
            yield said

    def why_silent(self) -> str:
        """Why it ended without an answer, as far as its last words tell."""
        if "No module named 'ray'" in " ".join(self._words):
            return "Ray isn't installed here: pip install -r requirements-fleet.txt"
        return self._words[-1] if self._words else "the connection to the cluster ended"

    def close(self) -> None:
        with contextlib.suppress(OSError):
            assert self._process.stdin is not None  # noqa: S101 - PIPE above
            self._process.stdin.close()
        self._process.kill()
        self._process.wait()
        for reader in self._readers:
            reader.join(1.0)

    def _tell(self, line: str) -> None:
        with contextlib.suppress(OSError):  # it is dead, and what it said last says why
            assert self._process.stdin is not None  # noqa: S101 - PIPE above
            self._process.stdin.write(f"{line}\n")
            self._process.stdin.flush()

    def _read(self) -> None:
        assert self._process.stdout is not None  # noqa: S101 - PIPE above
        for line in self._process.stdout:
            with contextlib.suppress(ValueError):
                self._heard.put(json.loads(line))
        self._heard.put(None)

    def _read_words(self) -> None:
        assert self._process.stderr is not None  # noqa: S101 - PIPE above
        for line in self._process.stderr:
            if line.strip():
                self._words.append(line.strip()[:400])


@contextmanager
def _driver(python: str, address: str, order: Said) -> Iterator[_Driver]:
    driver = _Driver(python, address, order)
    try:
        yield driver
    finally:
        driver.close()
