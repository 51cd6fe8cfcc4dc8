"""What a self-check teaches later runs: this machine's spread between processes, and what it may call equal. Pure."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from probes.catalog import probes_by_id
from probes.check.schema import Check, Resolution
from probes.engine.watching.machine import machine_class
from probes.schema import FRAMEWORKS, Calibration, Device, Machine, ProbeId

#: From so few pairs no spread is worth the name; the stated one stays.
FEWEST_PAIRS = 10
#: A spread that came out smaller may have done so by chance (the estimate is cut off at 0).
LEAST_SPREAD = 0.005
FINE_MARGIN, FINE_SECONDS = 0.03, 60.0
FINEST_MARGIN = 0.01


def calibrated(asked: Device, machine: Machine, check: Check | None) -> Calibration:
    """This machine's own spreads and margin for a run on ``asked``, as far as ``check`` and the machine tell them.

    The margin is the stated one on a shared CPU; it is 3 % where the check shows that 3 % can be told within a minute,
    and 1 % on a machine of one's own that was found that quiet, or on a GPU that was asked for unless it was found not
    to be. A check of another fingerprint is none, nor is one of the CPU for a run on the GPU.
    """
    device = expected_device(asked, machine)
    if check is not None and (check.machine.fingerprint, check.device) != (machine.fingerprint, device):
        check = None
    fine = check is not None and check.passed and _tells(check.resolutions)
    sure = fine or asked != "auto"  # else a framework may not see the GPU, and both go to the CPU
    kind = machine_class(machine, device=device if sure else "cpu", quiet=fine if check is not None else None).kind
    plain = Calibration()
    margin = FINEST_MARGIN if kind in ("gpu", "dedicated") else FINE_MARGIN if fine else plain.margin
    own = own_spreads(check) if check is not None else {}
    spreads = {
        probe_id: own[of_default]
        for probe_id, probe in probes_by_id().items()
        if (of_default := str(ProbeId(probe.spec.model, probe.spec.measure))) in own
    }
    return replace(plain, margin=margin, spreads=spreads)


def expected_device(device: Device, machine: Machine) -> Device:
    """What a run's device will come to, as far as the machine tells before any framework was asked."""
    return "cuda" if machine.gpus and device != "cpu" else "cpu"


def own_spreads(check: Check) -> dict[str, float]:
    """By probe, the standard deviation between fresh pairs of log(TensorFlow / PyTorch), where enough pairs were seen.

    Sides scatter independently: identical ones show twice a framework's own variance, so the ratio's is the mean of
    the two.
    """
    seen: dict[str, dict[str, float]] = defaultdict(dict)
    for spread in check.spreads:
        if spread.pairs >= FEWEST_PAIRS:
            seen[spread.probe][spread.framework] = spread.between
    return {
        probe: max(LEAST_SPREAD, round(math.sqrt(sum(between**2 for between in sides.values()) / len(FRAMEWORKS)), 4))
        for probe, sides in seen.items()
        if sides.keys() == set(FRAMEWORKS)
    }


def _tells(resolutions: Sequence[Resolution]) -> bool:
    """Whether 3 % is told within a minute by both frameworks, for every probe that was looked at."""
    told = [
        any(tell.effect == FINE_MARGIN and tell.seconds <= FINE_SECONDS for tell in one.tells) for one in resolutions
    ]
    return {one.framework for one in resolutions} == set(FRAMEWORKS) and all(told)
