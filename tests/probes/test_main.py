"""``python -m probes``: arguments, exit status, files. Runs use fake children."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from probes import __main__ as cli
from probes import catalog
from probes.commands import terminal
from probes.deploy import catalog as routes
from probes.engine.running import supervisor
from probes.json_form import from_json
from probes.results import Progress, RunResult
from probes.schema import RunRequest, RunSetup
from probes.system import folders
from tests.places import GOLDEN
from tests.probes.fake_child import Around, FakeMachine, no_lock

QUICK = GOLDEN / "quick.json"


@pytest.fixture
def faked(monkeypatch: pytest.MonkeyPatch) -> list[RunSetup]:
    """The command line on fake children; what its runs go by."""
    asked: list[RunSetup] = []

    def fake(
        setup: RunSetup,
        *,
        on_progress: Callable[[Progress], None],
        cancelled: Callable[[], bool],
        learn: object,
        launcher: object,
        model_path: Path | None,
        data_path: Path | None,
    ) -> RunResult:
        assert callable(learn), "a fake machine's starts teach nothing"
        assert callable(launcher)
        assert model_path is None, "these are runs of stock networks"
        assert data_path is None
        asked.append(setup)
        return real(
            setup,
            on_progress=on_progress,
            cancelled=cancelled,
            launcher=FakeMachine(),
            lock=no_lock,
            clock=lambda: 0.0,
            watch=Around,
        )

    real = supervisor.run
    monkeypatch.setattr("probes.engine.running.probe_record.why_not", lambda *_: "")
    monkeypatch.setattr(supervisor, "run", fake)
    return asked


def test_list_names_every_probe_and_why_not(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["list"]) == 0
    probes, ways, *_ = capsys.readouterr().out.split("\n\n")
    assert [line.split()[0] for line in probes.splitlines()] == [probe.id for probe in catalog.probes()]
    assert [line.split()[0] for line in ways.splitlines()[1:]] == [way.id for way in routes.ways()]


@pytest.mark.parametrize("module", [["probes", "list"], ["advisor", "stale"]])
def test_a_reader_that_has_seen_enough_is_no_error(module: list[str]) -> None:
    reads, writes = os.pipe()
    os.close(reads)
    done = subprocess.run(
        [sys.executable, "-m", *module], stdout=writes, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(writes)
    assert (done.returncode, done.stderr) == (0, "")


def test_list_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["list", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["schema"] == 1
    assert [row["probe"]["id"] for row in found["probes"]] == [probe.id for probe in catalog.probes()]
    assert {row["outcome"] for row in found["probes"]} <= {"ok", "unsupported"}
    assert [row["way"]["id"] for row in found["routes"]] == [way.id for way in routes.ways()]


def test_run_writes_json_to_stdout_and_progress_to_stderr(
    faked: list[RunSetup], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["run", "--probe", "mlp.startup", "--budget", "45", "--seed", "7", "--size", "mlp.hidden1=32"]) == 0
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert found["budget"] == 45.0
    assert found["results"][0]["ratio"].keys() == {"estimate", "low", "high", "confidence"}
    assert "Round 1 of" in err
    assert "mlp.startup" in err
    request = RunRequest(probes=("mlp.startup",), budget=45.0, seed=7, sizes={"mlp": {"hidden1": 32}})
    assert [setup.request for setup in faked] == [request]
    assert found["request"]["budget"] == 45.0
    assert "margin" not in found["request"], "what is reckoned with stands apart from what was asked"
    assert found["calibration"].keys() == {"margin", "spread", "spreads", "spread_freedom", "engine", "pace"}
    assert found["priority"] == {"gains": {}}


@pytest.mark.usefixtures("faked")
def test_run_writes_a_file_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(folders.CACHE, str(tmp_path / "cache"))  # how fast this machine is has no say in it
    out = tmp_path / "out" / "run.json"
    out.parent.mkdir()
    assert cli.main(["run", "--out", str(out)]) == 0
    assert from_json(RunResult, out.read_bytes()).planned_rounds == 3
    assert list(out.parent.iterdir()) == [out]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--probe", "mlp.speed"], "probes: 'mlp.speed' doesn't exist; allowed: mlp."),
        (["--budget", "fast"], "budget: 'fast'; allowed: quick"),
        (["--budget", "1"], "budget: 1.0 seconds; allowed: 30"),
        (["--threads", "many"], "threads: 'many' is not a whole number"),
        (["--threads", "0"], "threads: 0; allowed"),
        (["--seed", "-1"], "seed: -1; allowed"),
        (["--device", "tpu"], "device: 'tpu'; allowed: cpu, cuda, auto"),
        (["--size", "mlp.hidden1"], "size mlp.hidden1: '' is not a whole number"),
        (["--size", "mlp.depth=2"], "sizes.mlp: 'depth' is not a size"),
        (["--out", "no/such/place/run.json"], "--out: no/such/place is not a directory"),
    ],
)
def test_bad_arguments_exit_2_with_one_line(
    faked: list[RunSetup], arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["run", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert err.count("\n") == 1
    assert faked == []


def test_an_unknown_option_exits_2_with_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(["run", "--fast"])
    assert capsys.readouterr().err == "python -m probes: unrecognized arguments: --fast\n"
    assert left.value.code == 2


def test_ctrl_c_ends_in_a_stated_result(
    faked: list[RunSetup], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Interrupting(terminal.Reporter):
        def say(self, message: str, fraction: float) -> None:
            if message.startswith("Round 1"):
                os.kill(os.getpid(), signal.SIGINT)
            super().say(message, fraction)

    before = signal.getsignal(signal.SIGINT)
    monkeypatch.setattr(terminal, "Reporter", Interrupting)
    status = cli.main(["run"])
    found = json.loads(capsys.readouterr().out)
    assert status == 130
    assert {row["outcome"] for row in found["results"]} == {"cancelled"}
    assert len(found["rounds"]) == 1
    assert signal.getsignal(signal.SIGINT) is before


def test_verdict_recomputes_a_recorded_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["verdict", str(QUICK)]) == 0
    captured = capsys.readouterr()
    assert "mlp.inference_b1 " in captured.out
    assert "All 6 results are what the raw blocks say" in captured.err


def _shorten(text: str) -> str:
    return text[: len(text) // 2]


def _edit_verdict(text: str) -> str:
    return text.replace('"verdict":"pytorch"', '"verdict":"tensorflow"', 1).replace(
        '"verdict": "pytorch"', '"verdict": "tensorflow"', 1
    )


def _edit_block(figure: str) -> Callable[[str], str]:
    return lambda text: re.sub(r'("wall": ?\[)[0-9.e-]+', rf"\g<1>{figure}", text, count=1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_shorten, "is not JSON, or it was cut off"),
        (lambda text: re.sub(r'"schema": ?1', '"schema": 9', text), "schema 9 is newer than this Fulcrum reads (1)"),
        (lambda text: re.sub(r'"schema": ?1', '"schema": "x"', text), 'schema is "x"; allowed: 1'),
        (_edit_block("NaN"), "NaN is no measurement; allowed: finite numbers"),
        (_edit_block("-0.5"), "block: -0.5; allowed: a positive, finite number"),
        (_edit_block("0.5"), "results of mlp.inference_b1 are not what the raw rounds say: the file was edited"),
        (_edit_verdict, "are not what the raw rounds say: the file was edited"),
        (lambda _: "[]", "schema is missing; allowed: 1"),
        (lambda _: "[" * 200_000, "is not JSON"),
        (lambda _: '{"schema": ' + "9" * 5_000 + "}", "is not JSON"),
    ],
)
def test_a_record_that_cannot_be_trusted_is_refused(
    change: Callable[[str], str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "run.json"
    file.write_text(change(QUICK.read_text(encoding="utf-8")), encoding="utf-8")
    assert cli.main(["verdict", str(file)]) == 2
    assert message in capsys.readouterr().err


def test_what_others_wrote_does_not_steer_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["verdict", str(tmp_path / "no\x1b[2J\nsuch\u202e.json")]) == 2
    assert r"no\u001b[2J such\u202e.json can't be read" in capsys.readouterr().err
    with terminal.plain_output():
        terminal.Reporter().say("last words of a child\x1b]0;title\x07", 0.5)
        terminal.write('{"reason": "\x9b2J"}', None)
        sys.stdout.writelines(["a\r", "b\n"])
    said = capsys.readouterr()
    assert said.err == " 50 %  last words of a child\\u001b]0;title\\u0007\n"
    assert said.out == '{"reason": "\\u009b2J"}\na\\u000db\n'


def test_a_record_that_is_not_there_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["verdict", str(tmp_path / "none.json")]) == 2
    assert "can't be read (No such file" in capsys.readouterr().err
