"""Figures say what the numbers say, also without colour, in both themes."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import plotly.graph_objects as go
import pytest

from advisor.best import Best
from advisor.charts import comparison, decision, forest, turning
from advisor.charts.layout import ROW
from advisor.charts.palette import PALETTES, Theme
from advisor.charts.quantities import advantage, quantity
from advisor.charts.verdicts import interval, words
from advisor.whatif import Alternative, Sweep
from probes.schema import Outcome, Verdict
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


@pytest.mark.parametrize("theme", THEMES)
def test_forest_has_a_row_for_every_result(theme: Theme) -> None:
    results = samples.run_result().results
    figure = forest.forest(results, theme)
    said = texts(figure)
    for result in results:
        assert result.title in said
        assert words(result) in said
    assert figure.layout.xaxis.type == "log"
    low, high = figure.layout.xaxis.range
    assert low == -high, "both directions get the same room"


def test_forest_marks_differ_in_shape_and_stand_where_the_estimate_is() -> None:
    figure = forest.forest(samples.run_result().results, "light")
    marks = {t.name: t for t in figure.data if t.mode == "markers"}
    assert marks["Training step"].marker.symbol == "circle"
    assert marks["Throughput, batch 256"].marker.symbol == "diamond"
    assert marks["Start-up"].marker.symbol == "circle-open"
    assert marks["Training step"].x == (2.0,)
    assert "Time to accuracy" not in marks, "a failure has no mark"


def test_a_forest_stands_under_its_headings() -> None:
    results = samples.run_result().results
    headings = {r.probe: "Speed" if r.unit != "B" else "Memory" for r in results}
    figure = forest.forest(results, "light", headings)
    order = [
        note.text
        for note in sorted(figure.layout.annotations, key=lambda note: -note.y)
        if note.xref == "paper" and note.yref != "paper"
    ]
    assert order[0] == "<b>Speed</b>"
    assert order.index("<b>Memory</b>") < order.index("Peak memory")
    heights = {note.text: note.y for note in figure.layout.annotations}
    marks = {trace.name: trace.y[0] for trace in figure.data if trace.mode == "markers"}
    assert all(marks[title] == heights[title] for title in marks), "a mark stands in its own row"
    one_heading = forest.forest(results, "light", dict.fromkeys(headings, "Speed"))
    assert not [text for text in texts(one_heading) if text.startswith("<b>")]


def test_a_long_forest_stands_closer_and_no_rows_touch() -> None:
    results = [samples.probe_result(f"mlp.p{i}", f"Probe {i}") for i in range(35)]
    headings = {r.probe: f"Group {i // 7}" for i, r in enumerate(results)}
    figure = forest.forest(results, "dark", headings)
    assert figure.layout.height < 35 * ROW
    low, high = figure.layout.yaxis.range
    pixels = (figure.layout.height - 64) / (high - low)
    rows = sorted({trace.y[0] for trace in figure.data if trace.mode == "markers"})
    assert len(rows) == 35
    assert min(b - a for a, b in pairwise(rows)) * pixels >= 40


@pytest.mark.parametrize("count", [6, 35])
@pytest.mark.parametrize("title", ["Probe {}", "A probe with a very long name that fills a phone, {}"])
def test_words_of_a_forest_do_not_touch_each_other(title: str, count: int) -> None:
    results = [samples.probe_result(f"mlp.p{i}", title.format(i)) for i in range(count)]
    figure = forest.forest(results, "dark", {r.probe: f"Group {i // 3}" for i, r in enumerate(results)})
    low, high = figure.layout.yaxis.range
    pixels = (figure.layout.height - figure.layout.margin.t - figure.layout.margin.b) / (high - low)
    left = [n for n in figure.layout.annotations if n.yref != "paper" and n.xanchor == "left"]
    heights = [n.y * pixels + (n.yshift or 0) for n in left] + [
        trace.y[0] * pixels for trace in figure.data if trace.mode == "markers"
    ]
    heights.sort()
    assert min(b - a for a, b in pairwise(heights)) >= 17, "a line of 14 px and the mark's 13 px"
    assert heights[-1] + 9 <= high * pixels + figure.layout.margin.t, "nothing is cut off at the top"


def test_an_estimate_is_an_open_mark_without_a_line() -> None:
    tuned = replace(samples.probe_result(ratio=(3.0, 2.8, 3.2)), track="tuned")
    modes = {"pytorch": "torch.compile", "tensorflow": "XLA"}
    medians = {"pytorch": 0.001, "tensorflow": 0.0005}
    found = [
        Best("Training step", tuned, modes, medians, tuned),
        Best("Throughput", samples.probe_result(unit="samples/s", better="higher"), modes, medians, None),
    ]
    figure = forest.best(found, "light")
    marks = {trace.name: trace for trace in figure.data if trace.mode == "markers"}
    assert marks["Training step"].marker.symbol == "circle"
    assert marks["Throughput"].marker.symbol == "circle-open"
    assert [trace.y[0] for trace in figure.data if trace.mode == "lines"] == [0]
    assert {"estimate", "PyTorch ≈ 2.00× faster", "2.80–3.20×", "PyTorch 3.00× faster"} <= set(texts(figure))
    assert texts(figure).count("torch.compile / XLA") == 2


def test_long_titles_get_a_line_of_their_own() -> None:
    """On a phone a line has room for about 46 characters."""
    short = samples.probe_result()
    long = samples.probe_result("lstm.jvp", "Jacobian–vector product, LSTM, both compiled")
    for rows, expected in (([short], 1), ([short, long], 2)):
        figure = forest.forest(rows, "light")
        of_first = [note.yshift for note in figure.layout.annotations if note.xref == "paper" and note.y == 0]
        assert len({shift for shift in of_first if shift and shift > 0}) == expected


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


@pytest.mark.parametrize("reach", [1.5, 2.0, 2.3, 4.0, 10.0, 30.0, 100.0])
def test_ticks_are_symmetric(reach: float) -> None:
    places, names = forest.log_ticks(reach)
    assert [math.log(p) for p in places] == pytest.approx([-math.log(p) for p in reversed(places)])
    assert names[len(names) // 2] == "1"
    assert len(places) >= 3
    gaps = [math.log(b / a) for a, b in pairwise(places)]
    assert min(gaps) >= 2 * math.log(reach) / 8 - 1e-9, "words of 40 px must fit side by side on 330 px"


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
    figure = turning.flips(samples.decision().flips, "dark")
    assert "Deployment" in texts(figure)
    assert "Speed" not in texts(figure)


def test_totals_has_both_sides() -> None:
    assert {"PyTorch", "TensorFlow"} <= set(texts(decision.totals(samples.decision(), "light")))


def test_the_tornado_shows_what_could_turn_it() -> None:
    whole = samples.decision()
    figure = turning.tornado(whole, "light")
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
    figure = turning.sweep(found, theme)
    assert [trace.text[0] for trace in figure.data[1:]] == ["now 10 %", "turns 50 %"]
    assert figure.data[1].y[0] == pytest.approx(0.26)
    assert len(turning.sweep(replace(found, turns_at=None), theme).data) == 2


@pytest.mark.parametrize("theme", THEMES)
def test_alternatives_say_who_leads_or_which_requirement_decides(theme: Theme) -> None:
    plain = samples.decision().verdict
    vetoed = replace(plain, strength="veto", probability={}, framework="pytorch")
    neither = replace(vetoed, framework=None)
    found = [
        Alternative(name, verdict, name == "a", ())
        for name, verdict in zip("abc", (plain, vetoed, neither), strict=True)
    ]
    said = texts(turning.alternatives(found, ["A", "B", "C"], theme))
    assert "A (now)" in said
    assert "PyTorch, by a requirement" in said
    assert "neither meets the requirements" in said
