"""Written cases: what an experienced engineer would expect, and why. They hold the direction, not a number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Literal

import pytest
import yaml
from pydantic import BaseModel, ConfigDict

from advisor.answers import TargetId
from advisor.decision.decide import decide
from advisor.knowledge import Knowledge, load
from advisor.measured.result_sets import joined
from advisor.model.decision import Decision
from advisor.questionnaire import parse
from probes.schema import Framework
from tests import samples
from tests.advisor import runs
from tests.fakes import FakeRunner
from tests.places import CASES

WRITTEN = sorted(CASES.glob("*.yaml"))
ORDER = ("no clear winner", "leaning", "clear", "veto")


class Expected(BaseModel):
    """What must come out. Whatever is left out may be anything."""

    model_config = ConfigDict(extra="forbid")

    framework: Framework | Literal["none"] | None = None
    any_of: tuple[Framework | Literal["none"], ...] = ()
    not_framework: Framework | None = None
    at_least: Literal["leaning", "clear"] | None = None
    at_most: Literal["no clear winner", "leaning"] | None = None
    veto: bool = False
    not_veto: bool = False
    headline: tuple[str, ...] = ()  # what it must say
    advice: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()  # criteria that must be among the three reasons


class Case(BaseModel):
    """One situation.

    ``run``: ratios TensorFlow / PyTorch, ``all`` for those that aren't named; ``recording``: a run as it was measured.
    ``ways``: how mature the ways to targets are in this case, instead of today's, None for no way at all. ``day``: on
    which the facts are as old as they count; without it all are fresh. ``source``: where somebody was really in it.
    ``not_yet``: why it doesn't come out as expected so far; once it does, the test says so.
    """

    model_config = ConfigDict(extra="forbid")

    title: str
    because: str
    source: str = ""
    not_yet: str = ""
    answers: Mapping[str, Any]
    expect: Expected
    run: Mapping[str, float] = {}
    recording: str = ""
    ways: Mapping[TargetId, Mapping[Framework, Literal["production", "beta", "experimental", "archived"] | None]] = {}
    day: date | None = None


def read(path: Path) -> Case:
    return Case.model_validate(yaml.load(path.read_bytes(), yaml.CSafeLoader))


def decided(case: Case) -> Decision:
    ratios = {name: ratio for name, ratio in case.run.items() if name != "all"}
    run = runs.quick(case.run.get("all", 1.0), **ratios) if case.run else None
    if case.recording:
        run = joined([FakeRunner.replay(case.recording).recording], samples.Judge())
    return decide(parse(yaml.safe_dump(dict(case.answers))), known(case), run, samples=2_000)


def known(case: Case) -> Knowledge:
    """Today's knowledge with the case's own ways in it."""
    knowledge = load(on=case.day) if case.day else load()
    routes = {target: dict(sides) for target, sides in knowledge.routes.items()}
    for target, sides in case.ways.items():
        for side, maturity in sides.items():
            ways = routes[target][side]
            routes[target][side] = tuple(replace(way, maturity=maturity) for way in ways) if maturity else ()
    return replace(knowledge, routes=routes)


def test_there_are_enough() -> None:
    assert len(WRITTEN) >= 30


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.stem)
def test_the_direction_is_what_an_engineer_would_expect(path: Path, request: pytest.FixtureRequest) -> None:
    case = read(path)
    if case.not_yet:
        request.applymarker(pytest.mark.xfail(reason=case.not_yet, strict=True))
    decision, expect = decided(case), case.expect
    verdict = decision.verdict
    said = f"{case.title}: {verdict.headline} Expected because: {case.because}"
    if expect.framework is not None:
        assert (verdict.framework or "none") == expect.framework, said
    if expect.any_of:
        assert (verdict.framework or "none") in expect.any_of, said
    if expect.not_framework is not None:
        assert verdict.framework != expect.not_framework, said
    if expect.at_least is not None:
        assert ORDER.index(verdict.strength) >= ORDER.index(expect.at_least), said
    if expect.at_most is not None:
        assert ORDER.index(verdict.strength) <= ORDER.index(expect.at_most), said
    assert verdict.strength == "veto" or not expect.veto, said
    assert verdict.strength != "veto" or not expect.not_veto, said
    for words in expect.headline:
        assert words in verdict.headline, said
    for words in expect.advice:
        assert words in verdict.advice, said
    for criterion in expect.reasons:
        assert criterion in [reason.criterion for reason in decision.reasons_for], said
