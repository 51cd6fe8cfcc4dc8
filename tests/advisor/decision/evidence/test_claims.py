"""What a machine says of what is said."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from advisor.answers import Answers, Project
from advisor.decision.evidence.claims import local
from advisor.knowledge import load
from advisor.model.facts import Claim
from probes.catalog import models, probes_by_id
from probes.schema import Outcome, Verdict
from tests.advisor import runs

KNOWLEDGE = load()
FUSED = next(claim for claim in KNOWLEDGE.claims if claim.id == "c04")  # TensorFlow is ahead in training
MEASURED = [claim for claim in KNOWLEDGE.claims if claim.measure]


def test_every_measure_of_a_claim_exists_for_every_network() -> None:
    assert MEASURED
    for claim in MEASURED:
        networks = [claim.network] if claim.network else [model.id for model in models()]
        assert {f"{network}.{claim.measure}" for network in networks} <= set(probes_by_id())


@pytest.mark.parametrize(
    ("verdict", "says"),
    [
        (Verdict.TENSORFLOW, "bears it out"),
        (Verdict.PYTORCH, "speaks against it"),
        (Verdict.EQUAL, "speaks against it"),
        (Verdict.UNDECIDED, "can't tell yet"),
    ],
)
def test_a_measurement_bears_a_claim_out_or_speaks_against_it(verdict: Verdict, says: str) -> None:
    row = replace(runs.result("train_step", 0.5, track="tuned"), verdict=verdict)
    found = local(FUSED, Answers(), KNOWLEDGE, runs.run(row))
    assert found is not None
    assert (found.probe, found.says, found.machine) == ("mlp.train_step.tuned", says, runs.MACHINE.name)
    assert "training step" in found.sentence


def test_what_is_open_or_missing_says_so() -> None:
    row = runs.result("train_step", 0.5, track="tuned")
    provisional = local(FUSED, Answers(), KNOWLEDGE, runs.run(replace(row, provisional=True)))
    failed = runs.result("train_step", None, track="tuned", outcome=Outcome.TIMED_OUT, reason="took too long")
    for answers, run, says, sentence in (
        (Answers(), None, "not measured", ""),
        (Answers(), runs.run(failed), "not measured", "took too long"),
        (Answers(project=Project(domain="vision")), runs.run(row), "not measured", ""),
    ):
        found = local(FUSED, answers, KNOWLEDGE, run)
        assert found is not None
        assert (found.says, found.sentence) == (says, sentence)
    assert provisional is not None
    assert provisional.says == "can't tell yet"


def test_a_claim_that_nothing_measures_says_nothing() -> None:
    assert local(Claim("c", "It is nice.", "holds", "So it is.", ()), Answers(), KNOWLEDGE, None) is None


def test_a_measurement_that_only_shows_says_so() -> None:
    shown = replace(FUSED, supports=None)
    found = local(shown, Answers(), KNOWLEDGE, runs.run(runs.result("train_step", 0.5, track="tuned")))
    assert found is not None
    assert (found.says, found.contradicts) == ("shows this", False)


@pytest.mark.parametrize(
    ("verdict", "measured", "contradicts"),
    [
        ("holds", Verdict.PYTORCH, True),
        ("holds", Verdict.TENSORFLOW, False),
        ("outdated", Verdict.TENSORFLOW, True),
        ("wrong", Verdict.PYTORCH, False),
        ("measure", Verdict.PYTORCH, False),
        ("holds", Verdict.UNDECIDED, False),
    ],
)
def test_what_contradicts_the_facts_is_called_so(verdict: Any, measured: Verdict, contradicts: bool) -> None:
    row = replace(runs.result("train_step", 0.5, track="tuned"), verdict=measured)
    found = local(replace(FUSED, verdict=verdict), Answers(), KNOWLEDGE, runs.run(row))
    assert found is not None
    assert found.contradicts is contradicts


def test_one_network_may_tell_it_for_all() -> None:
    found = local(replace(FUSED, network="cnn"), Answers(), KNOWLEDGE, None)
    assert found is not None
    assert found.probe == "cnn.train_step.tuned"
