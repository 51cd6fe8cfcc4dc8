"""Where frameworks are, as a treemap."""

from __future__ import annotations

from advisor.output.charts.code_map import code_map, code_map_words
from advisor.scan.report import AreaUse
from tests import team_code
from tests.stores import the


def test_every_area_is_as_large_as_what_is_in_it() -> None:
    figure = code_map({"model": AreaUse(2, {"keras": 3, "tensorflow": 4}), "tests": AreaUse(1, {"jax": 5})}, "light")
    (trace,) = figure.data
    values = dict(zip(trace.ids, trace.values, strict=True))
    assert values == {
        "code": 12, "model": 7, "model tensorflow": 4, "model keras": 3, "tests": 5, "tests jax": 5,
    }  # fmt: skip
    for place, parent in zip(trace.ids, trace.parents, strict=True):
        within = sum(
            value for one, value in values.items() if dict(zip(trace.ids, trace.parents, strict=True))[one] == place
        )
        assert not parent or within in (0, values[place])


def test_colour_is_never_alone() -> None:
    figure = code_map({"model": AreaUse(1, {"keras": 1, "tensorflow": 1, "pytorch": 1, "jax": 1})}, "dark")
    assert {label.partition(" ")[0] for label in figure.data[0].labels[2:]} == {"◆", "◇", "●", "▲"}


def test_the_same_in_words() -> None:
    said = code_map_words(the(team_code.scan().report).areas)
    assert "Model: TensorFlow 2" in said
    assert "Tests: TensorFlow 1" in said
