"""What a visit will do: cells and the order of turns, fixed before any clock."""

from __future__ import annotations

from random import Random
from typing import Final

from probes.deploy.schema import BATCHES
from probes.in_browser.runtimes import runtimes
from probes.in_browser.schema import BrowserCell, Kit, VisitPlan
from probes.places import FRAMEWORKS, Framework
from probes.results import Order
from probes.schema import Outcome

#: Fresh Workers a cell, instances in each, superblocks in each of these. Workers differ more than what is built anew
#: within one, so that many with one instance each say more in the same time than few with two (docs/browser.md).
ROUNDS: Final = 6
INSTANCES: Final = 1
SUPERBLOCKS: Final = 4
_TRAINED: Final = "mlp"  # the network that the measuring page has written once more, in TensorFlow.js


def plan(kit: Kit, runtimes_digest: str, seed: int) -> VisitPlan:
    """Every runtime that has an export in ``kit``, on each of its backends, in each batch. Raises ValueError without
    any."""
    cells = tuple(
        BrowserCell(runtime.id, backend.id, batch, sides)
        for runtime in runtimes()
        if (sides := _sides(kit, runtime.id))
        for backend in runtime.backends
        for batch in BATCHES
    )
    if not cells:
        raise ValueError(f"kit: the network {kit.model!r} has no export that a browser can play")
    rng = Random(seed)
    orders = {cell.id: tuple(tuple(_orders(rng) for _ in range(INSTANCES)) for _ in range(ROUNDS)) for cell in cells}
    trainable = kit.model == _TRAINED and bool(kit.labels) and any(cell.runtime == "tfjs" for cell in cells)
    return VisitPlan(kit, runtimes_digest, cells, orders, trainable=trainable)


def _sides(kit: Kit, runtime: str) -> tuple[Framework, ...]:
    exports = [kit.export(side, runtime) for side in FRAMEWORKS]
    return tuple(one.framework for one in exports if one is not None and one.outcome is Outcome.OK)


def _orders(rng: Random) -> tuple[Order, ...]:
    """A coin for each superblock."""
    return tuple("ABBA" if rng.random() < 0.5 else "BAAB" for _ in range(SUPERBLOCKS))
