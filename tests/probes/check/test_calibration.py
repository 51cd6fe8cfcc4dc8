"""What a self-check teaches later runs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from probes.catalog import find
from probes.check.calibration import FEWEST_PAIRS, LEAST_SPREAD, calibrated, own_spreads
from probes.check.run import check
from probes.check.schema import Detection, Resolution, Spread
from probes.engine.planning.plan import spread as planned_spread
from probes.schema import FRAMEWORKS, Calibration, Device, Framework
from tests import samples
from tests.probes.fake_child import FakeMachine, no_lock

STATED = Calibration()
SHARED = samples.MACHINE
OWN = replace(samples.MACHINE, physical_cores=16)
PASSED = replace(samples.check(), findings=())


def spread(framework: Framework, between: float, *, probe: str = "mlp.train_step", pairs: int = 12) -> Spread:
    return Spread(probe, framework, 0.02, between, 3 * pairs, pairs, 0.9, 3.0)


def tells(seconds: float) -> tuple[Resolution, ...]:
    return tuple(Resolution("mlp.train_step", framework, (Detection(0.03, seconds, 4, 6),)) for framework in FRAMEWORKS)


def test_without_a_check_of_this_machine_what_is_stated_stays() -> None:
    assert calibrated("cpu", SHARED, None) == STATED
    elsewhere = replace(PASSED, machine=replace(SHARED, fingerprint="f" * 16), resolutions=tells(9))
    assert calibrated("cpu", SHARED, elsewhere) == STATED


def test_the_ratio_of_two_frameworks_scatters_by_the_mean_of_what_each_shows_against_itself() -> None:
    """Var(P − T) = σ²_P + σ²_T, and identical sides show 2 σ² each."""
    found = own_spreads(replace(PASSED, spreads=(spread("pytorch", 0.03), spread("tensorflow", 0.04))))
    assert found == {"mlp.train_step": pytest.approx(((0.03**2 + 0.04**2) / 2) ** 0.5, abs=1e-4)}


def test_each_probe_has_its_own_and_chance_has_a_floor() -> None:
    calm = [spread(framework, 0.0, probe="mlp.inference_b1") for framework in FRAMEWORKS]
    loud = [spread(framework, 0.02) for framework in FRAMEWORKS]
    found = calibrated("cpu", SHARED, replace(PASSED, spreads=(*calm, *loud))).spreads
    assert found["mlp.inference_b1"] == LEAST_SPREAD
    assert found["mlp.train_step"] == found["mlp.train_step.tuned"] == pytest.approx(0.02), "other modes go along"
    assert "mlp.throughput_b256" not in found


def test_ones_own_spread_goes_before_what_is_stated() -> None:
    probe = find("mlp.train_step")
    assert planned_spread(STATED, probe) == probe.measure_spec.spread > STATED.spread
    assert planned_spread(Calibration(spread=0.3), probe) == 0.3
    assert planned_spread(Calibration(spreads={"mlp.train_step": 0.02}), probe) == 0.02


@pytest.mark.parametrize(
    "spreads",
    [(), (spread("pytorch", 0.02),), tuple(spread(f, 0.02, pairs=FEWEST_PAIRS - 1) for f in FRAMEWORKS)],
    ids=["none", "one framework", "too few pairs"],
)
def test_too_little_was_seen(spreads: tuple[Spread, ...]) -> None:
    assert calibrated("cpu", SHARED, replace(PASSED, spreads=spreads)) == STATED


def test_the_margin_goes_by_what_the_machine_is_and_shows() -> None:
    fine, coarse = replace(PASSED, resolutions=tells(40)), replace(PASSED, resolutions=tells(90))
    assert calibrated("cpu", SHARED, coarse).margin == 0.05
    assert calibrated("cpu", SHARED, fine).margin == 0.03
    here = replace(fine, machine=OWN)
    assert calibrated("cpu", OWN, here).margin == 0.01
    assert calibrated("cpu", OWN, replace(coarse, machine=OWN)).margin == 0.05


def test_a_gpu_that_was_not_found_quiet_has_no_finer_margin_than_a_shared_machine() -> None:
    machine = replace(SHARED, gpus=("NVIDIA",))
    fine = replace(PASSED, machine=machine, device="cuda", resolutions=tells(40))
    assert calibrated("cuda", machine, None).margin == 0.01
    assert calibrated("cuda", machine, fine).margin == 0.01
    assert calibrated("cuda", machine, replace(fine, resolutions=tells(90))).margin == 0.05


def test_auto_may_come_to_the_cpu_until_both_were_seen_on_the_gpu() -> None:
    """A common machine has a GPU and a TensorFlow that doesn't see it: both go to the CPU, with no GPU's margin."""
    machine = replace(SHARED, gpus=("NVIDIA",))
    fine = replace(PASSED, machine=machine, device="cuda", resolutions=tells(40))
    assert calibrated("auto", machine, None).margin == 0.05
    assert calibrated("auto", machine, replace(fine, resolutions=tells(40)[:1])).margin == 0.05
    assert calibrated("auto", machine, fine).margin == 0.01


def test_a_check_of_the_cpu_says_nothing_of_the_gpu() -> None:
    with_gpu = replace(SHARED, gpus=("NVIDIA",))
    spreads = tuple(spread(framework, 0.02) for framework in FRAMEWORKS)
    cases: list[tuple[Device, Device, bool]] = [
        ("cpu", "cpu", True), ("cpu", "cuda", False),
        ("cuda", "cuda", True), ("cuda", "cpu", False),
        ("auto", "cuda", True), ("auto", "cpu", False),
    ]  # fmt: skip
    for asked, looked_at, applies in cases:
        known = replace(PASSED, machine=with_gpu, spreads=spreads, device=looked_at)
        assert bool(calibrated(asked, with_gpu, known).spreads) is applies, (asked, looked_at)


def test_a_check_that_failed_refines_no_margin() -> None:
    failed = replace(samples.check(), resolutions=tells(9))
    assert not failed.passed
    assert calibrated("cpu", SHARED, failed).margin == 0.05


def test_the_standard_form_sees_enough_pairs() -> None:
    machine = FakeMachine()
    report = check("standard", launcher=machine, lock=no_lock)
    assert report.passed, [f for f in report.findings if f.state != "passed"]
    assert machine.alive == 0
    probes = ("mlp.inference_b1", "mlp.throughput_b256", "mlp.train_step")
    seen = {(spread.probe, spread.framework, spread.pairs) for spread in report.spreads}
    assert seen == {(probe, framework, 12) for probe in probes for framework in FRAMEWORKS}
    assert len(own_spreads(report)) == 3
    assert len({finding.id for finding in report.findings}) == len(report.findings)
