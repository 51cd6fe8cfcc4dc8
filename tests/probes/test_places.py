"""Two versions of one framework keep the sides' places, and are called what they are everywhere."""

from __future__ import annotations

from dataclasses import replace

import pytest

from probes.catalog import find, why_not
from probes.commands.run import line
from probes.engine.judging.best_modes import best_modes
from probes.engine.judging.results import summarise
from probes.engine.running import supervisor
from probes.engine.running.devices import choose
from probes.engine.watching import machine
from probes.places import against, runs_at, titles
from probes.results import RunResult
from probes.schema import TITLES, Framework, Interpreter, Outcome, RunRequest, RunSetup, Verdict
from tests.probes.fake_child import Around, FakeMachine, Trouble, no_lock

NEW = Interpreter("pytorch", "the app's own", "3.11.7", {"torch": "2.13.0", "numpy": "2.4.6"})
OLD = Interpreter("pytorch", "pytorch==2.12.0", "3.11.7", {"torch": "2.12.0", "numpy": "2.3.1"})
BOTH: dict[Framework, Interpreter] = {"pytorch": NEW, "tensorflow": OLD}
PROBES = ("mlp.inference_b1", "mlp.train_step", "mlp.train_step.tuned")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> RunResult:
    return measured(monkeypatch)


def measured(monkeypatch: pytest.MonkeyPatch, *troubles: Trouble) -> RunResult:
    monkeypatch.setattr("probes.engine.running.pair.drift", lambda told, said: "")
    monkeypatch.setattr("probes.engine.running.probe_record.why_not", lambda *_: "")
    setup = RunSetup(RunRequest(probes=PROBES, budget=60.0, device="cpu", interpreters=BOTH))
    return supervisor.run(setup, launcher=FakeMachine(list(troubles)), lock=no_lock, watch=Around)


def test_sides_are_called_by_version_and_by_environment_where_that_is_alike() -> None:
    assert titles(BOTH) == {"pytorch": "PyTorch 2.13.0", "tensorflow": "PyTorch 2.12.0"}
    alike = {**BOTH, "tensorflow": replace(OLD, versions=NEW.versions)}
    assert titles(alike)["tensorflow"] == "PyTorch 2.13.0 (pytorch==2.12.0)"
    assert titles({"pytorch": OLD}) == titles({}) == TITLES
    edited: dict[Framework, Interpreter] = {"pytorch": replace(NEW, framework="tensorflow")}
    assert titles(edited) == {"pytorch": "TensorFlow (the app's own)", "tensorflow": "TensorFlow (tensorflow)"}
    assert (against(BOTH), against({"pytorch": OLD}), against({})) == (True, False, False)
    assert (runs_at("tensorflow", BOTH), runs_at("tensorflow", {"pytorch": OLD})) == ("pytorch", "tensorflow")


def test_it_is_a_paired_comparison_like_another(run: RunResult) -> None:
    row = next(row for row in run.results if row.probe == "mlp.train_step.tuned")
    assert {side.mode for side in row.sides.values()} == {"torch.compile"}
    assert row.ratio is not None
    assert row.ratio.estimate == pytest.approx(1.5, rel=0.05), "what the places' children take, in one process pair"
    assert all(instance.superblocks for round_ in run.rounds for m in round_.measurements for instance in m.instances)
    assert line(row, titles(BOTH)) == (
        f"{row.probe:<28} PyTorch 2.12.0/PyTorch 2.13.0 {row.ratio.estimate:.3g} ({row.ratio.low:.3g} to "
        f"{row.ratio.high:.3g}) in {row.metric}: PyTorch 2.13.0"
    )
    assert row.verdict is Verdict.PYTORCH
    assert summarise(run.setup, run.rounds, planned_rounds=run.planned_rounds) == run.results


def test_what_a_place_can_do_goes_by_what_runs_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("probes.catalog.no_compiler", lambda what: f"no compiler for {what}")
    assert why_not(find("mlp.train_step.tuned"), "tensorflow", BOTH) == "no compiler for torch.compile"
    assert why_not(find("mlp.train_step"), "tensorflow", BOTH) == ""


def test_no_recommendation_rests_on_it(run: RunResult) -> None:
    rounds = {row.probe: run.rounds for row in run.results}
    judged = replace(run, best=best_modes(run.results, rounds, run.calibration))
    assert judged.headlines
    assert judged.evidence == ()
    with_own = replace(judged, request=replace(run.request, interpreters={"pytorch": OLD}))
    assert with_own.evidence == judged.headlines


def test_its_results_merge_with_no_other(run: RunResult) -> None:
    assert run.machine.fingerprint not in {
        machine.seen_by(interpreters).fingerprint for interpreters in ({}, {"pytorch": OLD}, {"pytorch": NEW})
    }
    assert run.machine.versions["torch (pytorch==2.12.0)"] == "2.12.0"
    assert run.machine.versions["torch"] == "2.13.0"


def test_what_goes_wrong_names_the_version(monkeypatch: pytest.MonkeyPatch) -> None:
    trouble = Trouble("tensorflow", "block", Outcome.FAILED, dead=False, probe="mlp.inference_b1")
    row = measured(monkeypatch, trouble).results[0]
    assert (row.outcome, row.reason) == (Outcome.FAILED, "PyTorch 2.12.0: its last words")
    gone = Trouble("tensorflow", "load", Outcome.UNSUPPORTED, "no torch", times=9)
    row = measured(monkeypatch, gone).results[0]
    assert "PyTorch 2.12.0 can't be imported (no torch): install it anew in the interpreter" in row.reason


def test_who_sees_no_gpu_is_told_the_line_of_what_runs_there() -> None:
    seen: dict[Framework, tuple[str, ...]] = {"pytorch": ("cpu", "cuda"), "tensorflow": ("cpu",)}
    runs: dict[Framework, Framework] = {"pytorch": "pytorch", "tensorflow": "pytorch"}
    choice = choose("cuda", seen, gpu_here=True, runs=runs, titles=titles(BOTH))
    assert "torch" in choice.unsupported["tensorflow"]
    assert "PyTorch 2.12.0" in choose("auto", seen, gpu_here=True, runs=runs, titles=titles(BOTH)).note
