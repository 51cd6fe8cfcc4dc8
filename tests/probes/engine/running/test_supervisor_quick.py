"""The quick budget on the command line, for real, where every attempt to go out is counted."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from probes import catalog
from probes.engine.judging.results import summarise
from probes.json_form import from_json
from probes.results import RunResult
from probes.schema import FRAMEWORKS, Outcome
from probes.workloads import agreement
from tests import outgoing

pytestmark = [pytest.mark.framework, pytest.mark.timeout(600)]


@dataclass(frozen=True)
class Seen:
    """A run where every attempt to go out was counted, and where it wrote its result."""

    watched: outgoing.Watched
    out: Path


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    probe = catalog.find("mlp.train_step")
    if missing := [why for framework in FRAMEWORKS if (why := catalog.why_not(probe, framework))]:
        pytest.skip("; ".join(missing))
    folder = tmp_path_factory.mktemp("quick")
    out = folder / "quick.json"
    command = [sys.executable, "-m", "probes", "run", "--budget", "quick", "--device", "cpu", "--out", str(out)]
    return Seen(outgoing.watch(command, folder / "watched"), out)


@pytest.mark.alone
def test_the_quick_budget_on_the_command_line(quick: Seen) -> None:
    assert quick.watched.code == 0, quick.watched.output
    result = from_json(RunResult, quick.out.read_bytes())
    covered = [p.id for p in catalog.probes() if (p.model, p.budget) == ("mlp", "quick")]
    assert {row.probe for row in result.results} == {*covered}
    assert {row.outcome for row in result.results} <= {Outcome.OK, Outcome.TOO_NOISY}
    assert summarise(result.setup, result.rounds) == result.results
    assert f"Round {len(result.rounds)} of 3" in quick.watched.output  # it ends early where all is decided
    _check_rounds(result)
    # What no noise can turn around: a TensorFlow process is several hundred MB bigger than a PyTorch one, and an
    # eager Keras call costs many times an eager PyTorch call.
    ratios = {row.probe: row.ratio.estimate for row in result.results if row.ratio}
    assert ratios["mlp.memory_peak"] > 1.3
    assert ratios["mlp.inference_b1.eager"] > 4


@pytest.mark.measures
def test_no_probe_goes_out(quick: Seen) -> None:
    outgoing.assert_silent(quick.watched, quick.out)
    workers = [line.split()[2] for line in quick.watched.started if "probes.engine.child.worker" in line]
    assert {*workers} == {*FRAMEWORKS}, "each was seen by the hook"


def _check_rounds(result: RunResult) -> None:
    """Fresh pairs, several instances, both orders, agreement before any clock, equal surroundings."""
    orders = [["pytorch", "tensorflow"], ["tensorflow", "pytorch"], ["pytorch", "tensorflow"]]
    assert [list(r.environment) for r in result.rounds] == orders[: len(result.rounds)]
    assert len(result.rounds) >= 2
    for measurement in result.rounds[0].measurements:
        if any(instance.superblocks for instance in measurement.instances):
            assert measurement.agreement["outputs"] <= agreement.OUTPUT_TOLERANCE
    for round_ in result.rounds:
        pytorch, tensorflow = (round_.environment[framework] for framework in FRAMEWORKS)
        for name in ("cores", "device", "intra_op_threads", "inter_op_threads", "OMP_WAIT_POLICY", "OMP_NUM_THREADS"):
            assert pytorch[name] == tensorflow[name], name
        for measurement in round_.measurements:
            if any(instance.superblocks for instance in measurement.instances):
                assert len(measurement.instances) >= 2
                assert all(len(instance.superblocks) >= 4 for instance in measurement.instances)
