"""A whole run in one figure: rows under headings, marks that differ in shape, words that don't touch."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import plotly.graph_objects as go
import pytest

from advisor.output.charts import forest
from advisor.output.charts.layout import ROW
from advisor.output.charts.palette import Theme
from advisor.output.charts.verdicts import words
from tests import samples

THEMES: tuple[Theme, ...] = ("light", "dark")


def texts(figure: go.Figure) -> list[str]:
    return [note.text for note in figure.layout.annotations]


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
    told = [
        note.text
        for note in sorted(figure.layout.annotations, key=lambda note: -note.y)
        if note.xref == "paper" and note.yref != "paper"
    ]
    assert told[0] == "<b>Speed</b>"
    assert told.index("<b>Memory</b>") < told.index("Peak memory")
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


def test_modes_stand_under_what_they_were_compared_in() -> None:
    result = samples.probe_result(ratio=(3.0, 2.8, 3.2))
    modes = {"pytorch": "torch.compile", "tensorflow": "jit_compile=True"}
    sides = {side: replace(result.sides[side], mode=mode) for side, mode in modes.items()}
    said = texts(forest.forest([replace(result, sides=sides)], "light", names_modes=True))
    assert {"torch.compile / jit_compile=True", "PyTorch 3.00× faster"} <= set(said)


def test_long_titles_get_a_line_of_their_own() -> None:
    """On a phone a line has room for about 46 characters."""
    short = samples.probe_result()
    long = samples.probe_result("lstm.jvp", "Jacobian–vector product, LSTM, both compiled")
    for rows, expected in (([short], 1), ([short, long], 2)):
        figure = forest.forest(rows, "light")
        of_first = [note.yshift for note in figure.layout.annotations if note.xref == "paper" and note.y == 0]
        assert len({shift for shift in of_first if shift and shift > 0}) == expected


@pytest.mark.parametrize("reach", [1.5, 2.0, 2.3, 4.0, 10.0, 30.0, 100.0])
def test_ticks_are_symmetric(reach: float) -> None:
    places, names = forest.log_ticks(reach)
    assert [math.log(p) for p in places] == pytest.approx([-math.log(p) for p in reversed(places)])
    assert names[len(names) // 2] == "1"
    assert len(places) >= 3
    gaps = [math.log(b / a) for a, b in pairwise(places)]
    assert min(gaps) >= 2 * math.log(reach) / 8 - 1e-9, "words of 40 px must fit side by side on 330 px"
