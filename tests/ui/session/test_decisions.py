"""What all parts of a page, and all who look at it, have in common is worked out once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import pytest
from plotly.basedatatypes import BaseFigure

import ui
from advisor import questionnaire
from advisor.decision import decide
from advisor.ports import Services
from advisor.queue.kinds import SCAN
from tests import fakes
from tests.ui.driving import open_page
from ui.kit import components

EXAMPLE = questionnaire.examples()[0].answers


@pytest.fixture
def services() -> Services:
    return fakes.services()


def test_a_page_asks_few_times_what_was_tried(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    record = services.store.create_decision(EXAMPLE)
    asked = read = 0
    finished = services.store.finished

    def counted(kind: Any, subject: str | None = None) -> Any:
        nonlocal asked, read
        asked += kind is not SCAN
        read += kind is SCAN
        return finished(kind, subject)

    monkeypatch.setattr(services.store, "finished", counted)
    app = open_page(monkeypatch, services, "recommendation", decision=record.id)
    first, asked = asked, 0
    app.run()
    assert 1 <= asked <= 2, "the page's own answers, and those whose weights are shown"
    assert first <= 3, "and once to read it"
    assert read <= 4, "as often, what was read of the code"


def test_readers_of_one_version_share_decision_and_figures(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    answers = EXAMPLE.model_copy(update={"project": EXAMPLE.project.model_copy(update={"name": "Nobody else's"})})
    record = services.store.create_decision(answers)
    counts = dict.fromkeys(("decisions", "figures"), 0)
    make, whole = decide.decide, BaseFigure.to_dict

    def decided(*arguments: Any) -> Any:
        counts["decisions"] += 1
        return make(*arguments)

    def written(self: BaseFigure) -> Any:
        counts["figures"] += 1
        return whole(self)

    monkeypatch.setattr(decide, "decide", decided)
    app = open_page(monkeypatch, services, "recommendation", decision=record.id)
    charts = [chart.proto.spec for chart in app.get("plotly_chart")]
    assert charts
    assert counts["decisions"] == 1
    monkeypatch.setattr(BaseFigure, "to_dict", written)
    app.run()
    assert [chart.proto.spec for chart in app.get("plotly_chart")] == charts
    assert counts == {"decisions": 1, "figures": 0}
    services.store.change_answers(record.id, lambda _: answers.model_copy(update={"stage": "maintenance"}))
    app.run()
    assert [chart.proto.spec for chart in app.get("plotly_chart")] != charts
    assert counts["decisions"] == 2
    assert counts["figures"] > 0


def test_what_is_sent_of_a_figure_is_what_plotly_would_send(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []
    monkeypatch.setattr(components.st, "plotly_chart", lambda figure, **_: sent.append(figure.to_dict()))
    figure = go.Figure(
        go.Scatter(x=[1.5, float("nan")], y=["a", None], customdata=[[1, "é"]]), {"title": {"text": "T"}}
    )
    expected = json.loads(figure.to_json())
    for _ in range(2):
        components.chart(figure, key="k", alt="a")
    assert sent == [expected, expected]


def test_no_cache_takes_a_thing_for_another_at_the_same_address() -> None:
    sources = list(Path(ui.__path__[0]).rglob("*.py"))
    assert sources
    for source in sources:
        text = source.read_text(encoding="utf-8")
        assert ": id}" not in text, f"{source.name}: an id is given to another object once the first is forgotten"
