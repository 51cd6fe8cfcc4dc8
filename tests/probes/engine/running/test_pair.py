"""The children of a round, started in turn."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from probes.engine.running import core_use
from probes.engine.running.child import ChildError
from probes.engine.running.core_use import CoreUse
from probes.engine.running.pair import Pair, PairSettings
from probes.engine.watching import machine as this_machine
from probes.engine.watching import topology
from probes.engine.watching.topology import LogicalCore, Processor
from probes.schema import FRAMEWORKS, Device, Outcome, RunRequest
from tests.probes.fake_child import FakeChild, FakeMachine, Trouble


@pytest.fixture(autouse=True)
def _with_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(this_machine, "gpu_here", lambda: True)


@pytest.fixture(autouse=True)
def _with_two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    cores = tuple(LogicalCore(n, frozenset({n})) for n in range(2))
    monkeypatch.setattr(topology, "here", lambda: Processor(cores))


def pair(machine: FakeMachine, device: Device = "auto", cores: CoreUse | None = None, **options: Any) -> Pair:
    request = RunRequest(device=device, threads=2)
    settings = PairSettings(request, machine, "/scratch", lambda: False, 9.0, cores=cores or core_use.settled())
    return Pair(settings, FRAMEWORKS[::-1], 7, lambda _: None, **options)


def uses(machine: FakeMachine) -> Iterator[tuple[str, Any]]:
    return ((framework, arguments) for framework, do, arguments in machine.asked if do == "use")


def test_children_start_in_the_pairs_order_and_all_are_ended() -> None:
    machine = FakeMachine()
    made = pair(machine)
    assert list(made.start()) == machine.started == ["tensorflow", "pytorch"]
    assert list(made.start()) == ["tensorflow", "pytorch"]
    assert len(machine.started) == 2, "who runs isn't started again"
    made.close()
    made.close()
    assert machine.alive == 0
    made.start()
    assert len(machine.started) == 4, "a pair is fresh or it is none"


def test_both_get_the_same_seed_threads_cores_and_limit() -> None:
    machine = FakeMachine()
    pair(machine, threads=1, memory=2**32).start()
    assert list(uses(machine)) == [(f, {"device": "cpu", "seed": 7}) for f in ("tensorflow", "pytorch")]
    limits = [arguments for _, do, arguments in machine.asked if do == "limit"]
    assert limits[0] == limits[1]
    assert limits[0]["memory"] == 2**32
    assert [arguments["threads"] for _, do, arguments in machine.asked if do == "load"] == [1, 1]


def test_what_cannot_be_imported_is_down_at_once_with_the_line_that_installs_it() -> None:
    machine = FakeMachine([Trouble("pytorch", "load", Outcome.UNSUPPORTED, "No module named 'torch'", times=9)])
    made = pair(machine)
    assert list(made.start()) == ["tensorflow"]
    assert made.down["pytorch"].reason == (
        "PyTorch can't be imported (No module named 'torch'): pip install torch==2.13.0"
    )
    assert list(made.start()) == ["tensorflow"]
    assert machine.started.count("pytorch") == 1


def test_a_process_that_dies_while_starting_takes_the_pair_along_and_is_tried_once_more() -> None:
    machine = FakeMachine([Trouble("pytorch", "load", Outcome.FAILED, times=2)])
    made = pair(machine)
    with pytest.raises(ChildError, match="its last words"):
        made.start()
    assert machine.alive == 0
    assert list(made.start()) == ["tensorflow"]
    assert made.down["pytorch"].outcome is Outcome.FAILED


def test_one_that_dies_once_is_there_the_second_time() -> None:
    made = pair(FakeMachine([Trouble("pytorch", "load", Outcome.FAILED)]))
    with pytest.raises(ChildError):
        made.start()
    assert set(made.start()) == set(FRAMEWORKS)
    assert made.down == {}


def test_a_gpu_that_one_alone_sees_is_used_by_none_unless_it_was_asked_for() -> None:
    seen = {"pytorch": ("cpu", "cuda"), "tensorflow": ("cpu",)}
    made = pair(auto := FakeMachine(devices=seen))
    made.start()
    assert {arguments["device"] for _, arguments in uses(auto)} == {"cpu"}
    assert "both were measured on the CPU" in made.notes[0]
    made = pair(asked := FakeMachine(devices=seen), "cuda")
    assert list(made.start()) == ["pytorch"]
    assert made.down["tensorflow"].outcome is Outcome.UNSUPPORTED
    assert [(framework, arguments["device"]) for framework, arguments in uses(asked)] == [("pytorch", "cuda")]


def test_children_with_unequal_precision_are_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    def use(self: FakeChild, device: str, seed: int) -> dict[str, Any]:
        return {"environment": {"device": device, "tf32": "on" if self.framework == "pytorch" else "off"}}

    monkeypatch.setattr(FakeChild, "_use", use)
    machine = FakeMachine()
    made = pair(machine)
    assert made.start() == {}
    assert {report.outcome for report in made.down.values()} == {Outcome.NOT_COMPARABLE}
    assert "tf32 differs" in made.down["pytorch"].reason
    assert machine.alive == 0


def test_what_bears_on_speed_is_recorded_and_paths_are_not() -> None:
    made = pair(FakeMachine())
    made.start()
    record = made.environment["pytorch"]
    assert {record["OMP_NUM_THREADS"], made.environment["tensorflow"]["TF_NUM_INTRAOP_THREADS"]} == {"2"}
    assert record["OMP_WAIT_POLICY"] == "PASSIVE"
    assert record["waiting"].startswith("passive: ")
    assert " of " in record["placement"]
    assert record["version"] == "0", "what the child says of itself"
    assert not {"PATH", "HOME", "TMPDIR", "PYTHONPATH"} & record.keys()


def test_idle_threads_spin_on_both_sides_or_on_none() -> None:
    cores = tuple(LogicalCore(n, frozenset({n})) for n in range(4))
    for waiting, policy in (("default: quiet", None), ("passive: busy", "PASSIVE")):
        made = pair(FakeMachine(), cores=CoreUse(Processor(cores), waiting))
        made.start()
        assert [record.get("OMP_WAIT_POLICY") for record in made.environment.values()] == [policy] * 2
        assert {(record["waiting"], record["cores"]) for record in made.environment.values()} == {(waiting, "2,3")}
