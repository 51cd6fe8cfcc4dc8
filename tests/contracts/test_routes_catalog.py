"""What every file of ``probes/routes`` promises, over whatever is discovered: a new file is tested as it appears."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from probes.deploy import catalog, runtimes
from probes.deploy.contracts import RouteSpec
from probes.deploy.schema import FORMS, Way
from probes.schema import FRAMEWORKS, TITLES, Outcome

ROUTES = list(catalog.modules().values())
LEAST_WAYS = 24


def route_id(module: ModuleType) -> str:
    return str(module.SPEC.id)


def test_enough_ways_are_discovered_for_both_frameworks() -> None:
    assert len(catalog.ways()) >= LEAST_WAYS
    assert len({way.id for way in catalog.ways()}) == len(catalog.ways())
    assert {way.framework for way in catalog.ways()} == set(FRAMEWORKS)


@pytest.mark.parametrize("route", ROUTES, ids=route_id)
def test_a_route_describes_itself(route: ModuleType) -> None:
    spec: RouteSpec = route.SPEC
    assert spec.id == route.__name__.rpartition(".")[2], "the id is the file's name"
    assert spec.framework in FRAMEWORKS
    assert spec.title
    assert "→" in spec.steps, "what a team would call, step by step"
    assert spec.forms
    assert list(spec.forms) == [form for form in FORMS if form in spec.forms], "in the order in which pages show them"
    assert 0 < spec.tolerance <= 1e-4
    assert callable(route.export)
    assert callable(getattr(route, "load", None)) != bool(spec.elsewhere), "it can be run, or it says why not here"
    assert spec.elsewhere or spec.packages, "the runtime's size is that of its packages"
    lines = Path(route.__file__ or "").read_text(encoding="utf-8").count("\n")
    assert lines < 120, "a route stays short enough to read beside its other half"


@pytest.mark.parametrize("route", ROUTES, ids=route_id)
def test_a_route_needs_environments_that_are_described(route: ModuleType) -> None:
    known = {runtime.id for runtime in runtimes.runtimes()}
    assert {place for place in (route.SPEC.exports_in, route.SPEC.runs_in) if place} <= known


@pytest.mark.parametrize("way", catalog.ways(), ids=lambda way: way.id)
def test_a_way_says_whether_it_can_be_tried_and_why_not(way: Way) -> None:
    (row,) = [row for row in catalog.availability() if row.way == way]
    assert row.outcome in (Outcome.OK, Outcome.UNSUPPORTED)
    assert bool(row.reason) == (row.outcome is Outcome.UNSUPPORTED)
    assert way.title.startswith(catalog.spec(way).title)
    assert catalog.find(way.id) == way


def test_an_unknown_way_is_refused_with_those_that_exist() -> None:
    with pytest.raises(ValueError, match="ways: 'pytorch_telepathy' doesn't exist; allowed: pytorch_eager, "):
        catalog.find("pytorch_telepathy")


def test_a_missing_framework_is_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("probes.catalog.installed", lambda name: name != "tensorflow")
    reasons = {row.way.framework: row.reason for row in catalog.availability() if not row.way.environments}
    assert TITLES["tensorflow"] + " is not installed" in reasons["tensorflow"]


def test_a_missing_runtime_is_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("probes.catalog.installed", lambda name: name != "onnxruntime")
    assert catalog.why_not(catalog.find("pytorch_onnxruntime")) == "onnxruntime not found: " + catalog._INSTALL


def test_a_missing_compiler_is_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("probes.catalog.no_compiler", "{} needs a C++ compiler".format)
    assert catalog.why_not(catalog.find("pytorch_libtorch")).startswith("TorchScript → LibTorch in C++ needs a C++")
