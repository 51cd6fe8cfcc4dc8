"""Several runs of one decision as one body of evidence: the newest measurement of each probe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from probes.schema import Outcome, ProbeResult, RunResult


def joined(runs: Sequence[RunResult]) -> RunResult | None:
    """What finished runs, newest first, say together; None if there is none.

    Only runs like the newest one are joined: the same machine and versions (fingerprint), device, threads and model
    sizes; others measured something else. A probe's newest measurement counts; one that ended without a measurement
    is shown only where there is no other. A single run comes back as it is; several come without their raw rounds,
    which belong to their own runs.
    """
    if not runs:
        return None
    alike = [run for run in runs if _kind(run) == _kind(runs[0])]
    if len(alike) == 1:
        return runs[0]
    found: dict[str, ProbeResult] = {}
    for run in alike:
        for result in run.results:
            held = found.get(result.probe)
            if held is None or (held.outcome is not Outcome.OK and result.outcome is Outcome.OK):
                found[result.probe] = result
    return replace(runs[0], results=tuple(found.values()), rounds=())


def _kind(run: RunResult) -> tuple[str, str, int, Mapping[str, Mapping[str, int]]]:
    request = run.request
    return run.machine.fingerprint, request.device, request.threads, request.sizes
