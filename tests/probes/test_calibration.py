"""What a self-check teaches later runs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from probes.check.calibration import FEWEST_PAIRS, LEAST_SPREAD, calibrated, own_spread
from probes.check.run import check
from probes.check.schema import Resolution, Spread, Tell
from probes.schema import FRAMEWORKS, Framework, RunRequest
from tests import samples
from tests.probes.fake_child import FakeMachine, no_lock

REQUEST = RunRequest(device="cpu")
SHARED = samples.MACHINE
OWN = replace(samples.MACHINE, physical_cores=16)
PASSED = replace(samples.check(), findings=())


def spread(framework: Framework, between: float, *, probe: str = "mlp.train_step", pairs: int = 12) -> Spread:
    return Spread(probe, framework, 0.02, between, 3 * pairs, pairs, 0.9, 3.0)


def tells(seconds: float) -> tuple[Resolution, ...]:
    return tuple(Resolution("mlp.train_step", framework, (Tell(0.03, seconds, 4, 6),)) for framework in FRAMEWORKS)


def test_without_a_check_of_this_machine_what_is_stated_stays() -> None:
    assert calibrated(REQUEST, SHARED, None) == REQUEST
    elsewhere = replace(PASSED, machine=replace(SHARED, fingerprint="f" * 16), resolutions=tells(9))
    assert calibrated(REQUEST, SHARED, elsewhere) == REQUEST


def test_the_ratio_of_two_frameworks_scatters_by_the_mean_of_what_each_shows_against_itself() -> None:
    """Var(P − T) = σ²_P + σ²_T, and identical sides show 2 σ² each."""
    found = own_spread(replace(PASSED, spreads=(spread("pytorch", 0.03), spread("tensorflow", 0.04))))
    assert found == pytest.approx(((0.03**2 + 0.04**2) / 2) ** 0.5, abs=1e-4)


def test_the_noisiest_probe_counts_and_chance_has_a_floor() -> None:
    calm = [spread(framework, 0.0, probe="mlp.inference_b1") for framework in FRAMEWORKS]
    loud = [spread(framework, 0.02) for framework in FRAMEWORKS]
    assert own_spread(replace(PASSED, spreads=(*calm, *loud))) == pytest.approx(0.02)
    assert own_spread(replace(PASSED, spreads=tuple(calm))) == LEAST_SPREAD


@pytest.mark.parametrize(
    "spreads",
    [(), (spread("pytorch", 0.02),), tuple(spread(f, 0.02, pairs=FEWEST_PAIRS - 1) for f in FRAMEWORKS)],
    ids=["none", "one framework", "too few pairs"],
)
def test_too_little_was_seen(spreads: tuple[Spread, ...]) -> None:
    assert own_spread(replace(PASSED, spreads=spreads)) is None
    assert calibrated(REQUEST, SHARED, replace(PASSED, spreads=spreads)).spread == REQUEST.spread


def test_the_margin_goes_by_what_the_machine_is_and_shows() -> None:
    fine, coarse = replace(PASSED, resolutions=tells(40)), replace(PASSED, resolutions=tells(90))
    assert calibrated(REQUEST, SHARED, coarse).margin == 0.05
    assert calibrated(REQUEST, SHARED, fine).margin == 0.03
    here = replace(fine, machine=OWN)
    assert calibrated(REQUEST, OWN, here).margin == 0.01
    assert calibrated(REQUEST, OWN, replace(coarse, machine=OWN)).margin == 0.05
    assert calibrated(replace(REQUEST, device="cuda"), replace(SHARED, gpus=("NVIDIA",)), None).margin == 0.01


def test_a_check_that_failed_refines_no_margin() -> None:
    failed = replace(samples.check(), resolutions=tells(9))
    assert not failed.passed
    assert calibrated(REQUEST, SHARED, failed).margin == 0.05


def test_a_finer_margin_that_was_asked_for_stays() -> None:
    assert calibrated(replace(REQUEST, margin=0.002), SHARED, replace(PASSED, resolutions=tells(9))).margin == 0.002


def test_the_standard_form_sees_enough_pairs() -> None:
    machine = FakeMachine()
    report = check("standard", launcher=machine, lock=no_lock)
    assert report.passed, [f for f in report.findings if f.state != "passed"]
    assert machine.alive == 0
    assert {(s.probe, s.framework, s.pairs) for s in report.spreads} == {
        (probe, framework, 12) for probe in ("mlp.inference_b1", "mlp.train_step") for framework in FRAMEWORKS
    }
    assert own_spread(report) is not None
    assert len({finding.id for finding in report.findings}) == len(report.findings)
