"""Routes and servers under load on the machines of a Ray cluster; environments are made on each machine itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from advisor.adapters.data_folder import DataFolder
from advisor.adapters.local_deployment import LocalDeployment
from advisor.adapters.model_folder import ModelFolder
from advisor.adapters.ray_runner import RayRunner
from probes.catalog import NONE
from probes.deploy.schema import RoutesProgress, RoutesRequest, RoutesRun
from probes.engine.running.interpreters import SidePythons
from probes.json_form import from_json, to_dict
from probes.serving.schema import ServingProgress, ServingRequest, ServingRun

_Progress = TypeVar("_Progress")
_Result = TypeVar("_Result")


class RayDeployment(LocalDeployment):
    """``ports.Deployment`` on this machine and on those that ``runner`` knows."""

    def __init__(
        self,
        runner: RayRunner,
        pythons: SidePythons = NONE,
        own_models: ModelFolder | None = None,
        own_data: DataFolder | None = None,
    ) -> None:
        super().__init__(pythons, own_models, own_data)
        self._runner = runner

    def validate(self, request: RoutesRequest) -> None:
        self._look_at(request)
        super().validate(replace(request, machine=""))

    def routes(
        self, request: RoutesRequest, *, on_progress: Callable[[RoutesProgress], None], cancelled: Callable[[], bool]
    ) -> RoutesRun | None:
        if not request.machine:
            return super().routes(request, on_progress=on_progress, cancelled=cancelled)
        return self._elsewhere("routes", request, RoutesProgress, RoutesRun, on_progress, cancelled)

    def validate_serving(self, request: ServingRequest) -> None:
        self._look_at(request)
        super().validate_serving(replace(request, machine=""))

    def serve(
        self, request: ServingRequest, *, on_progress: Callable[[ServingProgress], None], cancelled: Callable[[], bool]
    ) -> ServingRun | None:
        if not request.machine:
            return super().serve(request, on_progress=on_progress, cancelled=cancelled)
        return self._elsewhere("serving", request, ServingProgress, ServingRun, on_progress, cancelled)

    def _elsewhere(
        self,
        what: str,
        request: RoutesRequest | ServingRequest,
        progress: type[_Progress],
        result: type[_Result],
        on_progress: Callable[[_Progress], None],
        cancelled: Callable[[], bool],
    ) -> _Result | None:
        """What the machine that the request names makes of it, one of ``ray_node.WORK``; None if it was cancelled
        before there was anything. Raises RuntimeError with a reason."""

        def told(text: str) -> None:
            on_progress(from_json(progress, text))

        found = self._runner.work(request.machine, what, to_dict(request), told, cancelled)
        return None if found is None else from_json(result, found)

    def _look_at(self, request: RoutesRequest | ServingRequest) -> None:
        """Raises ValueError."""
        if not request.machine:
            return
        self._runner.machine(request.machine)
        if request.model_file is not None or getattr(request, "trace", None) is not None:
            raise ValueError("machine: files of your own are tried on this machine alone")
