"""Choosing from a larger catalog: questions, single probes, a search, and ticks that outlive what is folded."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from advisor.ports import Services
from advisor.queue.kinds import MEASURE
from probes.contracts import GROUPS
from probes.schema import Availability, Level, Outcome, ProbeSpec, Track
from tests import fakes
from tests.stores import the
from tests.ui.driving import open_page, texts
from tests.ui.ticking import box, boxes, offered, opened, question, searching, ticked
from ui.views.probes import probe_picker

HEADINGS = ("Training", "Memory and disk", "Numerics")
LEVELS: tuple[Level, ...] = ("quick", "standard", "thorough")


def catalog(count: int) -> tuple[Availability, ...]:
    """So many probes under three questions, a third of them in each budget, every fourth compiled."""
    base = fakes.FakeRunner().offers[0].probe
    specs = []
    for i in range(count):
        track: Track = "default" if i % 4 else "tuned"
        modes = base.modes if i % 4 else {"pytorch": "torch.compile", "tensorflow": "XLA"}
        spec = replace(
            base, id=f"mlp.p{i}", title=f"Probe number {i}", measure=f"p{i}", question=f"What does cost {i} come to?",
            group=HEADINGS[i * len(HEADINGS) // count], budget=LEVELS[i % 3], track=track, modes=modes,
        )  # fmt: skip
        specs.append(Availability(spec, Outcome.OK))
    return tuple(specs)


QUICK = {f"mlp.p{i}" for i in range(0, 36, 3)}


@pytest.fixture
def services() -> Services:
    return fakes.services(runner=fakes.FakeRunner(offers=catalog(36)))


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch, services: Services) -> AppTest:
    return opened(open_page(monkeypatch, services, "probes"))


def started(app: AppTest, services: Services) -> set[str]:
    """The probes that the run names which starts now."""
    app.button(key="start-run").click().run()
    assert not app.exception
    run = the(services.store.latest(MEASURE, app.query_params["decision"]))
    return set(run.request.probes)


def test_questions_come_first_and_what_is_closed_is_not_drawn(
    monkeypatch: pytest.MonkeyPatch, services: Services
) -> None:
    closed = open_page(monkeypatch, services, "probes")
    asked = [box.label for box in closed.checkbox]
    assert asked == [f"**{GROUPS[heading]}**" for heading in HEADINGS[:2]], "the third is no first question"
    assert not boxes(closed)
    assert "12 of 36 probes are ticked, the budget's own" in texts(closed)
    assert offered(opened(closed)) == {f"mlp.p{i}" for i in range(36)}
    assert question(closed, "Numerics").label == f"**{GROUPS['Numerics']}**"


def test_a_question_says_how_much_of_it_is_measured_and_how_long_that_takes(app: AppTest) -> None:
    assert "4 of 12 probes ticked: about 40 s." in texts(app)
    question(app, "Training").uncheck().run()
    assert "0 of 12 probes ticked: a tick here adds about 40 s." in texts(app)


def test_a_question_is_ticked_as_the_budget_has_it_and_unticked_whole(app: AppTest) -> None:
    assert question(app, "Training").value
    box(app, "mlp.p1").check().run()
    box(app, "mlp.p0").uncheck().run()
    assert not question(app, "Training").value, "something of it is missing"
    question(app, "Training").check().run()
    assert {f"mlp.p{i}" for i in (0, 1, 3, 6, 9)} <= ticked(app), "its own, and what was ticked besides"
    question(app, "Training").uncheck().run()
    assert ticked(app) == {probe for probe in QUICK if int(probe.removeprefix("mlp.p")) >= 12}


def test_a_question_without_a_place_in_the_budget_takes_what_the_smallest_budget_would(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    offers = [
        replace(o, probe=replace(o.probe, budget="thorough" if i % 2 else "standard"))
        for i, o in enumerate(catalog(12))
    ]
    few = fakes.services(runner=fakes.FakeRunner(offers=tuple(offers)))
    app = opened(open_page(monkeypatch, few, "probes"))
    assert not ticked(app)
    question(app, "Training").check().run()
    assert ticked(app) == {"mlp.p0", "mlp.p2"}


def test_probes_stand_under_their_questions_in_the_catalogs_order(app: AppTest) -> None:
    assert list(boxes(app)) == [f"mlp.p{i}" for i in range(36)]
    assert "What does cost 7 come to?" in texts(app), "its own question can be read"


def test_the_budget_decides_until_somebody_does(app: AppTest) -> None:
    assert ticked(app) == QUICK
    box(app, "mlp.p1").check().run()
    box(app, "mlp.p0").uncheck().run()
    app.segmented_control(key="budget").set_value("standard").run()
    assert ticked(app) == {f"mlp.p{i}" for i in range(36) if i % 3 < 2} - {"mlp.p0"}
    app.segmented_control(key="budget").set_value("quick").run()
    assert ticked(app) == QUICK - {"mlp.p0"} | {"mlp.p1"}


def test_what_is_not_found_stays_as_it_was(app: AppTest, services: Services) -> None:
    box(app, "mlp.p1").check().run()
    box(app, "mlp.p3").uncheck().run()
    searching(app)
    assert not boxes(app, "found"), "nothing was looked for"
    app.text_input(key="probe-words").set_value("number 2").run()
    assert set(boxes(app, "found")) == {f"mlp.p{i}" for i in range(36) if "2" in str(i)}
    assert "13 of 36 are found" in texts(app)
    boxes(app, "found")["mlp.p20"].check().run()
    assert box(app, "mlp.p20").value, "one probe, seen in two places"
    app.text_input(key="probe-words").set_value("nothing is called so").run()
    assert not boxes(app, "found")
    assert "No probe is called so" in texts(app)
    expected = QUICK - {"mlp.p3"} | {"mlp.p1", "mlp.p20"}
    assert ticked(app) == expected
    assert started(app, services) == expected, "seen or not"


def test_modes_are_a_filter_too(app: AppTest) -> None:
    searching(app).pills(key="probe-tracks").set_value(["tuned"]).run()
    assert set(boxes(app, "found")) == {f"mlp.p{i}" for i in range(0, 36, 4)}
    app.text_input(key="probe-words").set_value("xla 12").run()
    assert set(boxes(app, "found")) == {"mlp.p12"}


def test_all_none_and_the_budgets_own(app: AppTest, services: Services) -> None:
    searching(app).button(key="probes-all").click().run()
    assert len(ticked(app)) == 36
    app.button(key="probes-none").click().run()
    assert not ticked(app)
    assert "Nothing is ticked, so the budget's own probes run" in texts(app)
    app.text_input(key="probe-words").set_value("memory").run()
    app.button(key="probes-all").click().run()
    memory = set(boxes(app, "found"))
    assert len(memory) == 12
    box(app, "mlp.p12").uncheck().run()
    assert not boxes(app, "found")["mlp.p12"].value
    app.text_input(key="probe-words").set_value("").run()
    assert ticked(app) == memory - {"mlp.p12"}, "only what was found"
    assert "11 of 36 probes are ticked, your choice" in texts(app)
    app.button(key="probes-own").click().run()
    assert ticked(app) == QUICK
    assert started(app, services) == set(), "the budget's own needs no names"


def test_ticks_outlive_closed_questions_and_another_page(app: AppTest, services: Services) -> None:
    box(app, "mlp.p1").check().run()
    app._page_hash = calc_hash("evidence")
    app.run()
    app._page_hash = calc_hash("probes")
    app.run()
    assert not boxes(app), "closed again"
    assert started(app, services) == QUICK | {"mlp.p1"}


def test_a_short_catalog_has_no_search(monkeypatch: pytest.MonkeyPatch) -> None:
    few = fakes.services(runner=fakes.FakeRunner(offers=catalog(probe_picker.FILTER_FROM)))
    app = opened(open_page(monkeypatch, few, "probes"))
    assert len(offered(app)) == probe_picker.FILTER_FROM
    assert not [one for one in app.expander if one.label == "Find a probe"]


def test_one_reason_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    offers = [replace(o, outcome=Outcome.UNSUPPORTED, reason="TensorFlow is not installed") for o in catalog(6)]
    app = open_page(monkeypatch, fakes.services(runner=fakes.FakeRunner(offers=tuple(offers))), "probes")
    said = texts(app)
    assert said.count("TensorFlow is not installed") == 1, "and without a click where nothing can run"
    assert "**Probe number 0**, **Probe number 1**" in said


def test_a_wish_of_another_page_ticks_again_what_was_unticked(app: AppTest) -> None:
    box(app, "mlp.p0").uncheck().run()
    app.session_state["fulcrum_wanted"] = ("probes", "mlp.p0")
    app.run()
    assert box(app, "mlp.p0").value
    box(app, "mlp.p0").uncheck().run()
    assert not box(app, "mlp.p0").value, "and may be unticked once more"


@pytest.mark.parametrize(
    ("words", "expected"),
    [("", True), ("PROBE", True), ("training tf.function", True), ("mlp.p1", True), ("probe gradient", False)],
)
def test_every_word_must_be_found(words: str, expected: bool) -> None:
    spec: ProbeSpec = catalog(3)[1].probe
    assert probe_picker.found(replace(spec, group="Training"), words) is expected
