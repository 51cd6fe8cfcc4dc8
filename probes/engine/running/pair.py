"""The children of a round: started in turn, both on the same device, replaced when one dies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from probes.catalog import INSTALL
from probes.engine.running import core_use, environment, model_files
from probes.engine.running.child import Child, ChildError, Launcher
from probes.engine.running.core_use import CoreUse
from probes.engine.running.devices import choose, unequal
from probes.engine.running.interpreters import drift
from probes.engine.watching import machine
from probes.engine.watching.contention import ContentionWatch, Witness
from probes.places import against, runs_at, titles
from probes.results import SideReport
from probes.schema import FRAMEWORKS, Framework, Outcome, RunRequest
from probes.team_data import looking

#: A framework whose process dies so often while starting is not tried again in this round.
MOST_STARTS = 2
#: Variables that bear on speed begin so; paths and names of people stay out of the record.
_TOLD = ("OMP_", "KMP_", "MKL_", "OPENBLAS_", "TF_", "CUDA_VISIBLE")


@dataclass(frozen=True, slots=True)
class PairSettings:
    """What every child of a run shares."""

    request: RunRequest
    launcher: Launcher
    scratch: str
    cancelled: Callable[[], bool]
    import_limit: float
    watch: Callable[[], Witness] = ContentionWatch  # what looks for other people's work, one a round
    cores: CoreUse = field(default_factory=core_use.settled)
    model_path: Path | None = None  # where the request's model file lies
    data_path: Path | None = None  # where the request's data lie


class Pair:
    """Fresh children of the frameworks in ``order``. A framework that can't start is ``down`` with a reason."""

    def __init__(
        self,
        surroundings: PairSettings,
        order: tuple[Framework, ...],
        seed: int,
        tell: Callable[[str], None],
        *,
        threads: int | None = None,
        memory: int | None = None,
    ) -> None:
        self._with, self._order, self._seed, self._tell = surroundings, order, seed, tell
        self._titles = titles(surroundings.request.interpreters)
        self._threads = surroundings.cores.at_most(threads) if threads else surroundings.request.threads
        self._placement = surroundings.cores.placement(self._threads)
        self._memory = memory
        self._children: dict[Framework, Child] = {}
        self._failed_starts: dict[Framework, int] = {}
        self.down: dict[Framework, SideReport] = {}
        self.not_carried = ""  # why both sides of a team's own model have different weights
        self.environment: dict[Framework, dict[str, str]] = {}
        self.notes: tuple[str, ...] = tuple(filter(None, [self._placement.note]))

    def start(self) -> dict[Framework, Child]:
        """Every child that runs or can be started, in order. A framework that failed to start may be missing."""
        devices: dict[Framework, tuple[str, ...]] = {}
        if reason := self._placement.refusal:
            self.down = dict.fromkeys(self._order, SideReport(Outcome.UNSUPPORTED, reason))
        elif not self._children and (reason := self._model_refusal() or self._data_refusal()):
            self.down = dict.fromkeys(self._order, SideReport(Outcome.FAILED, reason))
        for framework in self._order:
            if framework not in self._children and framework not in self.down:
                self._tell(f"starting {self._titles[framework]}")
                try:
                    devices[framework] = self._load(framework)
                except ChildError as error:
                    self._could_not_start(error)
        if devices:
            self._choose_device(devices)
            self._take_data()
            self._take_model()
        return {f: self._children[f] for f in self._order if f in self._children}

    def close(self) -> None:
        for framework in list(self._children):
            self._children.pop(framework).close()

    def _load(self, framework: Framework) -> tuple[str, ...]:
        request, limit = self._with.request, self._with.import_limit
        passive = self._with.cores.passive(self._threads)
        variables = environment.variables(self._threads, request.device, self._with.scratch, passive=passive)
        child = self._with.launcher(framework, variables, self._with.cancelled)
        self._children[framework] = child
        reply = child.ask(
            "limit",
            timeout=limit,
            cpus=self._placement.cores,
            memory=self._memory or environment.memory_limit(request.device, gpu_here=machine.gpu_here()),
        )
        told = {name: value for name, value in variables.items() if name.startswith(_TOLD)}
        self.environment[framework] = {
            "cores": ",".join(map(str, reply["cpus"])),
            "placement": self._placement.why,
            "waiting": self._with.cores.waiting,
            **told,
        }
        return tuple(child.ask("load", timeout=limit, threads=self._threads)["devices"])

    def _choose_device(self, devices: Mapping[Framework, tuple[str, ...]]) -> None:
        """All on the GPU or all on the CPU: a pair on two devices, or with unequal settings, compares nothing."""
        runs = {place: runs_at(place, self._with.request.interpreters) for place in devices}
        choice = choose(self._with.request.device, devices, gpu_here=machine.gpu_here(), runs=runs, titles=self._titles)
        for framework, reason in choice.unsupported.items():
            self._drop(framework, SideReport(Outcome.UNSUPPORTED, reason))
        if choice.note:
            self.notes = (*filter(None, [self._placement.note]), choice.note)
        for framework in devices:
            if framework in self._children:
                try:
                    reply = self._children[framework].ask(
                        "use", timeout=self._with.import_limit, device=choice.device, seed=self._seed
                    )
                    self.environment[framework] |= reply["environment"]
                except ChildError as error:
                    self._could_not_start(error)
        if changed := self._changed():
            for framework in list(self._children):
                self._drop(framework, SideReport(Outcome.FAILED, changed))
        if reason := unequal({side: self.environment[side] for side in self._children}, self._titles):
            for framework in list(self._children):
                self._drop(framework, SideReport(Outcome.NOT_COMPARABLE, reason))

    def _changed(self) -> str:
        """That a side's interpreter isn't what it was when it was looked at; "" if it is."""
        for framework, told in self._with.request.interpreters.items():
            if framework in self._children and (now := drift(told, self.environment[framework])):
                return (
                    f"{self._titles[framework]}'s interpreter has changed since it was looked at, to {now}: start anew"
                )
        return ""

    def _take_data(self) -> None:
        """Tell the children of the team's own data, before a model that takes them."""
        path, data = self._with.data_path, self._with.request.data
        if path is None or data is None:
            return
        told = {"path": str(path.absolute()), "data": asdict(data)}
        try:
            for child in self._children.values():
                child.ask("data", timeout=self._with.import_limit, **told)
        except ChildError as error:
            for framework in list(self._children):
                self._drop(framework, SideReport(error.outcome, f"{self._titles[error.framework]}: {error.reason}"))

    def _take_model(self) -> None:
        """Give the children the team's own model, and one's weights to the other. A side that can't take it is down:
        it took the very same file when that was looked at, and a next try would cost as much."""
        path, file = self._with.model_path, self._with.request.model_file
        if path is None or file is None:
            return
        ask: dict[str, Any] = {"timeout": self._with.import_limit}
        try:
            for side in file.sides:  # the other side's process may be unable to load it
                if side in self._children:
                    self._children[side].ask("own", path=str(path.absolute()), file=asdict(file), **ask)
            both = [self._children[side] for side in FRAMEWORKS if side in self._children and side in file.sides]
            if len(both) == len(FRAMEWORKS):
                at = str(Path(self._with.scratch) / "weights.npz")
                ask |= {"file": at, "alike": against(self._with.request.interpreters)}
                self.not_carried = both[0].ask("keep", **ask)["reason"] or both[1].ask("carry", **ask)["reason"]
        except ChildError as error:
            outcome = Outcome.FAILED if error.outcome is Outcome.UNSUPPORTED else error.outcome
            for side in file.sides:  # both, as a pair has one model or none
                self._drop(side, SideReport(outcome, f"{self._titles[error.framework]}: {error.reason}"))

    def _model_refusal(self) -> str:
        path, file = self._with.model_path, self._with.request.model_file
        if file is None:
            return ""
        return model_files.refusal(path, file) if path else f"{file.name} isn't here: name the file to measure it"

    def _data_refusal(self) -> str:
        data = self._with.request.data
        return looking.refusal(self._with.data_path, data) if data else ""

    def _could_not_start(self, error: ChildError) -> None:
        framework = error.framework
        self._failed_starts[framework] = self._failed_starts.get(framework, 0) + 1
        if error.outcome == Outcome.UNSUPPORTED:
            advice = INSTALL[framework]  # that of the app's own interpreter
            if framework in self._with.request.interpreters:
                advice = "install it anew in the interpreter that was chosen for it"
            reason = f"{self._titles[framework]} can't be imported ({error.reason}): {advice}"
            self._drop(framework, SideReport(error.outcome, reason))
        elif self._failed_starts[framework] >= MOST_STARTS:
            self._drop(framework, SideReport(error.outcome, error.reason))
        else:
            self.close()  # both: a pair is fresh or it is none
            raise error

    def _drop(self, framework: Framework, report: SideReport) -> None:
        self.down[framework] = report
        if framework in self._children:
            self._children.pop(framework).close()
