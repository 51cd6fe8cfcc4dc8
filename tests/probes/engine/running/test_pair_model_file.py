"""A team's own model in a run with fake children: what becomes of the run when the file is another one by now."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from probes.engine.running.supervisor import run
from probes.results import Round, RunResult
from probes.schema import FRAMEWORKS, Outcome, RunRequest, RunSetup
from probes.team_files import ModelFile
from tests.probes.fake_child import Around, FakeMachine, Trouble, no_lock

SOURCE = b"def inputs(rng, batch): ...\n"


@pytest.fixture(autouse=True)
def _everything_can_run(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("probes.engine.running.probe_record", "probes.catalog"):
        monkeypatch.setattr(f"{module}.why_not", lambda *_: "")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "ours.py").write_bytes(SOURCE)
    return tmp_path / "ours.py"


FILE = ModelFile("ours.py", hashlib.sha256(SOURCE).hexdigest(), "Ours", FRAMEWORKS, trains=True)
PROBES = tuple(f"{FILE.id}.{measure}" for measure in ("train_step", "inference_b1", "memory_peak"))


def measured(machine: FakeMachine, path: Path | None, on_round: object = lambda _: None) -> RunResult:
    setup = RunSetup(RunRequest(probes=PROBES, budget=240.0, model=FILE.id, model_file=FILE))
    result = run(
        setup, launcher=machine, lock=no_lock, watch=Around, clock=lambda: 0.0, model_path=path, on_round=on_round
    )  # type: ignore[arg-type]
    assert machine.alive == 0, "a child was left behind"
    return result


def outcomes(result: RunResult) -> set[tuple[Outcome, str]]:
    return {(side.outcome, side.reason) for row in result.results for side in row.sides.values()}


def test_its_probes_are_measured_like_others(path: Path) -> None:
    machine = FakeMachine()
    result = measured(machine, path)
    assert {row.probe for row in result.results} == {*PROBES}
    assert outcomes(result) == {(Outcome.OK, "")}
    told = [arguments for _, do, arguments in machine.asked if do == "own"]
    assert {one["path"] for one in told} == {str(path)}
    assert {one["file"]["sha256"] for one in told} == {FILE.sha256}


def test_a_file_that_changes_between_two_rounds_ends_the_run(path: Path) -> None:
    """What was measured of the old one stays in the record; not a child is started for the new one."""
    machine, started = FakeMachine(), list[int]()

    def change(round_: Round) -> None:
        path.write_bytes(SOURCE + b"# better\n")
        started.append(len(machine.started))

    result = measured(machine, path, change)
    assert len(result.rounds) == 2
    assert result.planned_rounds > 2
    assert machine.started[started[0] :] == []
    assert outcomes(result) == {(Outcome.FAILED, "ours.py has changed since it was looked at: begin again")}
    assert all(m.instances for m in result.rounds[0].measurements)


@pytest.mark.parametrize("missing", [True, False])
def test_a_run_without_the_file_says_so(path: Path, missing: bool) -> None:
    path.unlink()
    machine = FakeMachine()
    result = measured(machine, path if missing else None)
    assert not machine.started
    words = "ours.py can't be read: No such file or directory" if missing else "ours.py isn't here: name the file"
    assert all(outcome is Outcome.FAILED and reason.startswith(words) for outcome, reason in outcomes(result))


@pytest.mark.parametrize("do", ["own", "keep", "carry"])
@pytest.mark.parametrize("dead", [True, False])
def test_a_side_that_cannot_take_the_file_any_more_ends_the_run_after_one_try(path: Path, do: str, dead: bool) -> None:
    side = "tensorflow" if do == "carry" else "pytorch"
    machine = FakeMachine([Trouble(side, do, Outcome.UNSUPPORTED, "line 3: gone", dead=dead, times=99)])
    result = measured(machine, path)
    assert len(result.rounds) == 1
    assert {outcome for outcome, _ in outcomes(result)} == {Outcome.FAILED}
    assert {reason for _, reason in outcomes(result)} == {
        f"{'TensorFlow' if side == 'tensorflow' else 'PyTorch'}: line 3: gone"
    }
    pairs_of_their_own = sum(probe.endswith("memory_peak") for probe in PROBES)
    assert len(machine.started) <= 2 * (1 + pairs_of_their_own)
