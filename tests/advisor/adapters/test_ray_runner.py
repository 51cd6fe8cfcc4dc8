"""Runs on another machine, as far as the driver tells of them: a program in its place says what a driver may say."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from advisor.adapters import ray_process
from advisor.adapters.ray_runner import TRIES, RayRunner
from advisor.ports import MachineLostError
from probes.engine.running import supervisor
from probes.json_form import to_dict
from probes.results import Progress, Round, RunResult
from probes.schema import Outcome, RunRequest, RunSetup
from probes.team_files import ModelFile
from tests.probes.fake_child import no_lock
from tests.processes import wait_until
from tests.travelling import measured_on

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the stand-in is started by its first line")

DESK = measured_on(cpu="Desk CPU")
SETUP = RunSetup(RunRequest(probes=("mlp.train_step",), machine="desk"))
BEGUN = {"say": "begun", "begun": to_dict(supervisor.as_planned(SETUP)[1]), "machine": to_dict(DESK.machine)}
ROUND = {"say": "round", "round": to_dict(DESK.rounds[0])}
RESULT = {"say": "result", "result": to_dict(DESK)}
PROGRESS = {"say": "progress", "progress": to_dict(Progress("Round 1 of 2: Training step", None, 1, 2, 0.25))}
MACHINES = {
    "say": "machines",
    "machines": [
        {"name": "desk", "machine": to_dict(DESK.machine), "why_not": "", "busy": False},
        {"name": "busy", "machine": None, "why_not": "", "busy": True},
    ],
}

Made = Callable[..., RayRunner]


@pytest.fixture
def driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Made:
    """A runner whose driver says these lines to any order, and then does what ``after`` says in Python; one that is
    started in its place says the lines of ``again``, if there are any. None is kept without an order."""
    monkeypatch.setattr(ray_process, "LINGER_SECONDS", 0.0)

    def made(*said: dict[str, Any], after: str = "", again: Sequence[dict[str, Any]] = ()) -> RayRunner:
        for name, lines in (("lines", said), ("again", again)):
            (tmp_path / name).write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
        program = tmp_path / "driver"
        program.write_text(
            f"#!{sys.executable}\nimport json, os, sys, time\nfrom pathlib import Path\n"
            f"here = Path({str(tmp_path)!r})\n"
            "lines = here / ('again' if (here / 'order').exists() and (here / 'again').stat().st_size else 'lines')\n"
            "with (here / 'orders').open('a') as orders: orders.write(order := sys.stdin.readline())\n"
            "(here / 'order').write_text(order)\n"
            f"print(lines.read_text(), end='', flush=True)\n{after}\n",
            encoding="utf-8",
        )
        program.chmod(0o755)
        return RayRunner("127.0.0.1:1", python=str(program), lock=no_lock)

    return made


def run(runner: RayRunner, cancelled: Callable[[], bool] = lambda: False) -> tuple[RunResult, list[Round], list[str]]:
    rounds: list[Round] = []
    told: list[str] = []
    result = runner.run(
        SETUP, on_round=rounds.append, on_progress=lambda now: told.append(now.message), cancelled=cancelled
    )
    return result, rounds, told


def test_rounds_and_progress_come_as_they_are_and_the_result_last(driver: Made, tmp_path: Path) -> None:
    result, rounds, told = run(driver(BEGUN, PROGRESS, ROUND, RESULT))
    assert (result, rounds, told) == (DESK, [DESK.rounds[0]], ["Round 1 of 2: Training step"])
    order = json.loads((tmp_path / "order").read_text())
    assert (order["do"], order["machine"], order["done"]) == ("measure", "desk", [])


def test_finished_rounds_go_along_and_this_machine_s_interpreters_stay(driver: Made, tmp_path: Path) -> None:
    runner = driver(BEGUN, RESULT)
    runner.run(
        SETUP, done=DESK.rounds[:1], on_round=lambda _: None, on_progress=lambda _: None, cancelled=lambda: False
    )
    order = json.loads((tmp_path / "order").read_text())
    assert json.loads(order["done"][0]) == to_dict(DESK.rounds[0])
    assert order["setup"]["request"]["interpreters"] == {}


def test_a_machine_that_is_lost_leaves_what_it_finished(driver: Made) -> None:
    runner = driver(BEGUN, PROGRESS, ROUND, {"say": "lost", "reason": "desk is gone: the node died"})
    with pytest.raises(MachineLostError, match=r"desk is gone: the node died\. Finished rounds are kept") as lost:
        run(runner)
    result = lost.value.result
    assert result is not None
    assert (result.machine, result.rounds, result.planned_rounds) == (DESK.machine, DESK.rounds[:1], 2)
    assert result.schedule is not None, "it is gone on with what it began with"


KILLED = "os.kill(os.getpid(), 9)"


def test_a_driver_that_is_killed_takes_no_round_along(driver: Made, tmp_path: Path) -> None:
    """It had other machines' orders as well: whatever killed it, this machine may be well, and goes on."""
    result, rounds, _ = run(driver(BEGUN, ROUND, after=f"if lines.name == 'lines': {KILLED}", again=(BEGUN, RESULT)))
    assert (result, rounds) == (DESK, [DESK.rounds[0]])
    first, second = map(json.loads, (tmp_path / "orders").read_text().splitlines())
    assert (first["done"], list(map(json.loads, second["done"]))) == ([], [to_dict(DESK.rounds[0])])
    assert second["setup"]["schedule"] is not None, "it goes on with what it began with"


def test_what_kills_every_driver_is_not_tried_for_ever(driver: Made, tmp_path: Path) -> None:
    with pytest.raises(MachineLostError, match="desk can't be reached any more") as lost:
        run(driver(BEGUN, PROGRESS, ROUND, after=KILLED, again=[BEGUN]))
    assert lost.value.result is not None
    assert len(lost.value.result.rounds) == 1
    assert len((tmp_path / "orders").read_text().splitlines()) == TRIES


def test_a_cluster_that_is_gone_with_the_driver_leaves_what_was_finished(driver: Made) -> None:
    """A new driver finds nobody to join: no refusal of what was measured there a moment ago."""
    refusal = {"say": "refused", "reason": "what answers at 127.0.0.1:1 isn't a Ray cluster"}
    with pytest.raises(MachineLostError, match=r"isn't a Ray cluster\. Finished rounds are kept") as lost:
        run(driver(BEGUN, ROUND, after=KILLED, again=[refusal]))
    assert lost.value.result is not None
    assert len(lost.value.result.rounds) == 1


def test_one_that_is_killed_before_it_began_is_not_tried_again(driver: Made, tmp_path: Path) -> None:
    with pytest.raises(MachineLostError) as lost:
        run(driver(after=KILLED))
    assert lost.value.result is None
    assert len((tmp_path / "orders").read_text().splitlines()) == 1


def test_one_that_was_lost_before_it_began_has_nothing(driver: Made) -> None:
    with pytest.raises(MachineLostError) as lost:
        run(driver({"say": "lost", "reason": "desk isn't part of the Ray cluster now"}))
    assert lost.value.result is None


def test_a_refusal_is_said_as_it_is(driver: Made) -> None:
    with pytest.raises(RuntimeError, match="desk: it has another Fulcrum"):
        run(driver({"say": "refused", "reason": "desk: it has another Fulcrum (1; here 2)"}))


def test_a_machine_whose_other_fulcrum_describes_it_otherwise_hides_no_other(driver: Made) -> None:
    strange = {key: value for key, value in to_dict(DESK.machine).items() if key != "fingerprint"}
    old = {"name": "old", "machine": strange, "why_not": "it has another Fulcrum (1; here 2)", "busy": False}
    found = driver({"say": "machines", "machines": [*MACHINES["machines"], old]}).look()
    assert [(one.name, one.machine is None, one.why_not) for one in found] == [
        ("desk", False, ""),
        ("busy", True, ""),
        ("old", True, "it has another Fulcrum (1; here 2)"),
    ]


def test_without_ray_it_says_what_to_install(driver: Made) -> None:
    words = "sys.stderr.write(\"ModuleNotFoundError: No module named 'ray'\\n\"); sys.exit(1)"
    with pytest.raises(RuntimeError, match=r"pip install -r requirements-fleet\.txt"):
        driver(after=words).look()


def test_a_cancelled_run_is_asked_to_end_and_its_result_kept(driver: Made) -> None:
    """The result comes only after the word, so the run can't end otherwise."""
    asked = "assert json.loads(sys.stdin.readline()) == {'do': 'cancel', 'id': json.loads(order)['id']}"
    after = f"{asked}\nprint({json.dumps(RESULT)!r}, flush=True)\nsys.stdin.read()"
    result, _, _ = run(driver(BEGUN, after=after), cancelled=lambda: True)
    assert result == DESK


def test_one_that_is_cancelled_while_its_machine_is_waited_for_has_measured_nothing(driver: Made) -> None:
    result, rounds, _ = run(driver({"say": "lost", "reason": "cancelled while desk was waited for"}), lambda: True)
    assert rounds == []
    assert result.rounds == ()
    assert {row.outcome for row in result.results} == {Outcome.CANCELLED}


def test_no_driver_outlives_its_last_run(driver: Made, tmp_path: Path) -> None:
    refusal = json.dumps({"say": "refused", "reason": "no"})
    after = f"(here / 'pid').write_text(str(os.getpid()))\nprint({refusal!r}, flush=True)\ntime.sleep(600)"
    with pytest.raises(RuntimeError):
        run(driver(after=after))
    assert not psutil.pid_exists(int((tmp_path / "pid").read_text()))


def test_a_look_says_who_takes_part_and_a_request_may_name_them(driver: Made) -> None:
    runner = driver(MACHINES)
    assert [(one.name, one.busy) for one in runner.look()] == [("desk", False), ("busy", True)]
    assert runner.machine("desk") == DESK.machine
    runner.validate(SETUP.request)
    with pytest.raises(ValueError, match="machine: 'attic'; allowed: desk"):
        runner.validate(replace(SETUP.request, machine="attic"))
    with pytest.raises(ValueError, match="device: 'cuda'; desk shows no NVIDIA GPU; allowed there: auto, cpu"):
        runner.validate(replace(SETUP.request, device="cuda"))
    own = ModelFile("own.py", "ab" * 32, "Own", ("pytorch",), trains=True)
    with pytest.raises(ValueError, match="files of your own are measured on this machine alone"):
        runner.validate(RunRequest(model=own.id, model_file=own, machine="desk"))


def test_pages_never_wait_for_a_look(driver: Made) -> None:
    runner = driver(MACHINES)
    begun = time.monotonic()
    assert runner.fleet() is None
    assert time.monotonic() - begun < 5
    wait_until(runner.fleet, "a look")
    assert [one.name for one in runner.fleet() or ()] == ["desk", "busy"]


def test_a_look_that_fails_says_why_in_a_machine_s_place(driver: Made) -> None:
    runner = driver({"say": "refused", "reason": "no Ray cluster answers at 127.0.0.1:1"})
    runner.fleet()
    wait_until(runner.fleet, "a look")
    (found,) = runner.fleet() or ()
    assert (found.machine, found.why_not) == (None, "no Ray cluster answers at 127.0.0.1:1")
