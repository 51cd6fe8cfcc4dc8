"""Details named NAME_number as curves, and other details for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.measured.conditions import met
from advisor.measured.details import readable, table, unit_of
from advisor.measured.result_sets import ResultSet
from advisor.measured.scaling import across, scalings
from advisor.output.charts import scaling as charts
from advisor.output.charts.palette import Theme
from probes.results import Instance, Measurement, ProbeResult, SideReport
from probes.schema import FRAMEWORKS, Outcome, RunRequest
from tests import samples

MIB = 2.0**20


def with_details(**sides: Mapping[str, float]) -> ProbeResult:
    base = samples.probe_result("mlp.memory_over_batch", "Memory over batch", unit="B", samples=4)
    return replace(base, sides={s: replace(base.sides[s], details=dict(sides.get(s, {}))) for s in FRAMEWORKS})


GROWS = with_details(
    pytorch={"batch_16": 300 * MIB, "batch_64": 320 * MIB, "batch_256": 400 * MIB, "import_s": 1.0},
    tensorflow={"batch_16": 600 * MIB, "batch_64": 610 * MIB, "batch_256": 640 * MIB},
)


def raw(*values: float) -> Measurement:
    """An instance for each value of PyTorch at 16."""
    instances = tuple(Instance(details={"pytorch": {"batch_16": value}}) for value in values)
    return Measurement(GROWS.probe, {side: SideReport() for side in FRAMEWORKS}, instances)


def test_a_curve_a_side_in_the_order_of_the_numbers() -> None:
    (found,) = scalings(GROWS)
    assert (found.over, found.unit) == ("batch", "B")
    assert [point.at for point in found.sides["pytorch"]] == [16, 64, 256]
    assert [point.middle / MIB for point in found.sides["tensorflow"]] == [600, 610, 640]
    assert all(point.low == point.middle == point.high for point in found.sides["pytorch"]), "no raw figures, no range"


def test_ranges_are_over_instances() -> None:
    (found,) = scalings(GROWS, [raw(290 * MIB, 310 * MIB), raw(305 * MIB)])
    first, second, _ = found.sides["pytorch"]
    assert (first.low / MIB, first.middle / MIB, first.high / MIB, first.count) == (290, 300, 310, 3)
    assert second.count == 0


def test_one_number_is_no_curve_and_neither_is_a_failure() -> None:
    assert scalings(with_details(pytorch={"batch_16": 1.0}, tensorflow={"batch_16": 1.0})) == ()
    assert scalings(replace(GROWS, outcome=Outcome.NOT_COMPARABLE)) == ()
    assert scalings(with_details(pytorch={"p50": 1.0, "p99": 2.0, "first_epoch_s": 3.0})) == ()


def test_several_names_are_several_curves_and_one_side_may_stand_alone() -> None:
    found = scalings(with_details(pytorch={"threads_1": 4.0, "threads_2": 2.0, "size_0.5": 1.0, "size_1": 2.0}))
    assert [(one.over, list(one.sides)) for one in found] == [("threads", ["pytorch"]), ("size", ["pytorch"])]


def body(threads: int = 1, *, machine: str = "", step: float = 2.0, **sizes: int) -> ResultSet:
    """A run of the sample results whose ratio of the training step is ``step``."""
    request = RunRequest(threads=threads, sizes={"mlp": {"width": 256, **sizes}})
    machine_ = replace(samples.MACHINE, fingerprint=machine or samples.MACHINE.fingerprint)
    row = samples.probe_result(ratio=(step, step, step))
    result = replace(samples.run_result(), results=(row,), request=request, machine=machine_)
    return ResultSet(result, met(result), "key", frozenset())


def test_runs_that_differ_in_threads_or_one_size_make_a_curve() -> None:
    others = [body(2, step=3.0), body(width=512), body(2, width=512), body(2, machine="f" * 16), body(2, step=9.0)]
    threads, width = across("mlp.train_step", body(), others)
    assert (threads.over, width.over, threads.runs) == ("threads", "width", True)
    assert [(p.at, p.middle) for p in threads.sides["tensorflow"]] == [(1, 0.002), (2, 0.003)], "the first of two alike"
    assert [p.at for p in width.sides["pytorch"]] == [256, 512]


def test_a_range_of_a_run_holds_the_middle_half_and_the_median() -> None:
    (threads,) = across("mlp.train_step", body(), [body(2)])
    row = samples.probe_result()
    assert threads.sides["pytorch"]
    for point in threads.sides["pytorch"]:
        inside = [value for value in row.sides["pytorch"].samples if point.low <= value <= point.high]
        assert point.low <= point.middle <= point.high
        assert len(inside) >= point.count / 2


def test_nothing_is_compared_that_failed_or_differs_in_more() -> None:
    assert across("mlp.train_step", body(), [body(), body(2, width=512)]) == ()
    assert across("mlp.startup", body(), [body(2)]) == ()
    failed = body(2)
    rows = tuple(replace(row, outcome=Outcome.FAILED) for row in failed.result.results)
    assert across("mlp.train_step", body(), [replace(failed, result=replace(failed.result, results=rows))]) == ()


@given(st.dictionaries(st.integers(1, 4096), st.floats(1.0, 1e12), min_size=2, max_size=8))
def test_every_number_is_a_point(values: dict[int, float]) -> None:
    (found,) = scalings(with_details(pytorch={f"batch_{at}": value for at, value in values.items()}))
    assert [(point.at, point.middle) for point in found.sides["pytorch"]] == sorted(values.items())


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_curves_differ_in_dash_and_mark_and_carry_their_name(theme: Theme) -> None:
    (found,) = scalings(GROWS, [raw(290 * MIB, 310 * MIB)])
    figure = charts.curves(found, theme)
    lines = {trace.name: trace for trace in figure.data if trace.mode == "lines+markers+text"}
    assert set(lines) == {"PyTorch", "TensorFlow (Keras 3)"}, "what ran"
    assert lines["PyTorch"].line.dash != lines["TensorFlow (Keras 3)"].line.dash
    assert lines["PyTorch"].marker.symbol != lines["TensorFlow (Keras 3)"].marker.symbol
    assert lines["TensorFlow (Keras 3)"].text[-1] == "TensorFlow (Keras 3)"
    assert list(lines["PyTorch"].y) == pytest.approx([300, 320, 400]), "MiB"
    assert [trace.fill for trace in figure.data].count("toself") == 1, "a band where there are several instances"
    assert figure.layout.xaxis.type == "log", "16 to 256"
    assert figure.layout.yaxis.rangemode == "tozero"
    assert figure.layout.yaxis.automargin, "its numbers need room"


def test_a_wide_span_is_drawn_on_a_log_axis_and_a_narrow_one_isnt() -> None:
    (steep,) = scalings(with_details(pytorch={"threads_1": 1.0, "threads_2": 100.0}))
    figure = charts.curves(steep, "light")
    assert (figure.layout.xaxis.type, figure.layout.yaxis.type) == ("linear", "log")


def test_words_name_both_ends() -> None:
    (found,) = scalings(GROWS)
    assert charts.gaps(found) == "at 16 PyTorch is 2.00× leaner; at 256 PyTorch is 1.60× leaner"
    assert "PyTorch from 300 MiB at 16 to 400 MiB at 256" in charts.said(found)
    assert charts.gaps(replace(found, sides={"pytorch": found.sides["pytorch"]})) == ""


@pytest.mark.parametrize(
    ("name", "unit", "expected"),
    [
        ("first_epoch_s", "B", ("first_epoch", "s", 1.0)),
        ("batch_64", "B", ("batch_64", "B", 1.0)),
        ("idle_share", "s", ("idle_share", "%", 100.0)),
        ("compile_ms", "s", ("compile", "s", 1e-3)),
        ("accuracy", "s", ("accuracy", "", 1.0)),
        ("s", "B", ("s", "", 1.0)),
    ],
)
def test_units_of_details(name: str, unit: str, expected: tuple[str, str, float]) -> None:
    assert unit_of(name, unit) == expected


def test_details_are_readable_in_the_unit_that_fits_both_sides() -> None:
    rows = table(with_details(pytorch={"first_epoch_s": 0.0123, "accuracy": 0.951}, tensorflow={"first_epoch_s": 0.5}))
    assert rows == [
        {"name": "First epoch, ms", "pytorch": "12.3", "tensorflow": "500"},
        {"name": "Accuracy", "pytorch": "0.951", "tensorflow": "–"},
    ]
    assert readable("batch_64") == "Batch 64"
