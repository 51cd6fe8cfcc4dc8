"""The page «Machines»: who takes part, and what each says for itself."""

from __future__ import annotations

import pytest

from advisor.answers import Answers
from advisor.measured.by_machine import READABLE
from advisor.ports import FleetMachine, Services
from advisor.queue.hand_over import hand_over
from advisor.queue.kinds import CHECK, CheckRequest
from tests import fakes, samples
from tests.fakes import FakeRunner
from tests.travelling import file_of, measured_on, recorded
from tests.ui.driving import open_page, texts


@pytest.fixture
def services() -> Services:
    return fakes.services(runner=FakeRunner(recorded()))


def decided(services: Services, *cpus: str) -> str:
    """Measured on machines of these processors; those that begin with «T» are faster the other way round."""
    decision = services.store.create_decision(Answers())
    for day, cpu in enumerate(cpus, start=10):
        run = measured_on(cpu=cpu, day=day, swapped=cpu.startswith("T"))
        hand_over(services, decision.id, file_of(run), f"{cpu}.json")
    return decision.id


def test_alone_it_says_how_others_take_part(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    said = texts(open_page(monkeypatch, services, "machines"))
    assert recorded().machine.name in said
    assert "Only this machine took part so far" in said
    assert "was not tested on this machine yet" in said
    assert "Results by machine" not in said


def test_every_machine_has_a_column_and_its_file(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    app = open_page(monkeypatch, services, "machines", decision=decided(services, "Alpha", "Tango"))
    said = texts(app).replace("\\", "")
    assert "none say the same everywhere, 4 depend on the machine, 1 can't be told apart on all of them" in said
    assert "brought as «Alpha.json»" in said
    table = app.dataframe[0]
    assert list(table.value.columns) == ["Measure", "Tango", "Alpha"]
    assert "- **Peak memory**: TensorFlow on Tango; PyTorch on Alpha" in said


def test_many_kinds_of_machines_are_counted_and_those_that_differ_are_named(
    monkeypatch: pytest.MonkeyPatch, services: Services
) -> None:
    cpus = [*(f"CPU {number}" for number in range(READABLE + 3)), "Tango"]
    app = open_page(monkeypatch, services, "machines", decision=decided(services, *cpus))
    kinds, results = app.dataframe[1].value, app.dataframe[0].value
    assert list(results.columns) == ["Measure", "Machines say", "From, to"]
    memory = results[results["Measure"] == "Peak memory"].iloc[0]
    assert memory["Machines say"] == "PyTorch 7, TensorFlow 1"
    assert memory["From, to"].startswith("TensorFlow ")
    assert "**Peak memory**: TensorFlow on Tango; PyTorch on 7 machines" in texts(app).replace("\\", "")
    assert set(kinds["Kind"]) == set(cpus), "and a row a kind stands in place of a card a machine"
    assert "Measured elsewhere" not in texts(app)


def test_machines_of_a_few_kinds_share_columns(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    decision = services.store.create_decision(Answers()).id
    for number in range(2 * READABLE):
        run = measured_on(cpu=("Alpha", "Tango")[number % 2], physical_cores=number + 4, logical_cores=number + 4)
        hand_over(services, decision, file_of(run), f"{number}.json")
    app = open_page(monkeypatch, services, "machines", decision=decision)
    assert list(app.dataframe[0].value.columns) == ["Measure", "Tango (4 machines)", "Alpha (4 machines)", "From, to"]
    assert "8 columns can't be read, so machines of a kind share one" in texts(app)
    assert list(app.dataframe[1].value["Machines"]) == [4, 4]


def test_what_nobody_can_measure_is_estimated_and_says_so(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    app = open_page(monkeypatch, services, "machines")
    assert "Where it was measured, such bands hold " in texts(app)
    assert "No recommendation rests on it" in texts(app)
    app.selectbox(key="estimated-machine").set_value("h100").run()
    assert "No GPU has measured TensorFlow yet" in texts(app)
    assert "how far these bands are off on it nobody has seen" in texts(app)
    assert set(app.dataframe[-1].value["TensorFlow / PyTorch"]) == {""}


def test_the_last_self_check_is_told(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    job = services.store.enqueue(CHECK, CheckRequest("standard", "cpu"))
    services.store.claim("here")
    services.store.finish(job.id, "done", result=samples.check())
    assert "with other versions or on another machine" in texts(open_page(monkeypatch, services, "machines"))


def test_machines_of_the_cluster_say_what_they_are_and_why_not(monkeypatch: pytest.MonkeyPatch) -> None:
    others = (
        FleetMachine("desk", measured_on(cpu="Desk CPU").machine),
        FleetMachine("attic", None, "it has another Fulcrum"),
        FleetMachine("cellar", None, busy=True),
    )
    services = fakes.services(runner=FakeRunner(recorded(), others=others))
    said = texts(open_page(monkeypatch, services, "machines"))
    assert "Desk CPU, 2 cores" in said
    assert all(words in said for words in ("It is ready to measure", "It has another Fulcrum", "It measures now"))
    assert "Only this machine took part so far" not in said
