"""What moves the swing of a row is said; what the team said is exact."""

from __future__ import annotations

import pytest

from advisor.decision.evidence import assess
from advisor.decision.evidence.swings import FACTOR, swings
from tests.advisor.decision.evidence.rows import KNOWLEDGE, told


def test_everything_that_moves_a_swing_is_said() -> None:
    answers = told(stage="maintenance", project={"domain": "language"})
    rows = assess(answers, KNOWLEDGE)
    by_id = dict(zip((r.id for r in rows), swings(rows, answers, KNOWLEDGE), strict=True))
    found, cause = by_id["training_speed"], next(c for c in KNOWLEDGE.causes if "training_speed" in c.members)
    own = sum(spec.swing for spec in KNOWLEDGE.criteria if spec.id in cause.members)
    assert found.default == pytest.approx(35 * 0.6 * 1.4 * cause.swing / own)
    assert found.because == (
        "because a product in maintenance is rarely retrained, ×0.6",
        "because models of this kind train long, ×1.4",
        f"because {len(cause.members)} criteria look at «{cause.title}», which counts once",
    )
    assert found.factor == FACTOR


def test_a_swing_that_was_said_is_exact() -> None:
    answers = told(priorities={"swings": {"exit": 70, "deployment": 40}}, targets=[{"id": "ios"}, {"id": "tpu"}])
    rows = assess(answers, KNOWLEDGE)
    by_id = dict(zip((r.id for r in rows), swings(rows, answers, KNOWLEDGE), strict=True))
    assert (by_id["exit"].used, by_id["exit"].factor) == (70, 1)
    assert (by_id["deployment.ios"].used, by_id["deployment.ios"].factor) == (20, 1)
    assert by_id["skills"].factor == FACTOR
    assert by_id["exit"].default == 12
