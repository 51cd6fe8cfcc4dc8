"""Each training setting, with each network: a side that takes no notice of it must be seen before any clock starts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from functools import cache
from typing import TYPE_CHECKING

import pytest

from probes import catalog
from probes.check import faults
from probes.check.fault_injection import UNHEEDED, FaultInjection
from probes.check.sides import TRUE, Started, UnavailableError, both, started
from probes.contracts import TrainingSettings
from probes.engine.running.child import ChildError
from probes.schema import FRAMEWORKS, TITLES, Framework, Outcome
from probes.workloads import agreement
from tests.probes.fake_child import FakeMachine, Trouble

if TYPE_CHECKING:
    from probes.contracts import Arrays

NETWORKS = list(catalog.modules())


def test_every_training_setting_has_its_fault() -> None:
    """Whoever adds a setting says what a side does that ignores it; the matrix shows whether that is seen."""
    assert UNHEEDED.keys() == {field.name for field in fields(TrainingSettings)}


@pytest.mark.parametrize("setting", UNHEEDED)
def test_a_fault_changes_its_setting_and_no_other(setting: str) -> None:
    strict = agreement.STRICT
    changed = FaultInjection(unheeded=setting).heeded(strict)
    differ = {field.name for field in fields(strict) if getattr(changed, field.name) != getattr(strict, field.name)}
    assert differ <= {setting}
    assert FaultInjection().heeded(strict) is strict


def findings(machine: FakeMachine) -> dict[str, tuple[str, str]]:
    with started(both("pytorch"), 0, launcher=machine) as pair:  # type: ignore[arg-type]
        return {finding.id: (finding.state, finding.said) for finding in faults.unheeded_settings(pair, "pytorch")}


def test_the_self_check_reports_every_setting() -> None:
    machine = FakeMachine()
    said = findings(machine)
    assert said.keys() == {f"unheeded.{setting}.pytorch" for setting in UNHEEDED}
    assert {state for state, _ in said.values()} == {"passed"}
    assert all("outputs by 1" in words for _, words in said.values())
    checked = {arguments["probe"] for _, do, arguments in machine.asked if do == "check"}
    assert {probe.partition(".")[0] for probe in checked} == set(NETWORKS)


def test_a_fault_that_is_not_seen_fails_and_names_the_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agreement, "compare", lambda *_: ({}, ""))
    state, words = findings(FakeMachine())["unheeded.clip_norm.pytorch"]
    assert state == "failed"
    assert words == f"Not noticed with {', '.join(model.id for model in catalog.models())}."


def test_hardware_without_bfloat16_is_not_measured_by_it() -> None:
    no = [
        Trouble("pytorch", "check", Outcome.UNSUPPORTED, "no bfloat16 here", f"{name}.train_step_bf16", dead=False)
        for name in NETWORKS
    ]
    said = findings(FakeMachine(no))
    assert said.pop("unheeded.precision.pytorch") == ("not measured", "no bfloat16 here")
    assert {state for state, _ in said.values()} == {"passed"}


# ------------------------------------------------------------------------------------------------------ both frameworks


@pytest.fixture(scope="module")
def pair() -> Iterator[Started]:
    """One child a framework for the whole matrix."""
    try:
        with started(TRUE, 0) as running:
            yield running
    except UnavailableError as error:
        pytest.skip(str(error))


Whole = Callable[[str], Mapping[Framework, "Arrays"]]


@pytest.fixture(scope="module")
def whole(pair: Started) -> Whole:
    """What both sides say of a network when nothing is broken, asked once."""

    @cache
    def of(network: str) -> Mapping[Framework, Arrays]:
        return {side: checked(pair, side, network) for side in FRAMEWORKS}

    return of


def checked(pair: Started, side: Framework, network: str, measure: str = "train_step_bf16", **how: str) -> Arrays:
    """All of training, in bfloat16 as well; without it where the hardware has none."""
    try:
        return faults.checked(pair.children[side], f"{network}.{measure}", **how)
    except ChildError as error:
        if error.outcome is not Outcome.UNSUPPORTED:
            raise
        if how.get("unheeded") == "precision":
            pytest.skip(error.reason)
        return faults.checked(pair.children[side], f"{network}.train_step", **how)


@pytest.mark.framework
@pytest.mark.parametrize("network", NETWORKS)
def test_halves_that_nobody_broke_agree(whole: Whole, network: str) -> None:
    sides = whole(network)
    deviations, reason = agreement.compare(*sides.values())
    assert reason == ""
    assert {"outputs", "loss", "update", "later_steps", "schedule_end", "strict_step", "dropout"} <= deviations.keys()
    assert all((arrays["dropout/variance"] > 0).any() for arrays in sides.values()), "no network without dropout"


@pytest.mark.framework
@pytest.mark.parametrize("network", NETWORKS)
def test_halves_that_nobody_broke_agree_when_both_are_eager(pair: Started, network: str) -> None:
    sides = [faults.checked(pair.children[side], f"{network}.train_step.eager") for side in FRAMEWORKS]
    assert agreement.compare(*sides)[1] == ""


#: What must be off by itself, whatever else is: a check that sees a fault by chance would miss its smaller sisters.
SEEN_AS = {
    "dropout": ("dropout",),
    "learning_rate": ("strict step",),
    "weight_decay": ("strict step",),
    "epsilon": ("strict step",),
    "label_smoothing": ("loss",),
    "clip_norm": ("strict step",),
    "cosine_steps": ("later steps", "schedule end"),
    "precision": ("outputs in bfloat16 are its outputs in float32",),
}
#: Tracing makes TensorFlow's side dear: its adapter reads the settings for all networks alike, so that one tells.
BROKEN = [("pytorch", network) for network in NETWORKS] + [("tensorflow", "mlp")]


@pytest.mark.framework
@pytest.mark.parametrize(("side", "network"), BROKEN, ids=lambda name: name)
@pytest.mark.parametrize("setting", UNHEEDED)
def test_a_side_that_ignores_a_setting_is_noticed(
    pair: Started, whole: Whole, side: Framework, network: str, setting: str
) -> None:
    sides = {**whole(network), side: checked(pair, side, network, unheeded=setting)}
    _, reason = agreement.compare(*sides.values())
    assert all(words in reason for words in SEEN_AS[setting]), (
        f"{network}'s half in {TITLES[side]} without {setting}: {reason}"
    )
