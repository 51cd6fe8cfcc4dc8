"""Latency against size: which ways are drawn, how, and which lie on the front."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.deployment.targets import read
from advisor.output.charts import routes
from probes.schema import Outcome
from tests import ways

RUN = ways.run()
FOUND = routes.points(read(RUN, "mlp"), 1, "artefact")


def titles(found: tuple[routes.RoutePoint, ...]) -> list[str]:
    return [point.seen.record.way.id for point in found]


def test_what_was_clocked_is_drawn_and_nothing_else() -> None:
    assert set(titles(FOUND)) == {
        record.way.id for record in RUN.records
        if record.played and record.outcome in (Outcome.OK, Outcome.NOT_COMPARABLE)
    }  # fmt: skip


def test_the_front_leaves_out_what_is_beaten_in_both_and_what_is_wrong() -> None:
    assert titles(routes.front(FOUND)) == ["tensorflow_litert", "pytorch_onnxruntime.int8-dynamic"]
    with_runtime = routes.points(read(RUN, "mlp"), 1, "with its runtime")
    assert titles(routes.front(with_runtime)) == ["tensorflow_litert"], "its runtime is the smallest"


@given(st.lists(st.tuples(st.floats(1e-6, 1), st.integers(1, 10**9)), min_size=1, max_size=12))
def test_nothing_on_the_front_is_beaten_and_whatever_is_not_on_it_is(values: list[tuple[float, int]]) -> None:
    seen = FOUND[0].seen
    found = tuple(routes.RoutePoint(seen, seconds, size) for seconds, size in values)
    best = routes.front(found)
    assert best
    for point in found:
        beaten = any(
            other.seconds <= point.seconds and other.bytes <= point.bytes
            and (other.seconds, other.bytes) != (point.seconds, point.bytes)
            for other in found
        )  # fmt: skip
        on_it = any((point.seconds, point.bytes) == (other.seconds, other.bytes) for other in best)
        assert on_it != beaten


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_shape_and_colour_say_the_framework_the_filling_says_the_form(theme: str) -> None:
    figure = routes.pareto(FOUND, 1, "artefact", theme)  # type: ignore[arg-type]
    symbols = {trace.name: trace.marker.symbol for trace in figure.data if trace.mode == "markers"}
    assert symbols == {
        "PyTorch, float32": "circle",
        "PyTorch, int8 dynamic": "circle-dot",
        "TensorFlow, float32": "diamond",
        "answers are wrong": "x-thin",
    }
    drawn = sum(len(trace.x) for trace in figure.data if trace.mode == "markers")
    assert drawn == len(FOUND)


def test_the_front_in_words() -> None:
    first, second = routes.said(FOUND).partition(": ")[2].split("; ")
    assert first == "TensorFlow LiteRT, 30.0 µs a call, 2.00 MiB"
    assert second == "PyTorch ONNX → ONNX Runtime, int8 dynamic, 40.0 µs a call, 512 KiB"
