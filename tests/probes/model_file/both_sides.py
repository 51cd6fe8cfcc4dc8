"""One child of each framework, which take one model file after another and say whether both sides compute the same."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from probes import catalog
from probes.compare.run import start_worker
from probes.engine.running import agreements, environment
from probes.engine.running.child import Child, ProcessChild
from probes.schema import FRAMEWORKS, Framework, ModelFile
from probes.system.scratch import scratch_folder

LIMIT = 240.0


@dataclass(frozen=True)
class Compared:
    """What came out of a model file: why its weights didn't go across, or by how much both sides differ, and why that
    is too much."""

    file: ModelFile
    not_carried: str
    deviations: dict[str, float]
    reason: str

    @property
    def shown(self) -> bool:
        """Whether both sides were seen to compute the same."""
        return bool(self.deviations) and not self.not_carried and not self.reason


class BothSides:
    def __init__(self, children: dict[Framework, Child], scratch: Path) -> None:
        self.children, self._scratch = children, scratch

    def described(self, path: Path) -> ModelFile:
        replies = {side: child.ask("describe", timeout=LIMIT, path=str(path)) for side, child in self.children.items()}
        answers = {side: reply["model"] for side, reply in replies.items() if reply["model"]}
        first = next(iter(answers.values())) | {"sides": replies["pytorch"]["sides"]}
        parameters = {side: answer["parameters"] for side, answer in answers.items() if "parameters" in answer}
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        return ModelFile(path.name, sha256, first["title"], tuple(first["sides"]), first["trains"], parameters)

    def compared(self, path: Path, measure: str = "train_step") -> Compared:
        """As a round compares them before any clock starts."""
        file = self.described(path)
        catalog.adopt(file)
        for child in self.children.values():
            child.ask("own", timeout=LIMIT, path=str(path), file=asdict(file))
        weights = str(self._scratch / "weights.npz")
        pytorch, keras = (self.children[side] for side in FRAMEWORKS)
        reason = pytorch.ask("keep", timeout=LIMIT, file=weights)["reason"]
        reason = reason or keras.ask("carry", timeout=LIMIT, file=weights)["reason"]
        if reason:
            return Compared(file, reason, {}, "")
        probe = f"{file.id}.{measure}"
        agreed = agreements.asked(
            list(self.children.values()), self._scratch, {"timeout": LIMIT, "probe": probe, "seed": 7, "sizes": {}}
        )
        assert agreed is not None
        return Compared(file, "", dict(agreed.deviations), agreed.reason)


@contextmanager
def both_sides(*, comparing: bool = False) -> Iterator[BothSides]:
    """Children as a run starts them, or as a comparison of steps does, on one thread."""
    start = start_worker if comparing else ProcessChild
    with scratch_folder() as scratch:
        children: dict[Framework, Child] = {}
        try:
            for side in FRAMEWORKS:
                child = children[side] = start(side, environment.variables(1, "cpu", scratch), lambda: False)
                child.ask("limit", timeout=LIMIT, cpus=(), memory=0)
                child.ask("load", timeout=LIMIT, threads=1)
                child.ask("use", timeout=LIMIT, device="cpu", seed=0)
            yield BothSides(children, Path(scratch))
        finally:
            for child in children.values():
                child.close()
