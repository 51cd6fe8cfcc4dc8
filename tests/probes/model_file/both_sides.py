"""One child of each framework, which take one model file after another and say whether both sides compute the same."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from probes import catalog
from probes.engine.running import agreements
from probes.engine.running.child import Child, Launcher, ProcessChild
from probes.model_file import loading
from probes.schema import FRAMEWORKS, Framework
from probes.team_files import ModelFile
from tests.probes.both_children import LIMIT, both_children


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

    def described(self, path: Path, side: Framework = "pytorch") -> ModelFile:
        """By one of both children: what a file is doesn't hang on who is asked, but for its ``parameters``."""
        answer = self.children[side].ask("describe", timeout=LIMIT, path=str(path))
        reply = answer["model"]
        return ModelFile(
            path.name,
            hashlib.sha256(loading.read(path)).hexdigest(),
            reply["title"],
            tuple(answer.get("sides", reply["sides"])),
            reply["trains"],
            {side: int(reply["parameters"])},
            generates=reply.get("generates", False),
        )

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
def both_sides(launcher: Launcher = ProcessChild) -> Iterator[BothSides]:
    """Children as a run starts them, on one thread."""
    with both_children(launcher) as (children, scratch):
        yield BothSides(children, scratch)
