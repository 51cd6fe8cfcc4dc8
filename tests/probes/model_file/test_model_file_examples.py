"""The model files in ``examples/`` are run as their first lines say, with one probe and the shortest budget."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from probes import records
from probes.schema import FRAMEWORKS, Outcome

pytestmark = [pytest.mark.framework, pytest.mark.timeout(300)]

ROOT = Path(__file__).parents[3]
FILES = sorted((ROOT / "examples/models").glob("*.py"))


def test_there_are_six_and_each_says_how_it_is_run() -> None:
    assert len(FILES) == 6
    for file in FILES:
        assert f"python -m probes run --model-file examples/models/{file.name} --budget" in file.read_text("utf-8")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_it_is_measured_with_agreement_shown(file: Path, tmp_path: Path) -> None:
    record = tmp_path / "run.json"
    command = [sys.executable, "-m", "probes", "run", "--model-file", str(file), "--probe", "own.train_step.careful"]
    done = subprocess.run(
        [*command, "--budget", "30", "--device", "cpu", "--out", str(record)],
        cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    run = records.read(record)
    (result,) = run.results
    assert result.shown_alike, result.notes
    assert result.outcome in (Outcome.OK, Outcome.TOO_NOISY), result.reason  # others may be at work here
    assert all(result.sides[side].median for side in FRAMEWORKS)
    assert any(measurement.agreement for round_ in run.rounds for measurement in round_.measurements)
