"""How TensorFlow.js' own training went, in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from advisor.measured.browser_training import sentence
from probes.in_browser.schema import TrainingRecord
from probes.schema import Outcome

MADE = TrainingRecord(Outcome.OK, "", "webgl", (0.09, 0.103, 0.2), 2.4, 0.2)


@pytest.mark.parametrize(
    ("made", "software", "on"),
    [
        (MADE, False, "the GPU by WebGL"),
        (MADE, True, "WebGL, played by the processor"),
        (replace(MADE, backend="cpu"), True, "the processor, in plain JavaScript"),
    ],
)
def test_where_it_ran_is_said(made: TrainingRecord, software: bool, on: str) -> None:
    said = sentence(made, software=software).replace("\N{NO-BREAK SPACE}", " ")
    assert said == f"It works: a step of 64 inputs takes 103 ms on {on}, and the loss went from 2.40 to 0.20."


def test_one_that_failed_says_why() -> None:
    assert sentence(TrainingRecord(Outcome.FAILED, "WebGL lost its context.")) == "failed: WebGL lost its context."
