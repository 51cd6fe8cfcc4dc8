"""The real part behind ``ports.Deployment``: routes and environments of this machine."""

from __future__ import annotations

import time
from collections.abc import Callable

from advisor.adapters.data_folder import DataFolder
from advisor.adapters.model_folder import ModelFolder
from probes.catalog import NONE
from probes.compare.schema import ModelReport
from probes.deploy import catalog as ways
from probes.deploy import environments, refusals
from probes.deploy import run as trying
from probes.deploy.schema import RoutesProgress, RoutesRequest, RoutesRun, RuntimeOffer, WayAvailability
from probes.engine.running.child import CancelledError
from probes.engine.running.interpreters import SidePythons
from probes.in_browser import fetching, planning
from probes.in_browser import kit as kits
from probes.in_browser.fetching import BrowserFiles
from probes.in_browser.schema import Kit, KitRequest, VisitPlan
from probes.serving import catalog as servers
from probes.serving import run as serving
from probes.serving.schema import ServerAvailability, ServingProgress, ServingRequest, ServingRun

WAYS_SECONDS = 5.0  # for so long what can be tried here is taken as it was


class LocalDeployment:
    """``ports.Deployment`` on this machine. ``pythons``: what sides run in that don't run in the app's interpreter;
    ``own_models`` and ``own_data``: where files of requests are looked for."""

    def __init__(
        self,
        pythons: SidePythons = NONE,
        own_models: ModelFolder | None = None,
        own_data: DataFolder | None = None,
    ) -> None:
        self._pythons = pythons
        self._own_models, self._own_data = own_models or ModelFolder(None), own_data or DataFolder(None)
        self._ways: tuple[float, tuple[WayAvailability, ...]] = (float("-inf"), ())

    def ways(self) -> tuple[WayAvailability, ...]:
        """Every way, as it was seen some seconds ago at most: forty pages may ask, and environments come and go."""
        now = time.monotonic()
        if now - self._ways[0] > WAYS_SECONDS:
            self._ways = now, ways.availability(self._pythons)
        return self._ways[1]

    def ways_of(self, report: ModelReport) -> tuple[WayAvailability, ...]:
        inputs, outputs = (
            [((refusals.BATCH, *array.shape) if array.by_sample else array.shape, array.dtype) for array in arrays]
            for arrays in (report.inputs, report.outputs)
        )
        return refusals.refusals(report.file, inputs, outputs, self._pythons)

    def validate(self, request: RoutesRequest) -> None:
        _look_at(request)
        trying.validate(request)

    def routes(
        self, request: RoutesRequest, *, on_progress: Callable[[RoutesProgress], None], cancelled: Callable[[], bool]
    ) -> RoutesRun | None:
        _look_at(request)
        file = request.model_file
        try:
            return trying.run(
                request,
                on_progress=on_progress,
                cancelled=cancelled,
                pythons=self._pythons,
                model_path=self._own_models.path(file.name, file.sha256) if file else None,
                data_path=self._own_data.of(file.data) if file else None,
            )
        except CancelledError:
            return None

    def servers(self, request: ServingRequest) -> tuple[ServerAvailability, ...]:
        return servers.availability(request, self._pythons)

    def validate_serving(self, request: ServingRequest) -> None:
        _look_at(request)
        serving.validate(request)

    def serve(
        self, request: ServingRequest, *, on_progress: Callable[[ServingProgress], None], cancelled: Callable[[], bool]
    ) -> ServingRun | None:
        _look_at(request)
        return serving.run(
            request,
            on_progress=on_progress,
            cancelled=cancelled,
            pythons=self._pythons,
            trace_path=self._own_data.path(request.trace.name) if request.trace else None,
        )

    def browser_kit(
        self, request: KitRequest, *, tell: Callable[[str, float], None], cancelled: Callable[[], bool]
    ) -> Kit | None:
        try:
            return kits.make(request, tell=tell, cancelled=cancelled, pythons=self._pythons)
        except CancelledError:
            return None

    def browser_ready(self) -> bool:
        return fetching.fetched() is not None

    def browser_files(self, kit: Kit) -> BrowserFiles | None:
        fetched, folder = fetching.fetched(), kits.folder(kit)
        return None if fetched is None or folder is None else BrowserFiles(fetched, folder)

    def browser_plan(self, kit: Kit, seed: int) -> VisitPlan:
        fetched = fetching.fetched()
        if fetched is None:
            raise ValueError(f"the runtimes for browsers were not fetched on this server: {fetching.HOW}")
        return planning.plan(kit, fetched.digest, seed)

    def runtimes(self) -> tuple[RuntimeOffer, ...]:
        return tuple(
            RuntimeOffer(
                id=runtime.id,
                title=runtime.title,
                purpose=runtime.purpose,
                pins=(*runtime.pins, *runtime.no_deps),
                megabytes=runtime.megabytes,
                programs=tuple(runtime.programs),
                state=environments.state(runtime.id),
                interpreter=str(environments.place(runtime.id) or ""),
            )
            for runtime in environments.runtimes()
        )

    def create_runtime(
        self, runtime_id: str, *, tell: Callable[[str, float], None], cancelled: Callable[[], bool]
    ) -> bool:
        try:
            environments.create(runtime_id, tell=tell, cancelled=cancelled)
        except CancelledError:
            return False
        except environments.InstallError as error:
            raise RuntimeError(str(error)) from error
        finally:
            self._forget()
        return True

    def remove_runtime(self, runtime_id: str) -> None:
        try:
            environments.remove(runtime_id)
        except environments.InstallError as error:
            raise RuntimeError(str(error)) from error
        finally:
            self._forget()

    def forget_interpreter(self, runtime_id: str) -> None:
        environments.point(runtime_id, None)
        self._forget()

    def _forget(self) -> None:
        self._ways = (float("-inf"), ())


def _look_at(request: RoutesRequest | ServingRequest) -> None:
    """Raises ValueError for what another machine is to do: there is none."""
    if request.machine:
        raise ValueError(
            f"machine: {request.machine!r}; allowed: this machine alone, as FULCRUM_RAY_ADDRESS names no others"
        )
