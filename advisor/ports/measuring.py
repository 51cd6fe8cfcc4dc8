"""What measures: the probes of this machine, and the engine behind them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from probes.check.schema import Check
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


@dataclass(frozen=True, slots=True)
class FleetMachine:
    """A machine beside this one that runs can be sent to."""

    name: str
    machine: Machine | None  # what it is, None where that isn't known
    why_not: str = ""  # why nothing can be measured there now, and what to do; "" if it can
    busy: bool = False  # whether something is measured there now
    here: bool = False  # whether it is this very machine, as a part of the cluster


class MachineLostError(Exception):
    """The machine that measured is gone: the text says how. ``result`` is what there was, with every finished round."""

    def __init__(self, reason: str, result: RunResult | None = None) -> None:
        super().__init__(reason)
        self.result = result


PageForm = Literal["quick", "standard"]  # of a self-check; the full form takes hours, and is a command's business


class ProbeRunner(Protocol):
    """Knows the probes and runs them, here or elsewhere."""

    def catalog(self) -> tuple[Availability, ...]:
        """Every probe, and whether it can run here. Cheap: no framework is imported."""
        ...

    def models(self) -> tuple[ModelSpec, ...]:
        """Every model with its adjustable sizes."""
        ...

    def own_data(self, data: TeamData) -> tuple[ModelSpec, tuple[Availability, ...]]:
        """What stands for a team's own data in the catalog, and which probes read them here."""
        ...

    def own(self, file: ModelFile) -> tuple[ModelSpec, tuple[Availability, ...]]:
        """A team's own model as one of the models, and its probes. Cheap: nothing of the file is looked at."""
        ...

    def machine(self, name: str = "") -> Machine:
        """What this machine is, or the one of the fleet with that name. Raises ValueError for a name that none has."""
        ...

    def fleet(self) -> tuple[FleetMachine, ...] | None:
        """The machines beside this one that a request may name; None until that is known. Cheap, never waits."""
        ...

    def look(self) -> tuple[FleetMachine, ...]:
        """The same, asked now: takes seconds. Raises RuntimeError with a reason."""
        ...

    def interpreters(self) -> Mapping[Framework, Interpreter]:
        """What sides run in that don't run in the app's own interpreter."""
        ...

    def validate(self, request: RunRequest) -> None:
        """Raise ``ValueError`` naming field, value and allowed values if the request can't be planned."""
        ...

    def check(
        self,
        form: PageForm,
        device: Device,
        *,
        tell: Callable[[str, float], None],
        cancelled: Callable[[], bool],
        machine: str = "",
    ) -> Check | None:
        """The engine tests itself on "cpu" or "cuda", on this machine or a ``machine`` of the fleet; None if it was
        cancelled.

        Raises RuntimeError with a reason if it can't.
        """
        ...

    def calibration(self, device: Device, check: Check | None) -> Calibration:
        """What a run on ``device`` reckons with, by a self-check of this very machine if there is one."""
        ...

    def graphs(self, model: str, sizes: Mapping[str, int]) -> Mapping[Framework, Graph | str]:
        """The graphs that both frameworks capture of a network, or why there is none. Takes up to a minute. Raises
        RuntimeError with a reason if the machine is busy measuring."""
        ...

    def load(self) -> Load | None:
        """How busy this machine is now, None until that is known. Cheap, never waits: ask again every few seconds."""
        ...

    def plans(self, request: RunRequest, priority: Priority) -> frozenset[str]:
        """The probes that a run of a valid request takes: those it names, or those its budget has time for, of which
        the decision's own go before."""
        ...

    def seconds(self, request: RunRequest, probes: Collection[str]) -> float:
        """What a run of ``probes`` takes here about, as deep as the budget of a valid request goes."""
        ...

    def explain(self, setup: RunSetup) -> tuple[str, ...]:
        """The plan of a valid setup in sentences: what is measured, in which order, and why."""
        ...

    def results(
        self,
        setup: RunSetup,
        rounds: Sequence[Round],
        *,
        planned_rounds: int,
        cancelled: bool = False,
        earlier: Sequence[Sequence[Round]] = (),
    ) -> tuple[ProbeResult, ...]:
        """What finished rounds of ``setup`` say, resting on those of ``earlier`` runs too, oldest first.

        Measures nothing. Raises ``ValueError`` if they can't be read.
        """
        ...

    def best(
        self, results: Sequence[ProbeResult], rounds: Mapping[str, Sequence[Round]], calibration: Calibration
    ) -> tuple[BestModes, ...]:
        """Each side in its best mode, by measure, and what its other modes do; ``rounds`` by probe, those that its
        result rests on."""
        ...

    def run(
        self,
        setup: RunSetup,
        *,
        done: Sequence[Round] = (),
        on_round: Callable[[Round], None],
        on_progress: Callable[[Progress], None],
        cancelled: Callable[[], bool],
    ) -> RunResult:
        """Measure. ``done`` are finished rounds of the same setup to go on from. Blocks until the end.

        Raises MachineLostError where another machine measured and can't be reached any more.
        """
        ...
