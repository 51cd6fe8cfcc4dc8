"""``python -m advisor``: what it prints, and how it refuses."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from advisor.__main__ import main
from advisor.questionnaire import dump, examples
from probes.json_form import to_json
from tests import ways
from tests.conftest import ROOT
from tests.travelling import file_of, measured_on


@pytest.fixture
def answers(tmp_path: Path) -> str:
    file = tmp_path / "answers.yaml"
    file.write_text(dump(examples()[0].answers), encoding="utf-8")
    return str(file)


def test_a_record_of_two_versions_of_one_framework_decides_nothing(
    answers: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = json.loads((ROOT / "tests" / "golden" / "quick.json").read_text(encoding="utf-8"))
    one = {"framework": "pytorch", "name": "a", "python": "3.11.7", "versions": {"torch": "2.12.0"}}
    run["request"]["interpreters"] = {"pytorch": one, "tensorflow": one}
    (tmp_path / "against.json").write_text(json.dumps(run), encoding="utf-8")
    assert main(["decide", answers, "--run", str(tmp_path / "against.json")]) == 2
    assert "compares two versions of one framework: no decision between both can rest on it" in capsys.readouterr().err


def test_json_by_default(answers: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["decide", answers, "--on", "2026-11-23"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert content["verdict"]["framework"] == "tensorflow"
    assert (content["seed"], content["day"]) == (0, "2026-11-23")


def test_markdown_and_a_run(answers: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = tmp_path / "run.json"
    elsewhere = measured_on(cpu="Other CPU")
    run.write_bytes(file_of(elsewhere))
    assert main(["decide", answers, "--run", str(run), "--format", "markdown", "--seed", "7"]) == 0
    assert f"measured on {elsewhere.machine.name}" in capsys.readouterr().out


def test_a_recorded_run_is_taken(answers: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What ``python -m probes run --out`` really wrote."""
    assert main(["decide", answers, "--run", str(ROOT / "tests" / "golden" / "quick.json")]) == 0
    rows = {row["id"]: row for row in json.loads(capsys.readouterr().out)["criteria"]}
    assert rows["training_speed"]["status"] == "measured"
    assert rows["memory"]["evidence"][0]["machine"]


def test_runs_of_several_machines_stand_beside_each_other(
    answers: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The example trains on an NVIDIA GPU: what was measured on one counts, whatever came first."""
    laptop = measured_on(cpu="Laptop CPU", day=21)
    server = measured_on(cpu="Server CPU", gpus=("NVIDIA Sample, 80 GiB",), on_gpu=True, swapped=True)
    files = {"laptop.json": laptop, "server.json": server}
    for name, run in files.items():
        (tmp_path / name).write_bytes(file_of(run))
    gpu = tmp_path / "gpu.yaml"
    gpu.write_text(
        "schema: 2\nhardware: {train: [nvidia], serve: [cpu]}\ntargets: [{id: server_rest_grpc}]", encoding="utf-8"
    )
    told = [part for name in files for part in ("--run", str(tmp_path / name))]
    assert main(["decide", str(gpu), *told]) == 0
    rows = {row["id"]: row for row in json.loads(capsys.readouterr().out)["criteria"]}
    assert rows["training_speed"]["evidence"][0]["machine"] == server.machine.name
    assert rows["inference_latency"]["evidence"][0]["machine"] == laptop.machine.name
    why = [item["text"] for item in rows["training_speed"]["evidence"] if item["id"] == "machine"]
    assert why == [
        f"Of 2 machines that measured this «{server.machine.name}» counts: it is an NVIDIA GPU, which your project "
        "trains on."
    ]
    assert main(["decide", str(gpu), *told, "--run", str(tmp_path / "laptop.json")]) == 2
    assert "holds rounds of another of these files: they would count twice" in capsys.readouterr().err


def test_the_record_is_printed_for_people_and_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["record"]) == 0
    text = capsys.readouterr().out
    assert main(["record", "--json"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert f"first or second in {content['first_or_second']}" in text
    assert len(content["lines"]) == content["decisions"] == len(text.splitlines()) - 2


def test_a_day_in_the_past_takes_only_what_was_known(answers: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["decide", answers, "--on", "2020-01-01"]) == 0
    then = json.loads(capsys.readouterr().out)
    assert any("asked for 2020-01-01" in said for said in then["assumptions"])
    assert {option["id"] for option in then["options"]} & {"keras-pytorch", "keras-jax"} == set()


def test_the_same_seed_prints_the_same(answers: str, capsys: pytest.CaptureFixture[str]) -> None:
    printed = []
    for seed in ("3", "3", "4"):
        assert main(["decide", answers, "--seed", seed]) == 0
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1] != printed[2]


BAD_RUN = '{"schema": 1, "machine": {}}'


@pytest.mark.parametrize(
    ("text", "run", "says"),
    [
        (
            "schema: 1\nteam: {skills: {pytorch: 9}}",
            None,
            "team.skills.pytorch: 9 is not allowed; allowed: whole numbers",
        ),
        ("schema: 1\ncolour: red", None, "colour: unknown key; allowed: schema, project"),
        ("", None, "an empty file"),
        ("a: &a [1]\nb: *a", None, "anchor or alias"),
        ("schema: 1", "no json", "--run: "),
        ("schema: 1", BAD_RUN, "machine.fingerprint: Field required"),
    ],
)
def test_what_cannot_be_used_is_one_line_and_status_2(
    text: str, run: str | None, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.yaml").write_text(text, encoding="utf-8")
    arguments = ["decide", str(tmp_path / "a.yaml")]
    if run is not None:
        (tmp_path / "r.json").write_text(run, encoding="utf-8")
        arguments += ["--run", str(tmp_path / "r.json")]
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert says in printed.err
    assert printed.err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["decide"], "ANSWERS.yaml"),
        (["decide", "a.yaml", "--format", "html"], "invalid choice: 'html'"),
        (["decide", "a.yaml", "--seed", "-1"], "'-1' is not allowed; allowed: whole numbers from 0"),
        (["decide", "a.yaml", "--seed", "x"], "'x' is not allowed"),
        (["decide", "a.yaml", "--on", "tomorrow"], "'tomorrow' is not allowed; allowed: a day, as 2026-11-23"),
        (["stale", "--on", "2026-02-30"], "argument --on: '2026-02-30' is not allowed; allowed: a day"),
        (["stale", "--on", ""], "'' is not allowed"),
        (["stale", "yesterday"], "unrecognized arguments: yesterday"),
        (["guess"], "invalid choice: 'guess'"),
    ],
)
def test_bad_arguments_are_one_line_and_status_2(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    printed = capsys.readouterr()
    assert says in printed.err
    assert printed.err.count("\n") == 1


def test_missing_files_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["decide", str(tmp_path / "none.yaml")]) == 2
    assert "none.yaml can't be read" in capsys.readouterr().err
    (tmp_path / "a.yaml").write_text("schema: 1", encoding="utf-8")
    assert main(["decide", str(tmp_path / "a.yaml"), "--run", str(tmp_path / "none.json")]) == 2
    assert "none.json can't be read" in capsys.readouterr().err


def test_a_recorded_run_over_routes_is_read_and_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answers = "schema: 1\nproject: {domain: tabular}\ntargets: [{id: android, importance: 5}]"
    (tmp_path / "a.yaml").write_text(answers, encoding="utf-8")
    (tmp_path / "routes.json").write_text(to_json(ways.run()), encoding="utf-8")
    told = ["decide", str(tmp_path / "a.yaml"), "--routes", str(tmp_path / "routes.json")]
    assert main(told) == 0
    android = json.loads(capsys.readouterr().out)["routes"]["android"]
    assert android["tensorflow"]["measured"]["way"] == "tensorflow_litert"
    assert android["tensorflow"]["measured"]["latency_s"] == pytest.approx(30e-6, rel=0.02)
    assert android["pytorch"]["route"]["tool"] == "ONNX Runtime Mobile", "ExecuTorch is worth the same, and untried"
    assert "tried" not in android["pytorch"]["route"]
    assert main([*told, "--format", "markdown"]) == 0
    assert "Measured here with the network «mlp»: LiteRT, 30.0 µs" in capsys.readouterr().out.replace("\\", "")


def test_answers_that_contradict_each_other_are_named_beside_the_recommendation(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = "schema: 2\nhardware: {train: [apple]}\nconstraints: {os: [linux]}\nbinds: {notes: 'TFP, Zorblax'}"
    (tmp_path / "a.yaml").write_text(answers, encoding="utf-8")
    assert main(["decide", str(tmp_path / "a.yaml")]) == 0
    printed = capsys.readouterr()
    assert printed.err.startswith("python -m advisor decide: hardware.train, constraints.os: Apple GPUs are used")
    assert printed.err.count("\n") == 1
    assert json.loads(printed.out)["verdict"]
    assert main(["decide", str(tmp_path / "a.yaml"), "--format", "markdown"]) == 0
    told = capsys.readouterr().out
    assert "## Answers that contradict each other\n\n- Apple GPUs are used under macOS alone" in told
    assert "- TFP: " in told
    assert "- Zorblax: nothing is known of it here." in told


def test_a_run_over_routes_that_cannot_be_read_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.yaml").write_text("schema: 1", encoding="utf-8")
    (tmp_path / "routes.json").write_text('{"machine": 1}', encoding="utf-8")
    assert main(["decide", str(tmp_path / "a.yaml"), "--routes", str(tmp_path / "routes.json")]) == 2
    said = capsys.readouterr().err
    assert said.startswith("python -m advisor decide: --routes: ")
    assert said.count("\n") == 1


def test_a_bad_setting_of_the_agent_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FULCRUM_DATABASE_URL", "nonsense")
    assert main(["agent"]) == 2
    assert capsys.readouterr().err.startswith("python -m advisor agent: FULCRUM_DATABASE_URL")


HOSTILE = "\x1b[2J\x9b1m\u202e"


@pytest.mark.parametrize(
    "arguments",
    [
        ["decide", f"{HOSTILE}.yaml"],
        ["decide", "{answers}", "--run", f"no\nsuch{HOSTILE}.json"],
        ["decide", "{answers}", "--seed", HOSTILE],
        ["decide", "{answers}", f"--{HOSTILE}"],
        ["decide", "{answers}", "--run", "{run}", "--format", "markdown"],
        ["decide", "{answers}", "--run", "{run}", "--format", "json"],
    ],
)
def test_nothing_that_others_wrote_steers_the_terminal(
    arguments: list[str], answers: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "run.json").write_bytes(file_of(measured_on(cpu=f"Machine {HOSTILE}")))
    filled = [part.format(answers=answers, run=tmp_path / "run.json") for part in arguments]
    try:
        status = main(filled)
    except SystemExit as ended:  # argparse
        status = ended.code
    said = capsys.readouterr()
    assert re.search(r"\\(u00|x)1b", said.out + said.err)
    assert not set("\x1b\x9b\u202e") & set(said.out + said.err)
    assert (said.err.count("\n"), status) in ((1, 2), (0, 0))
    if filled[-1] == "json":
        assert f"Machine {HOSTILE}" in json.loads(said.out)["machine"]


def test_deciding_imports_no_database_no_engine_and_no_framework() -> None:
    code = (
        "import sys, advisor.__main__, advisor.decision.decide\n"
        "names = ('sqlalchemy', 'streamlit', 'plotly', 'probes.engine', 'torch', 'tensorflow', 'keras')\n"
        "print([name for name in names if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_the_clock_answers_for_people_and_for_programs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pins = tmp_path / "requirements.txt"
    pins.write_text("tensorflow==2.21.0\n", encoding="utf-8")
    command = ["clock", str(pins), "--python", "3.14", "--os", "windows", "--on", "2026-04-28"]
    assert main(command) == 0
    assert "First blocker: tensorflow 2.21.0 has no wheel for Python 3.14" in capsys.readouterr().out
    assert main([*command, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["first"]["kind"] == "python_too_new"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "--python: is needed: the file doesn't say it"),
        (["--python", "3.11", "--gpu", "fast"], "--gpu: 'fast' is not allowed; allowed: none, kepler"),
        (["--python", "3.11", "--on", "soon"], "'soon' is not allowed; allowed: a day"),
    ],
)
def test_the_clock_refuses_what_it_can_not_use_in_one_line(
    options: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pins = tmp_path / "requirements.txt"
    pins.write_text("torch==2.0.0\n", encoding="utf-8")
    try:
        status = main(["clock", str(pins), *options])
    except SystemExit as ended:
        status = int(str(ended.code))
    error = capsys.readouterr().err
    assert status == 2
    assert message in error
    assert error.count("\n") == 1
