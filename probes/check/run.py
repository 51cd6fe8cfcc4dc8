"""The self-check as a whole: the machine's lock, one form or the other, the report."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial

from probes.catalog import NONE
from probes.check import full, quick, standard
from probes.check.power import resolution
from probes.check.schema import UNAVAILABLE, Check, CheckForm, Finding, Spread, Trial
from probes.check.sides import UnavailableError, start_worker, started
from probes.engine.running.child import Launcher
from probes.engine.running.lock import Lock, machine_lock
from probes.engine.watching import machine
from probes.schema import FRAMEWORKS, Device, Framework, Interpreter

#: What both sides of a pair can be put on. Not "auto": either framework is tested by itself, and might end elsewhere.
DEVICES: tuple[Device, ...] = ("cpu", "cuda")

_Run = Callable[..., tuple[list[Finding], list[Spread], list[Trial]]]


def check(
    form: CheckForm = "quick",
    *,
    device: Device = "cpu",
    tell: Callable[[str, float], None] = lambda _message, _fraction: None,
    cancelled: Callable[[], bool] = lambda: False,
    launcher: Launcher = start_worker,
    interpreters: Mapping[Framework, Interpreter] = NONE,
    lock: Lock = machine_lock,
    book: full.Book | None = None,
    seconds: float = math.inf,
) -> Check:
    """Test the engine here. The full form takes hours and keeps its trials in ``book``, from which it goes on;
    after ``seconds`` it reports what there is.

    ``interpreters``: those of sides whose children ``launcher`` starts elsewhere than in the app's own.
    ``device``: "cpu" or "cuda". A framework that can't be had on it is «not measured», with the reason.
    Raises ValueError for another device, UnavailableError if neither framework can be had, ChildError when one breaks
    at its start, CancelledError when cancelled.
    """
    if device not in DEVICES:
        raise ValueError(f"device: {device!r}; allowed: {', '.join(DEVICES)}")
    with lock(waiting=lambda: tell("Waiting: another run has this machine", 0.0), cancelled=cancelled):
        begun, begin = datetime.now(UTC), time.monotonic()
        start = partial(started, launcher=launcher, device=device)
        forms: dict[CheckForm, _Run] = {
            "quick": quick.run,
            "standard": standard.run,
            "full": partial(full.run, book=book or full.Book(), seconds=seconds),
        }
        findings, spreads, trials = forms[form](start, cancelled=cancelled, tell=tell)
    missing = [finding.said for finding in findings if finding.kind == UNAVAILABLE]
    if len(missing) == len(FRAMEWORKS):
        raise UnavailableError("; ".join(dict.fromkeys(missing)))
    return Check(
        machine=machine.seen_by(interpreters),
        form=form,
        findings=tuple(findings),
        spreads=tuple(spreads),
        trials=tuple(trials),
        resolutions=tuple(map(resolution, spreads)),
        started_at=begun.isoformat(timespec="seconds"),
        seconds=round(time.monotonic() - begin, 1),
        device=device,
    )
