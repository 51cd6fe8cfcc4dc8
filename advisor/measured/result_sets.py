"""Several runs of one decision as bodies of evidence: within each, what all rounds of a probe say together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import NamedTuple, Protocol

from advisor.measured.conditions import Conditions, met
from advisor.records import Job
from probes.multiplicity import together
from probes.results import BestModes, Measurement, ProbeResult, Round, RunResult
from probes.schema import Calibration, Outcome, RunRequest, RunSetup

Run = Job[RunRequest, RunResult]


@dataclass(frozen=True, slots=True)
class ResultSet:
    """What a decision's runs under the same conditions say together."""

    result: RunResult  # joined
    conditions: Conditions
    key: str  # the newest run in it
    taken_over: frozenset[str]  # probes that were measured for another decision
    files: tuple[str, ...] = ()  # in which runs of it were brought
    rounds: Mapping[str, tuple[Round, ...]] = field(default_factory=dict)  # by probe, those its result rests on

    @property
    def on_gpu(self) -> bool:
        """Where it was measured; a joined result has no rounds to tell it by."""
        return bool(self.conditions.on_gpu)

    def raw(self, probe: str) -> tuple[tuple[int, Measurement], ...]:
        """What was kept of a probe, in the order measured: the round's number from 0 on, over all runs, and what came
        out in it."""
        rounds = enumerate(self.rounds.get(probe, ()))
        return tuple((number, one) for number, kept in rounds for one in kept.measurements if one.probe == probe)


class _Member(NamedTuple):
    """A run of a set: a name for it, what came out, and whether it was measured for another decision."""

    key: str
    result: RunResult
    taken_over: bool


class Judge(Protocol):
    """What judges rounds: the part of ``ports.Runner`` that measures nothing."""

    def best(
        self, results: Sequence[ProbeResult], rounds: Mapping[str, Sequence[Round]], calibration: Calibration
    ) -> tuple[BestModes, ...]: ...

    def results(
        self,
        setup: RunSetup,
        rounds: Sequence[Round],
        *,
        planned_rounds: int,
        cancelled: bool = False,
        earlier: Sequence[Sequence[Round]] = (),
    ) -> tuple[ProbeResult, ...]: ...


def result_sets(records: Sequence[Run], *, here: str, judge: Judge) -> tuple[ResultSet, ...]:
    """Finished runs, newest first, in groups that are never merged; the first is what a recommendation goes by.

    That is the group of the newest run on the machine whose fingerprint is ``here``, as it is now. Where nothing was
    measured on it, the newest run decides. A team's own model that isn't shown to be the same on both sides has nothing
    to say to a recommendation, and pushes nothing aside. The others follow, newest first.
    """
    members = [_Member(run.id, run.result, run.taken_over) for run in records if run.result is not None]
    return _grouped(members, here, judge)


def of_files(results: Sequence[RunResult], *, here: str, judge: Judge) -> tuple[ResultSet, ...]:
    """``result_sets`` of runs that were read from files, in any order."""
    newest_first = sorted(results, key=lambda result: result.started_at, reverse=True)
    return _grouped([_Member(result.file, result, False) for result in newest_first], here, judge)


def _grouped(found: Sequence[_Member], here: str, judge: Judge) -> tuple[ResultSet, ...]:
    groups: list[tuple[Conditions, list[_Member]]] = []
    for member in found:
        conditions = met(member.result)
        members = next((members for known, members in groups if known == conditions), None)
        if members is None:
            groups.append((conditions, members := []))
        members.append(member)
    here_first = sorted(range(len(groups)), key=lambda i: groups[i][0].fingerprint != here)
    telling = (i for i in here_first if any(_may_be_evidence(member.result) for member in groups[i][1]))
    first = next(telling, next(iter(here_first), 0))
    ordered = (*groups[first : first + 1], *groups[:first], *groups[first + 1 :])
    return tuple(_body(*group, judge) for group in ordered)


def _may_be_evidence(result: RunResult) -> bool:
    return result.request.model_file is None or any(row.ratio is not None and row.shown_alike for row in result.results)


def joined(runs: Sequence[RunResult], judge: Judge) -> RunResult | None:
    """What finished runs, newest first, say together; None if there is none.

    Only runs like the newest one are joined: the same machine and versions (fingerprint), device, threads and model
    sizes; others measured something else. A probe's rounds are pooled: its newest result rests on those of the runs
    before as well, and all looks share one error. Runs that went by another calibration or by older rules are not
    pooled; their results stand where there is no newer one. One that ended without a measurement is shown only where
    there is no other. Several runs come without their raw rounds, which belong to their own. Verdicts are read as one
    family (Holm), and so are those of best mode against best mode.
    """
    if not runs:
        return None
    alike = [run for run in runs if met(run) == met(runs[0])]
    newest = _newest(_pooled(alike, judge) if len(alike) > 1 else alike)
    rows = tuple(row for row, _ in newest.values())
    best = judge.best(rows, _rounds(alike, newest), runs[0].calibration)
    headlines = iter(together([one.result for one in best if one.compared]))
    request = runs[0].request
    if len(alike) > 1 and runs[0].on_gpu:  # without rounds nothing else says where it was
        request = replace(request, device="cuda")
    return replace(
        runs[0],
        request=request,
        results=together(rows),
        best=tuple(replace(one, result=next(headlines)) if one.compared else one for one in best),
        rounds=runs[0].rounds if len(alike) == 1 else (),
    )


def _pooled(runs: Sequence[RunResult], judge: Judge) -> list[RunResult]:
    """Each with results that rest on what was measured before it too."""
    return [
        replace(
            run,
            results=judge.results(
                run.setup,
                run.rounds,
                planned_rounds=run.planned_rounds,
                cancelled=any(row.outcome is Outcome.CANCELLED for row in run.results),
                earlier=[past.rounds for past in before],
            ),
        )
        if (before := _before(runs, index))
        else run
        for index, run in enumerate(runs)
    ]


def _before(runs: Sequence[RunResult], index: int) -> list[RunResult]:
    """The runs that the one at ``index`` goes on from, oldest first. One that was taken over stands where it was asked
    for: what counts is when it was measured."""
    run = runs[index]
    earlier = (past for past in runs if past.rounds and past.started_at < run.started_at and _go_together(run, past))
    return sorted(earlier, key=lambda past: past.started_at) if run.rounds else []


def _go_together(run: RunResult, past: RunResult) -> bool:
    """Whether both are judged alike. Before the second rules, runs replaced each other, and still do."""
    ours, theirs = run.calibration, past.calibration
    return (
        ours.engine == theirs.engine > 1
        and replace(ours, spreads={}) == replace(theirs, spreads={})
        and _waiting(run) == _waiting(past)
        and all(ours.spreads[probe] == theirs.spreads[probe] for probe in ours.spreads.keys() & theirs.spreads.keys())
    )


def _waiting(run: RunResult) -> set[str]:
    """How idle threads of its processes waited: «passive: it is a virtual machine» without the reason."""
    said = (side.get("waiting", "") for round_ in run.rounds for side in round_.environment.values())
    return {words.partition(":")[0] for words in said}


def _newest(runs: Sequence[RunResult]) -> dict[str, tuple[ProbeResult, int]]:
    """By probe, the result that counts and which of the runs it is from. Of equally old ones the first run's."""
    newest: dict[str, tuple[ProbeResult, int]] = {}
    for index, run in enumerate(runs):
        for row in run.results:
            held = newest.get(row.probe)
            if held is None or _rank(row, run) > _rank(held[0], runs[held[1]]):
                newest[row.probe] = row, index
    return newest


def _rank(row: ProbeResult, run: RunResult) -> tuple[bool, str]:
    """A run that was taken over may be younger than what it holds: the date of the measurement counts."""
    return row.outcome is Outcome.OK, row.measured_at or run.started_at


def _rounds(runs: Sequence[RunResult], newest: Mapping[str, tuple[ProbeResult, int]]) -> dict[str, tuple[Round, ...]]:
    """By probe, the rounds that its result rests on."""
    return {
        probe: tuple(chain.from_iterable(run.rounds for run in (*_before(runs, index), runs[index])))
        for probe, (_, index) in newest.items()
    }


def _body(conditions: Conditions, members: Sequence[_Member], judge: Judge) -> ResultSet:
    results = [member.result for member in members]
    newest = _newest(results)
    taken = {probe for probe, (_, index) in newest.items() if members[index].taken_over and not results[index].file}
    files = tuple(dict.fromkeys(result.file for result in results if result.file))
    whole = joined(results, judge) or results[0]
    return ResultSet(whole, conditions, members[0].key, frozenset(taken), files, _rounds(results, newest))
