"""Several runs of one decision as bodies of evidence: within each the newest measurement of each probe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from advisor.measured.conditions import Conditions, met
from advisor.records import Job
from probes.multiplicity import together
from probes.schema import Measurement, Outcome, ProbeResult, Round, RunRequest, RunResult

Run = Job[RunRequest, RunResult]


@dataclass(frozen=True, slots=True)
class ResultSet:
    """What a decision's runs under the same conditions say together."""

    result: RunResult  # joined
    conditions: Conditions
    key: str  # the newest run in it
    taken_over: frozenset[str]  # probes that were measured for another decision
    rounds: Mapping[str, tuple[Round, ...]] = field(default_factory=dict)  # by probe, those its result rests on

    @property
    def on_gpu(self) -> bool:
        """Where it was measured; a joined result has no rounds to tell it by."""
        return bool(self.conditions.on_gpu)

    def raw(self, probe: str) -> tuple[tuple[int, Measurement], ...]:
        """What was kept of a probe, in the order measured: the round's index and what came out in it."""
        rounds = self.rounds.get(probe, ())
        return tuple((kept.index, one) for kept in rounds for one in kept.measurements if one.probe == probe)


def result_sets(records: Sequence[Run], *, here: str) -> tuple[ResultSet, ...]:
    """Finished runs, newest first, in groups that are never merged; the first is what a recommendation goes by.

    That is the group of the newest run on the machine whose fingerprint is ``here``, as it is now. Where nothing was
    measured on it, the newest run decides. The others follow, newest first.
    """
    groups: list[tuple[Conditions, list[tuple[Run, RunResult]]]] = []
    for record in records:
        if record.result is None:
            continue
        conditions = met(record.result)
        members = next((members for known, members in groups if known == conditions), None)
        if members is None:
            groups.append((conditions, members := []))
        members.append((record, record.result))
    first = next((i for i, (conditions, _) in enumerate(groups) if conditions.fingerprint == here), 0)
    return tuple(_body(*group) for group in (*groups[first : first + 1], *groups[:first], *groups[first + 1 :]))


def joined(runs: Sequence[RunResult]) -> RunResult | None:
    """What finished runs, newest first, say together; None if there is none.

    Only runs like the newest one are joined: the same machine and versions (fingerprint), device, threads and model
    sizes; others measured something else. A probe's newest measurement counts; one that ended without a measurement
    is shown only where there is no other. Several runs come without their raw rounds, which belong to their own.
    Verdicts are read as one family (Holm).
    """
    if not runs:
        return None
    alike = [run for run in runs if met(run) == met(runs[0])]
    if len(alike) == 1:
        return replace(runs[0], results=together(runs[0].results))
    return replace(runs[0], results=together(tuple(row for row, _ in _newest(alike).values())), rounds=())


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


def _body(conditions: Conditions, members: Sequence[tuple[Run, RunResult]]) -> ResultSet:
    results = [result for _, result in members]
    whole = joined(results) or results[0]
    newest = _newest(results)
    taken = {probe for probe, (_, index) in newest.items() if members[index][0].taken_over}
    rounds = {probe: results[index].rounds for probe, (_, index) in newest.items()}
    return ResultSet(whole, conditions, members[0][0].id, frozenset(taken), rounds)
