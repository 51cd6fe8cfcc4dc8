"""Runs of other machines: what goes together is taken, and what doesn't is refused even where its checksum is right."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from probes.engine.planning.plan import plan, schedule
from probes.multiplicity import together
from probes.records import RecordError, sealed
from probes.records.plan_files import MeasurementPlan
from probes.records.sealing import checksum
from probes.records.trusting import read_trusted, shared_rounds, trusted
from probes.schema import Framework, Interpreter, RunRequest, Schedule
from tests.places import GOLDEN, MEASUREMENTS
from tests.travelling import file_of, measured_on, named, recorded

RUNS = sorted(MEASUREMENTS.glob("*.json"))


@pytest.mark.parametrize(
    "path", [GOLDEN / "quick.json", *(path for path in RUNS if path.name.startswith(("run-", "thorough-lstm")))],
    ids=lambda path: path.stem,
)  # fmt: skip
def test_a_run_that_was_really_recorded_is_taken(path: Any) -> None:
    run = read_trusted(path)
    assert run.file == path.name
    assert trusted(sealed(run).encode(), "again.json") == replace(run, file="again.json"), "and so is its copy"


def test_what_a_page_hands_out_of_one_run_is_taken() -> None:
    run = recorded()
    shown = replace(run, results=together(run.results))
    assert trusted(file_of(shown), "run.json").results == shown.results


def forged(change: Callable[[dict[str, Any]], object]) -> bytes:
    """Changed, and with the checksum of what it is now."""
    fields = json.loads(sealed(recorded()))
    change(fields)
    return json.dumps(fields | {"sha256": checksum(fields)}).encode()


def clocked(fields: dict[str, Any]) -> dict[str, Any]:
    instances = (m["instances"][0] for m in fields["rounds"][0]["measurements"] if m["instances"])
    return next(i for i in instances if i["superblocks"])


def superblock(fields: dict[str, Any]) -> list[float]:
    wall: list[float] = clocked(fields)["superblocks"][0]["wall"]
    return wall


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda f: f["results"][0]["ratio"].update(estimate=9.0), "raw rounds say: the file was edited"),
        (lambda f: f["results"][0].update(verdict="equal"), "aren't what its raw rounds say"),
        (lambda f: f["results"].pop(), "aren't what its raw rounds say"),
        (lambda f: f["results"].append(f["results"][0]), "a probe that stands there twice"),
        (lambda f: superblock(f).__setitem__(0, superblock(f)[0] * 1.01), "aren't what its raw rounds say"),
        (lambda f: superblock(f).__setitem__(0, -1.0), "-1.0; allowed: a positive, finite number"),
        (lambda f: superblock(f).__setitem__(0, 1e-320), "allowed: a positive, finite number, 1e-100 to 1e+100"),
        (
            lambda f: f["rounds"][0]["measurements"][0]["sides"].pop("tensorflow"),
            ", sides: pytorch; allowed: pytorch and tensorflow",
        ),
        (lambda f: f["machine"].update(name="Somebody's laptop"), "machine.name: \"Somebody's laptop\"; allowed: "),
        (lambda f: f["machine"].update(fingerprint="0" * 16), "isn't that of this machine with these versions"),
        (lambda f: f["machine"]["versions"].update(torch="2.12.0"), "isn't that of this machine with these versions"),
        (lambda f: f["rounds"].reverse(), "rounds.0.index: "),
        (lambda f: f["rounds"].clear(), "has no raw rounds, so nobody can look at its verdicts"),
        (lambda f: f["rounds"][0].update(started_at="today"), "rounds.0.started_at: 'today'; allowed: a moment"),
        (lambda f: f["rounds"][0]["environment"]["pytorch"].update(version="1.0"), "version: '1.0'; allowed: "),
        (lambda f: f["calibration"].update(engine=99), "calibration.engine: 99; allowed: up to 2"),
        (lambda f: f.update(schema=2), "schema 2 is newer than this Fulcrum reads (1): update Fulcrum"),
        (lambda f: f["results"][0].update(probe="mlp.telepathy"), "Another version of Fulcrum measured it"),
        (lambda f: f.pop("machine"), "machine: Field required"),
        (lambda f: f["rounds"][0]["measurements"][0].update(probe="mlp.telepathy"), "'mlp.telepathy' doesn't exist"),
        # Its form.
        (lambda f: f.update(budget="thorough"), "budget: 'thorough'; allowed: 'quick', as Fulcrum writes it"),
        (lambda f: f["rounds"][0].pop("contended"), "rounds.0.contended is missing; allowed: False"),
        (lambda f: f["rounds"][0].update(extra=1), "rounds.0 has the field 'extra'"),
        (lambda f: f["request"].update(seed="0"), "request.seed: '0'; allowed: 0, as Fulcrum writes it"),
        (lambda f: f.update(fulcrum="x"), "fulcrum: 'x'; allowed: the 12 hex digits"),
        (lambda f: f.pop("fulcrum"), "fulcrum: ''; allowed: the 12 hex digits"),
        # Its moments.
        (lambda f: f["rounds"][1].update(started_at=f["rounds"][0]["started_at"]), "allowed: after round 0 ended"),
        (lambda f: f["rounds"][1].update(started_at="2026-11-23T11:45:00"), "a moment without its offset"),
        (lambda f: f.update(started_at="2026-11-24T11:40:58+00:00"), "allowed: before the last round ended"),
        (lambda f: f.update(started_at=""), "started_at: ''; allowed: a moment"),
        (lambda f: f.update(seconds=1.0), "seconds: 1; allowed: at least the "),
        (lambda f: f["rounds"][0].update(seconds=0.5), " s in a round that took 0.5 s"),
        (lambda f: clocked(f)["steps"].update(pytorch=10**6), " s together in a round that took 36.713 s"),
        (lambda f: f["rounds"][0].update(start_seconds=1e6), "rounds.0.start_seconds: 1e+06; allowed: 0 to the "),
        # Its plan.
        (lambda f: f.update(planned_rounds=1), "planned_rounds: 1; allowed: at least the 2 rounds"),
        (lambda f: f["rounds"][0].update(complete=False), "rounds.0.complete: false; allowed only of the last round"),
        (lambda f: f["rounds"][0]["measurements"].append(f["rounds"][0]["measurements"][0]), "name a probe twice"),
        # Its rounds and figures.
        (lambda f: clocked(f)["superblocks"][0].update(cpu=[9.0] * 4), "9 s of CPU time in a step of "),
        (lambda f: f["rounds"][0]["environment"]["pytorch"].update(intra_op_threads="2"), "allowed: the 1 asked for"),
        (lambda f: f["rounds"][0]["environment"]["tensorflow"].update(keras="3.0.0"), "tensorflow.keras: '3.0.0'; all"),
        (lambda f: f["rounds"][1].update(measurements=f["rounds"][0]["measurements"]), "the very figures of round 0"),
    ],
)  # fmt: skip
def test_a_forged_record_is_refused_where_its_parts_belie_each_other(
    change: Callable[[dict[str, Any]], object], says: str
) -> None:
    with pytest.raises(RecordError) as error:
        trusted(forged(change), "run.json")
    assert says in str(error.value)


def test_a_plan_is_told_apart_from_what_came_of_it() -> None:
    plan = sealed(MeasurementPlan(RunRequest()))
    with pytest.raises(RecordError, match=r"is a plan, not what came of it: python -m probes run --plan plan\.json"):
        trusted(plan.encode(), "plan.json")


def test_versions_of_one_framework_decide_nothing() -> None:
    one = Interpreter("pytorch", "a", "3.11.7", {"torch": "2.12.0"})
    sides: dict[Framework, Interpreter] = {"pytorch": one, "tensorflow": one}
    run = recorded()
    with pytest.raises(RecordError, match="no decision between both can rest on it"):
        trusted(file_of(replace(run, request=replace(run.request, interpreters=sides))), "run.json")


def test_rounds_that_two_records_hold_are_counted() -> None:
    run = measured_on(cpu="Other CPU")
    assert shared_rounds(run, run) == len(run.rounds) > 0
    assert shared_rounds(replace(run, rounds=run.rounds[:1]), run) == 1
    assert shared_rounds(run, measured_on(cpu="Third CPU")) == 0, "another machine may have begun at that very moment"
    assert shared_rounds(run, measured_on(cpu="Other CPU", day=21)) == 0
    assert shared_rounds(run, replace(run, machine=named(run.machine, cpu="Third CPU"))) == len(run.rounds)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda s: {"looks": {}}, "schedule.looks: allowed: looks for each of schedule.probes"),
        (lambda s: {"looks": dict.fromkeys(s.probes, (2, 1))}, "[2, 1]; allowed: rising numbers of 1 to"),
        (lambda s: {"probes": (*s.probes, s.probes[0])}, "schedule.probes names a probe twice"),
        (lambda s: {"idle": ("mlp.hvp",)}, "schedule.idle: 'mlp.hvp' isn't among schedule.probes"),
    ],
)  # fmt: skip
def test_what_was_done_must_be_what_was_planned(change: Callable[[Schedule], dict[str, Any]], says: str) -> None:
    run = recorded()
    planned = schedule(plan(run.setup, run.planned_rounds, run.calibration.engine))
    with pytest.raises(RecordError) as error:
        trusted(file_of(replace(run, schedule=replace(planned, **change(planned)))), "run.json")
    assert says in str(error.value)


def test_what_isnt_finite_is_no_figure_whatever_json_says() -> None:
    text = file_of(recorded()).replace(b'"seconds": ', b'"seconds": 1e999, "was": ', 1)
    with pytest.raises(RecordError, match=r"1e999 is no measurement; allowed: finite numbers"):
        trusted(text, "run.json")
