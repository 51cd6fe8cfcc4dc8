"""Spoilt sides that the engine must notice: a broken half, a clock that stops too early, a neighbour on one side."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from probes.catalog import find
from probes.check.agree import prepared
from probes.check.schema import Finding, finding
from probes.check.sides import TIME_LIMIT, Started
from probes.check.trials import SLOW, Design, judged, measure, words
from probes.engine.running.blocks import IDLE_SHARE
from probes.engine.running.child import ChildError
from probes.schema import FRAMEWORKS, Framework, Outcome, Verdict
from probes.system.scratch import scratch_folder
from probes.workloads import agreement

IDLE_SECONDS = 1.0


def broken_half(started: Started, framework: Framework, probe: str) -> Finding:
    """One side computes with other weights: outputs must be found to differ before any clock starts."""
    sizes = find(probe).model.SPEC.sized({})
    arrays = []
    with scratch_folder() as folder:
        for label in FRAMEWORKS:
            child, file = started.children[label], Path(folder) / f"{label}.npz"
            child.ask("tamper", timeout=TIME_LIMIT, other_weights=label == SLOW)
            child.ask("check", timeout=TIME_LIMIT, probe=probe, seed=1, sizes=sizes, file=str(file))
            with np.load(file) as found:
                arrays.append(dict(found))
    _, reason = agreement.compare(*arrays)
    said = f"Other weights on one side: «{reason}»." if reason else "Other weights on one side were not noticed."
    title = "A broken half is noticed"
    return finding("broken", title, said, passed=bool(reason), framework=framework, probe=probe)


def unfinished_steps(started: Started, framework: Framework, probe: str) -> Finding:
    """One side's steps are handed to another thread and nobody waits for them, as on a device without a sync."""
    title = "A clock that stops too early is noticed"
    noticed, said = False, "Steps that nobody waited for were not noticed."
    try:
        measure(started, Design(probe, framework, instances=1), "unfinished", unfinished=True)
    except ChildError as error:
        noticed = error.outcome is Outcome.CONTAMINATED
        said = f"Without waiting for the last step: «{error.reason}»."
    return finding("unfinished", title, said, passed=noticed, framework=framework, probe=probe)


def hog(started: Started, framework: Framework, probe: str) -> Finding:
    """A busy process on one side's core, only while that side's clock runs: wall time alone would name a winner."""
    design = Design(probe, framework, rounds=1, instances=3)
    piece = measure(started, design, "hog", hog=True)
    trial = judged(design, [piece])
    noticed = piece.starved and trial.verdict not in (Verdict.PYTORCH, Verdict.TENSORFLOW)
    said = (
        f"Ratio {trial.estimate:.2f} ({trial.low:.2f} to {trial.high:.2f}) with a busy neighbour on one side: "
        f"{'labelled contended' if piece.starved else 'not noticed'}, {words(trial)}."
    )
    title = "A busy neighbour on one side is noticed"
    return finding("hog", title, said, passed=noticed, framework=framework, probe=probe)


def idle(started: Started, framework: Framework, probe: str) -> Finding:
    """The side that waits must not burn the core that the other one is measured on: one long block, on either side.

    What hearing a command costs is in the figure: over so long a block it is next to nothing.
    """
    shares = []
    for working, waiting in (FRAMEWORKS, FRAMEWORKS[::-1]):
        steps = {label: max(1, round(IDLE_SECONDS / prepared(started.children[label], probe))) for label in FRAMEWORKS}
        started.children[waiting].ask("block", timeout=TIME_LIMIT, steps=1, discard=0)
        started.children[working].ask("block", timeout=TIME_LIMIT, steps=steps[working], discard=0)
        reply = started.children[waiting].ask("block", timeout=TIME_LIMIT, steps=1, discard=0)
        shares.append(reply["idle_cpu"] / reply["idle_wall"])
    worst = max(shares)
    said = f"While the other side worked for a second it used {worst:.2%} of a core; allowed: {IDLE_SHARE:.0%}."
    return finding(
        "idle",
        "The waiting side is idle",
        said,
        passed=worst < IDLE_SHARE,
        framework=framework,
        probe=probe,
        figures={"share": worst},
    )
