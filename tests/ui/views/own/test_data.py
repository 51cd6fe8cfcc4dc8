"""Your own data on «Your own»: looked at, read by the pipelines, and asked after rounding."""

from __future__ import annotations

from dataclasses import replace

import pytest

from advisor.ports import OwnDataFile, Services
from advisor.queue.handlers import run_job
from advisor.queue.kinds import DATA, MEASURE, ROUNDING, DataRequest
from probes.team_files import TeamData
from tests import fakes, own_models, ways
from tests.stores import the
from tests.ui.driving import open_page, texts

ROWS = TeamData("rows.npz", "d" * 64, "npz", 1_200, {"x": (32,)}, "labels", 4, 1_200)
FILE = OwnDataFile("rows.npz", "npz", ("x", "labels"))
ASKED = DataRequest("rows.npz", "labels")


def services(found: TeamData | str = ROWS) -> Services:
    made = own_models.services()
    return replace(made, own_data=fakes.FakeOwnData({FILE: found, OwnDataFile("log.csv", "trace"): ""}))


def looked_at(made: Services) -> None:
    made.store.enqueue(DATA, ASKED, own_models.OPERATOR)
    run_job(made, the(made.store.claim("here")), lambda: False)


def test_without_data_it_says_what_to_put_where(monkeypatch: pytest.MonkeyPatch) -> None:
    said = texts(open_page(monkeypatch, own_models.services(), "own", operator=True))
    assert "Put an .npz file, a .csv file or a folder of JPEG files" in said


def test_a_look_is_asked_for_with_the_likeliest_label(monkeypatch: pytest.MonkeyPatch) -> None:
    made = services()
    app = open_page(monkeypatch, made, "own", operator=True)
    assert app.selectbox(key="own-data").options == ["rows.npz"], "a trace is no data"
    app.button(key="start-data").click().run()
    assert the(made.store.latest(DATA)).request == ASKED


def test_what_was_seen_is_told_and_leads_to_the_pipelines(monkeypatch: pytest.MonkeyPatch) -> None:
    made = services()
    looked_at(made)
    said = texts(open_page(monkeypatch, made, "own", operator=True)).replace("\\", "")
    assert "rows.npz: 1,200 samples, x 32, 4 classes." in said
    assert "once your network was looked at" in said
    app = open_page(monkeypatch, made, "probes", operator=True)
    box = next(box for box in app.selectbox if box.label == "Which network?")
    assert "Your data: rows.npz" in box.options
    box.set_value(ROWS.id).run()
    app.button(key="start-run").click().run()
    run = the(made.store.latest(MEASURE, app.query_params["decision"]))
    assert (run.request.model, run.request.data, run.request.model_file) == (ROWS.id, ROWS, None)
    others = next(box for box in open_page(monkeypatch, made, "probes").selectbox if box.label == "Which network?")
    assert "Your data: rows.npz" not in others.options


def test_right_answers_are_counted_after_rounding(monkeypatch: pytest.MonkeyPatch) -> None:
    made = services()
    own_models.looked_at(made)
    looked_at(made)
    app = open_page(monkeypatch, made, "own", operator=True)
    app.button(key="start-rounding").click().run()
    asked = the(made.store.latest(ROUNDING)).request
    file = replace(own_models.report().file, data=ROWS)
    assert (asked.models, asked.model_file) == ((file.id,), file)
    assert not any(offer.way.heavy for offer in made.deployment.ways() if offer.way.id in asked.ways)
    run = ways.run()
    reference = replace(run.references[0], model=file.id, scored=400, right={"pytorch": 360})
    records = tuple(replace(record, model=file.id) for record in run.records if record.model == run.references[0].model)
    result = replace(run, request=asked, references=(reference,), records=records)
    made.store.finish(the(made.store.claim("here")).id, "done", result=result)
    app = open_page(monkeypatch, made, "own", operator=True)
    assert "% in PyTorch, of 400 samples" in texts(app)
    rows = next(one.value for one in app.dataframe if "Right answers" in one.value.columns)
    assert list(rows["Outcome"]) == [record.outcome.value for record in records]
    assert rows["Right answers"].dropna().between(0, 1).all()


def test_what_cant_be_used_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    made = services("data: rows.npz has 3 samples; allowed: 64 to 1,000,000")
    looked_at(made)
    said = texts(open_page(monkeypatch, made, "own", operator=True)).replace("\\", "")
    assert "rows.npz has 3 samples" in said
    numbers = replace(ROWS, classes=0)
    made = services(numbers)
    own_models.looked_at(made)
    looked_at(made)
    assert "Right answers are counted where labels are classes" in texts(
        open_page(monkeypatch, made, "own", operator=True)
    )


def test_strangers_see_none_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    made = services()
    looked_at(made)
    assert "rows.npz" not in texts(open_page(monkeypatch, made, "own"))
