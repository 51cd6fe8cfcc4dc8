"""Small hand-built results and decisions for tests of charts and pages; the numbers mean nothing."""

from __future__ import annotations

from dataclasses import replace

from advisor.model.decision import Decision, DecisionVerdict, Flip, NextStep, Reason, Strength
from advisor.model.evidence import Cell, Criterion, CriterionRow, Evidence
from probes.check.schema import Check, Detection, Finding, Resolution, Spread, Trial
from probes.engine.judging.best_modes import best_modes
from probes.engine.judging.results import summarise
from probes.results import ProbeResult, Ratio, RunResult, SideResult
from probes.schema import FRAMEWORKS, Better, Framework, Machine, Outcome, RunRequest, Verdict

MACHINE = Machine(
    fingerprint="0123456789abcdef",
    name="Sample CPU, 2 cores, 8 GiB",
    cpu="Sample CPU",
    physical_cores=2,
    logical_cores=2,
    memory_bytes=8 * 2**30,
    gpus=(),
    os="Linux",
    kernel="6.1",
    python="3.11.9",
    virtualisation="",
    versions={"torch": "2.13.0", "tensorflow": "2.21.0", "keras": "3.15.1"},
)


def probe_result(
    probe: str = "mlp.train_step",
    title: str = "Training step",
    *,
    ratio: tuple[float, float, float] | None = (2.0, 1.8, 2.2),
    verdict: Verdict = Verdict.PYTORCH,
    unit: str = "s",
    better: Better = "lower",
    outcome: Outcome = Outcome.OK,
    reason: str = "",
    samples: int = 40,
) -> ProbeResult:
    """One result; ``samples`` raw blocks a side around 1 ms."""
    base = {"s": 0.001, "B": 300 * 2**20}.get(unit, 5000.0)

    def side(name: Framework) -> SideResult:
        factor = ratio[0] if ratio and name == "tensorflow" else 1.0
        return SideResult(
            mode="eager" if name == "pytorch" else "tf.function",
            median=base * factor if ratio else None,
            samples=tuple(base * factor * (1 + 0.002 * i) for i in range(samples)) if ratio else (),
            outcome=outcome,
            reason=reason,
        )

    return ProbeResult(
        probe=probe,
        model="mlp",
        measure=probe.partition(".")[2],
        track="default",
        title=title,
        metric="time per step" if unit == "s" else "figure",
        unit=unit,
        better=better,
        sides={name: side(name) for name in FRAMEWORKS},
        ratio=Ratio(*ratio, confidence=0.95) if ratio else None,
        verdict=verdict,
        outcome=outcome,
        reason=reason,
        rounds=2,
    )


def run_result(*, provisional: bool = False) -> RunResult:
    """One of each verdict, a rate, a memory figure and a failure."""
    results = (
        probe_result(),
        probe_result("mlp.inference_b1", "Inference, batch 1", ratio=(0.98, 0.97, 1.01), verdict=Verdict.EQUAL),
        probe_result(
            "mlp.throughput_b256", "Throughput, batch 256",
            ratio=(1.6, 1.3, 1.9), verdict=Verdict.TENSORFLOW, unit="samples/s", better="higher",
        ),
        probe_result("mlp.startup", "Start-up", ratio=(1.1, 0.8, 1.5), verdict=Verdict.UNDECIDED, samples=4),
        probe_result(
            "mlp.memory_peak", "Peak memory", ratio=(1.7, 1.6, 1.8), verdict=Verdict.PYTORCH, unit="B", samples=4
        ),
        probe_result(
            "mlp.time_to_accuracy", "Time to accuracy", ratio=None, verdict=Verdict.UNDECIDED,
            outcome=Outcome.FAILED, reason="RuntimeError: <b>out of luck</b>",
        ),
    )  # fmt: skip
    return RunResult(
        machine=MACHINE,
        request=RunRequest(),
        results=tuple(replace(r, provisional=provisional) for r in results),
        planned_rounds=2,
        started_at="2026-11-23T10:00:00Z",
        seconds=61.0,
    )


def criterion_row(name: str, contribution: float, *, known: bool = True) -> CriterionRow:
    """A criterion; a positive contribution speaks for PyTorch."""
    lead = 0.5 + contribution
    return CriterionRow(
        criterion=Criterion(name, name.replace("_", " ").title(), "group", f"How is {name}?", "It matters."),
        weight=0.25,
        swing=50,
        swing_default=50,
        because=("because you deploy to Android",),
        cells={
            "pytorch": Cell(max(0, lead - 0.1), lead, min(1, lead + 0.1)),
            "tensorflow": Cell(0.4, 0.5, 0.6)
            if known
            else Cell(0.0, 0.5, 1.0, Outcome.UNSUPPORTED, "not measured yet"),
        },
        difference=contribution,
        difference_low=contribution - 0.1,
        difference_high=contribution + 0.1,
        contribution=contribution,
        status="fact" if known else "unknown",
        evidence=(Evidence("fact", "f1", "A fact.", "2026-11", None, "high"),) if known else (),
    )


def decision(strength: Strength = "leaning", p: float = 0.8) -> Decision:
    """A decision with three criteria, one of which can turn it."""
    side: Framework | None = "pytorch" if strength in ("clear", "leaning") else None
    return Decision(
        verdict=DecisionVerdict(side, strength, {"pytorch": p, "tensorflow": 1 - p}, 0.003, "Take it.", "Go on."),
        criteria=(
            criterion_row("speed", 0.2),
            criterion_row("deployment", -0.1),
            criterion_row("hiring", 0.0, known=False),
        ),
        totals={"pytorch": Cell(0.4, 0.6, 0.7), "tensorflow": Cell(0.3, 0.5, 0.6)},
        central_weights={"pytorch": None, "tensorflow": None},
        confidence_factor={"pytorch": None, "tensorflow": None},
        central_sentences={"pytorch": "Who wants speed.", "tensorflow": "Who deploys."},
        vetoes=(),
        routes={},
        flips=(Flip("deployment", "Deployment", 0.2, 0.6, "At 60 % it turns."), Flip("speed", "Speed", 0.4, None, "")),
        reasons_for=(Reason("It is faster here.", "speed", "pytorch", 0.2),),
        reasons_against=(Reason("It deploys worse.", "deployment", "tensorflow", -0.1),),
        next_steps=(NextStep("question", "code.framework", "Existing code", 0.02, "It would help."),),
        unknowns=("code.framework",),
        probes=(),
        machine="",
        samples=20_000,
        seed=0,
    )


def check() -> Check:
    """A self-check in which one of three things failed."""
    return Check(
        machine=MACHINE,
        form="quick",
        findings=(
            Finding(
                "identical.mlp.inference_b1.pytorch",
                "Identical sides have no winner",
                "passed",
                "Ratio 1.01.",
                framework="pytorch",
            ),
            Finding(
                "idle.mlp.inference_b1.pytorch",
                "The waiting side is idle",
                "failed",
                "It used 3 % of a core.",
                framework="pytorch",
            ),
            Finding("swapped", "Swapped labels flip the verdict", "not measured", "Only in the full form."),
        ),
        spreads=(Spread("mlp.inference_b1", "pytorch", 0.025, 0.0, 4, 1, 0.9, 3.0),),
        resolutions=(
            Resolution(
                "mlp.inference_b1",
                "pytorch",
                (Detection(0.03, 90, 8, 6), Detection(0.05, 40, 4, 6), Detection(0.1, 14, 2, 4)),
            ),
        ),
        started_at="2026-11-20T12:00:00+00:00",
        seconds=52.0,
    )


def trial(logs: tuple[tuple[float, ...], ...]) -> Trial:
    """Identical sides with these log-ratios; the verdict is to be reckoned anew."""
    return Trial("mlp.inference_b1", "pytorch", 0.0, logs, Verdict.EQUAL, 1.0, 0.98, 1.02, 15.0, contended=False)


def states(report: Check) -> dict[str, str]:
    """What each finding of a self-check came to, by id."""
    return {finding.id: finding.state for finding in report.findings}


class Judge:
    """The engine's own judgement, without a runner."""

    results = staticmethod(summarise)
    best = staticmethod(best_modes)
