"""Exporters and players without frameworks: they answer at once, and as badly as a test wants."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from probes.deploy import exporter, scoring, summary
from probes.deploy.launch import Role
from probes.engine.running.child import CancelledError, ChildError
from probes.schema import Framework, Outcome

ROWS, CLASSES = 4, 2
RIGHT = {"source": 3, "way": 2}  # of the labelled samples
SOURCE = np.array([[1, 0], [0, 1], [1, 0], [0, 1]], np.float32)

Spoil = Callable[["FakeChild", Mapping[str, Any]], Any]


@dataclass
class FakeChild:
    """``spoilt``: by command, what happens instead. A spoiler that returns None lets the command go on."""

    role: Role
    framework: Framework
    place: str
    variables: Mapping[str, str]
    cancelled: Callable[[], bool]
    workplace: Workplace
    route: str = ""
    asked: list[str] = field(default_factory=list)
    closed: bool = False
    is_own: bool = False
    scores: bool = False

    def ask(self, do: str, *, timeout: float, **arguments: Any) -> dict[str, Any]:
        assert timeout > 0
        if self.cancelled():
            self.close()
            raise CancelledError
        assert not self.closed, "a child that was ended can't be asked"
        self.asked.append(do)
        self.workplace.told.append((do, arguments))
        self.route = arguments.get("route", self.route)
        spoil = self.workplace.spoilt.get(do)
        if spoil is not None and (found := spoil(self, arguments)) is not None:
            return dict(found)
        return dict(getattr(self, f"_{do}")(**arguments))

    def close(self) -> None:
        self.closed = True

    def fail(self, outcome: Outcome, reason: str, *, dead: bool = True) -> None:
        """For spoilers."""
        raise ChildError(self.framework, outcome, reason, dead=dead)

    def _limit(self, cpus: Any, memory: int) -> dict[str, Any]:
        return {"cpus": list(cpus)}

    def _load(self, framework: str, threads: int) -> dict[str, Any]:
        return {}

    def _own(self, path: str, sha256: str, data: Mapping[str, Any] | None = None) -> dict[str, Any]:
        self.is_own, self.scores = True, data is not None
        return {}

    def _train(self, model: str, sizes: Any, seed: int, folder: str) -> dict[str, Any]:
        np.savez(Path(folder) / exporter.DATA, asked=np.zeros((ROWS, 1), np.float32))
        if self.scores:
            scoring.keep(Path(folder), (np.zeros((ROWS, 1), np.float32),), np.zeros(ROWS, np.int64))
        if self.is_own:
            look = {"template": {"shape": [1], "dtype": "float32"}, "plain": True, "classes": self.scores}
            return {"task": "", "labels": [], **look, "code": self.workplace.code}
        return {"task": "handwritten digits", "labels": [0, 1, 0, 1]}

    def _source(self, model: str, sizes: Any, folder: str, score: bool) -> dict[str, Any]:
        right = {"right": RIGHT["source"], "scored": ROWS} if score and self.scores else {}
        return {"answers": asdict(replace(summary.pack(SOURCE), outputs=(CLASSES,) if self.is_own else ())) | right}

    def _export(self, route: str, form: str, folder: str) -> dict[str, Any]:
        (Path(folder) / "model.bin").write_bytes(b"x" * 100)
        return {"seconds": 1.0, "warnings": ["it will go"]}

    def _open(self, route: str, **_: Any) -> dict[str, Any]:
        return {"load_s": 0.2, "first_s": 0.1, "guard_s": 0.0}

    def _answer(self) -> dict[str, Any]:
        return {"answers": asdict(summary.pack(SOURCE)), "alone": asdict(summary.pack(SOURCE[:1]))}

    def _any_batch(self) -> dict[str, Any]:
        return {"dynamic": True, "reason": ""}

    def _warm(self, batch: int) -> dict[str, Any]:
        return {"calls": 3}

    def _block(self, batch: int, calls: int) -> dict[str, Any]:
        return {"wall": batch * 1e-4}

    def _score(self, file: str) -> dict[str, Any]:
        return {"right": RIGHT["way"], "scored": ROWS}

    def _weigh(self) -> dict[str, Any]:
        return {"peak_bytes": 10, "runtime_bytes": 20, "versions": {"tool": "1.0"}, "said": {"hidden": "nothing"}}


@dataclass
class Workplace:
    """Launches fake children and remembers them."""

    spoilt: dict[str, Spoil] = field(default_factory=dict)
    children: list[FakeChild] = field(default_factory=list)
    told: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    code: str = "0"  # what a team's own model is made of

    def __call__(
        self, role: Role, framework: Framework, place: str, variables: dict[str, str], cancelled: Callable[[], bool]
    ) -> FakeChild:
        child = FakeChild(role, framework, place, variables, cancelled, self)
        self.children.append(child)
        return child

    def commands(self, do: str) -> list[Mapping[str, Any]]:
        """What was asked under that name, in order."""
        return [arguments for name, arguments in self.told if name == do]
