"""A model file of ``examples/`` is run as its first lines say, with one probe and the shortest budget; what was
recorded is verified with other people's timers.

That both sides of the other examples compute the same is seen in ``test_carrying_architectures.py``.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from probes import records
from probes.schema import FRAMEWORKS, Outcome
from tests.places import ROOT

EXAMPLES = ROOT / "examples/models"
#: Two towers: a dictionary goes in, two outputs come out, and the loss is the file's own.
FILE = EXAMPLES / "two_tower.py"


def test_there_are_six_and_each_says_how_it_is_run() -> None:
    files = sorted(EXAMPLES.glob("*.py"))
    assert len(files) == 6
    for file in files:
        assert f"python -m probes run --model-file examples/models/{file.name} --budget" in file.read_text("utf-8")


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    record = tmp_path_factory.mktemp("run") / "run.json"
    probe = ("--probe", "own.train_step.careful", "--budget", "30", "--device", "cpu", "--out", str(record))
    for _ in range(2):  # once more where somebody else's work got into the clocks
        _done([sys.executable, "-m", "probes", "run", "--model-file", str(FILE), *probe])
        if records.read(record).results[0].outcome is not Outcome.CONTAMINATED:
            break
    written = record.read_text(encoding="utf-8")
    assert "class TwoTower" not in written, "code stays out of records"
    assert str(FILE) not in written, "so do paths"
    return record


def _done(command: list[str]) -> str:
    """What it says; fails with its errors if it does."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout + done.stderr


@pytest.mark.framework
@pytest.mark.measures
@pytest.mark.timeout(300)
def test_it_is_measured_with_agreement_shown(record: Path) -> None:
    run = records.read(record)
    (result,) = run.results
    assert result.shown_alike, result.notes
    assert result.outcome in (Outcome.OK, Outcome.TOO_NOISY), result.reason  # others may be at work here
    assert all(result.sides[side].median for side in FRAMEWORKS)
    assert any(measurement.agreement for round_ in run.rounds for measurement in round_.measurements)


@pytest.mark.framework
@pytest.mark.measures
@pytest.mark.timeout(300)
def test_every_line_that_verify_prints_gives_a_figure(record: Path) -> None:
    told = _done([sys.executable, "-m", "probes", "verify", str(record), "--model-file", str(FILE)]).splitlines()
    at = {side: place for place, line in enumerate(told) for side in ("PyTorch", "TensorFlow") if f"in {side}" in line}
    pytorch, tensorflow = told[at["PyTorch"] + 1 : at["TensorFlow"]], told[at["TensorFlow"] + 1 :]
    assert (len(pytorch), len(tensorflow)) == (3, 2), "TensorFlow has no timer of its own"
    for line in (*pytorch, tensorflow[0]):
        arguments = [sys.executable if word == "python" else word for word in shlex.split(line)]
        if "pyperf" in arguments:
            arguments += ["--debug-single-value"]  # else it starts a dozen processes
        assert re.search(r"\d (us|usec|ms|msec)\b", _done(arguments)), line


@pytest.mark.framework
@pytest.mark.measures
def test_a_record_is_not_verified_with_another_version_of_the_file(record: Path, tmp_path: Path) -> None:
    (tmp_path / FILE.name).write_bytes(FILE.read_bytes() + b"# better\n")
    command = [sys.executable, "-m", "probes", "verify", str(record), "--model-file", str(tmp_path / FILE.name)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode != 0
    assert f"{FILE.name} has changed since it was looked at" in done.stderr
