"""What this machine's own self-check has to say to a run before it starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.queue.kinds import CHECK, CheckRequest
from probes.check.calibration import expected_device
from probes.schema import RunRequest

if TYPE_CHECKING:
    from advisor.ports import Services


def calibrated(services: Services, request: RunRequest) -> RunRequest:
    """``request`` with the spread and the margin that the newest standard self-check found on this very machine."""
    device = expected_device(request.device, services.runner.machine())
    known = services.store.done(CHECK, CheckRequest("standard", device).subject)
    return services.runner.calibrated(request, known.result if known else None)
