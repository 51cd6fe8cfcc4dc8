"""The self-check: what it must find, and that it can fail. Fake children here; real ones at the end."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from probes import __main__ as cli
from probes.check import full, quick
from probes.check.run import check
from probes.check.schema import Check, CheckForm
from probes.check.sides import SWAPPED, UnavailableError, both, started
from probes.check.trials import Design, Piece, batch, covers, judged, rejudged, truth
from probes.engine.watching import machine
from probes.json_form import from_json, to_json
from probes.results import Instance, Superblock
from probes.schema import Framework, Outcome, Verdict
from tests import samples
from tests.probes.fake_child import FakeMachine, Trouble, no_lock

B1, THROUGHPUT = "mlp.inference_b1", "mlp.throughput_b256"


def test_the_quick_form_passes_on_a_machine_that_works() -> None:
    machine = FakeMachine()
    report = check(launcher=machine, lock=no_lock)
    assert set(samples.states(report).values()) == {"passed"}, report.findings
    assert report.passed
    assert machine.alive == 0
    assert len(machine.started) == 4, "one pair a framework"
    assert from_json(Check, to_json(report)) == report


def without(framework: Framework) -> FakeMachine:
    """A machine on which it isn't installed."""
    return FakeMachine([Trouble(framework, "load", Outcome.UNSUPPORTED, "No module named it", times=99)])


@pytest.mark.parametrize("form", ["quick", "standard", "full"])
def test_a_framework_that_is_missing_is_not_measured_and_the_other_is(
    form: CheckForm, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = (full.Series(Design(B1, "tensorflow"), 2), full.Series(Design(B1, "pytorch"), 2))
    monkeypatch.setattr(full, "series", lambda: iter(few))
    report = check(form, launcher=without("tensorflow"), lock=no_lock)
    (missing,) = [f for f in report.findings if f.framework == "tensorflow"]
    assert (missing.id, missing.state) == ("unavailable.tensorflow", "not measured")
    assert missing.said.startswith("TensorFlow can't be imported (No module named it): pip install")
    assert {trial.framework for trial in report.trials} == {"pytorch"}
    assert report.passed


def test_without_any_framework_there_is_nothing_to_report() -> None:
    neither = FakeMachine([*without("tensorflow").troubles, *without("pytorch").troubles])
    with pytest.raises(UnavailableError, match=r"PyTorch can't be imported.*; TensorFlow can't be imported"):
        check(launcher=neither, lock=no_lock)
    assert neither.alive == 0


def test_on_a_gpu_those_are_tested_that_see_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "gpu_here", lambda: True)
    fake = FakeMachine(devices={"pytorch": ("cpu", "cuda")})
    report = check(device="cuda", launcher=fake, lock=no_lock)
    assert report.device == "cuda"
    assert {a["device"] for _, do, a in fake.asked if do == "use"} == {"cuda"}
    (blind,) = [f for f in report.findings if f.state == "not measured"]
    assert blind.said.startswith("no CUDA device is seen: ")
    assert "tensorflow" in blind.said, "the advice is for the framework that ran, whatever the label"
    assert from_json(Check, to_json(report)) == report


def test_another_device_is_refused() -> None:
    with pytest.raises(ValueError, match="device: 'auto'; allowed: cpu, cuda"):
        check(device="auto", launcher=FakeMachine(), lock=no_lock)


def test_an_engine_that_cannot_see_a_clock_stop_too_early_fails() -> None:
    report = check(launcher=FakeMachine(notices=False), lock=no_lock)
    assert not report.passed
    assert samples.states(report)[f"unfinished.{B1}.pytorch"] == "failed"


def test_a_winner_among_identical_sides_fails() -> None:
    machine = FakeMachine()
    design = Design(B1, "pytorch")
    trials, _ = batch(design, 2, 0, partial(started, launcher=machine))
    assert quick.identical(trials, design).state == quick.identical(trials[:1], design).state == "passed"
    finding = quick.identical([replace(trial, verdict=Verdict.PYTORCH, p=0.001) for trial in trials], design)
    assert (finding.state, finding.figures["false_winners"]) == ("failed", 2)


def test_a_slow_down_that_is_missed_or_turned_round_fails() -> None:
    design = Design(B1, "pytorch", slowdown=0.1)
    (trial,), _ = batch(design, 1, 0, partial(started, launcher=FakeMachine()))
    assert quick.found([trial], design).state == "passed"
    missed = replace(trial, verdict=Verdict.UNDECIDED)
    assert quick.found([missed], design).state == "failed"
    assert quick.found([trial] * 19 + [missed], design).state == "passed"
    assert quick.found([trial] * 20 + [replace(trial, verdict=Verdict.TENSORFLOW)], design).state == "failed"


@pytest.mark.parametrize(("percent", "every"), [(1, 100), (2, 50), (5, 20), (10, 10), (20, 5)])
@pytest.mark.parametrize("probe", [B1, THROUGHPUT])
def test_injected_slow_downs_are_of_the_size_that_is_said(percent: int, every: int, probe: str) -> None:
    design = Design(probe, "tensorflow", slowdown=percent / 100)
    assert design.every == every
    slower = 1 + percent / 100
    assert truth(design) == pytest.approx(1 / slower if probe == THROUGHPUT else slower)
    (trial,), _ = batch(design, 1, 0, partial(started, launcher=FakeMachine()))
    assert covers(trial, design)


def test_trials_of_a_batch_share_pairs_but_no_data() -> None:
    machine = FakeMachine()
    trials, _ = batch(Design(B1, "pytorch", rounds=3), 4, 0, partial(started, launcher=machine))
    assert len(trials) == 4
    assert machine.started == ["pytorch"] * 6
    seeds = [a["seed"] for _, do, a in machine.asked if do == "prepare"]
    assert len(seeds) == 2 * len(set(seeds)), "each instance has a seed of its own, the same on both sides"


def test_who_is_prepared_first_alternates_between_pairs_as_in_a_run() -> None:
    """Of identical sides the one that was always prepared second came out up to 2 % faster."""
    prepared = []
    for number in range(2):
        machine = FakeMachine()
        batch(Design(B1, "pytorch", rounds=1, instances=1), 1, number, partial(started, launcher=machine))
        prepared.append([child for child, do, _ in machine.asked if do == "prepare"])
    assert len(prepared[0]) == 2
    assert prepared[0] == prepared[1][::-1]


def test_both_sides_are_what_they_are_said_to_be() -> None:
    machine = FakeMachine()
    with started(SWAPPED, 0, launcher=machine) as pair:
        assert pair.children["pytorch"].ask("warm", timeout=1, limit=1)["step_s"] == 0.015
    with started(both("tensorflow"), 1, launcher=machine) as pair:
        assert {c.ask("warm", timeout=1, limit=1)["step_s"] for c in pair.children.values()} == {0.015}
    assert machine.alive == 0


@pytest.mark.parametrize("probe", [B1, THROUGHPUT, "mlp.train_step"])
@pytest.mark.parametrize("slowdown", [0.0, 0.1])
def test_a_trial_is_judged_again_from_what_is_kept(probe: str, slowdown: float) -> None:
    design = Design(probe, "pytorch", slowdown=slowdown)
    (trial,), _ = batch(design, 1, 0, partial(started, launcher=FakeMachine()))
    again = rejudged(trial)
    assert again.verdict is trial.verdict
    assert (again.low, again.high, again.p) == pytest.approx((trial.low, trial.high, trial.p), rel=1e-3)
    wild = replace(trial, logs=((-0.9, 0.9), (0.9, -0.9)), verdict=Verdict.PYTORCH)
    assert rejudged(wild).verdict is Verdict.UNDECIDED
    assert rejudged(replace(trial, contended=True, verdict=Verdict.UNDECIDED)).verdict is Verdict.UNDECIDED


@pytest.mark.parametrize("logs", [(0.2, 0.21, 0.19, 0.2), (0.3, -0.3, 0.1, -0.1), (0.0, 0.01, -0.01, 0.0)])
def test_a_trial_of_many_rounds_is_judged_at_the_looks_that_were_planned(logs: tuple[float, ...]) -> None:
    """With four rounds there are three looks, each at a third of the error."""
    design = Design(B1, "pytorch", rounds=len(logs), instances=2)
    pieces = [Piece(tuple(_instance(log + step) for step in (-0.001, 0.001)), False, 1.0) for log in logs]
    trial = judged(design, pieces)
    again = rejudged(trial)
    assert again.verdict is trial.verdict
    assert (again.low, again.high, again.p) == pytest.approx((trial.low, trial.high, trial.p), rel=1e-3)


def test_a_small_slow_down_is_looked_for_with_a_margin_that_lets_it_be_found() -> None:
    """Sides that differ by 2.2 % are equal within 5 %, the surer the better they were measured."""
    pieces = [Piece(tuple(_instance(0.022 + step) for step in (-0.001, 0.001)), False, 1.0) for _ in range(20)]
    for slowdown, verdict in ((0.03, Verdict.PYTORCH), (0.05, Verdict.EQUAL), (0.0, Verdict.EQUAL)):
        trial = judged(Design(B1, "pytorch", slowdown, rounds=len(pieces), instances=2), pieces)
        assert trial.verdict is verdict
        assert rejudged(trial).verdict is verdict


def _instance(log: float) -> Instance:
    """Sides that differ by ``log``."""
    slow = math.exp(log)
    return Instance(tuple(Superblock("ABBA", (1.0, slow, slow, 1.0), (1.0, slow, slow, 1.0)) for _ in range(4)))


def test_a_contended_trial_is_judged_again_by_both_witnesses() -> None:
    logs = tuple((0.2 + 0.001 * step, 0.2) for step in range(4))
    trial = replace(samples.trial(logs), contended=True, verdict=Verdict.UNDECIDED)
    assert rejudged(trial).verdict is Verdict.UNDECIDED, "the other witness wasn't kept"
    assert rejudged(replace(trial, cpu_logs=logs)).verdict is Verdict.PYTORCH
    assert rejudged(replace(trial, cpu_logs=tuple((0.0, 0.001) for _ in logs))).verdict is Verdict.UNDECIDED


def test_the_command_writes_json_and_says_what_failed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from probes.check import run

    def faked(form: str, **options: object) -> Check:
        fakes = {"launcher": FakeMachine(notices=False), "lock": no_lock}
        return check(form, **{**options, **fakes})  # type: ignore[arg-type]

    monkeypatch.setattr(run, "check", faked)
    out = tmp_path / "check.json"
    assert cli.main(["check", "--out", str(out)]) == 1
    assert json.loads(out.read_text(encoding="utf-8"))["schema"] == 1
    said = capsys.readouterr().err
    assert "failed        A clock that stops too early is noticed (PyTorch)" in said
    assert cli.main(["check", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["form"] == "quick"


@pytest.mark.framework
@pytest.mark.alone
@pytest.mark.parametrize("framework", ["pytorch", "tensorflow"])
def test_for_real_identical_sides_have_no_winner_and_a_slow_side_is_found(framework: str) -> None:
    same = Design(B1, framework, rounds=1)  # type: ignore[arg-type]
    slow = Design(B1, framework, slowdown=0.5, rounds=1)  # type: ignore[arg-type]
    from probes.check.trials import measure

    with started(both(framework), 0) as pair:  # type: ignore[arg-type]
        identical = judged(same, [measure(pair, same, "same")])
        slower = judged(slow, [measure(pair, slow, "slow")])
    assert identical.verdict in (Verdict.EQUAL, Verdict.UNDECIDED), identical
    assert slower.verdict is not Verdict.TENSORFLOW, slower
    assert slower.estimate > identical.estimate
