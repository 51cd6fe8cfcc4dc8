"""A run over routes: whatever a child does, every way ends in a stated outcome and no process is left."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from probes.deploy import catalog, environments, group, run, summary
from probes.deploy.schema import RouteRecord, RoutesProgress, RoutesRequest, RoutesRun
from probes.json_form import from_json, to_json
from probes.schema import Outcome
from probes.system import folders
from tests.probes.deploy.fake_children import SOURCE, FakeChild, Workplace
from tests.probes.fake_child import no_lock

ONNX, SAVED, EAGER = "pytorch_onnxruntime", "tensorflow_savedmodel", "pytorch_eager"
REQUEST = RoutesRequest(models=("mlp",), ways=(ONNX, SAVED), passes=4)


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(folders.CACHE, str(tmp_path))
    monkeypatch.setattr(catalog, "why_not", lambda *_: "")
    monkeypatch.setattr(environments, "variables", lambda place: {})  # whatever was made on this machine


@pytest.fixture
def workplace() -> Workplace:
    return Workplace()


def tried(workplace: Workplace, request: RoutesRequest = REQUEST, **options: Any) -> RoutesRun:
    found = run.run(request, launcher=workplace, lock=no_lock, **options)
    assert all(child.closed for child in workplace.children), "no process is left"
    assert [(record.model, record.way.id) for record in found.records] == [
        (model, way) for model in request.models for way in request.ways
    ]
    return found


def record(found: RoutesRun, way: str) -> RouteRecord:
    (one,) = [record for record in found.records if record.way.id == way]
    return one


def test_all_is_exported_answered_and_clocked_in_turns(workplace: Workplace) -> None:
    found = tried(workplace)
    assert {one.outcome for one in found.records} == {Outcome.OK}
    kept = record(found, ONNX)
    assert kept.exported is not None
    assert (kept.exported.bytes, kept.exported.warnings, kept.exported.cached) == (100, ("it will go",), False)
    assert kept.played is not None
    assert kept.played.blocks == {"1": (1e-4,) * 4, "64": (64e-4,) * 4}
    assert kept.played.versions == {"tool": "1.0"}
    assert found.references[0].labels == (0, 1, 0, 1)
    assert set(found.references[0].answers) == {"pytorch", "tensorflow"}
    assert len(workplace.commands("train")) == 1, "one network, from which both frameworks export"
    players = [child for child in workplace.children if child.role == "play"]
    assert (len(players), kept.played.processes) == (4, 2), "each way in two processes"
    assert from_json(RoutesRun, to_json(found)) == found


def test_what_was_exported_once_is_taken_again(workplace: Workplace) -> None:
    first = tried(workplace)
    again = Workplace()
    second = tried(again)
    assert [child.role for child in again.children] == ["play"] * 4, "nothing to train or to export"
    assert all(one.exported is not None and one.exported.cached for one in second.records)
    assert second.references == first.references


@pytest.mark.parametrize("change", [{"seed": 1}, {"sizes": {"mlp": {"hidden1": 8}}}])
def test_another_network_is_exported_anew(workplace: Workplace, change: dict[str, Any]) -> None:
    tried(workplace)
    again = Workplace()
    tried(again, RoutesRequest(models=("mlp",), ways=(ONNX,), passes=4, **change))
    assert len(again.commands("export")) == 1


def test_an_export_that_fails_is_told_and_the_next_one_goes_on(workplace: Workplace) -> None:
    def refuse(child: FakeChild, arguments: Any) -> None:
        if arguments["route"] == ONNX:
            child.fail(Outcome.FAILED, "RuntimeError: no operator Erfc", dead=False)

    workplace.spoilt["export"] = refuse
    found = tried(workplace)
    failed = record(found, ONNX)
    assert (failed.outcome, failed.reason) == (Outcome.FAILED, "RuntimeError: no operator Erfc")
    assert failed.exported is None
    assert record(found, SAVED).outcome is Outcome.OK
    assert not list(folders.artefacts().glob("*.part"))


def test_an_exporter_that_dies_is_replaced_for_the_next_way(workplace: Workplace) -> None:
    def die(child: FakeChild, arguments: Any) -> None:
        if arguments["route"] == EAGER:
            child.fail(Outcome.FAILED, "the process ended with signal SIGSEGV")

    workplace.spoilt["export"] = die
    found = tried(workplace, RoutesRequest(models=("mlp",), ways=(EAGER, ONNX), passes=4))
    assert record(found, EAGER).outcome is Outcome.FAILED
    assert record(found, ONNX).outcome is Outcome.OK
    assert len([child for child in workplace.children if child.role == "export"]) == 2


def test_an_export_that_wrote_nothing_is_told(workplace: Workplace) -> None:
    workplace.spoilt["export"] = lambda child, arguments: {"seconds": 1.0, "warnings": []}
    found = tried(workplace)
    assert {one.reason for one in found.records} == {"The export reported success, but it wrote nothing."}


def test_a_full_disk_is_told_and_leaves_nothing(workplace: Workplace) -> None:
    def full(child: FakeChild, arguments: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    workplace.spoilt["export"] = full
    found = tried(workplace)
    assert {one.outcome for one in found.records} == {Outcome.FAILED}
    assert "No space left on device" in found.records[0].reason
    assert not list(folders.artefacts().glob("*.part"))


def test_garbage_is_never_clocked(workplace: Workplace) -> None:
    from dataclasses import asdict

    workplace.spoilt["answer"] = lambda child, _: (
        dict.fromkeys(("answers", "alone"), asdict(summary.pack(SOURCE + np.float32(0.5))))
        if child.route == ONNX
        else None
    )
    found = tried(workplace)
    garbage = record(found, ONNX)
    assert garbage.outcome is Outcome.NOT_COMPARABLE
    assert "differ from the source's by up to 0.5; allowed: 0.0001" in garbage.reason
    assert garbage.played is not None
    assert garbage.played.blocks == {}
    figures = summary.figures(garbage, found)
    assert figures is not None
    assert figures.deviation == 0.5, "the answers are kept: the reason can be recomputed"
    assert record(found, SAVED).outcome is Outcome.OK


@pytest.mark.parametrize("command", ["open", "answer", "any_batch", "warm", "block", "weigh"])
@pytest.mark.parametrize("outcome", [Outcome.TIMED_OUT, Outcome.OUT_OF_MEMORY, Outcome.FAILED])
def test_a_player_that_fails_leaves_the_others(workplace: Workplace, command: str, outcome: Outcome) -> None:
    def die(child: FakeChild, arguments: Any) -> None:
        if child.route == ONNX:
            child.fail(outcome, "it is gone")

    workplace.spoilt[command] = die
    found = tried(workplace)
    assert (record(found, ONNX).outcome, record(found, ONNX).reason) == (outcome, "it is gone")
    assert record(found, ONNX).exported is not None, "what was seen before is kept"
    kept = record(found, SAVED).played
    assert kept is not None
    assert len(kept.blocks["1"]) == 4


@pytest.mark.parametrize("command", ["train", "source", "export", "open", "block"])
def test_a_cancelled_run_returns_what_it_has(workplace: Workplace, command: str) -> None:
    stopped = []

    def stop(child: FakeChild, arguments: Any) -> None:
        stopped.append(command)

    workplace.spoilt[command] = stop
    found = tried(workplace, cancelled=lambda: bool(stopped))
    assert Outcome.CANCELLED in {one.outcome for one in found.records}
    assert all(one.reason for one in found.records if one.outcome is Outcome.CANCELLED)
    assert not list(folders.artefacts().glob("*.part"))


def test_a_network_that_can_not_be_trained_is_the_reason_of_every_way(workplace: Workplace) -> None:
    def refuse(child: FakeChild, arguments: Any) -> None:
        child.fail(Outcome.OUT_OF_MEMORY, "choose smaller sizes")

    workplace.spoilt["train"] = refuse
    found = tried(workplace)
    assert {(one.outcome, one.reason) for one in found.records} == {(Outcome.OUT_OF_MEMORY, "choose smaller sizes")}
    assert found.references == ()


def test_what_nothing_here_can_run_is_exported_and_weighed(workplace: Workplace) -> None:
    found = tried(workplace, RoutesRequest(models=("mlp",), ways=("tensorflow_tfjs",), passes=4))
    kept = record(found, "tensorflow_tfjs")
    assert (kept.outcome, kept.played) == (Outcome.OK, None)
    assert kept.exported is not None
    assert kept.exported.bytes == 100
    assert [child.role for child in workplace.children if child.place] == ["export"]


def test_what_can_not_run_here_says_why(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog, "why_not", lambda way, *_: "missing: install it" if way.id == ONNX else "")
    found = tried(workplace)
    assert (record(found, ONNX).outcome, record(found, ONNX).reason) == (Outcome.UNSUPPORTED, "missing: install it")


def test_ways_are_clocked_in_groups_that_fit_into_memory(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group, "capacity", lambda: 2)
    found = tried(workplace, RoutesRequest(models=("mlp",), ways=(EAGER, ONNX, SAVED), passes=4))
    assert [one.group for one in found.records] == [1, 1, 2]


def test_progress_never_goes_back_and_ends_near_the_end(workplace: Workplace) -> None:
    told: list[RoutesProgress] = []
    tried(workplace, RoutesRequest(models=("mlp", "cnn"), ways=(ONNX, SAVED), passes=4), on_progress=told.append)
    fractions = [now.fraction for now in told]
    assert fractions == sorted(fractions)
    assert 0.9 < fractions[-1] <= 1
    assert all(len(now.records) == 4 for now in told)
    assert [reference.model for reference in told[-1].references] == ["mlp", "cnn"]


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (RoutesRequest(models=()), "models: none given; allowed: "),
        (RoutesRequest(models=("gpt",)), "models: 'gpt' doesn't exist; allowed: "),
        (RoutesRequest(ways=("telepathy",)), "ways: 'telepathy' doesn't exist; allowed: "),
        (RoutesRequest(passes=0), "passes: 0; allowed: 1 to 200"),
        (RoutesRequest(threads=0), "threads"),
        (RoutesRequest(seed=-1), "seed"),
        (RoutesRequest(sizes={"mlp": {"depth": 3}}), "sizes.mlp: 'depth' is not a size; allowed: "),
        (RoutesRequest(sizes={"mlp": {"hidden1": 0}}), "sizes.mlp.hidden1"),
    ],
)
def test_a_bad_request_is_refused_before_anything_starts(
    workplace: Workplace, request_: RoutesRequest, said: str
) -> None:
    with pytest.raises(ValueError, match=said.replace(".", r"\.")):
        run.run(request_, launcher=workplace, lock=no_lock)
    assert workplace.children == []
