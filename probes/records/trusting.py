"""A run that was measured elsewhere, looked at from all sides before anything rests on it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path, PurePath

from probes import catalog
from probes.engine.judging.results import summarise
from probes.engine.planning.significance import ENGINE
from probes.engine.planning.validation import validate
from probes.engine.watching import machine
from probes.multiplicity import together
from probes.places import against
from probes.records.consistency import contradictions, figures
from probes.records.files import RecordError, contents_of, parsed, understood_run
from probes.records.sealing import WRITER, look_at_checksum
from probes.results import ProbeResult, Round, RunResult
from probes.schema import Outcome
from probes.system.own_code import digest


def read_trusted(path: Path) -> RunResult:
    """``trusted`` of a file. Raises RecordError."""
    return trusted(contents_of(path), str(path))


def trusted(content: bytes, name: str) -> RunResult:
    """The run in a file of that name, in which all goes together: the content with its checksum, the machine with its
    fingerprint, the rounds with their numbers and versions, and every result, bit for bit, with its rounds.

    Raises RecordError with the one thing that is wrong. A record that is forged as a whole can't be told from a true
    one: whose it is has to be known from where it came.
    """
    fields = parsed(content, name, "run")
    if fields.get("kind") == "plan":
        raise RecordError(
            f"{name} is a plan, not what came of it: python -m probes run --plan {PurePath(name).name} --out run.json"
        )
    look_at_checksum(name, fields)
    run = understood_run(content, name)
    if against(run.request.interpreters):
        raise RecordError(f"{name} compares two versions of one framework: no decision between both can rest on it")
    _look_at_machine(name, run)
    _look_at_rules(name, run)
    for number, round_ in enumerate(run.rounds):
        _look_at_round(name, number, round_, run)
    writer = str(fields.get(WRITER, ""))
    for wrong in contradictions(replace(run, best=(), file=""), fields, writer, digest()):
        raise RecordError(f"{name}: {wrong}")
    _look_at_results(name, run, writer)
    return replace(run, best=(), file=PurePath(name).name)


def rejudged(run: RunResult) -> tuple[ProbeResult, ...]:
    """What the rounds of a run say, whatever its results do. Raises ValueError if they can't be read."""
    return summarise(
        run.setup,
        run.rounds,
        planned_rounds=run.planned_rounds or None,
        cancelled=any(row.outcome == Outcome.CANCELLED for row in run.results),
    )


def shared_rounds(run: RunResult, other: RunResult) -> int:
    """How many rounds both hold: begun on one machine at the same moment, or with the very same clocked figures,
    whatever machine and moment the record names. They would count twice."""
    same = run.machine.fingerprint == other.machine.fingerprint
    begun = {round_.started_at for round_ in other.rounds if round_.started_at and same}
    clocked = {figures(round_) for round_ in other.rounds} - {()}
    return sum(round_.started_at in begun or figures(round_) in clocked for round_ in run.rounds)


def _look_at_machine(name: str, run: RunResult) -> None:
    here = run.machine
    if here.name != machine.name_of(here):
        raise RecordError(
            f"{name}: machine.name: {here.name!r}; allowed: {machine.name_of(here)!r}, as its processor, cores, memory "
            "and GPUs have it"
        )
    if not run.request.interpreters and here.fingerprint != machine.fingerprint_of(here):
        raise RecordError(
            f"{name}: machine.fingerprint: {here.fingerprint!r} isn't that of this machine with these versions: the "
            "record was put together from several, or edited"
        )


def _look_at_rules(name: str, run: RunResult) -> None:
    if run.calibration.engine > ENGINE:
        raise RecordError(
            f"{name}: calibration.engine: {run.calibration.engine}; allowed: up to {ENGINE}. It was judged by newer "
            "rules: update Fulcrum"
        )
    try:
        validate(run.setup)
        for row in run.results:
            catalog.find(row.probe)
    except ValueError as error:
        raise RecordError(f"{name}: {error}. Another version of Fulcrum measured it") from error


def _look_at_round(name: str, number: int, round_: Round, run: RunResult) -> None:
    if round_.index != number:
        raise RecordError(f"{name}: rounds.{number}.index: {round_.index}; allowed: {number}, in the order measured")
    if run.calibration.engine > 1 or round_.started_at:
        _look_at_moment(name, f"rounds.{number}.started_at", round_.started_at)


def _look_at_moment(name: str, place: str, text: str) -> None:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise RecordError(f"{name}: {place}: {text!r}; allowed: a moment, as 2026-11-23T10:00:00+00:00") from None


def _look_at_results(name: str, run: RunResult, writer: str) -> None:
    if not run.rounds:
        raise RecordError(
            f"{name} has no raw rounds, so nobody can look at its verdicts; allowed: what `python -m probes run --out` "
            "wrote, or the record of one run"
        )
    try:
        results = rejudged(run)
    except ValueError as error:
        raise RecordError(f"{name}: its rounds can't be judged: {error}") from error
    recorded = {row.probe: row for row in run.results}
    # Results as a page shows them are read as one family: the same rows, some of them less sure.
    for said in (results, together(results)):
        if len(run.results) == len(recorded) == len(said) and all(recorded.get(row.probe) == row for row in said):
            return
    other = {row.probe: row for row in results}
    edited = sorted(probe for probe in {*recorded, *other} if recorded.get(probe) != other.get(probe))
    why = "the file was edited"
    if writer != digest():
        why += f", or the Fulcrum that wrote it judges otherwise ({writer or 'it has no name'}; this one is {digest()})"
    raise RecordError(
        f"{name}: the results of {', '.join(edited) or 'a probe that stands there twice'} aren't what its raw rounds "
        f"say: {why}"
    )
