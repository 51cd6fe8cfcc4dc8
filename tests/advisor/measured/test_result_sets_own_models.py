"""Which of a decision's results feed its recommendation where some are about a model of the team's own."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from advisor.measured.result_sets import result_sets
from advisor.queue.kinds import MEASURE
from advisor.records import Job
from probes.results import RunResult
from probes.schema import FRAMEWORKS, RunRequest
from probes.team_files import ModelFile
from tests import samples

WHEN = datetime(2026, 11, 23, tzinfo=UTC)
STOCK = samples.run_result()
FILE = ModelFile("ours.py", "a" * 64, "Ours", FRAMEWORKS, trains=True)


def own(*, doubt: str = "", ratio: bool = True, fingerprint: str = STOCK.machine.fingerprint) -> RunResult:
    rows = tuple(
        replace(row, probe=f"{FILE.id}.{row.measure}", model=FILE.id, doubt=doubt, ratio=row.ratio if ratio else None)
        for row in STOCK.results
    )
    request = RunRequest(model=FILE.id, model_file=FILE)
    return replace(STOCK, request=request, results=rows, machine=replace(STOCK.machine, fingerprint=fingerprint))


def feeding(*newest_first: RunResult) -> RunResult:
    jobs = [
        Job(
            str(number), MEASURE, "decision", "done", 1, result.request, "", 1.0, "", result, False,
            WHEN, WHEN,
        )
        for number, result in enumerate(newest_first)
    ]  # fmt: skip
    bodies = result_sets(jobs, here=STOCK.machine.fingerprint, judge=samples.Judge())
    assert len(bodies) == len(newest_first)
    return bodies[0].result


def test_a_model_that_is_the_same_on_both_sides_feeds_it_as_the_newest() -> None:
    assert feeding(own(), STOCK).request.model_file == FILE


@pytest.mark.parametrize("silent", [own(doubt="they part"), own(ratio=False)], ids=["not shown", "one half"])
def test_one_that_isnt_pushes_nothing_aside(silent: RunResult) -> None:
    assert feeding(silent, STOCK).request.model_file is None


def test_nor_what_was_measured_elsewhere() -> None:
    elsewhere = replace(STOCK, machine=replace(STOCK.machine, fingerprint="f" * 16))
    assert feeding(own(doubt="they part"), elsewhere).machine.fingerprint == "f" * 16
    assert feeding(own(fingerprint="e" * 16), STOCK).request.model_file is None


def test_where_there_is_nothing_else_it_is_shown() -> None:
    assert feeding(own(doubt="they part")).request.model_file == FILE
