"""The real part behind ``ports.ProbeRunner``: the engine on this machine."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial

from advisor.adapters.data_folder import DataFolder, data_of
from advisor.adapters.model_folder import ModelFolder
from advisor.ports import FleetMachine, PageForm
from probes import catalog
from probes.budgets import level
from probes.check import sides
from probes.check.calibration import calibrated
from probes.check.run import check
from probes.check.schema import Check
from probes.check.sides import UnavailableError
from probes.engine.judging.best_modes import best_modes
from probes.engine.judging.results import summarise
from probes.engine.planning import memory_estimate, plan, plan_text
from probes.engine.running import graph_capture, pace, supervisor
from probes.engine.running.child import CancelledError, ChildError
from probes.engine.running.interpreters import SidePythons, launcher, told
from probes.engine.watching import load_gauge, machine
from probes.results import BestModes, Load, ProbeResult, Progress, Round, RunResult
from probes.schema import (
    Availability,
    Calibration,
    Device,
    Framework,
    Interpreter,
    Machine,
    ModelSpec,
    Priority,
    RunRequest,
    RunSetup,
)
from probes.team_files import ModelFile, TeamData
from probes.workloads.graphs import Graph


class LocalRunner:
    """``ports.ProbeRunner`` on this machine: child processes of the calling one. ``own_models``: where a request's
    model file is looked for, ``own_data``: its data; ``pythons``: what sides run in that don't run in the app's own
    interpreter."""

    def __init__(
        self,
        own_models: ModelFolder | None = None,
        pythons: SidePythons = catalog.NONE,
        own_data: DataFolder | None = None,
    ) -> None:
        self._own_models, self._pythons = own_models or ModelFolder(None), pythons
        self._own_data = own_data or DataFolder(None)

    @cached_property
    def _machine(self) -> Machine:
        return machine.seen_by(self.interpreters())

    @cached_property
    def _catalog(self) -> tuple[Availability, ...]:
        return catalog.availability(interpreters=self.interpreters())

    @cached_property
    def _gauge(self) -> load_gauge.Gauge:
        return load_gauge.Gauge()

    def catalog(self) -> tuple[Availability, ...]:
        return self._catalog

    def models(self) -> tuple[ModelSpec, ...]:
        return catalog.models()

    def own(self, file: ModelFile) -> tuple[ModelSpec, tuple[Availability, ...]]:
        catalog.adopt(file)
        spec: ModelSpec = catalog.model(file.id).SPEC
        return spec, catalog.availability(file.id, self.interpreters())

    def own_data(self, data: TeamData) -> tuple[ModelSpec, tuple[Availability, ...]]:
        catalog.adopt_data(data)
        spec: ModelSpec = catalog.model(data.id).SPEC
        return spec, catalog.availability(data.id, self.interpreters())

    def machine(self, name: str = "") -> Machine:
        if name:
            raise ValueError(f"machine: {name!r}; allowed: this machine alone, as FULCRUM_RAY_ADDRESS names no others")
        return self._machine

    def fleet(self) -> tuple[FleetMachine, ...] | None:
        return ()

    def look(self) -> tuple[FleetMachine, ...]:
        return ()

    def interpreters(self) -> Mapping[Framework, Interpreter]:
        return told(self._pythons)

    def validate(self, request: RunRequest) -> None:
        memory_estimate.validate(RunSetup(request), self.machine(request.machine).memory_bytes)

    def calibration(self, device: Device, check: Check | None) -> Calibration:
        here = self.machine()
        return replace(calibrated(device, here, check), pace=pace.read(here.fingerprint))

    def check(
        self,
        form: PageForm,
        device: Device,
        *,
        tell: Callable[[str, float], None],
        cancelled: Callable[[], bool],
        machine: str = "",
    ) -> Check | None:
        if machine:
            self.machine(machine)  # says what is allowed
        try:
            return check(
                form,
                device=device,
                tell=tell,
                cancelled=cancelled,
                launcher=launcher(self._pythons, sides.WORKER),
                interpreters=self.interpreters(),
            )
        except CancelledError:
            return None
        except ChildError as error:
            raise RuntimeError(f"{error.framework}: {error.reason}") from error
        except UnavailableError as error:
            raise RuntimeError(str(error)) from error

    def graphs(self, model: str, sizes: Mapping[str, int]) -> Mapping[Framework, Graph | str]:
        return graph_capture.graphs_of(model, sizes, launcher=launcher(self._pythons), interpreters=self.interpreters())

    def load(self) -> Load | None:
        return self._gauge.read()

    def plans(self, request: RunRequest, priority: Priority) -> frozenset[str]:
        setup = RunSetup(request, self.calibration(request.device, None), priority)
        return frozenset(probe.spec.id for probe in plan.plan(setup).probes)

    def seconds(self, request: RunRequest, probes: Collection[str]) -> float:
        depth = plan.DEPTHS[level(request.budget)][0]
        return pace.read(self.machine().fingerprint) * plan.fewest_seconds(request, [*map(catalog.find, probes)], depth)

    def explain(self, setup: RunSetup) -> tuple[str, ...]:
        return plan_text.explain(setup)

    def results(
        self,
        setup: RunSetup,
        rounds: Sequence[Round],
        *,
        planned_rounds: int,
        cancelled: bool = False,
        earlier: Sequence[Sequence[Round]] = (),
    ) -> tuple[ProbeResult, ...]:
        return summarise(setup, rounds, planned_rounds=planned_rounds, cancelled=cancelled, earlier=earlier)

    def best(
        self, results: Sequence[ProbeResult], rounds: Mapping[str, Sequence[Round]], calibration: Calibration
    ) -> tuple[BestModes, ...]:
        return best_modes(results, rounds, calibration)

    def run(
        self,
        setup: RunSetup,
        *,
        done: Sequence[Round] = (),
        on_round: Callable[[Round], None],
        on_progress: Callable[[Progress], None],
        cancelled: Callable[[], bool],
    ) -> RunResult:
        if setup.request.interpreters != self.interpreters():
            raise ValueError("interpreters: a side has another one than when this run began: start it anew")
        file = setup.request.model_file
        return supervisor.run(
            setup,
            done=done,
            on_round=on_round,
            on_progress=on_progress,
            cancelled=cancelled,
            learn=partial(pace.learn, self.machine().fingerprint),
            launcher=launcher(self._pythons),
            model_path=self._own_models.path(file.name, file.sha256) if file else None,
            data_path=self._own_data.of(data_of(setup.request)),
        )
