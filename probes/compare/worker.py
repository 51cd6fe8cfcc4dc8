"""The child that is compared: ``python -m probes.compare.worker FRAMEWORK PARENT_PID``. The measured one, which can be
asked for what its network computes step by step as well."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any, cast

from probes.compare.steps import Step, spread
from probes.contracts import STATISTICS, Subject, TrainingSettings
from probes.engine.child import command_loop, worker_bench
from probes.engine.child.command_loop import Reply
from probes.schema import Framework

COMMANDS = (*worker_bench.COMMANDS, "look", "record")
#: Samples: as many as BatchNorm needs for a variance that isn't mere chance.
BATCH = 16
#: Weights whose spread says how a layer is initialised.
_DRAWN = ("kernel", "recurrent", "table", "bias")


class ComparingWorker(worker_bench.Worker):
    """The plain worker, which also tells steps."""

    def look(self, probe: str, seed: int, sizes: Mapping[str, int]) -> Reply:
        """The steps and the weights' shapes, as the network was made: before any weights went across."""
        self._choose(probe, seed, sizes)
        side, subject = self._side(), self._subject(TrainingSettings())
        steps: list[Step] = []
        with side.noting(subject, lambda step, _: steps.append(step)):
            subject.predict()
        weights = side.weights(subject)
        if self._model.SPEC.own:  # a stock network's are drawn once for both sides
            steps = [_with_spreads(step, weights) for step in steps]
        return {"steps": [*map(asdict, steps)], "weights": {name: list(a.shape) for name, a in weights.items()}}

    def record(self, probe: str, seed: int, sizes: Mapping[str, int], file: str) -> Reply:
        """Write what every step gives, the outputs, and of one training step (if there are labels) the loss, the
        gradient and the moving statistics after it to ``file`` (NumPy's npz)."""
        import numpy as np

        self._choose(probe, seed, sizes)
        side, subject = self._side(), self._subject(TrainingSettings(dropout=0.0))
        steps: list[Step] = []
        arrays: dict[str, Any] = {}

        def note(step: Step, output: Any) -> None:
            arrays[f"step/{len(steps)}"] = side.array(output)
            steps.append(step)

        with side.noting(subject, note):
            arrays["outputs"] = subject.read(subject.predict())
        arrays |= {f"weight/{name}": value for name, value in side.weights(subject).items()}
        if subject.labels is not None:
            arrays["loss"], gradients = side.trained(subject)
            arrays |= {f"gradient/{name}": value for name, value in gradients.items()}
            arrays |= {
                f"after/{name}": value for name, value in side.weights(subject).items() if name.endswith(STATISTICS)
            }
        np.savez(file, allow_pickle=False, **arrays)
        return {"steps": [*map(asdict, steps)]}

    def _side(self) -> Any:
        name = "keras" if self.framework == "tensorflow" or self._written_once else "torch"
        return importlib.import_module(f"probes.compare.{name}_side")

    def _subject(self, settings: TrainingSettings) -> Subject:
        return self.build(batch=BATCH, settings=settings, track="eager")


def _with_spreads(step: Step, weights: Mapping[str, Any]) -> Step:
    told = {part: spread(weights[name]) for part in _DRAWN if (name := f"{step.name}.{part}") in weights}
    return replace(step, settings={**step.settings, **{f"initial_{part}": value for part, value in told.items()}})


if __name__ == "__main__":
    command_loop.serve(int(sys.argv[2]), COMMANDS, lambda: ComparingWorker.guarded(cast(Framework, sys.argv[1])))
