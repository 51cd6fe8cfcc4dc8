"""Browsers that measure, for tests: a kit without files, and messages as a browser that keeps to the protocol sends."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np

from probes.deploy import summary
from probes.in_browser import messages, planning, protocol
from probes.in_browser.fetching import BrowserFiles, FetchedRuntimes, RuntimeFile, name_of
from probes.in_browser.runtimes import runtimes
from probes.in_browser.schema import ASKED, BrowserCell, CellRecord, Kit, KitExport, KitFile, Visit
from probes.places import FRAMEWORKS, Framework
from probes.schema import Outcome

RUNTIMES: Final = "0123456789abcdef01234567"  # the digest of what the runtimes' files are here
NOW: Final = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
AGENT: Final = (
    "Mozilla/5.0 (Linux; Android 16; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile "
    "Safari/537.36"
)
_SOURCE: Final = np.linspace(-3, 3, ASKED * 10, dtype=np.float32).reshape(ASKED, 10)


def kit(model: str = "mlp") -> Kit:
    """Both frameworks' exports for every runtime that has them."""
    exports = tuple(
        KitExport(side, runtime.id, Outcome.OK, files=(KitFile(f"{side}.{runtime.id}/model", 1000, "ab" * 32),))
        for runtime in runtimes()
        for side in FRAMEWORKS
        if side in runtime.exports
    )
    return Kit(
        model=model,
        title="Multilayer perceptron",
        sizes={},
        digest="cd" * 32,
        shape=(784,),
        dtype="float32",
        inputs=KitFile("inputs.bin", ASKED * 784 * 4, "ef" * 32),
        answers={side: summary.pack(_SOURCE) for side in FRAMEWORKS},
        exports=exports,
        folder="0" * 24,
    )


def files() -> BrowserFiles:
    """Of one megabyte each, a third of it packed."""
    by_runtime: dict[str, dict[str, RuntimeFile]] = {
        runtime.id: {path: RuntimeFile(name_of(path), 1_000_000, 333_333, "12" * 32) for path in runtime.paths}
        for runtime in runtimes()
    }
    return BrowserFiles(FetchedRuntimes(RUNTIMES, Path("runtimes"), by_runtime), Path("kit"))


def visit(seed: int = 1, *, labels: bool = False) -> Visit:
    """A link that was opened. ``labels``: of a network that can be trained."""
    made = replace(kit(), labels=tuple(n % 10 for n in range(ASKED))) if labels else kit()
    return replace(Visit(planning.plan(made, RUNTIMES, seed)), state="open")


def begin(*cells: str, agent: str = AGENT, train: bool = False, **more: Any) -> bytes:
    """The visitor has chosen these cells."""
    conditions = {"user_agent": agent, "cores": 8, "isolated": True, "secure": True, **more}
    return message(event="begin", conditions=conditions, cells=list(cells), train=train)


def message(**parts: Any) -> bytes:
    return json.dumps(parts).encode()


def report(
    visit: Visit,
    cell: BrowserCell,
    number: int,
    *,
    times: Mapping[Framework, float],
    deviation: float | Mapping[Framework, float] = 0.0,
) -> dict[str, Any]:
    """One round in which each side that still plays takes so many seconds a call, as a message."""
    cell = replace(cell, sides=visit.records.get(cell.id, CellRecord(cell)).playing)
    off = deviation if isinstance(deviation, Mapping) else dict.fromkeys(cell.sides, deviation)
    steps = {side: max(1, int(np.ceil(0.101 / times[side]))) for side in cell.sides}
    instances = []
    for orders in visit.plan.orders[cell.id][number]:
        blocks: dict[str, list[float]] = {}
        superblocks = []
        if len(cell.sides) == 1:
            blocks = {side: [times[side]] * (4 * len(orders)) for side in cell.sides}
        else:
            letters = {"A": "pytorch", "B": "tensorflow"}
            superblocks = [{"order": o, "wall": [times[letters[letter]] for letter in o]} for o in orders]  # type: ignore[index]
        instances.append({"superblocks": superblocks, "blocks": blocks, "steps": steps})
    answers = {
        side: base64.b64encode((_SOURCE + np.float32(off.get(side, 0.0))).astype("<f4").tobytes()).decode()
        for side in cell.sides
    }
    return {
        "event": "round",
        "cell": cell.id,
        "round": number,
        "kit": visit.plan.kit.digest,
        "runtimes": visit.plan.runtimes,
        "report": {
            "load_s": 0.2,
            "starts": {side: {"build_s": 0.1, "first_s": 0.05} for side in cell.sides},
            "instances": instances,
            "answers": answers if number == 0 else {},
            "heap_bytes": 0,
        },
    }


def accepted(before: Visit, content: bytes | Mapping[str, Any], seconds: float = 0.0) -> Visit:
    """The visit after a message that comes so many seconds after ``NOW``."""
    text = content if isinstance(content, bytes) else json.dumps(content).encode()
    return protocol.accepted(before, messages.read(text), NOW + timedelta(seconds=seconds))


def measured(
    *cells: str, times: Mapping[Framework, float], rounds: int | None = None, agent: str = AGENT, **more: Any
) -> Visit:
    """A visit whose cells were measured in so many rounds, all of them by default."""
    found = accepted(visit(), begin(*cells, agent=agent, **more))
    at = 0.0
    for number in range(rounds if rounds is not None else found.plan.rounds):
        for name in cells:
            cell = next(cell for cell in found.plan.cells if cell.id == name)
            found = accepted(found, message(event="started", cell=name, round=number), at)
            at += 60.0
            found = accepted(found, report(found, cell, number, times=times), at)
    return found
