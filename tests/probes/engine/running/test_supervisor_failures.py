"""Children that die, hang, starve or are told to stop: a stated outcome each, and the rest goes on."""

from __future__ import annotations

import pytest

from probes.engine.judging.results import summarise
from probes.engine.watching.topology import Processor
from probes.results import Progress, Round
from probes.schema import Outcome, RunRequest
from tests.probes.engine.running.fake_runs import by_id, fake_run
from tests.probes.fake_child import Around, FakeMachine, Trouble

pytestmark = pytest.mark.usefixtures("everything_can_run")


@pytest.mark.parametrize(
    "outcome", [Outcome.FAILED, Outcome.TIMED_OUT, Outcome.OUT_OF_MEMORY, Outcome.CONTAMINATED], ids=str
)
def test_a_dead_child_ends_its_probe_and_the_rest_goes_on_with_a_fresh_pair(outcome: Outcome) -> None:
    machine = FakeMachine([Trouble("tensorflow", "block", outcome, probe=None)])
    result = fake_run(machine, RunRequest(probes=("mlp.inference_b1", "mlp.train_step")))
    rows = by_id(result)
    broken = rows["mlp.inference_b1"]
    assert (broken.outcome, broken.sides["tensorflow"].outcome) == (outcome, outcome)
    assert broken.reason.endswith("its last words")
    assert broken.sides["pytorch"].outcome == Outcome.OK
    assert broken.ratio is None
    assert rows["mlp.train_step"].outcome == Outcome.OK
    assert machine.started[:4] == ["pytorch", "tensorflow"] * 2, "the pair is replaced as a pair"
    later = [a["probe"] for _, do, a in machine.asked if do == "prepare"]
    assert later.count("mlp.inference_b1") == 2, "a probe that failed isn't tried again in later rounds"


def test_an_error_in_a_living_child_needs_no_new_pair() -> None:
    trouble = Trouble("pytorch", "prepare", Outcome.FAILED, dead=False, probe="mlp.inference_b1")
    machine = FakeMachine([trouble])
    rows = by_id(fake_run(machine, RunRequest(probes=("mlp.inference_b1", "mlp.train_step"), budget=30.0)))
    assert rows["mlp.inference_b1"].outcome == Outcome.FAILED
    assert rows["mlp.train_step"].outcome == Outcome.OK
    assert machine.started == ["pytorch", "tensorflow", "tensorflow", "pytorch", "pytorch", "tensorflow"]


@pytest.mark.parametrize("dead", [True, False], ids=["dead", "alive"])
def test_a_mode_that_fails_leaves_the_others_of_its_measure_to_go_on(dead: bool) -> None:
    """They are taken in turns; where the pair has to be replaced they start over, as a round is one pair."""
    modes = ("mlp.train_step", "mlp.train_step.careful", "mlp.train_step.eager")
    trouble = Trouble("tensorflow", "block", Outcome.FAILED, probe=modes[1], dead=dead)
    machine = FakeMachine([trouble])
    result = fake_run(machine, RunRequest(probes=modes))
    rows = by_id(result)
    assert [rows[probe].outcome for probe in modes] == [Outcome.OK, Outcome.FAILED, Outcome.OK]
    assert rows[modes[1]].sides["pytorch"].outcome == Outcome.OK, "its other side did nothing wrong"
    assert len(machine.started) == 2 * (len(result.rounds) + dead)
    first, later = ({m.probe: len(m.instances) for m in round_.measurements} for round_ in result.rounds[:2])
    assert first[modes[0]] == first[modes[2]] >= 2, "of the pair that the round ended with"
    assert first[modes[1]] == 0
    assert later.keys() == {modes[0], modes[2]}


def test_a_framework_that_cannot_be_imported_is_unsupported_and_the_other_side_is_still_shown() -> None:
    trouble = Trouble("tensorflow", "load", Outcome.UNSUPPORTED, "No module named 'keras'", dead=False, times=99)
    result = fake_run(FakeMachine([trouble]))
    assert result.results
    for row in result.results:
        assert row.outcome == Outcome.UNSUPPORTED
        assert "No module named 'keras'" in row.reason
        assert "pip install tensorflow" in row.reason
        assert row.sides["pytorch"].outcome == Outcome.OK
        assert row.sides["pytorch"].samples
        assert row.ratio is None
        assert not row.sides["tensorflow"].samples


def test_a_process_that_always_dies_while_starting_fails_every_probe_without_trying_for_ever() -> None:
    machine = FakeMachine([Trouble("tensorflow", "load", Outcome.FAILED, times=99)])
    result = fake_run(machine)
    assert {row.outcome for row in result.results} == {Outcome.FAILED}
    assert len(machine.started) < 12


def test_one_side_of_a_single_value_that_fails_leaves_the_other_value() -> None:
    rows = by_id(fake_run(FakeMachine([Trouble("pytorch", "single", Outcome.OUT_OF_MEMORY, probe="mlp.memory_peak")])))
    row = rows["mlp.memory_peak"]
    assert row.outcome == Outcome.OUT_OF_MEMORY
    assert row.sides["tensorflow"].samples == (15.0,)
    assert row.sides["pytorch"].samples == ()


def test_a_side_that_dies_at_its_last_thread_count_has_no_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("probes.engine.watching.machine.usable_cores", lambda: 2)
    monkeypatch.setattr("probes.engine.watching.topology.here", Processor)
    machine = FakeMachine([Trouble("tensorflow", "single", Outcome.FAILED)])
    (row,) = fake_run(machine, RunRequest(probes=("mlp.train_step_all_cores",), budget=60.0)).results
    assert row.outcome == Outcome.FAILED
    assert row.sides["pytorch"].samples == ()


def test_accuracies_apart_make_times_not_comparable() -> None:
    request = RunRequest(probes=("mlp.time_to_accuracy",))
    together = by_id(fake_run(FakeMachine(accuracy={"tensorflow": 0.96}), request))["mlp.time_to_accuracy"]
    apart = by_id(fake_run(FakeMachine(accuracy={"tensorflow": 0.94}), request))["mlp.time_to_accuracy"]
    assert together.outcome == Outcome.OK
    assert len(together.sides["pytorch"].samples) >= 5
    assert apart.outcome == Outcome.NOT_COMPARABLE
    assert "accuracy differs: 0.970 with PyTorch, 0.940 with TensorFlow" in apart.reason
    assert apart.sides["pytorch"].samples, "what was measured stays visible"


@pytest.mark.parametrize("question", [2, 40, 200])
def test_cancelling_keeps_what_was_measured_and_ends_every_child(question: int) -> None:
    kept: list[Round] = []
    result = fake_run(FakeMachine(cancel_at=question), on_round=kept.append)
    assert {row.outcome for row in result.results} == {Outcome.CANCELLED}
    assert [r for r in result.rounds if r.complete] == kept
    assert all(row.provisional for row in result.results)
    assert summarise(result.setup, result.rounds, cancelled=True) == result.results


def test_cancelled_between_rounds_starts_no_more_children() -> None:
    machine = FakeMachine()
    rounds: list[Round] = []
    result = fake_run(machine, on_round=rounds.append, cancelled=lambda: bool(rounds))
    assert len(rounds) == len(result.rounds) == 1
    assert {row.outcome for row in result.results} == {Outcome.CANCELLED}
    assert result.results[0].ratio is not None, "one complete round has something to say"


def test_children_that_starve_make_the_run_contended() -> None:
    assert all(row.contended for row in fake_run(FakeMachine(cpu_share=0.5)).results)


def test_what_others_did_is_kept_with_the_round_and_said_with_the_result() -> None:
    seen = ("tasks waited for a CPU in 40 % of the time",)
    result = fake_run(FakeMachine(), watch=lambda: Around(seen))
    assert {round_.disturbances for round_ in result.rounds} == {seen}
    for row in result.results:
        assert row.contended
        assert f"Not quiet: {seen[0]}" in row.notes
    quiet = fake_run(FakeMachine())
    assert not any(row.contended for row in quiet.results)


def test_a_bad_request_starts_nothing() -> None:
    machine = FakeMachine()
    with pytest.raises(ValueError, match=r"threads: 0; allowed: a whole number from 1"):
        fake_run(machine, RunRequest(threads=0))
    assert machine.started == []


def test_an_observer_that_fails_leaves_no_child_behind() -> None:
    machine = FakeMachine()

    def full_disk(progress: Progress) -> None:
        if "instance 2" in progress.message:
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        fake_run(machine, on_progress=full_disk)
    assert machine.alive == 0
