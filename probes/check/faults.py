"""Spoilt sides that the engine must notice: a broken half, a clock that stops too early, a neighbour on one side."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from probes.catalog import find, models
from probes.check.agree import prepared
from probes.check.fault_injection import UNHEEDED
from probes.check.schema import Finding, finding
from probes.check.sides import TIME_LIMIT, Started
from probes.check.trials import SLOW, Design, judged, measure, words
from probes.engine.running.blocks import IDLE_SHARE
from probes.engine.running.child import Child, ChildError
from probes.schema import FRAMEWORKS, Framework, Outcome, Verdict
from probes.system.quantities import percent
from probes.system.scratch import scratch_folder
from probes.workloads import agreement

if TYPE_CHECKING:
    from probes.contracts import Arrays

IDLE_SECONDS = 1.0


def broken_half(started: Started, framework: Framework, probe: str) -> Finding:
    """One side computes with other weights: outputs must be found to differ before any clock starts."""
    first, second = (checked(started.children[label], probe, other_weights=label == SLOW) for label in FRAMEWORKS)
    _, reason = agreement.compare(first, second)
    said = f"Other weights on one side: «{reason}»." if reason else "Other weights on one side were not noticed."
    title = "A broken half is noticed"
    return finding("broken", title, said, passed=bool(reason), framework=framework, probe=probe)


def unheeded_settings(started: Started, framework: Framework) -> Iterator[Finding]:
    """One side takes no notice of a training setting, one after the other, with every network: each must be seen.

    Where the hardware has no bfloat16, its probe can't be measured, and so its setting isn't looked at.
    """
    whole, spoilt = (started.children[label] for label in FRAMEWORKS)
    honest = cache(partial(checked, whole))
    for setting in UNHEEDED:
        measure = "train_step_bf16" if setting == "precision" else "train_step"
        unseen, reason = [], ""
        try:
            for model in models():
                probe = f"{model.id}.{measure}"
                _, found = agreement.compare(honest(probe), checked(spoilt, probe, unheeded=setting))
                unseen += [] if found else [model.id]
                reason = reason or found
            passed: bool | None = not unseen
            said = f"Not noticed with {', '.join(unseen)}." if unseen else f"With every network, as «{reason}»."
        except ChildError as error:
            if error.outcome is not Outcome.UNSUPPORTED:
                raise
            passed, said = None, error.reason
        title = f"A side without {setting.replace('_', ' ')} is noticed"
        yield finding(f"unheeded.{setting}", title, said, passed=passed, framework=framework)


def checked(child: Child, probe: str, **how: Any) -> Arrays:
    """What a child, spoilt as ``how`` says, must agree on with the other side."""
    sizes = find(probe).model.SPEC.sized({})
    child.ask("tamper", timeout=TIME_LIMIT, **how)
    with scratch_folder() as folder:
        file = Path(folder) / "side.npz"
        child.ask("check", timeout=TIME_LIMIT, probe=probe, seed=1, sizes=sizes, file=str(file))
        with np.load(file) as found:
            return dict(found)


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
    used, allowed = percent(worst, 2), percent(IDLE_SHARE)
    said = f"While the other side worked for a second it used {used} of a core; allowed: {allowed}."
    return finding(
        "idle",
        "The waiting side is idle",
        said,
        passed=worst < IDLE_SHARE,
        framework=framework,
        probe=probe,
        figures={"share": worst},
    )
