"""Several runs of one decision as one body of evidence: the newest measurement of each probe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from probes.multiplicity import together
from probes.schema import Outcome, ProbeResult, RunResult


def joined(runs: Sequence[RunResult]) -> RunResult | None:
    """What finished runs, newest first, say together; None if there is none.

    Only runs like the newest one are joined: the same machine and versions (fingerprint), device, threads and model
    sizes; others measured something else. A probe's newest measurement counts; one that ended without a measurement
    is shown only where there is no other. Several runs come without their raw rounds, which belong to their own.
    Verdicts are read as one family (Holm).
    """
    if not runs:
        return None
    alike = [run for run in runs if _kind(run) == _kind(runs[0])]
    if len(alike) == 1:
        return replace(runs[0], results=together(runs[0].results))
    found: dict[str, ProbeResult] = {}
    for run in alike:
        for result in run.results:
            held = found.get(result.probe)
            if held is None or (held.outcome is not Outcome.OK and result.outcome is Outcome.OK):
                found[result.probe] = result
    return replace(runs[0], results=together(tuple(found.values())), rounds=())


def _kind(run: RunResult) -> tuple[str, bool, int, Mapping[str, Mapping[str, int]]]:
    return run.machine.fingerprint, run.on_gpu, run.request.threads, run.request.sizes
