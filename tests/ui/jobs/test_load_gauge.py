"""The gauge: how busy the machine is, beside the start button and in the live view."""

from __future__ import annotations

import pytest

from advisor.answers import Answers
from advisor.ports import Services
from probes.results import Load
from tests import fakes, stores
from tests.stores import OpenStore, measure
from tests.ui.driving import open_page, texts

LOADS = [
    (Load("quiet", (), ()), ":material/check_circle: **This machine is quiet.**"),
    (
        Load("busy", ("other programs use 40 % of the CPU",), ("Close what you don't need.",)),
        ":material/pace: **This machine is busy.**",
    ),
    (
        Load("contended", ("the hypervisor gave time away", "it is full"), ("Measure elsewhere.", "Or later.")),
        ":material/warning: **This machine is contended.**",
    ),
    (None, ":material/hourglass_empty: **Looking how busy this machine is …**"),
]


def shown(load: Load | None) -> tuple[Services, OpenStore]:
    store = OpenStore(stores.engine(), fakes.FixedClock())
    return fakes.services(store, fakes.FakeRunner(busyness=load)), store


@pytest.mark.parametrize(("load", "said"), LOADS)
@pytest.mark.parametrize("running", [False, True])
def test_it_says_how_busy_the_machine_is_and_what_to_do(
    monkeypatch: pytest.MonkeyPatch, load: Load | None, said: str, running: bool
) -> None:
    services, store = shown(load)
    record = store.create_decision(Answers())
    if running:
        store.change(measure(store, for_=record.id).id, status="running", fraction=0.2)
    page = open_page(monkeypatch, services, "probes", decision=record.id, edit=record.edit_key)
    found = texts(page)
    assert found.count(said) == 1
    plain = found.replace("\\", "").replace("\u00a0", " ")
    for sentence in (*load.reasons, *load.advice) if load else ():
        assert sentence[1:] in plain
    assert ("Cancel" in [button.label for button in page.button]) == running


def test_reasons_begin_as_sentences_do(monkeypatch: pytest.MonkeyPatch) -> None:
    services, _ = shown(LOADS[2][0])
    said = texts(open_page(monkeypatch, services, "probes")).replace("\\", "")
    assert "The hypervisor gave time away; it is full. Measure elsewhere. Or later." in said
