"""Stand-ins for pages and plans: a runner that replays a recording, a clock that stands still."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from advisor.adapters import scan_process
from advisor.adapters.model_folder import ModelFolder
from advisor.adapters.operator_key import OperatorKeyFile
from advisor.ports import CodeScan, FleetMachine, OwnDataFile, OwnModelFile, OwnModels, PageForm, ScanSource, Services
from probes.budgets import level
from probes.check.schema import Check
from probes.compare.schema import ModelReport
from probes.engine.judging.best_modes import best_modes
from probes.json_form import from_json
from probes.rehearsal.schema import Rehearsal, RehearsedWay
from probes.results import BestModes, Load, ProbeResult, Progress, Round, RunResult
from probes.schema import (
    Availability,
    Calibration,
    Device,
    Framework,
    Interpreter,
    Machine,
    ModelSpec,
    Outcome,
    Priority,
    ProbeSpec,
    RunRequest,
    RunSetup,
    SizeSpec,
)
from probes.serving.schema import Trace
from probes.team_files import ModelFile, TeamData
from probes.workloads.graphs import Graph, Node
from tests import samples, stores, team_code
from tests.fake_deployment import FakeDeployment
from tests.stores import OpenStore

TESTS = Path(__file__).parent
QUIET = Load("quiet", (), ())


@dataclass
class FixedClock:
    """A clock that goes only when told to."""

    time: datetime = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time


def _spec(result_id: str, title: str, *, quick: bool = True) -> ProbeSpec:
    return ProbeSpec(
        id=result_id,
        title=title,
        question=f"What does {title.lower()} cost?",
        model="mlp",
        measure=result_id.partition(".")[2],
        track="default",
        metric="time per step",
        unit="s",
        better="lower",
        modes={"pytorch": "eager", "tensorflow": "tf.function"},
        budget="quick" if quick else "standard",
        group="Training",
    )


MLP = ModelSpec(
    "mlp",
    "The article's network",
    "Two hidden layers.",
    (SizeSpec("width", "Width", 256, 16, 4096), SizeSpec("classes", "Classes", 10, 2, 1000)),
)


@dataclass
class FakeRunner:
    """Hands out a recorded result, round by round, in no time."""

    recording: RunResult = field(default_factory=samples.run_result)
    offers: tuple[Availability, ...] = ()
    networks: tuple[ModelSpec, ...] = (MLP,)
    busyness: Load | None = QUIET
    checked: Check = field(default_factory=samples.check)
    others: tuple[FleetMachine, ...] = ()
    calibrates_to: Mapping[str, float] = field(default_factory=lambda: {"mlp.train_step": 0.03})

    def __post_init__(self) -> None:
        self.offers = self.offers or (
            *(Availability(_spec(r.probe, r.title), Outcome.OK) for r in self.recording.results),
            Availability(
                _spec("mlp.train_step.tuned", "Training step, compiled", quick=False),
                Outcome.UNSUPPORTED,
                "No C++ compiler was found. Install one: apt install g++",
            ),
        )

    @classmethod
    def replay(cls, name: str) -> FakeRunner:
        """A runner over ``tests/golden/NAME``."""
        return cls(from_json(RunResult, (TESTS / "golden" / name).read_bytes()))

    def catalog(self) -> tuple[Availability, ...]:
        return self.offers

    def models(self) -> tuple[ModelSpec, ...]:
        return self.networks

    def own(self, file: ModelFile) -> tuple[ModelSpec, tuple[Availability, ...]]:
        """With the probes of the recording, in its place."""
        spec = ModelSpec(file.id, file.title, f"Your own, from {file.name}.", (), label=file.title, own=True)
        measures = [r for r in self.recording.results if file.trains or not r.measure.startswith("train")]
        specs = [_spec(f"{file.id}.{r.measure}", f"{r.title}, {file.title}") for r in measures]
        return spec, tuple(Availability(replace(one, model=file.id), Outcome.OK) for one in specs)

    def own_data(self, data: TeamData) -> tuple[ModelSpec, tuple[Availability, ...]]:
        """With the one pipeline that reads them, where they have labels."""
        probe = _spec(f"{data.id}.pipeline_{'numpy' if data.kind == 'npz' else data.kind}", f"Pipeline, {data.name}")
        offers = (Availability(replace(probe, model=data.id), Outcome.OK),) if data.labelled else ()
        return ModelSpec(data.id, data.name, f"Your own data, {data.name}.", (), label=data.name), offers

    def machine(self, name: str = "") -> Machine:
        return self.recording.machine

    def fleet(self) -> tuple[FleetMachine, ...] | None:
        return self.others

    def look(self) -> tuple[FleetMachine, ...]:
        return self.others

    def interpreters(self) -> dict[Framework, Interpreter]:
        return {}

    def validate(self, request: RunRequest) -> None:
        own = self.own(request.model_file)[1] if request.model_file else ()
        known = {offer.probe.id for offer in (*self.offers, *own)}
        if unknown := set(request.probes) - known:
            raise ValueError(f"probes: {sorted(unknown)} unknown; allowed: {sorted(known)}")

    def calibration(self, device: Device, check: Check | None) -> Calibration:
        return Calibration(spreads=self.calibrates_to if check else {})

    def check(
        self,
        form: PageForm,
        device: Device,
        *,
        tell: Callable[[str, float], None],
        cancelled: Callable[[], bool],
        machine: str = "",
    ) -> Check | None:
        tell("PyTorch against itself", 0.5)
        return None if cancelled() else replace(self.checked, form=form, device=device)

    def load(self) -> Load | None:
        return self.busyness

    def graphs(self, model: str, sizes: Mapping[str, int]) -> Mapping[Framework, Graph | str]:
        nodes = (Node("fc1", "linear", ()), Node("gelu1", "gelu", ("fc1",)))
        return {"pytorch": Graph(nodes, 1, "kernels that Inductor writes or calls"), "tensorflow": "not installed"}

    def plans(self, request: RunRequest, priority: Priority) -> frozenset[str]:
        offers = self.own(request.model_file)[1] if request.model_file else self.offers
        own = (o.probe for o in offers if o.probe.model == request.model)
        return frozenset(request.probes or (p.id for p in own if p.covered_by(level(request.budget))))

    def seconds(self, request: RunRequest, probes: Collection[str]) -> float:
        return 5.0 + 10.0 * len(probes)

    def explain(self, setup: RunSetup) -> tuple[str, ...]:
        gains = setup.priority.gains
        order = sorted(gains, key=lambda probe: -gains[probe])
        return (f"First {order[0]}." if order else "All alike.",)

    def results(
        self,
        setup: RunSetup,
        rounds: Sequence[Round],
        *,
        planned_rounds: int,
        cancelled: bool = False,
        earlier: Sequence[Sequence[Round]] = (),
    ) -> tuple[ProbeResult, ...]:
        if not rounds:
            raise ValueError("rounds: there are none")
        return self.recording.results

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
        rounds = self.recording.rounds[len(done) :]
        for index, round_ in enumerate(rounds, start=1):
            if cancelled():
                break
            on_round(round_)
            on_progress(Progress("replaying", None, index, len(rounds), index / len(rounds), self.recording.results))
        return self.recording


@dataclass
class FakeOwnModels:
    """Files with the reports of what looking at them says; a text instead is why that can't be done."""

    folder: dict[OwnModelFile, ModelReport | str] = field(default_factory=dict)
    off: str = ""
    moves: tuple[RehearsedWay, ...] = ()

    def why_off(self) -> str:
        return self.off

    def files(self) -> tuple[OwnModelFile, ...]:
        return tuple(self.folder)

    def describe(
        self, name: str, sha256: str, *, tell: Callable[[str, float], None], cancelled: Callable[[], bool]
    ) -> ModelReport | None:
        tell(f"PyTorch: what is {name}?", 0.1)
        found = self.folder[OwnModelFile(name, sha256)]
        if isinstance(found, str):
            raise ValueError(found)
        return None if cancelled() else found

    def rehearse(
        self, name: str, sha256: str, *, tell: Callable[[str, float], None], cancelled: Callable[[], bool]
    ) -> Rehearsal | None:
        tell("Keras code on PyTorch", 0.5)
        found = self.folder[OwnModelFile(name, sha256)]
        if isinstance(found, str):
            raise ValueError(found)
        return None if cancelled() else Rehearsal(found.file, self.moves)


@dataclass
class FakeOwnData:
    """Data with what looking at them says; a text instead is why that can't be done."""

    folder: dict[OwnDataFile, TeamData | Trace | str] = field(default_factory=dict)

    def files(self) -> tuple[OwnDataFile, ...]:
        return tuple(self.folder)

    def look(
        self, name: str, label: str, *, tell: Callable[[str, float], None], cancelled: Callable[[], bool]
    ) -> TeamData | None:
        tell(f"reading {name}", 0.5)
        found = self._found(name)
        assert isinstance(found, TeamData)
        return None if cancelled() else replace(found, label=label)

    def trace(self, name: str) -> Trace:
        found = self._found(name)
        assert isinstance(found, Trace)
        return found

    def _found(self, name: str) -> TeamData | Trace:
        found = next(said for file, said in self.folder.items() if file.name == name)
        if isinstance(found, str):
            raise ValueError(found)
        return found


@dataclass
class FakeScanner:
    """Finds the same in whatever is handed over; a text instead is why it can't be read."""

    finds: CodeScan | str = field(default_factory=team_code.scan)
    opens_folders: bool = False
    uploads: dict[str, bytes] = field(default_factory=dict)

    def keep(self, content: IO[bytes]) -> str:
        name = f"{len(self.uploads):032x}"
        self.uploads[name] = content.read()
        return name

    def discard(self, name: str) -> None:
        self.uploads.pop(name, None)

    def listed(self, text: str, title: str) -> CodeScan:
        return scan_process.of_list(text, title)

    def tidy(self, wanted: Collection[str]) -> int:
        return 0

    def scan(
        self,
        source: ScanSource,
        place: str,
        title: str,
        *,
        tell: Callable[[str, float], None],
        cancelled: Callable[[], bool],
    ) -> CodeScan | None:
        tell("Reading source 1 of 2", 0.5)
        if isinstance(self.finds, str):
            raise ValueError(self.finds)
        return None if cancelled() else replace(self.finds, source=source, title=title)


def services(
    store: OpenStore | None = None,
    runner: FakeRunner | None = None,
    deployment: FakeDeployment | None = None,
    own_models: OwnModels | None = None,
    scanner: FakeScanner | None = None,
    own_data: FakeOwnData | None = None,
) -> Services:
    """Everything a page needs, over a database of its own."""
    clock = FixedClock()
    key = OperatorKeyFile(Path(os.environ["FULCRUM_DATA_DIR"]))
    store, deployment = store or stores.new(clock), deployment or FakeDeployment()
    models = own_models or ModelFolder(None)
    data = own_data or FakeOwnData()
    return Services(store, runner or FakeRunner(), clock, deployment, key, models, scanner or FakeScanner(), data)
