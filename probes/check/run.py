"""The self-check as a whole: the machine's lock, one form or the other, the report."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from probes.check import full, quick, standard
from probes.check.power import resolution
from probes.check.schema import Check, Finding, Form, Spread, Trial
from probes.check.sides import started
from probes.engine import machine
from probes.engine.child import Launcher, ProcessChild
from probes.engine.lock import machine_lock
from probes.engine.supervisor import Lock

_Run = Callable[..., tuple[list[Finding], list[Spread], list[Trial]]]


def check(
    form: Form = "quick",
    *,
    tell: Callable[[str, float], None] = lambda _message, _fraction: None,
    cancelled: Callable[[], bool] = lambda: False,
    launcher: Launcher = ProcessChild,
    lock: Lock = machine_lock,
    book: full.Book | None = None,
    seconds: float = math.inf,
) -> Check:
    """Test the engine here. The full form takes hours and keeps its trials in ``book``, from which it goes on;
    after ``seconds`` it reports what there is.

    Raises CancelledError when cancelled, ChildError when a framework can't be started.
    """
    with lock(waiting=lambda: tell("Waiting: another run has this machine", 0.0), cancelled=cancelled):
        begun, begin = datetime.now(UTC), time.monotonic()
        start = partial(started, launcher=launcher)
        forms: dict[Form, _Run] = {
            "quick": quick.run,
            "standard": standard.run,
            "full": partial(full.run, book=book or full.Book(), seconds=seconds),
        }
        findings, spreads, trials = forms[form](start, cancelled=cancelled, tell=tell)
    return Check(
        machine=machine.read(),
        form=form,
        findings=tuple(findings),
        spreads=tuple(spreads),
        trials=tuple(trials),
        resolutions=tuple(map(resolution, spreads)),
        started_at=begun.isoformat(timespec="seconds"),
        seconds=round(time.monotonic() - begin, 1),
    )
