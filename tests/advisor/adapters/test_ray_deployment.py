"""Routes, servers and self-checks on another machine, as far as the driver tells of them."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from advisor.adapters.local_deployment import LocalDeployment
from advisor.adapters.ray_deployment import RayDeployment
from probes.deploy.schema import RoutesProgress, RoutesRequest
from probes.json_form import to_dict
from probes.serving.schema import ServingProgress, ServingRequest
from probes.team_files import ModelFile
from tests import samples, servers, ways
from tests.advisor.adapters.test_ray_runner import DESK, MACHINES, Made
from tests.advisor.adapters.test_ray_runner import driver as driver

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the stand-in is started by its first line")
BEGUN = {"say": "begun", "begun": None, "machine": to_dict(DESK.machine)}
ASKED = RoutesRequest(machine="desk")


def test_routes_are_tried_there_and_told_as_they_come(driver: Made, tmp_path: Path) -> None:
    run, told = replace(ways.run(), request=ASKED), list[RoutesProgress]()
    progress = RoutesProgress("mlp: exporting", 0.5, run.records[:1], run.references)
    said = ({"say": "progress", "progress": to_dict(progress)}, {"say": "result", "result": to_dict(run)})
    deployment = RayDeployment(driver(BEGUN, *said))
    assert deployment.routes(ASKED, on_progress=told.append, cancelled=lambda: False) == run
    assert told == [progress]
    order = json.loads((tmp_path / "order").read_text())
    assert (order["do"], order["what"], order["machine"]) == ("work", "routes", "desk")
    assert json.loads(order["asked"]) == to_dict(ASKED)


def test_servers_are_put_under_load_there(driver: Made) -> None:
    asked = ServingRequest(machine="desk")
    run = replace(servers.run(asked), request=asked)
    told = list[ServingProgress]()
    deployment = RayDeployment(driver(BEGUN, {"say": "result", "result": to_dict(run)}))
    assert deployment.serve(asked, on_progress=told.append, cancelled=lambda: False) == run


def test_a_self_check_is_made_there(driver: Made) -> None:
    told = list[tuple[str, float]]()
    said = (
        {"say": "progress", "progress": ["PyTorch against itself", 0.5]},
        {"say": "result", "result": to_dict(samples.check())},
    )
    found = driver(BEGUN, *said).check(
        "quick", "cpu", tell=lambda *one: told.append(one), cancelled=lambda: False, machine="desk"
    )
    assert (found, told) == (samples.check(), [("PyTorch against itself", 0.5)])


def test_a_machine_that_is_lost_says_what_to_do(driver: Made) -> None:
    deployment = RayDeployment(driver(BEGUN, {"say": "lost", "reason": "desk is gone: the machine died"}))
    with pytest.raises(RuntimeError, match=r"desk is gone: the machine died\. Start it again"):
        deployment.routes(ASKED, on_progress=lambda _: None, cancelled=lambda: False)
    deployment = RayDeployment(driver(BEGUN, after="os.kill(os.getpid(), 9)"))
    with pytest.raises(RuntimeError, match=r"desk can't be reached any more: .*\. Start it again"):
        deployment.routes(ASKED, on_progress=lambda _: None, cancelled=lambda: False)


def test_what_is_cancelled_before_anything_was_seen_is_none(driver: Made) -> None:
    deployment = RayDeployment(driver(BEGUN, {"say": "result", "result": None}))
    assert deployment.routes(ASKED, on_progress=lambda _: None, cancelled=lambda: False) is None
    deployment = RayDeployment(driver({"say": "lost", "reason": "cancelled while desk was waited for"}))
    assert deployment.serve(ServingRequest(machine="desk"), on_progress=lambda _: None, cancelled=lambda: True) is None


def test_what_cannot_be_done_there_is_refused_before(driver: Made) -> None:
    runner = driver(MACHINES)
    runner.look()
    deployment = RayDeployment(runner)
    deployment.validate(ASKED)
    with pytest.raises(ValueError, match="machine: 'attic'; allowed: desk"):
        deployment.validate(replace(ASKED, machine="attic"))
    own = ModelFile("own.py", "ab" * 32, "Own", ("pytorch",), trains=True)
    with pytest.raises(ValueError, match="files of your own are tried on this machine alone"):
        deployment.validate_serving(ServingRequest(machine="desk", model=own.id, model_file=own))


def test_without_a_cluster_another_machine_is_refused_and_not_this_one_taken() -> None:
    for refused in (
        lambda: LocalDeployment().validate(ASKED),
        lambda: LocalDeployment().routes(ASKED, on_progress=lambda _: None, cancelled=lambda: False),
        lambda: LocalDeployment().serve(ServingRequest(machine="desk"), on_progress=lambda _: None, cancelled=bool),
    ):
        with pytest.raises(ValueError, match="machine: 'desk'; allowed: this machine alone"):
            refused()
