"""What one request for many runs comes to."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Literal

import pytest

from advisor.ports import FleetMachine
from advisor.queue.quotas import MOST_MACHINES
from advisor.queue.sweeps import MOST_PARTS, Places, SweepError, Where, crowded, parts, places
from advisor.records import QueueEntry
from probes.schema import Priority, RunRequest
from tests.fakes import FakeRunner
from tests.travelling import measured_on

HERE, OTHER = measured_on(cpu="Desk CPU").machine, measured_on(cpu="Server CPU").machine
FLEET = (
    FleetMachine("twin", HERE),
    FleetMachine("server", OTHER, busy=True),
    FleetMachine("itself", HERE, here=True),
    FleetMachine("attic", None, "it has another Fulcrum"),
    FleetMachine("cellar", None, busy=True),
)


@pytest.mark.parametrize(
    ("where", "name", "groups"),
    [
        ("here", "", (("",),)),
        ("one", "server", (("server",),)),
        ("all", "", (("",), ("twin",), ("server",))),
        ("kinds", "", (("", "twin"), ("server",))),
    ],
)
def test_machines_are_chosen_by_what_they_are(where: Where, name: str, groups: tuple[tuple[str, ...], ...]) -> None:
    assert places(where, HERE, FLEET, name).groups == groups


def test_who_cannot_take_part_is_said_so() -> None:
    assert places("all", HERE, FLEET).left_out == (
        "attic: it has another Fulcrum",
        "cellar: it measures now, and what it is isn't known yet",
    )
    with pytest.raises(SweepError, match="machine: 'attic' can't measure now; allowed: twin, server"):
        places("one", HERE, FLEET, "attic")
    with pytest.raises(SweepError, match="allowed: this machine alone"):
        places("one", HERE, (), "attic")


def test_each_network_goes_to_each_group_once() -> None:
    asked = parts(
        RunRequest(budget="standard"), ["mlp", "cnn", "mlp"], Places((("", "twin"), ("server",))), FakeRunner()
    )
    assert [(one.request.model, one.request.machine, one.places) for one in asked] == [
        ("mlp", "", ("", "twin")),
        ("mlp", "server", ("server",)),
        ("cnn", "", ("", "twin")),
        ("cnn", "server", ("server",)),
    ]
    assert {one.request.budget for one in asked} == {"standard"}


def test_the_longest_run_begins_first() -> None:
    class Paced(FakeRunner):
        def plans(self, request: RunRequest, priority: Priority) -> frozenset[str]:
            return frozenset({f"{request.model}.latency"})

        def seconds(self, request: RunRequest, probes: Collection[str]) -> float:
            return {"mlp.latency": 42, "cnn.latency": 64, "lstm.latency": 42, "unet.latency": 67}["".join(probes)]

    asked = parts(RunRequest(), ["mlp", "cnn", "lstm", "unet"], Places((("", "twin"),)), Paced())
    assert [one.request.model for one in asked] == ["unet", "cnn", "mlp", "lstm"]


def test_what_cannot_be_planned_names_the_machine_and_is_refused_as_a_whole() -> None:
    class Choosy(FakeRunner):
        def validate(self, request: RunRequest) -> None:
            if request.machine == "twin":
                raise ValueError("device: 'cuda'; twin shows no NVIDIA GPU; allowed there: auto, cpu")

    with pytest.raises(SweepError, match="twin: device: 'cuda'"):
        parts(RunRequest(device="cuda"), ["mlp"], Places((("", "twin"),)), Choosy())
    with pytest.raises(SweepError, match="networks: none"):
        parts(RunRequest(), [], Places((("",),)), FakeRunner())
    with pytest.raises(SweepError, match=f"{MOST_PARTS + 1} runs; allowed: up to {MOST_PARTS}"):
        parts(RunRequest(), [f"m{n}" for n in range(MOST_PARTS + 1)], Places((("",),)), FakeRunner())


@pytest.mark.parametrize(
    ("workers", "said"), [(["here"] * 64, True), (["here"] * 63 + ["there"] * 63, False), ([], False)]
)
def test_who_waits_for_the_executor_and_not_for_a_machine_is_told_so(workers: list[str], said: bool) -> None:
    entries = [entry(worker, "running") for worker in workers] + [entry("", "queued")] * 64
    assert crowded(entries).startswith(f"{MOST_MACHINES} machines have work") is said
    assert bool(crowded(entries)) is said


def entry(worker: str, status: Literal["queued", "running"]) -> QueueEntry:
    return QueueEntry(
        id="", kind="sweep", subject="", owner="", address="", since=datetime(2026, 11, 30, tzinfo=UTC), message="",
        fraction=0.0, worker=worker, places=("a",), status=status,
    )  # fmt: skip
