"""What the measuring page is told: its work with addresses, sizes and hashes, and figures in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from advisor.measured.browser_training import sentence
from advisor.wording.quantities import quantity
from probes.deploy.summary import Span
from probes.in_browser.fetching import BrowserFiles, RuntimeFile, name_of
from probes.in_browser.judging import BrowserFigures, of_cell
from probes.in_browser.runtimes import BACKENDS, find
from probes.in_browser.schema import ASKED, TRAINING, TRAINING_BATCH, BrowserCell, CellRecord, KitFile, Visit
from probes.places import TITLES
from probes.schema import Verdict


def page_plan(visit: Visit, files: BrowserFiles) -> dict[str, object]:
    """Addresses are relative to the page's own, so that a proxy may put it anywhere."""
    plan = visit.plan
    return {
        "state": visit.state,
        "network": plan.kit.title,
        "kit": plan.kit.digest,
        "runtimes": plan.runtimes,
        "dtype": plan.kit.dtype,
        "shape": plan.kit.shape,
        "asked": ASKED,
        "inputs": _kit_file(plan.kit.folder, plan.kit.inputs),
        "blockSeconds": plan.block_seconds,
        "spoil": dict(plan.spoil),
        "training": _training(visit, files) if plan.trainable else None,
        "rounds": plan.rounds,
        "chosen": visit.chosen,
        "cells": [_cell(visit, cell, files) for cell in plan.cells],
    }


def told_figures(figures: BrowserFigures) -> dict[str, object]:
    """A row of the page's table."""
    ended = not figures.pending
    return {
        "rounds": figures.rounds,
        "ended": ended,
        "outcome": figures.outcome.value if ended else "",
        "reason": figures.reason if ended else "",
        "playing": [side for side in figures.cell.sides if side not in figures.ended],
        "sides": {TITLES[side]: f"{end.outcome.value}: {end.reason}" for side, end in figures.ended.items()},
        "times": {TITLES[side]: quantity(span.middle, "s") for side, span in figures.latency.items()},
        "ratio": ratio_words(figures),
    }


def ratio_words(figures: BrowserFigures) -> str:
    """``TensorFlow takes 1.08 to 1.14 times as long``."""
    if figures.ratio is None:
        return ""
    words = f"TensorFlow's export takes {_factors(figures.ratio)} times as long as PyTorch's"
    if figures.verdict is Verdict.EQUAL:
        return f"{words}: equal, within 5\N{NO-BREAK SPACE}%"
    if figures.verdict is Verdict.UNDECIDED:
        return words + (": undecided" if figures.complete else " so far")
    return f"{words}: {TITLES['pytorch' if figures.verdict is Verdict.PYTORCH else 'tensorflow']} is faster"


def _factors(span: Span) -> str:
    return f"{span.low:.2f} to {span.high:.2f}"


def _cell(visit: Visit, cell: BrowserCell, files: BrowserFiles) -> dict[str, object]:
    runtime, plan = find(cell.runtime), visit.plan
    backend = runtime.backend(cell.backend)
    base = f"runtimes/{files.runtimes.digest}/{cell.runtime}/"
    playing = visit.records.get(cell.id, CellRecord(cell)).playing
    exports = [plan.kit.export(side, cell.runtime) for side in playing]
    return {
        "id": cell.id,
        "runtime": cell.runtime,
        "runtimeTitle": runtime.title,
        "backend": cell.backend,
        "backendTitle": BACKENDS[cell.backend],
        "batch": cell.batch,
        "sides": cell.sides,
        "adapter": f"code/runtimes/{cell.runtime}.js",
        "base": base,
        "scripts": [base + name_of(path) for path in backend.scripts],
        "files": _runtime_files(base, files.runtimes.of(runtime, cell.backend)),
        "exports": {
            one.framework: [_kit_file(plan.kit.folder, file) for file in one.files]
            for one in exports
            if one is not None
        },
        "orders": plan.orders[cell.id],
        "figures": told_figures(of_cell(visit, cell)),
    }


def _training(visit: Visit, files: BrowserFiles) -> dict[str, object]:
    """What TensorFlow.js needs to train the network anew."""
    runtime = find("tfjs")
    base = f"runtimes/{files.runtimes.digest}/{runtime.id}/"
    return {
        "id": TRAINING,
        "scripts": [base + name_of(path) for path in runtime.backend("webgl").scripts],
        "files": _runtime_files(base, files.runtimes.of(runtime, "webgl")),
        "sizes": dict(visit.plan.kit.sizes),
        "labels": visit.plan.kit.labels,
        "batch": TRAINING_BATCH,
        "chosen": visit.trains,
        "told": training_words(visit),
    }


def training_words(visit: Visit) -> str:
    """How training went, as the page of results says it too; "" where nothing is known yet."""
    made, conditions = visit.training, visit.conditions
    return "" if made is None else sentence(made, software=conditions is not None and conditions.software)


def _runtime_files(base: str, files: Iterable[RuntimeFile]) -> list[dict[str, Any]]:
    return [
        {"url": base + file.name, "bytes": file.bytes, "packed": file.packed, "sha256": file.sha256} for file in files
    ]


def _kit_file(folder: str, file: KitFile) -> dict[str, Any]:
    return {
        "url": f"kits/{folder}/{file.name}",
        "name": file.name.rpartition("/")[2],
        "bytes": file.bytes,
        "packed": file.bytes,
        "sha256": file.sha256,
    }
