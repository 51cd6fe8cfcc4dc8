"""The self-check's full form: series, the book they are kept in, and what their trials are judged by."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from probes import __main__ as cli
from probes.check import full
from probes.check.run import check
from probes.check.trials import Design, rejudged
from probes.engine.planning.plan import plan
from probes.engine.planning.time_costs import pair_seconds
from probes.schema import RunRequest, RunSetup, Verdict
from tests import samples
from tests.probes.fake_child import FakeMachine, no_lock

B1 = "mlp.inference_b1"


def test_trials_of_a_promise_are_what_a_run_of_that_time_does() -> None:
    """Not more rounds or instances than the planner finds time for."""
    planned = plan(RunSetup(RunRequest(probes=("mlp.train_step",), budget=180.0)))
    (one,) = [s for s in full.series() if s.design == full.as_planned("mlp.train_step", "pytorch", 0.05, 180.0)]
    assert (one.design.rounds, one.design.instances) == (planned.rounds, planned.instances)
    assert one.design.rounds * (one.design.within + pair_seconds(planned.probes)) <= 180.0
    assert len(planned.looks) > 1
    assert 0.25 <= one.design.seconds <= 1.0


@pytest.mark.parametrize("one", [one for one in full.series() if one.budget], ids=lambda one: one.name)
def test_a_promised_trial_has_time_of_its_own_in_every_pair(one: full.Series) -> None:
    """Without it only the fewest instances would be measured, whatever is planned."""
    assert one.design.within > 0


def test_the_full_form_goes_on_from_its_book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few = (full.Series(Design(B1, "pytorch"), 3), full.Series(Design(B1, "pytorch", slowdown=0.1), 2))
    monkeypatch.setattr(full, "series", lambda: iter(few))
    monkeypatch.setattr(full, "SHARED", 2)
    book = tmp_path / "trials.jsonl"
    report = check("full", launcher=FakeMachine(), lock=no_lock, book=full.Book(book))
    assert report.passed, [f for f in report.findings if f.state != "passed"]
    assert len(report.trials) == 5
    assert samples.states(report)[f"swapped.{B1}"] == "passed"
    machine = FakeMachine()
    again = check("full", launcher=machine, lock=no_lock, book=full.Book(book))
    assert again.trials == report.trials
    assert len(machine.started) < 20, "only what isn't kept in the book is done again"


@pytest.mark.parametrize("line", ['{"series":"x","pair_sec', '{"series":"x"}', "[]", '{"series":"x","trials":[3]}'])
def test_a_book_that_was_cut_off_is_refused_and_left_alone(
    line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "trials.jsonl"
    file.write_text(line, encoding="utf-8")
    assert cli.main(["check", "--form", "full", "--trials", str(file)]) == 2
    said = f"--trials: {file}, line 1 is not a batch of trials, or it was cut off; without that line the rest is used"
    assert capsys.readouterr().err == f"python -m probes check: {said}\n"
    assert file.read_text(encoding="utf-8") == line


def test_the_full_form_reports_what_it_has_when_its_time_is_over(tmp_path: Path) -> None:
    report = check("full", launcher=FakeMachine(), lock=no_lock, book=full.Book(tmp_path / "trials"), seconds=0)
    assert report.trials == ()
    assert "not measured" in samples.states(report).values()
    assert samples.states(report)[f"swapped.{B1}"] == "passed"


def test_a_promise_is_judged_by_the_spread_that_other_trials_showed(monkeypatch: pytest.MonkeyPatch) -> None:
    """0.7 % between processes; with the 3 % that are stated for a training step, such a slow-down isn't found."""
    train = "mlp.train_step"
    calm = full.Series(Design(train, "pytorch", rounds=2, instances=3), 5)
    promise = full.Series(Design(train, "pytorch", 0.03, rounds=4, instances=3), 1, budget=60.0)
    monkeypatch.setattr(full, "series", lambda: iter((calm, promise)))
    monkeypatch.setattr(full, "SHARED", 1)
    book = full.Book()
    apart = [(-0.001, 0.0, 0.001), (0.009, 0.01, 0.011)]
    for _ in range(5):
        book.add(calm.name, [replace(samples.trial(tuple(apart)), probe=train)], 3.0)
    slow = replace(samples.trial(tuple((0.027, 0.028, 0.029) for _ in range(4))), probe=train, slowdown=0.03)
    book.add(promise.name, [slow], 3.0)
    report = check("full", launcher=FakeMachine(), lock=no_lock, book=book)
    (finding,) = [f for f in report.findings if f.title.endswith(", in 60 s")]
    assert finding.figures["found"] == 1
    assert finding.figures["spread"] == pytest.approx(0.01 / math.sqrt(2), rel=0.1)
    assert "Reckoned with a spread of 0.7 % between processes" in finding.said
    assert rejudged(slow).verdict is Verdict.UNDECIDED, "with what is stated"


def test_long_trials_have_pairs_of_their_own() -> None:
    assert full.Series(Design(B1, "pytorch", instances=3), 20).shared == 10
    assert full.Series(Design(B1, "pytorch", instances=10), 20).shared == 3
    assert full.Series(Design(B1, "pytorch", instances=90), 20).shared == 1


def test_all_series_get_on_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    long, short = Design(B1, "pytorch", rounds=2, instances=6), Design(B1, "tensorflow", rounds=2, instances=3)
    monkeypatch.setattr(full, "series", lambda: iter((full.Series(long, 4), full.Series(short, 4))))
    monkeypatch.setattr(full, "SHARED", 2)
    told: list[str] = []
    book = full.Book()
    check("full", launcher=FakeMachine(), lock=no_lock, book=book, tell=lambda words, _: told.append(words))
    turns = [words.split("/")[0] for words in told if "of 4 trials" in words]
    assert turns == ["tensorflow", "pytorch", "tensorflow", "pytorch"]
    assert {len(batches) for batches in book.lines.values()} == {2}


def test_the_full_form_has_the_counts_that_its_claims_need() -> None:
    planned = list(full.series())
    for framework in ("pytorch", "tensorflow"):
        same = [s for s in planned if s.design.framework == framework and not s.design.slowdown]
        assert sum(s.trials for s in same if s.design.rounds == 2) == 300
    assert len({s.name for s in planned}) == len(planned)
