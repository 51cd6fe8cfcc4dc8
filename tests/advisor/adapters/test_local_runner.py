"""The engine of this machine behind the port."""

from __future__ import annotations

import pytest

from advisor.adapters.local_runner import LocalRunner
from probes.schema import Level, RunRequest

IDS = ("mlp.train_step", "mlp.inference_b1", "mlp.time_to_accuracy", "mlp.largest_batch")
GROWING = [IDS[:number] for number in range(len(IDS) + 1)]


@pytest.mark.parametrize("budget", ["quick", "standard", "thorough"])
def test_a_run_takes_longer_with_each_probe_and_with_each_budget(budget: Level) -> None:
    runner = LocalRunner()
    seconds = [runner.seconds(RunRequest(budget=budget), ids) for ids in GROWING]
    assert seconds == sorted(set(seconds)), "each probe of these costs something"
    quick = [runner.seconds(RunRequest(), ids) for ids in GROWING]
    assert all(own >= least for own, least in zip(seconds, quick, strict=True)), "a larger budget measures deeper"
