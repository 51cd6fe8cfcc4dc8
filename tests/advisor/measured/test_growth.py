"""Ratios over sizes: what is said of each, and that swapped sides say the opposite."""

from __future__ import annotations

from dataclasses import replace

import pytest

from advisor.measured.growth import growth
from advisor.output.charts import growth as chart
from probes.results import Instance, Measurement, ProbeResult
from tests import samples

ROUNDS = ({1000: 0.7, 8000: 1.01, 64000: 1.2}, {1000: 0.72, 8000: 0.99, 64000: 1.3})


def measured(*, turned: bool = False) -> list[Measurement]:
    sides = ("tensorflow", "pytorch") if turned else ("pytorch", "tensorflow")
    found = []
    for ratios in ROUNDS:
        one = {f"weights_{at}": 2.0 for at in ratios}
        other = {f"weights_{at}": 2.0 * ratio for at, ratio in ratios.items()}
        found.append(
            Measurement(
                "mlp.train_step_sizes.careful", {}, (Instance(details=dict(zip(sides, (one, other), strict=True))),)
            )
        )  # type: ignore[arg-type]
    return found


@pytest.fixture
def result() -> ProbeResult:
    return replace(samples.run_result().results[0], title="Training step over three sizes", better="lower")


def test_each_size_is_told_by_all_its_rounds(result: ProbeResult) -> None:
    found = growth(result, measured())
    assert found is not None
    assert [(p.weights, p.rounds) for p in found.points] == [(1000, 2), (8000, 2), (64000, 2)]
    assert found.points[0].ratio == pytest.approx((0.7 * 0.72) ** 0.5)
    assert chart.said(found) == (
        "Training step over three sizes: with 1 thousand weights TensorFlow is 1.41× faster; with 8 thousand weights "
        "both are equal within 5 %; with 64 thousand weights PyTorch is 1.25× faster."
    )
    figure = chart.ratios([found], "light")
    assert list(figure.data[0].x) == [1000, 8000, 64000]
    band = figure.layout.shapes[0]
    assert (band.y0, band.y1) == (1 / 1.05, 1.05), "shapes on a logarithmic axis take plain values"


def test_swapped_sides_say_the_opposite(result: ProbeResult) -> None:
    there, back = growth(result, measured()), growth(result, measured(turned=True))
    assert there is not None
    assert back is not None
    for one, other in zip(there.points, back.points, strict=True):
        assert other.ratio == pytest.approx(1 / one.ratio)
        assert {one.ahead(0.05), other.ahead(0.05)} in ({"pytorch", "tensorflow"}, {None})


def test_one_size_is_no_picture(result: ProbeResult) -> None:
    assert growth(result, []) is None
    assert growth(replace(result, better="higher"), measured()) is None
