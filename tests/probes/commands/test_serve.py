"""``python -m probes serve``: arguments, exit status, files. No server is started."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from probes import __main__ as cli
from probes.json_form import to_json
from probes.serving import figures, run
from probes.serving.schema import Issued, ServingRequest, ServingRun, Trace, TraceReplay
from tests import servers


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[ServingRequest]:
    """What the command line asks for; a run by hand is the answer."""
    found: list[ServingRequest] = []

    def fake(request: ServingRequest, **_: object) -> ServingRun:
        found.append(request)
        return servers.run(request)

    monkeypatch.setattr(run, "run", fake)
    return found


def test_a_run_writes_its_record_and_shows_its_figures(
    asked: list[ServingRequest], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "serve.json"
    assert cli.main(["serve", "--model", "cnn", "--limit-ms", "80", "--out", str(out)]) == 0
    assert (asked[0].model, asked[0].limit_ms) == ("cnn", 80.0)
    shown = capsys.readouterr().err
    assert cli.main(["serve", "--read", str(out)]) == 0
    assert capsys.readouterr().out == shown, "the figures of a record are what was shown when it was made"
    assert "LitServe, PyTorch" in shown
    assert "it never answered within <60 s>" in shown


@pytest.mark.usefixtures("asked")
def test_json_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["serve", "--json"]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["request"]["model"] == "mlp"
    assert captured.err == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--model", "gpt"], "model: 'gpt' doesn't exist; allowed: "),
        (["--server", "apache"], "servers: 'apache' doesn't exist; allowed: "),
        (["--limit-ms", "0"], "limit_ms: 0.0; allowed: "),
        (["--seconds", "1e9"], "seconds: 1000000000.0; allowed: "),
        (["--threads", "many"], "threads: 'many' is not a whole number"),
        (["--out", "nowhere/file.json"], "--out: nowhere is not a directory"),
    ],
)
def test_bad_arguments_are_refused(
    asked: list[ServingRequest], arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["serve", *arguments]) == 2
    assert capsys.readouterr().err.startswith(f"python -m probes serve: {said}")
    assert asked == []


def test_a_record_that_was_cut_off_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "serve.json"
    path.write_text(to_json(servers.run())[:300], encoding="utf-8")
    assert cli.main(["serve", "--read", str(path)]) == 2
    assert "is not JSON, or it was cut off" in capsys.readouterr().err


def test_a_trace_is_looked_at_and_refused_before_anything(
    asked: list[ServingRequest], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "ours.csv"
    path.write_text("timestamp\n" + "".join(f"{at / 10}\n" for at in range(100)), encoding="utf-8")
    assert cli.main(["serve", "--trace", str(path)]) == 0
    assert asked[0].trace is not None
    assert (asked[0].trace.name, asked[0].trace.requests) == ("ours.csv", 100)
    path.write_text("when\n1\n", encoding="utf-8")
    capsys.readouterr()
    assert cli.main(["serve", "--trace", str(path)]) == 2
    assert capsys.readouterr().err.startswith("python -m probes serve: trace: ours.csv begins with «when»; allowed")
    assert len(asked) == 1


@pytest.mark.parametrize("requests", [400, 100])
def test_a_replayed_trace_is_shown_beside_drawn_arrivals(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], requests: int
) -> None:
    found = servers.run(ServingRequest(trace=Trace("ours.csv", "ab", 400, 40.0, 900, 16, 1.0)))
    burst = Issued(
        "Trace",
        figures.pack([0.01] * (requests - 5)),
        requests - 5,
        10.0,
        False,
        errors=5,
        error="no answer within 10 s",
    )
    drawn = Issued("Server", figures.pack([0.02] * requests), requests, 10.0, True)
    kept = TraceReplay(requests, 10.0, requests / 10, burst, drawn, client=drawn, client_poisson=drawn)
    path = tmp_path / "serve.json"
    path.write_text(to_json(replace(found, records=(replace(found.records[0], trace=kept),))), encoding="utf-8")
    assert cli.main(["serve", "--read", str(path)]) == 0
    shown = capsys.readouterr().out
    cut = ", cut to the first 100 of 400 requests; all of them take 40 s"
    assert (cut in shown) == (requests == 100)
    assert f"ours.csv: {requests / 10:.3g}/s for 10 s" in shown
    assert "at their own times  p50 10.00 ms, p90 10.00 ms, p99 no answer; " in shown
    assert "5 had no answer; the first error: no answer within 10 s" in shown
    assert "at Poisson arrivals p50 20.00 ms, p90 20.00 ms, p99 20.00 ms; 100.0 % within 100 ms" in shown
    assert "the client alone    p99 20.00 ms at their own times, 20.00 ms at Poisson arrivals" in shown
