"""CSV of results and raw figures."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from advisor.deployment import targets
from advisor.measured.result_sets import ResultSet, result_sets
from advisor.output.csv_export import RAW_COLUMNS, RESULT_COLUMNS, ROUTE_COLUMNS, raw_csv, results_csv, routes_csv
from advisor.queue.kinds import MEASURE
from advisor.records import Job
from probes.json_form import from_json
from probes.results import RunResult
from probes.schema import FRAMEWORKS, RunRequest
from tests import samples, ways
from tests.conftest import ROOT

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
GOLDEN = ROOT / "tests" / "golden" / "quick.json"


def body(result: RunResult) -> ResultSet:
    record = Job(
        "r", MEASURE, "d", "done", 1, RunRequest(), "", 1.0, "", result, cancel_requested=False,
        created_at=NOON, updated_at=NOON,
    )  # fmt: skip
    (only,) = result_sets([record], here=result.machine.fingerprint, judge=samples.Judge())
    return only


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_a_row_a_probe_and_framework() -> None:
    results = samples.run_result().results
    rows = read(results_csv(results))
    assert tuple(rows[0]) == RESULT_COLUMNS
    assert [(row["probe"], row["framework"]) for row in rows] == [(r.probe, s) for r in results for s in FRAMEWORKS]
    first = rows[1]
    assert (first["mode"], float(first["median"]), float(first["ratio"])) == ("tf.function", 0.002, 2.0)
    assert (float(first["low"]), float(first["high"]), first["verdict"]) == (1.8, 2.2, "pytorch")
    failed = rows[-1]
    assert (failed["median"], failed["ratio"], failed["outcome"]) == ("", "", "failed")
    assert failed["reason"] == "RuntimeError: <b>out of luck</b>"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_what_a_spreadsheet_would_run_is_text(start: str) -> None:
    evil = f'{start}HYPERLINK("x")'
    result = replace(samples.probe_result(), title=evil, reason=evil)
    rows = read(results_csv([result]))
    assert rows
    assert {(row["title"], row["reason"]) for row in rows} == {(f"'{evil}", f"'{evil}")}


def test_every_column_is_documented() -> None:
    results, rest = (ROOT / "docs" / "csv.md").read_text(encoding="utf-8").split("## Raw blocks and values")
    raw, routes = rest.split("## Ways to a target")
    assert set(RESULT_COLUMNS) <= set(re.findall(r"`(\w+)`", results))
    assert {*RAW_COLUMNS, "block", "value", "detail", "sample"} <= set(re.findall(r"`(\w+)`", raw))
    assert set(ROUTE_COLUMNS) <= set(re.findall(r"`(\w+)`", routes))


def test_a_row_for_every_way_and_empty_cells_where_nothing_is_known() -> None:
    run = ways.run()
    rows = read(routes_csv(targets.read(run, "mlp"), run))
    assert [row["way"] for row in rows] == [record.way.id for record in run.records]
    assert all(tuple(row) == ROUTE_COLUMNS for row in rows)
    by_way = {row["way"]: row for row in rows}
    litert, missing = by_way["tensorflow_litert"], by_way["pytorch_executorch"]
    assert float(litert["batch1_s"]) == pytest.approx(30e-6, rel=0.02)
    assert (litert["artefact_bytes"], litert["batch"], litert["machine"]) == ("2097152", "dynamic", run.machine.name)
    assert (missing["outcome"], missing["batch1_s"], missing["artefact_bytes"]) == ("unsupported", "", "")
    assert missing["reason"].startswith("Its environment")
    assert missing["started_at"] == run.started_at


def test_numbers_and_lines_survive() -> None:
    base = samples.probe_result(reason="two\nlines, and a comma")
    sides = {side: replace(base.sides[side], median=-0.1) for side in FRAMEWORKS}
    (row, _) = read(results_csv([replace(base, sides=sides)]))
    assert row["median"] == "-0.1", "a negative number is no formula"
    assert row["reason"] == "two\nlines, and a comma"


def test_every_raw_figure_is_there_once() -> None:
    recorded = from_json(RunResult, GOLDEN.read_bytes())
    rows = read(raw_csv(body(recorded)))
    assert tuple(rows[0]) == RAW_COLUMNS
    measurements = [m for r in recorded.rounds for m in r.measurements]
    instances = [i for m in measurements for i in m.instances]
    blocks = sum(4 * len(i.superblocks) + sum(map(len, i.blocks.values())) for i in instances)
    assert sum(row["kind"] == "block" for row in rows) == blocks
    assert sum(row["kind"] == "value" for row in rows) == sum(len(i.single) for i in instances)
    assert sum(row["kind"] == "detail" for row in rows) == sum(len(d) for i in instances for d in i.details.values())
    first = next(i for m in measurements for i in m.instances if m.probe == "mlp.inference_b1").superblocks[0]
    told = [row for row in rows if row["probe"] == "mlp.inference_b1" and row["order"]][:4]
    assert [float(row["value"]) for row in told] == list(first.wall)
    assert [row["framework"] for row in told] == [FRAMEWORKS["AB".index(letter)] for letter in first.order]


def test_without_rounds_the_samples_stand_in() -> None:
    result = samples.run_result()
    rows = read(raw_csv(body(result)))
    assert {row["kind"] for row in rows} == {"sample"}
    assert len(rows) == sum(len(r.sides[s].samples) for r in result.results for s in FRAMEWORKS)
