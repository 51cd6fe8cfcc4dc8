"""The engine on the machines of a Ray cluster. Ray is imported by a child process alone (``ray_driver``)."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from advisor.adapters.data_folder import DataFolder
from advisor.adapters.local_runner import LocalRunner
from advisor.adapters.model_folder import ModelFolder
from advisor.adapters.ray_process import Drivers, Said
from advisor.ports import FleetMachine, MachineLostError, PageForm
from probes import catalog
from probes.check.schema import Check
from probes.engine.running.child import CancelledError
from probes.engine.running.interpreters import SidePythons
from probes.engine.running.lock import Lock, machine_lock
from probes.json_form import from_dict, from_json, to_dict, to_json
from probes.results import Progress, Round, RunResult
from probes.schema import Device, Machine, RunRequest, RunSetup

#: A look starts a process with Ray in it, which nobody wants beside a measurement, and not often at all.
LOOK_EVERY: Final = 60.0
_LOOK_SECONDS: Final = 120.0


#: How often a run is begun or gone on with whose driver died: others may have brought that about, and the machine is
#: there. What kills each driver that it is given to isn't tried for ever.
TRIES: Final = 3


class _DriverDiedError(Exception):
    """The process in between has ended. The text says of what; ``useless``: without ever having done anything."""

    def __init__(self, reason: str, *, useless: bool) -> None:
        super().__init__(reason)
        self.useless = useless


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
        self._address, self._lock = address, lock
        self._drivers = Drivers(python, address)
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
        with self._drivers.given({"do": "look"}, keep=False) as order:
            said = order.next(_LOOK_SECONDS)
            if said is None or said["say"] != "machines":
                raise RuntimeError(said["reason"] if said else order.why_silent())
        before = {one.name: one.machine for one in self._known or ()}
        found = [_fleet_machine(one) for one in said["machines"]]
        # One that measures isn't asked what it is: it is what it was.
        self._known = tuple(replace(one, machine=before.get(one.name)) if one.busy else one for one in found)
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

    def check(
        self,
        form: PageForm,
        device: Device,
        *,
        tell: Callable[[str, float], None],
        cancelled: Callable[[], bool],
        machine: str = "",
    ) -> Check | None:
        if not machine:
            return super().check(form, device, tell=tell, cancelled=cancelled)

        def told(text: str) -> None:
            message, fraction = json.loads(text)
            tell(message, fraction)

        found = self.work(machine, "check", [form, device], told, cancelled)
        return None if found is None else from_json(Check, found)

    def work(
        self, machine: str, what: str, asked: object, told: Callable[[str], None], cancelled: Callable[[], bool]
    ) -> str | None:
        """What a machine of the cluster makes of other work than a measurement (``ray_node.WORK``), as JSON; None if it
        was cancelled before there was anything. Raises RuntimeError with a reason."""
        with self._drivers.given({"do": "work", "machine": machine, "what": what, "asked": json.dumps(asked)}) as order:
            for said in order.heard(cancelled):
                match said["say"]:
                    case "waiting":
                        continue  # what it waits for is a machine; nothing of the work is known yet
                    case "begun":
                        self._remember(machine, from_dict(Machine, said["machine"]))
                    case "progress":
                        told(json.dumps(said["progress"]))
                    case "result":
                        return None if said["result"] is None else json.dumps(said["result"])
                    case _ if not cancelled():
                        raise RuntimeError(f"{said['reason']}. Start it again")
            if cancelled():
                return None
            raise RuntimeError(f"{machine} can't be reached any more: {order.why_silent()}. Start it again")

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
        run = _RemoteRun(self, replace(setup, request=replace(setup.request, interpreters={})), list(done))
        died: _DriverDiedError | None = None
        for _ in range(TRIES):
            try:
                return self._run_there(run, on_round, on_progress, cancelled)
            except _DriverDiedError as error:
                died = error
                if cancelled():
                    return run.so_far() or _nothing(self, run.asked)
                if error.useless:
                    break
            except RuntimeError as error:
                if died is None:
                    raise
                # It was measured there a moment ago: what refuses now is what the driver died of.
                raise MachineLostError(f"{error}. Finished rounds are kept", run.so_far()) from error
        raise MachineLostError(f"{died}. Finished rounds are kept", run.so_far()) from died

    def _run_there(
        self,
        run: _RemoteRun,
        on_round: Callable[[Round], None],
        on_progress: Callable[[Progress], None],
        cancelled: Callable[[], bool],
    ) -> RunResult:
        """From its finished rounds on. Raises _DriverDiedError where nothing is known of the machine itself."""
        name = run.setup.request.machine
        asked = {
            "do": "measure",
            "machine": name,
            "setup": to_dict(run.setup if run.rounds else run.asked),
            "done": [to_json(round_) for round_ in run.rounds],
        }
        with self._drivers.given(asked) as order:
            for said in order.heard(cancelled):
                match said["say"]:
                    case "begun":
                        run.setup = from_dict(RunSetup, said["begun"])
                        run.machine = from_dict(Machine, said["machine"])
                        self._remember(name, run.machine)
                    case "waiting":
                        on_progress(Progress(said["message"], None, 0, 0, 0.0))
                    case "progress":
                        on_progress(run.seen(from_dict(Progress, said["progress"])))
                    case "round":
                        run.rounds.append(from_dict(Round, said["round"]))
                        on_round(run.rounds[-1])
                    case "result":
                        return from_dict(RunResult, said["result"])
                    case "refused":
                        raise RuntimeError(said["reason"])
                    case _:
                        if cancelled():
                            break
                        raise MachineLostError(f"{said['reason']}. Finished rounds are kept", run.so_far())
            if cancelled():
                return run.so_far() or _nothing(self, run.asked)
            useless = order.first and run.machine is None
            raise _DriverDiedError(f"{name} can't be reached any more: {order.why_silent()}", useless=useless)

    def _remember(self, name: str, machine: Machine) -> None:
        """Pages ask what measures while it does, and it isn't looked at then."""
        known = {one.name: one for one in self._known or ()}
        known[name] = replace(known.get(name, FleetMachine(name, machine)), machine=machine, busy=True)
        self._known = tuple(known.values())


def _fleet_machine(said: Said) -> FleetMachine:
    """Another Fulcrum may describe its machine in a form that isn't read here: its reason is what counts then."""
    try:
        return from_dict(FleetMachine, said)
    except ValueError:
        if not said["why_not"]:
            raise
        return from_dict(FleetMachine, said | {"machine": None})


class _RemoteRun:
    """What is known here of a run on another machine."""

    def __init__(self, runner: RayRunner, setup: RunSetup, rounds: list[Round]) -> None:
        self._runner = runner
        self.asked = self.setup = setup
        self.rounds = rounds
        self.machine: Machine | None = None
        self._planned = 0

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
            started_at=self.rounds[0].started_at if self.rounds else "",
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
