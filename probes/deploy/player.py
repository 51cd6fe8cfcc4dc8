"""What a fresh child does on command: load an artefact with its runtime alone, answer, and be clocked."""

from __future__ import annotations

import importlib
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Any

from probes.deploy import batches, scoring
from probes.deploy.batches import Leaves
from probes.deploy.contracts import Artefact, Predict, RouteSpec
from probes.deploy.own_half import OwnHalf, quoting
from probes.deploy.schema import BATCHES, ArtefactForm
from probes.engine.child import allocator, peak_memory
from probes.engine.child.command_loop import Reply, Servant
from probes.engine.child.import_guard import ImportGuard
from probes.model_file.mistakes import explained

COMMANDS = ("open", "answer", "any_batch", "warm", "block", "weigh", "score")

ALONE = 8  # inputs that are asked one by one as well
ODD = 3  # a batch that nobody exports for
#: What its answers may differ by from those of its inputs alone, as a share of the largest: in «int8 dynamic» a whole
#: batch has one scale, which comes to a percent or two.
ALIKE = 0.05
WARM_SECONDS, FEWEST_WARM = 0.2, 3
BLOCK_SECONDS, PARTS = 0.015, 3  # a block's figure is the median of its parts
ENGINES = ("torch", "tensorflow", "jax")
_FAILS = "what was exported doesn't run"


class Player(Servant):
    """One artefact's child. Each of ``COMMANDS`` is a method; its keyword arguments come from the supervisor.

    What isn't the runtime's stays hidden behind ``guard``, if the process has one.
    """

    def __init__(self, guard: ImportGuard | None = None) -> None:
        self._guard = guard
        self._peak_bytes: int | None = None
        self._allocator = "as it was found"
        self._predict: Predict | None = None
        self._asked: Leaves = ()
        self._spec: RouteSpec | None = None
        self._own: OwnHalf | None = None

    def open(
        self,
        route: str,
        form: ArtefactForm,
        folder: str,
        model: str,
        sizes: Mapping[str, int],
        threads: int,
        asked: str,
        requirements: Sequence[str],
        own: Mapping[str, Any] | None = None,
    ) -> Reply:
        """Load the artefact and answer one input. ``asked`` is a file of inputs, ``requirements`` are all packages that
        the runtime needs, ``own`` are the fields of an ``OwnHalf``. ``guard_s`` is what hiding the others took, which
        no program of a user's would do."""
        start = time.perf_counter()
        if self._guard:
            self._guard.start(requirements)
        guarded = time.perf_counter() - start
        self._asked = batches.read(Path(asked))
        single = batches.rows(self._asked, 0, 1)
        half = self._half(own) if own else None
        start = time.perf_counter()
        module = importlib.import_module(f"probes.routes.{route}")
        self._own = half
        with self._quoting():
            self._predict = module.load(Artefact(Path(folder), form, model, sizes, threads, half))
            loaded = time.perf_counter()
            self._predict(*single)
        self._spec = module.SPEC
        return {"load_s": loaded - start, "first_s": time.perf_counter() - loaded, "guard_s": guarded}

    def _quoting(self) -> AbstractContextManager[None]:
        """A team's own model may ask more of a runtime than that can."""
        return quoting(_FAILS, self.is_out_of_memory) if self._own else nullcontext()

    def _half(self, own: Mapping[str, Any]) -> OwnHalf:
        package_of = self._guard.package_of if self._guard else lambda _: ""
        return OwnHalf(
            **own,
            show=self._guard.open if self._guard else lambda _: None,
            explain=lambda path, framework: explained(path, framework, package_of, self.is_out_of_memory),
        )

    def answer(self) -> Reply:
        """The logits of all inputs, in full trays; ``alone``: of the first ones, asked one by one."""
        import numpy as np

        from probes.deploy import summary

        tray = BATCHES[-1]
        with self._quoting():
            parts = [self._ready(self._rows(start, start + tray)) for start in range(0, len(self._asked[0]), tray)]
            alone = np.concatenate([self._ready(self._rows(n, n + 1)) for n in range(ALONE)])
        return {"answers": asdict(summary.pack(np.concatenate(parts))), "alone": asdict(summary.pack(alone))}

    def any_batch(self) -> Reply:
        """Whether it takes a batch that it wasn't exported for, and answers the same."""
        import numpy as np

        try:
            odd = self._ready(self._rows(0, ODD))
        except Exception as error:  # whatever a runtime throws is its way to say no
            return {"dynamic": False, "reason": " ".join(f"{type(error).__name__}: {error}".split())[:300]}
        alone = np.concatenate([self._ready(self._rows(i, i + 1)) for i in range(ODD)])
        same = odd.shape == alone.shape and bool(np.abs(odd - alone).max() <= ALIKE * np.abs(alone).max())
        return {
            "dynamic": same,
            "reason": "" if same else f"a batch of {ODD} is answered otherwise than its inputs alone",
        }

    def warm(self, batch: int) -> Reply:
        """Run until it is warm; how many calls make a part of a block. What memory it takes is told by then."""
        if self._peak_bytes is None:
            self._peak_bytes = self._peak()
            self._allocator = getattr(self._predict, "settle", allocator.settle)()
        x, calls, start = self._rows(0, batch), 0, time.perf_counter()
        while calls < FEWEST_WARM or time.perf_counter() - start < WARM_SECONDS:
            self._ready(x)
            calls += 1
        return {"calls": max(1, round(BLOCK_SECONDS / PARTS / self._clocked(x, max(1, calls // 4))))}

    def block(self, batch: int, calls: int) -> Reply:
        """Seconds a call, inputs and answers being arrays of the host."""
        from statistics import median

        x = self._rows(0, batch)
        return {"wall": median(self._clocked(x, calls) for _ in range(PARTS))}

    def weigh(self) -> Reply:
        """The process' peak of memory, what must be installed to run it, and in which versions."""
        from importlib.metadata import version

        from probes.system import installed

        if self._spec is None:
            raise RuntimeError("no artefact was opened")
        packages, only = installed.closure(self._spec.packages), self._spec.files or ("*",)
        return {
            "peak_bytes": self._peak() if self._peak_bytes is None else self._peak_bytes,
            "runtime_bytes": sum(sum(installed.sizes(package, only)) for package in packages.values()),
            "versions": {name: version(name) for name in self._spec.packages},
            "said": {"allocator": self._allocator, "hidden": self._guard.told() if self._guard else "nothing"},
        }

    def score(self, file: str) -> Reply:
        """How many of a team's labelled samples it gets right. Asked last: what it reads takes memory."""
        return scoring.right(Path(file), self._ready)

    def foreign(self) -> list[str]:
        """Two engines in one process slow each other down."""
        loaded = [name for name in ENGINES if name in sys.modules]
        return loaded if len(loaded) > 1 else []

    def is_out_of_memory(self, error: BaseException) -> bool:
        return super().is_out_of_memory(error) or "bad_alloc" in str(error)

    def _ready(self, x: Leaves) -> Any:
        if self._predict is None:
            raise RuntimeError("no artefact was opened")
        return self._predict(*x)

    def _rows(self, start: int, stop: int) -> Leaves:
        return batches.rows(self._asked, start, stop)

    def _peak(self) -> int:
        """Bytes, so far, with those of a process that answers for it."""
        other = getattr(self._predict, "pid", None)
        return int(peak_memory.read()[0] + (peak_memory.read(other)[0] if other else 0))

    def _clocked(self, x: Leaves, calls: int) -> float:
        predict, clock = self._predict, time.perf_counter
        if predict is None:
            raise RuntimeError("no artefact was opened")
        start = clock()
        for _ in range(calls):
            predict(*x)
        return (clock() - start) / calls
