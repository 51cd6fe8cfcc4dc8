"""What holds whatever was rehearsed: only models move, by no more than what ran of them, and never the wrong way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.effort.constructs import Constructs, by_area, by_file
from advisor.effort.costs import WayCost, cost
from advisor.effort.rates import rates
from advisor.effort.rehearsals import Rehearsed, RehearsedShare, share, tries
from advisor.effort.report import EFFORT_AREAS
from advisor.scan.report import AreaFate, FoundFramework, ScanReport, SourceUse
from probes.rehearsal.schema import Rehearsal, RehearsalOutcome, RehearsalStage
from probes.rehearsal.ways import WAYS
from probes.schema import Framework
from tests.advisor.effort.test_estimate_laws import DRAWS, FRAMEWORKS, NEAR, quick, report, scans
from tests.rehearsals import rehearsal, way

OPTIONS = [one.id for one in rates().ways if one.moves]
TRIED = [one.id for one in rates().ways if one.rehearsals]
SIDES: tuple[tuple[Framework, FoundFramework], ...] = (
    ("pytorch", "pytorch"), ("tensorflow", "keras"), ("tensorflow", "tensorflow"),
)  # fmt: skip
OUTCOMES: tuple[RehearsalOutcome, ...] = (
    "same", "answers only", "different", "refused", "failed", "missing", "no half",
)  # fmt: skip
LINES = st.integers(0, 300)
STAGES: tuple[RehearsalStage, ...] = ("model", "export", "move")


@st.composite
def rehearsed(draw: st.DrawFn) -> tuple[ScanReport, Rehearsal]:
    """A scan whose first file has a model, and a rehearsal of that: any outcome, any share of it."""
    scan = draw(scans())
    side, name = draw(st.sampled_from(SIDES))
    ways = [
        way(one.id, draw(st.sampled_from(OUTCOMES)), stage=draw(st.sampled_from(STAGES)), line=draw(LINES))
        for one in WAYS
        if one.begins_with == side
    ]
    made = rehearsal("f0", ways, name="f0.py", lines=200, ran=draw(st.integers(1, 200)), side=side)
    first = scan.sources[0]
    held = {**first.uses.get("model", {}), name: draw(st.integers(1, 400))}
    first = replace(first, uses={**first.uses, "model": held}, sha256=made.file.sha256)
    return replace(scan, sources=(first, *scan.sources[1:])), made


def costs(scan: ScanReport, option: str, rehearsals: tuple[Rehearsal, ...], fate: AreaFate = "keep") -> WayCost:
    known = rates()
    taken = known.way(option)
    concerns = {name: known.move(move).concerns for name, move in taken.moves.items()}
    files = by_file(scan, concerns)
    found = share(tries(scan, rehearsals, taken, concerns), files)
    return cost(by_area(files), taken, {"model": fate}, DRAWS, known, found)


def models(found: WayCost) -> np.ndarray:
    return np.asarray(found.areas.get("model", 0.0)) + np.zeros(DRAWS.samples)


@quick
@given(rehearsed(), st.sampled_from(TRIED))
def test_only_models_move_and_by_no_more_than_their_share(told: tuple[ScanReport, Rehearsal], option: str) -> None:
    """Nobody's models get cheaper than nothing, and one call that fails adds at most what a rule's «must» does."""
    scan, made = told
    before, after = costs(scan, option, ()), costs(scan, option, (made,))
    assert before.moves == after.moves
    assert before.areas.keys() == after.areas.keys()
    for area in EFFORT_AREAS:
        if area != "model" and area in before.areas:
            assert (before.areas[area] == after.areas[area]).all()
    assert all((days == after.floor[kind]).all() for kind, days in before.floor.items())
    known = rates()
    must = max(
        DRAWS.of("area/model", known.move(one).findings["must"]).max() for one in known.way(option).moves.values()
    )
    call = must * (1 + DRAWS.of("verification", known.verification)) / known.minutes_a_day
    assert (models(after) >= -NEAR).all()
    moved = np.abs(np.asarray(after.total - before.total))
    assert (moved <= np.maximum(models(before), models(after)) + NEAR).all()
    assert (models(after) - models(before) <= len(made.ways) * call + NEAR).all()


@quick
@given(scans(), st.sampled_from(OPTIONS), st.sampled_from(FRAMEWORKS), st.floats(0, 1))
def test_what_passed_takes_off_no_more_than_it_costs_and_adds_nothing(
    scan: ScanReport, option: str, framework: FoundFramework, part: float
) -> None:
    known = rates()
    taken = known.way(option)
    held = by_area(by_file(scan, {name: known.move(move).concerns for name, move in taken.moves.items()}))
    whole = held.get((framework, "model"), Constructs())
    passed = whole.times(part)
    found: Rehearsed = {framework: RehearsedShare(passed)}
    before, after = cost(held, taken, {}, DRAWS, known), cost(held, taken, {}, DRAWS, known, found)
    without = cost({**held, (framework, "model"): whole.less(passed)}, taken, {}, DRAWS, known)
    assert (models(after) <= models(before) + NEAR).all()
    assert (models(before) - models(after) <= models(before) - models(without) + NEAR).all()


@quick
@given(rehearsed(), st.sampled_from(TRIED))
def test_what_failed_is_never_cheaper(told: tuple[ScanReport, Rehearsal], option: str) -> None:
    scan, made = told
    refused = replace(made, ways=tuple(way(one.id, "refused", stage="export") for one in made.ways))
    assert (models(costs(scan, option, (refused,))) >= models(costs(scan, option, ())) - NEAR).all()


@quick
@given(rehearsed(), st.sampled_from(TRIED), st.sampled_from(["drop", "rewrite"]))
def test_models_that_do_not_come_along_as_they_are_do_not_move(
    told: tuple[ScanReport, Rehearsal], option: str, fate: AreaFate
) -> None:
    scan, made = told
    assert (models(costs(scan, option, (made,), fate)) == models(costs(scan, option, (), fate))).all()


@quick
@given(rehearsed(), st.sampled_from(OPTIONS))
def test_what_is_not_in_this_code_moves_nothing(told: tuple[ScanReport, Rehearsal], option: str) -> None:
    scan, made = told
    other = replace(scan, sources=tuple(replace(one, sha256="0" * 64) for one in scan.sources))
    assert (models(costs(other, option, (made,))) == models(costs(other, option, ()))).all()


@quick
@given(rehearsed(), st.sampled_from(sorted({*OPTIONS} - {*TRIED})))
def test_options_that_no_way_tries_do_not_move(told: tuple[ScanReport, Rehearsal], option: str) -> None:
    scan, made = told
    assert (models(costs(scan, option, (made,))) == models(costs(scan, option, ()))).all()


@pytest.mark.parametrize(("fate", "moves"), [("keep", True), ("rewrite", False), ("drop", False)])
def test_a_model_that_passed_counts_where_it_is_kept(fate: AreaFate, moves: bool) -> None:
    made = rehearsal("f0", [way("keras_on_pytorch")], name="f0.py")
    scan = report(SourceUse("f0.py", 100, {"model": {"keras": 50}, "export": {"keras": 5}}, made.file.sha256))
    before, after = (costs(scan, "keras-pytorch", given, fate) for given in ((), (made,)))
    assert (models(after) <= models(before)).all()
    assert (np.median(models(after)) < np.median(models(before))) == moves
