"""What a measured child does on command: build, check, warm up, run blocks, measure once."""

from __future__ import annotations

import gc
import importlib
import os
import platform
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self, cast

from probes.catalog import PACKAGES
from probes.contracts import Adapter, DataPlace, Subject, Timed, TrainingSettings
from probes.engine.child import allocator, clocked_steps, compile_cache, peak_memory
from probes.engine.child.command_loop import Reply, Servant
from probes.engine.child.import_guard import ImportGuard
from probes.model_file import keras_once, loading, published, trial
from probes.model_file.carrying import NotCarriedError
from probes.model_file.mistakes import explained
from probes.model_file.own_model import OwnModel
from probes.model_file.published_model import PublishedModel
from probes.schema import FRAMEWORKS, Framework, Track
from probes.team_data import pictures
from probes.team_files import Lack, ModelFile, TeamData
from probes.tracks import MODES, half

#: What each framework's process must not have imported: two in one process slow each other down and crash.
FOREIGN: Mapping[str, tuple[str, ...]] = {"pytorch": ("tensorflow", "keras", "jax"), "tensorflow": ("torch", "jax")}
COMMANDS = (
    "load", "use", "data", "describe", "try_step", "own", "keep", "carry",
    "single", "attempt", "check", "prepare", "warm", "block", "graph",
)  # fmt: skip


class Worker(Servant):
    """One framework's child. Each public method is a command; its keyword arguments come from the supervisor.

    What isn't the framework's stays hidden behind ``guard``, if the process has one.
    """

    def __init__(self, framework: Framework, guard: ImportGuard | None = None) -> None:
        self.framework = framework
        self.device = "cpu"
        self.seed = 0
        self.import_seconds = 0.0
        self.sizes: Mapping[str, int] = {}
        self.track: Track = "default"
        self._adapter = cast(Adapter, importlib.import_module(f"probes.frameworks.{framework}"))
        self._guard = guard or ImportGuard()
        self._model: Any = None
        self._own: OwnModel | None = None
        self._data: DataPlace | None = None
        self._written_once = False  # in Keras, for both frameworks
        self._timed: dict[str, Timed] = {}  # by probe; the last prepared one last
        self._spins = False  # whether idle threads may keep their cores for a while
        self._cpu_at_reply = time.process_time()
        self._wall_at_reply = time.perf_counter()

    @classmethod
    def guarded(cls, framework: Framework) -> Self:
        """One whose whole process sees nothing but the framework, and what measuring needs."""
        guard = ImportGuard()
        guard.start(PACKAGES[framework])
        return cls(framework, guard)

    def clock(self) -> float:
        return time.perf_counter()

    def load(self, threads: int) -> Reply:
        """Import the framework."""
        self._spins = threads > 1 and "OMP_WAIT_POLICY" not in os.environ
        start = self.clock()
        self._adapter.load(threads)
        self.import_seconds = self.clock() - start
        return {"import_s": self.import_seconds, "devices": self._adapter.devices()}

    def use(self, device: str, seed: int) -> Reply:
        """Choose the device; what this child is, for the record."""
        self.device = device
        self._adapter.use(device, seed)
        told = {"python": platform.python_version(), "hidden": self._guard.told()}
        return {"environment": {**self._adapter.describe(device), **told}}

    def data(self, path: str, data: Mapping[str, Any]) -> Reply:
        """From here on the team's own data can be asked about, and a model file takes them for its inputs."""
        from probes import catalog

        told = TeamData(**{**data, "shapes": {name: tuple(shape) for name, shape in data["shapes"].items()}})
        self._data = DataPlace(told, Path(path))
        catalog.adopt_data(told)
        return {}

    def describe(self, path: str) -> Reply:
        """What a team's own model says of itself, and this side's half of it; ``model`` is None where the file has no
        such half, and then nothing of it is run."""
        file = Path(path)
        source = loading.read(file)
        if published.is_published(file):
            return self._published(file)
        loading.compiled(file, source)  # what is no Python is told before a framework is waited for
        sides = loading.halves(source)
        if self.framework not in sides:
            return {"sides": list(sides), "model": None}
        if not self.import_seconds:  # a child that takes one file after another has the framework already
            self.load(threads=1)
        with self._explained(file):
            self._own = self._loaded(file, "")
            return {"sides": list(sides), "model": self._own.described(self.seed)}

    def try_step(self, path: str) -> Reply:
        """What a step of the model that was described takes, in seconds, and in bytes on top of the framework."""
        peak_memory.reset()
        held = peak_memory.held()
        with self._explained(Path(path)):
            seconds = trial.step_seconds(self._team_model(), MODES["default"][self.framework], self.seed)
        return {"step_s": seconds, "bytes": max(0, round(peak_memory.read()[0] - held))}

    def own(self, path: str, file: Mapping[str, Any]) -> Reply:
        """From here on the probes of this model file can be asked for."""
        from probes import catalog

        described = ModelFile(**{**file, "data": self._data.data if self._data and file.get("data") else None})
        catalog.adopt(described)
        with self._explained(Path(path)):
            self._own = self._loaded(Path(path), described.sha256)
        return {}

    def keep(self, file: str, alike: bool = False) -> Reply:
        """Write the own model's weights to ``file``; all that is built from here on begins with them. ``alike``: for
        another version of this framework."""
        return self._carried(lambda own: (own.keep_state if alike else own.keep)(self.seed, Path(file)))

    def carry(self, file: str, alike: bool = False) -> Reply:
        """All that is built from here on begins with the other side's weights."""
        return self._carried(lambda own: (own.take_state if alike else own.carry)(self.seed, Path(file)))

    def single(self, probe: str, seed: int, sizes: Mapping[str, int]) -> Reply:
        """One value of a one-shot measure."""
        measure = self._choose(probe, seed, sizes)
        if measure.SPEC.unit != "B":  # what memory a program takes is what it takes from the start on
            allocator.settle()
        with self._compiling():
            single = measure.measure(self)
        if not 0 < single.value < float("inf"):
            raise ArithmeticError(f"the measure gave {single.value}: not a positive number")
        return {"value": single.value, "details": dict(single.details), "note": single.note}

    def attempt(self, probe: str, seed: int, sizes: Mapping[str, int], number: int) -> Reply:
        """Try whether ``number`` fits into this child's limit: an error, or its death, says that it doesn't."""
        return {"held": self._choose(probe, seed, sizes).attempt(self, number)}

    def check(self, probe: str, seed: int, sizes: Mapping[str, int], file: str) -> Reply:
        """Write what both sides must agree on to ``file`` (NumPy's npz). Measures without a check say so."""
        check: Callable[[Worker], Any] | None = getattr(self._choose(probe, seed, sizes), "check", None)
        if check is None:
            return {"checked": False}
        import numpy as np

        with self._compiling():
            np.savez(file, **check(self))
        return {"checked": True}

    def prepare(self, probe: str, seed: int, sizes: Mapping[str, int], beside: bool = False) -> Reply:
        """A new instance: model, inputs and optimiser built anew, hence a new memory layout. ``beside`` those of other
        probes, which are taken in turns with it; else in their place."""
        if beside:
            self._timed.pop(probe, None)
        else:
            self._timed.clear()
        measure = self._choose(probe, seed, sizes)
        allocator.settle()
        gc.collect()
        start = self.clock()
        with self._compiling():
            timed = self._timed[probe] = measure.prepare(self)
            built = self.clock()
            timed.finish(timed.step())
        # What is alive now lives on: the collector need not look at it again in the middle of a block.
        gc.collect()
        gc.freeze()
        return {"build_s": built - start, "first_step_s": self.clock() - built}

    def warm(self, limit: float, probe: str = "") -> Reply:
        """Run until what a step takes is steady, or ``limit`` seconds are over."""
        step, steady = clocked_steps.warm_up(self._ready(probe), limit)
        return {"step_s": step, "steady": steady}

    def block(self, steps: int, discard: int, probe: str = "") -> Reply:
        """Seconds a step, wall and CPU, over ``steps`` steps after ``discard`` unclocked ones."""
        timed = self._ready(probe)
        idle = time.process_time() - self._cpu_at_reply, self.clock() - self._wall_at_reply
        traces = timed.subject.traces()
        if discard or self._spins:  # a pool that has fallen asleep is woken outside the clock
            clocked_steps.run(timed, max(discard, 1))
        wall, cpu, late = self._clocked(timed, steps)
        retraced = timed.subject.traces() != traces
        if self._spins:
            clocked_steps.rest()
        return {
            "wall": wall, "cpu": cpu, "late": late,
            "idle_cpu": idle[0], "idle_wall": idle[1], "retraced": retraced,
        }  # fmt: skip

    def graph(self, probe: str, seed: int, sizes: Mapping[str, int]) -> Reply:
        from probes.workloads import graphs

        self._choose(probe, seed, sizes)
        with self._compiling():
            return {"graph": graphs.capture(self)}

    def foreign(self) -> list[str]:
        own = {"keras"} if self._written_once else set()
        return [name for name in FOREIGN[self.framework] if name in sys.modules and name not in own]

    def replied(self) -> None:
        """From here on this child idles: what it burns until the next command is no work of its own."""
        self._cpu_at_reply, self._wall_at_reply = time.process_time(), self.clock()

    def is_out_of_memory(self, error: BaseException) -> bool:
        return super().is_out_of_memory(error) or (self.import_seconds > 0 and self._adapter.is_out_of_memory(error))

    # What a measure sees besides attributes: probes.contracts.Bench

    @property
    def own_data(self) -> DataPlace | None:
        return self._data if self._data and self._model.SPEC.id == self._data.data.id else None

    def build(
        self,
        *,
        batch: int,
        settings: TrainingSettings | None = None,
        sizes: Mapping[str, int] | None = None,
        track: Track | None = None,
    ) -> Subject:
        """A new network with weights and inputs drawn from the seed, the same on both sides."""
        import numpy as np

        track = track or self.track
        if self._model.SPEC.own:
            return self._team_model().subject(
                self.seed, batch, settings or TrainingSettings(), mode=MODES[track][self.framework], device=self.device
            )
        function = half(self._model, self.framework, track)
        sizes = {**self.sizes, **(sizes or {})}
        rng = np.random.default_rng(self.seed)
        weights, inputs = self._model.weights(rng, sizes), self._model.inputs(rng, sizes, batch)
        return self._adapter.build(
            function, weights, inputs, sizes=sizes, mode=MODES[track][self.framework],
            device=self.device, settings=settings or TrainingSettings(),
        )  # fmt: skip

    def inputs(self, rng: Any, sizes: Mapping[str, int], batch: int) -> Any:
        return self._model.inputs(rng, sizes, batch)

    def reset_peak(self) -> None:
        self._adapter.reset_device_peak(self.device) if self.device != "cpu" else peak_memory.reset()

    def held(self) -> float:
        """Bytes of the process on a CPU, of the allocator on an accelerator."""
        return self._adapter.device_held(self.device) if self.device != "cpu" else peak_memory.held()

    def peak(self) -> tuple[float, str]:
        """The peak in bytes since ``reset_peak``, of the process on a CPU, of the allocator on an accelerator."""
        if self.device != "cpu":
            return self._adapter.device_peak(self.device), "allocator's peak on the accelerator"
        return peak_memory.read()

    def _choose(self, probe: str, seed: int, sizes: Mapping[str, int]) -> Any:
        from probes import catalog

        entry = catalog.find(probe)
        self._model, self.sizes, self.seed, self.track = entry.model, sizes, seed, entry.spec.track
        self._guard.open(entry.measure_spec.packages)
        return entry.measure

    def _published(self, path: Path) -> Reply:
        """As ``describe`` says of a published model; ``lack``: why this side has no half of it."""
        if not self.import_seconds:
            self.load(threads=1)
        with self._explained(path):
            self._own = model = self._published_model(path, "")
            found = model.looked_at(self.seed)
        if isinstance(found, Lack):
            others = [side for side in FRAMEWORKS if side != self.framework]
            return {"sides": others, "model": None, "lack": asdict(found)}
        return {"sides": list(FRAMEWORKS), "model": found}

    def _published_model(self, path: Path, sha256: str) -> PublishedModel:
        self._guard.open(published.PACKAGES[self.framework])
        return PublishedModel(self.framework, path, sha256, self._data)

    def _loaded(self, path: Path, sha256: str) -> OwnModel:
        """What it writes beside itself is gone with the run: it works in the run's own folder."""
        if published.is_published(path):
            return self._published_model(path, sha256)
        self._written_once = keras_once.is_written(loading.read(path))
        if self._written_once and self.framework == "pytorch":
            os.environ["KERAS_BACKEND"] = "torch"  # Keras asks when it is imported, which the file does
            self._guard.open(("keras",))
        if scratch := os.environ.get("TMPDIR"):
            os.chdir(scratch)
        self._guard.open(loading.packages(path))
        if self._data is not None and self._data.data.kind == "jpeg":
            self._guard.open(pictures.PACKAGES)
        return OwnModel(self.framework, path, sha256, self._data)

    def _explained(self, path: Path) -> AbstractContextManager[None]:
        return explained(path, self.framework, self._guard.package_of, self.is_out_of_memory)

    def _team_model(self) -> OwnModel:
        if self._own is None:
            raise RuntimeError("no model file was named")
        return self._own

    def _carried(self, work: Callable[[OwnModel], None]) -> Reply:
        try:
            work(self._team_model())
        except NotCarriedError as error:
            return {"reason": str(error)}
        return {"reason": ""}

    def _compiling(self) -> AbstractContextManager[None]:
        """Around whatever may compile: where a child died at it, what it left on the disk isn't believed."""
        folder = os.environ.get("TORCHINDUCTOR_CACHE_DIR")
        return compile_cache.guarded(Path(folder)) if folder and self.track == "tuned" else nullcontext()

    def _ready(self, probe: str = "") -> Timed:
        """The instance of ``probe``, or the last one."""
        if not self._timed:
            raise RuntimeError("no instance was prepared")
        return self._timed[probe or next(reversed(self._timed))]

    def _clocked(self, timed: Timed, steps: int) -> tuple[float, float, float]:
        """(wall, CPU) seconds a step, and seconds that work went on after the clock had stopped."""
        wall, cpu = clocked_steps.run(timed, steps)
        return wall, cpu, clocked_steps.late(timed)
