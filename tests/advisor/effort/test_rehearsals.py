"""Which outcome says what of which option, and for how much of the code."""

from __future__ import annotations

from dataclasses import replace

import pytest

from advisor.effort.constructs import Constructs, by_file
from advisor.effort.rates import rates
from advisor.effort.rehearsals import (
    ForeignRehearsalError,
    Rehearsed,
    RehearsedShare,
    RehearsedTry,
    check,
    share,
    tries,
)
from advisor.scan.report import CodeFinding, ScanReport, Severity, SourceUse
from advisor.scan.rules import rules
from probes.rehearsal.schema import RanFile, Rehearsal, RehearsalOutcome, RehearsalStage
from tests.advisor.effort.test_estimate_laws import report
from tests.rehearsals import rehearsal, way

OURS = rehearsal("ours", [way("keras_on_pytorch")])
MODEL = SourceUse("nets/m.py", 100, {"model": {"keras": 40, "tensorflow": 2}, "export": {"keras": 7}}, OURS.file.sha256)
OTHER = SourceUse("other.py", 50, {"model": {"keras": 10}}, "f" * 64)
SCAN = report(MODEL, OTHER)


def told(option: str, *made: Rehearsal, scan: ScanReport = SCAN) -> tuple[tuple[RehearsedTry, ...], Rehearsed]:
    taken = rates().way(option)
    concerns = {name: rates().move(move).concerns for name, move in taken.moves.items()}
    found = tries(scan, made, taken, concerns)
    return found, share(found, by_file(scan, concerns))


@pytest.mark.parametrize(
    ("option", "tried", "outcome", "stage", "passed"),
    [
        ("keras-pytorch", "keras_on_pytorch", "same", "move", True),
        ("keras-pytorch", "keras_on_pytorch", "answers only", "move", False),
        ("keras-pytorch", "keras_on_pytorch", "different", "move", False),
        ("keras-pytorch", "keras_on_pytorch", "refused", "move", False),
        ("keras-pytorch", "keras_on_pytorch", "refused", "model", None),
        ("keras-pytorch", "keras_on_pytorch", "failed", "move", None),
        ("keras-pytorch", "keras_on_pytorch", "missing", "move", None),
        ("keras-jax", "keras_on_jax", "same", "move", True),
        ("runtime", "onnx2torch", "same", "move", True),
        ("runtime", "onnx2torch", "answers only", "move", True),
        ("runtime", "onnx2torch", "different", "move", True),
        ("runtime", "onnx2torch", "different", "export", False),
        ("runtime", "onnx2torch", "refused", "move", True),
        ("runtime", "onnx2torch", "refused", "export", False),
    ],
)
def test_what_an_outcome_says_of_an_option(
    option: str, tried: str, outcome: RehearsalOutcome, stage: RehearsalStage, passed: bool | None
) -> None:
    made = replace(OURS, ways=(way(tried, outcome, stage=stage),))
    ((one,), _) = told(option, made)
    assert one.passed is passed


@pytest.mark.parametrize(
    ("option", "tried"),
    [
        ("pytorch", "onnx2torch"),
        ("tensorflow", "onnx2tf"),
        ("keras-jax", "keras_on_pytorch"),
        ("neither", "onnx2torch"),
    ],
)
def test_a_way_says_nothing_of_another_option(option: str, tried: str) -> None:
    """Nor does a converted graph of code that somebody would have to read."""
    assert told(option, replace(OURS, ways=(way(tried),))) == ((), {})


def test_the_share_is_what_ran_of_the_models_of_those_very_files() -> None:
    half = replace(OURS, ran={"tensorflow": (RanFile("m.py", OURS.file.sha256, 40, 10),)})
    ((one,), found) = told("keras-pytorch", half)
    assert one.files == {"nets/m.py": 0.25}
    assert {name: part.passed.names for name, part in found.items()} == {"keras": 10.0, "tensorflow": 0.5}
    assert not any(part.failed for part in found.values())


def test_modules_that_ran_with_it_count_too() -> None:
    ran = (*OURS.ran["tensorflow"], RanFile("other.py", OTHER.sha256, 10, 10))
    (_, found) = told("keras-pytorch", replace(OURS, ran={"tensorflow": ran}))
    assert found["keras"].passed.names == 50


def test_the_other_sides_names_do_not_count() -> None:
    both = replace(MODEL, uses={"model": {"keras": 4, "pytorch": 6}})
    (_, found) = told("runtime", replace(OURS, ways=(way("onnx2torch"),)), scan=report(both))
    assert set(found) == {"keras"}


def test_what_failed_adds_a_call_and_nothing_of_its_file_passed() -> None:
    again = replace(rehearsal("again", [way("keras_on_pytorch", "refused")]), ran=OURS.ran)
    (_, found) = told("keras-pytorch", OURS, again)
    assert found == {"tensorflow": RehearsedShare(Constructs(), 1)}


@pytest.mark.parametrize(("severity", "failed"), [("must", 0), ("nice", 1)])
def test_a_line_that_a_rule_counts_already_is_not_counted_again(severity: Severity, failed: int) -> None:
    rule = next(rule.id for rule in rules() if rule.framework == "tensorflow" and rule.concern == "move")
    finding = CodeFinding("nets/m.py", 3, rule, "", severity, "move", "model", None)
    scan = replace(SCAN, findings=(finding,))
    ((one,), found) = told("keras-pytorch", replace(OURS, ways=(way("keras_on_pytorch", "refused"),)), scan=scan)
    assert one.counted is not bool(failed)
    assert sum(part.failed for part in found.values()) == failed


def test_what_has_no_models_here_adds_nothing() -> None:
    bare = report(replace(MODEL, uses={"export": {"keras": 7}}))
    for tried in (way("keras_on_pytorch"), way("keras_on_pytorch", "refused")):
        (_, found) = told("keras-pytorch", replace(OURS, ways=(tried,)), scan=bare)
        assert found == {}


def test_code_that_was_not_rehearsed_is_refused_by_name() -> None:
    with pytest.raises(ForeignRehearsalError) as refused:
        check(SCAN, [rehearsal("changed since", [way("keras_on_pytorch")])])
    assert "file.sha256: '" in str(refused.value)
    assert "allowed: a rehearsal of nets/m.py, other.py." in str(refused.value)
    with pytest.raises(ForeignRehearsalError, match="of none, for no file here names a framework"):
        check(report(), [OURS])


def test_a_file_counts_once() -> None:
    check(SCAN, [OURS])
    with pytest.raises(ForeignRehearsalError, match="is there twice; allowed: a file once"):
        check(SCAN, [OURS, OURS])
