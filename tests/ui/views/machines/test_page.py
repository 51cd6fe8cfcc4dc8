"""The page «Machines»: who takes part, and what each says for itself."""

from __future__ import annotations

import pytest

from advisor.answers import Answers
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
    assert "say the same everywhere; it depends on the machine for " in said
    assert "brought as «Alpha.json»" in said
    (table,) = app.dataframe
    assert list(table.value.columns) == ["Measure", "Tango", "Alpha", "Together"]
    assert "TensorFlow on Tango; PyTorch on Alpha" in set(table.value["Together"]) | {
        "; ".join(reversed(text.split("; "))) for text in table.value["Together"]
    }


def test_many_machines_are_counted(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    cpus = [f"CPU {number}" for number in range(8)]
    app = open_page(monkeypatch, services, "machines", decision=decided(services, *cpus))
    (table,) = app.dataframe
    assert list(table.value.columns) == ["Measure", "PyTorch", "TensorFlow", "Equal", "Undecided", "Together"]


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
