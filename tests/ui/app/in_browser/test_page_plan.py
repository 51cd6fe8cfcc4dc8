"""What the measuring page is told in words is what the pages say of the same."""

from __future__ import annotations

from dataclasses import replace

import pytest

from probes.in_browser.schema import BrowserConditions, TrainingRecord
from probes.schema import Outcome
from tests import fakes, visits
from ui.app.in_browser.page_plan import training_words
from ui.views.in_browser import training


@pytest.mark.parametrize(
    "made",
    [
        TrainingRecord(Outcome.OK, "", "webgl", (0.09, 0.103, 0.2), 2.4, 0.2),
        TrainingRecord(Outcome.FAILED, "WebGL lost its context."),
    ],
    ids=["worked", "failed"],
)
@pytest.mark.parametrize("gpu", ["Mali-G715", "Google SwiftShader"])
def test_how_training_went_is_what_the_results_say(made: TrainingRecord, gpu: str) -> None:
    conditions = BrowserConditions("Chromium 142", "Linux", gpu=gpu)
    told = training_words(replace(visits.visit(), conditions=conditions, training=made))
    assert told
    there = training.words(made, fakes.FakeRunner().recording, software=conditions.software)
    assert there.startswith(told)


def test_before_it_ended_nothing_is_said() -> None:
    assert training_words(visits.visit()) == ""
