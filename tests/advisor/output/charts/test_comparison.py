"""Figures say what the numbers say, also without colour, in both themes."""

from __future__ import annotations

from dataclasses import replace

import plotly.graph_objects as go
import pytest

from advisor.decision.what_if import Alternative, Sweep
from advisor.measured.ratios import advantage
from advisor.output.charts import comparison, decision, run_sequence, sensitivity
from advisor.output.charts.palette import PALETTES, Theme
from advisor.output.charts.verdicts import interval, words
from advisor.wording.quantities import quantity
from probes.results import Instance, Measurement, SideReport, Superblock
from probes.schema import FRAMEWORKS, Outcome, Verdict
from tests import samples

THEMES: tuple[Theme, ...] = ("light", "dark")


def texts(figure: go.Figure) -> list[str]:
    return [note.text for note in figure.layout.annotations]


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (0.00123, "s", "1.23 ms"),
        (0.0000456, "s", "45.6 µs"),
        (75.0, "s", "75.0 s"),
        (300 * 2**20, "B", "300 MiB"),
        (12345.0, "samples/s", "12.3 k samples/s"),
        (None, "s", "–"),
        (0.93, "", "0.93"),
        (3.21e-7, "relative", "3.2e-07"),
    ],
)
def test_quantity(value: float | None, unit: str, expected: str) -> None:
    assert quantity(value, unit) == expected


def test_advantage_turns_over_where_higher_is_better() -> None:
    slower_tensorflow = samples.probe_result(ratio=(2.0, 1.8, 2.2))
    more_from_tensorflow = samples.probe_result(ratio=(2.0, 1.6, 2.5), unit="samples/s", better="higher")
    assert advantage(slower_tensorflow) == (2.0, 1.8, 2.2)
    assert advantage(more_from_tensorflow) == (0.5, 0.4, 0.625)


def test_words_name_the_winner_whatever_the_direction() -> None:
    assert words(samples.probe_result()) == "PyTorch 2.00× faster"
    rate = samples.probe_result(ratio=(1.6, 1.3, 1.9), verdict=Verdict.TENSORFLOW, unit="samples/s", better="higher")
    assert words(rate) == "TensorFlow 1.60× faster"
    assert interval(rate) == "1.30–1.90×"
    assert words(samples.probe_result(ratio=(1.0, 0.99, 1.01), verdict=Verdict.EQUAL)) == "Equal within 5 %"


def test_blocks_draws_every_sample() -> None:
    result = samples.probe_result(samples=40)
    figure = comparison.blocks(result, "dark")
    assert [len(trace.x) for trace in figure.data] == [40, 40]
    assert figure.data[0].x[0] == pytest.approx(1.0), "milliseconds"


def test_bars_start_at_zero_and_tensorflow_is_hatched() -> None:
    result = samples.probe_result("mlp.memory_peak", unit="B", ratio=(1.5, 1.4, 1.6), samples=4)
    figure = comparison.bars(result, "light")
    assert figure.layout.xaxis.rangemode == "tozero"
    assert [trace.marker.pattern.shape for trace in figure.data] == ["", "/"]
    assert figure.data[1].x[0] == pytest.approx(1.5 * figure.data[0].x[0])


def test_a_missing_side_is_no_bar() -> None:
    failed = samples.probe_result(ratio=None, outcome=Outcome.TIMED_OUT)
    figure = comparison.bars(failed, "light")
    assert len(figure.data) == 0
    assert "no result: timed out" in texts(figure)


def test_only_the_parts_of_a_cold_start_are_stacked() -> None:
    base = samples.probe_result("mlp.startup", "Start-up", ratio=(1.0, 0.9, 1.1), samples=4)
    parts = {"import_s": 0.0006, "build_s": 0.0003, "first_step_s": 0.0001}
    for details, expected in ((parts, 3), ({"first_pass_s": 0.0009, "second_pass_s": 0.0001}, 1)):
        result = replace(base, sides={side: replace(base.sides[side], details=details) for side in base.sides})
        assert len(comparison.parts(result, "pytorch")) == expected


def test_raw_figures_stand_in_the_order_in_which_they_were_taken() -> None:
    block = Superblock("BAAB", (4e-3, 1e-3, 2e-3, 5e-3), (0.0,) * 4)
    reports = {side: SideReport() for side in FRAMEWORKS}
    rounds = [(i, Measurement("mlp.train_step", reports, (Instance((block,)), Instance((block,))))) for i in (0, 1)]
    figure = run_sequence.in_order(samples.probe_result(), rounds, "light")
    marks = {trace.name: trace for trace in figure.data}
    assert list(marks["PyTorch"].x) == [1, 2, 5, 6, 9, 10, 13, 14]
    assert list(marks["PyTorch"].y[:2]) == pytest.approx([1, 2]), "milliseconds"
    assert list(marks["TensorFlow"].x[:2]) == [0, 3]
    assert marks["PyTorch"].marker.symbol != marks["TensorFlow"].marker.symbol
    assert figure.layout.yaxis.automargin, "its numbers need room"
    assert [line.x0 for line in figure.layout.shapes] == [7.5], "a line where other processes begin"


def test_single_values_stand_in_the_probes_unit() -> None:
    reports = {side: SideReport() for side in FRAMEWORKS}
    instance = Instance(single={"pytorch": 2.0**28, "tensorflow": 2.0**29})
    peak = samples.probe_result("mlp.memory_peak", unit="B")
    figure = run_sequence.in_order(peak, [(0, Measurement(peak.probe, reports, (instance, instance)))], "dark")
    assert [list(trace.x) for trace in figure.data] == [[0, 1], [0, 1]]
    assert [trace.y[0] for trace in figure.data] == [256, 512]


@pytest.mark.parametrize("theme", THEMES)
def test_contributions_point_to_the_side_they_speak_for(theme: Theme) -> None:
    figure = decision.contributions(samples.decision(), theme)
    said = texts(figure)
    assert said[0] == "Speed", "the largest comes first"
    assert any("PyTorch" in text and "20.0 points" in text for text in said)
    colours = PALETTES[theme].framework
    assert figure.data[0].marker.color == colours["pytorch"]
    assert figure.data[1].marker.color == colours["tensorflow"]
    assert figure.data[1].marker.pattern.shape == "/"


def test_unknown_cells_are_open_marks() -> None:
    figure = decision.criteria(samples.decision().criteria, "light")
    marks = {trace.marker.symbol: len(trace.x) for trace in figure.data if trace.mode == "markers"}
    assert marks == {"circle": 3, "diamond": 2, "diamond-open": 1}


def test_contributions_leave_nothing_out_of_the_total() -> None:
    whole = sum(row.contribution for row in samples.decision().criteria)
    figure = decision.contributions(samples.decision(), "light", most=1)
    bars = {y: (base, x) for t in figure.data if t.type == "bar" for y, base, x in zip(t.y, t.base, t.x, strict=True)}
    *parts, total = (bars[y] for y in sorted(bars, reverse=True))
    assert sum(x for _, x in parts) == pytest.approx(whole)
    assert total == (0, pytest.approx(whole))
    ends = [base + x for base, x in parts]
    assert [base for base, _ in parts] == pytest.approx([0, *ends[:-1]]), "each starts where the last one ended"
    assert "2 others together" in texts(figure)


def test_flips_leaves_out_what_cannot_turn_it() -> None:
    figure = sensitivity.flips(samples.decision().flips, "dark")
    assert "Deployment" in texts(figure)
    assert "Speed" not in texts(figure)


def test_totals_has_both_sides() -> None:
    assert {"PyTorch", "TensorFlow"} <= set(texts(decision.totals(samples.decision(), "light")))


def test_the_tornado_shows_what_could_turn_it() -> None:
    whole = samples.decision()
    figure = sensitivity.tornado(whole, "light")
    total = sum(row.contribution for row in whole.criteria)
    assert list(figure.data[-1].x) == pytest.approx([total] * len(whole.criteria))
    for row in whole.criteria:
        low = total - row.contribution + row.weight * row.difference_low
        high = total - row.contribution + row.weight * row.difference_high
        assert ("could turn it" in texts(figure)) or not low < 0 < high


@pytest.mark.parametrize("theme", THEMES)
def test_a_sweep_marks_now_and_where_it_turns(theme: Theme) -> None:
    at = tuple(i / 40 for i in range(41))
    found = Sweep("skills", "Skills", at, tuple(0.2 + 0.6 * x for x in at), now=0.1, turns_at=0.5)
    figure = sensitivity.sweep(found, theme)
    assert [trace.text[0] for trace in figure.data[1:]] == ["now 10 %", "turns 50 %"]
    assert figure.data[1].y[0] == pytest.approx(0.26)
    assert len(sensitivity.sweep(replace(found, turns_at=None), theme).data) == 2


@pytest.mark.parametrize("theme", THEMES)
def test_alternatives_say_who_leads_or_which_requirement_decides(theme: Theme) -> None:
    plain = samples.decision().verdict
    vetoed = replace(plain, strength="veto", probability={}, framework="pytorch")
    neither = replace(vetoed, framework=None)
    found = [
        Alternative(name, verdict, name == "a", ())
        for name, verdict in zip("abc", (plain, vetoed, neither), strict=True)
    ]
    said = texts(sensitivity.alternatives(found, ["A", "B", "C"], theme))
    assert "A (now)" in said
    assert "PyTorch, by a requirement" in said
    assert "neither meets the requirements" in said
