"""How long this machine takes for what a plan reckons with, by its last starts, kept in the cache folder."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from statistics import median

from probes.catalog import Probe
from probes.engine.planning import time_costs
from probes.results import Round
from probes.system import folders, whole_files

KEPT = 5  # starts, the newest last: one that something disturbed decides nothing
LOWEST, HIGHEST = 0.5, 4.0


def read(fingerprint: str) -> float:
    """Seconds here over seconds reckoned with: the median of the last starts, 0.5 to 4; 1 where nothing is known."""
    starts = _starts().get(fingerprint, ())
    return min(HIGHEST, max(LOWEST, round(median(starts), 3))) if starts else 1.0


def learn(fingerprint: str, round_: Round, probes: Sequence[Probe]) -> None:
    """Remember how long the start of a round's pair took, its first step included.

    A round that something disturbed teaches as much: on a shared machine each one is, and it is asked what a run takes
    there. What teaches nothing: a start that no probe took to its first step (it is over sooner), and a cache that
    can't be written.
    """
    if round_.start_seconds <= 0 or not time_costs.on_the_start(probes):
        return
    starts = _starts()
    ratio = round(round_.start_seconds / time_costs.pair_seconds(probes), 4)
    starts[fingerprint] = [*starts.get(fingerprint, ()), ratio][-KEPT:]
    with suppress(OSError):
        folders.made(folders.cache())
        whole_files.write(_file(), json.dumps(starts))


def _file() -> Path:
    return folders.cache() / "starts.json"


def _starts() -> dict[str, list[float]]:
    """By machine; none if there is no file, or it is damaged."""
    try:
        kept = json.loads(_file().read_text(encoding="utf-8")).items()
        return {str(name): [x for x in map(float, values) if math.isfinite(x) and x > 0] for name, values in kept}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
