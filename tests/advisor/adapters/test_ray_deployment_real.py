"""A cluster of one machine, this one: a way out is exported, checked and timed through Ray as it is without."""

from __future__ import annotations

import pytest

from advisor.adapters.ray_deployment import RayDeployment
from probes.deploy.schema import RoutesRequest
from probes.schema import Outcome
from tests.advisor.adapters.test_ray_runner_real import PYTHON, Cluster, runner
from tests.advisor.adapters.test_ray_runner_real import cluster as cluster
from tests.advisor.adapters.test_ray_runner_real import clusters as clusters

pytestmark = [
    pytest.mark.slow,
    pytest.mark.measures,  # one cluster at a time
    pytest.mark.framework,
    pytest.mark.skipif(not PYTHON, reason="FULCRUM_TEST_RAY names no Python with requirements-fleet.txt"),
]


def test_a_route_is_tried_on_a_machine_of_the_cluster(cluster: Cluster) -> None:
    there, told = runner(cluster), list[str]()
    there.look()
    request = RoutesRequest(models=("mlp",), ways=("pytorch_eager",), passes=1, machine="desk")
    deployment = RayDeployment(there)
    deployment.validate(request)
    run = deployment.routes(request, on_progress=lambda one: told.append(one.message), cancelled=lambda: False)
    assert run is not None
    assert run.request == request
    assert run.machine == there.machine()
    assert [record.outcome for record in run.records] == [Outcome.OK]
    assert told
