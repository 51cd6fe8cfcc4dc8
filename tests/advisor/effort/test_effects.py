"""What a rehearsal changed is said in a sentence, with the place that failed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from advisor.effort.effects import effect
from advisor.effort.rehearsals import RehearsedTry
from advisor.scan.report import AreaFate
from probes.rehearsal.schema import Learning, RehearsedWay
from tests.rehearsals import rehearsal, way

PASSED, REFUSED = way("keras_on_pytorch"), way("keras_on_pytorch", "refused")


def said(
    tried: RehearsedWay, passed: bool | None, *, uses: float = 40, days: float = -2.14, fate: AreaFate = "keep",
    counted: bool = False,
) -> str:  # fmt: skip
    one = RehearsedTry(rehearsal("x", [tried], name="ranker.py"), tried, passed, {"ranker.py": 1.0}, counted)
    return effect(one, "keras-pytorch", "Keras 3", uses=uses, of=120, days=days, fate=fate).sentence


def test_what_passed_says_its_share_and_the_days() -> None:
    assert said(PASSED, True) == (
        "Rehearsed: ranker.py, Keras code on PyTorch: answers and learns alike, so 40 of 120 uses in models (33 %) "
        "count as run there: about 2.1 person-days fewer for «Keras 3»."
    )
    assert "less than a tenth of a person-day fewer" in said(PASSED, True, days=-0.01)


def test_what_failed_says_where_and_that_the_rest_is_a_guess() -> None:
    assert said(REFUSED, False, days=0.3) == (
        "Rehearsed: ranker.py, Keras code on PyTorch: a call fails at m.py, line 3, calling tensorflow.image.resize, "
        "so that counts as something to design anew: about 0.3 person-days more for «Keras 3». What lies behind it "
        "stays a guess."
    )


@pytest.mark.parametrize(
    ("tried", "words"),
    [
        (way("keras_on_pytorch", "different"), "answers otherwise from tilted on, so that counts"),
        (
            way("keras_on_pytorch", "answers only"),
            "alike, for 3 of its 4 weights can't be trained there, so that counts",
        ),
        (
            replace(way("keras_on_pytorch", "answers only"), learning=Learning(4, 4, 0.5, "w/2")),
            "learn alike, for the gradient of w/2 differs, so that counts",
        ),
    ],
)
def test_what_parts_says_at_what(tried: RehearsedWay, words: str) -> None:
    assert words in said(tried, False, days=0.3)


def test_an_export_that_answers_alike_is_enough_for_a_runtime() -> None:
    assert "onnx" not in said(PASSED, True).lower()
    assert "what it is exported to answers alike, so 40 of" in said(way("onnx2torch", "answers only"), True)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (said(way("keras_on_pytorch", "missing"), None), "not tried (it isn't installed here), so nothing changes."),
        (said(PASSED, True, uses=0), "no use in models that «Keras 3» moves ran with it, so nothing changes."),
        (said(PASSED, True, fate="drop"), "models are given up, so nothing changes."),
        (said(PASSED, True, fate="rewrite"), "models are brought along in another design, so nothing changes."),
        (said(REFUSED, False, counted=True), "had counted that line already, so nothing changes for «Keras 3»."),
    ],
)
def test_what_changes_nothing_says_why(text: str, words: str) -> None:
    assert text.endswith(words)
