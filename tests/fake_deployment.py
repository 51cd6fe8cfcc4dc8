"""A stand-in for what exports, serves and makes environments: it hands out what was recorded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from probes.compare.schema import ModelReport
from probes.deploy.schema import RoutesProgress, RoutesRequest, RoutesRun, RuntimeOffer, WayAvailability
from probes.in_browser import planning
from probes.in_browser.fetching import BrowserFiles
from probes.in_browser.schema import Kit, KitRequest, VisitPlan
from probes.schema import (
    Outcome,
)
from probes.serving.schema import ServerAvailability, ServingProgress, ServingRequest, ServingRun
from tests import servers, visits, ways


@dataclass
class FakeDeployment:
    """Hands out recorded ways and a recorded run; environments come and go in a dictionary."""

    recording: RoutesRun = field(default_factory=ways.run)
    offers: tuple[WayAvailability, ...] = field(default_factory=ways.offers)
    environments: dict[str, RuntimeOffer] = field(default_factory=lambda: {one.id: one for one in ways.RUNTIMES})
    asked: list[RoutesRequest] = field(default_factory=list)
    fetched: bool = True  # what browsers load
    kept: bool = True  # what was exported for them

    def ways(self) -> tuple[WayAvailability, ...]:
        return self.offers

    def ways_of(self, report: ModelReport) -> tuple[WayAvailability, ...]:
        """The first is refused, so that there is one."""
        first, *others = self.offers
        return replace(first, outcome=Outcome.UNSUPPORTED, reason="it takes one array"), *others

    def validate(self, request: RoutesRequest) -> None:
        known = {offer.way.id for offer in self.offers}
        if unknown := set(request.ways) - known:
            raise ValueError(f"ways: {sorted(unknown)} unknown; allowed: {sorted(known)}")

    def routes(
        self,
        request: RoutesRequest,
        *,
        on_progress: Callable[[RoutesProgress], None],
        cancelled: Callable[[], bool],
    ) -> RoutesRun | None:
        self.asked.append(request)
        records = self.recording.records
        on_progress(RoutesProgress("mlp: exporting", 0.5, records[:2], self.recording.references))
        return None if cancelled() else replace(self.recording, request=request)

    def servers(self, request: ServingRequest) -> tuple[ServerAvailability, ...]:
        return servers.offers(request)

    def validate_serving(self, request: ServingRequest) -> None:
        if ":" not in (request.tensorflow_serving or ":"):
            raise ValueError(f"tensorflow_serving: {request.tensorflow_serving!r}; allowed: HOST:PORT")

    def serve(
        self,
        request: ServingRequest,
        *,
        on_progress: Callable[[ServingProgress], None],
        cancelled: Callable[[], bool],
    ) -> ServingRun:
        run = servers.run(request)
        on_progress(ServingProgress("LitServe, PyTorch: 200 queries/s", 0.5, run.records[:1]))
        return servers.cut_off(run) if cancelled() else run

    def browser_kit(
        self, request: KitRequest, *, tell: Callable[[str, float], None], cancelled: Callable[[], bool]
    ) -> Kit | None:
        tell("exporting for ONNX Runtime Web", 0.5)
        return None if cancelled() else visits.kit(request.model)

    def browser_ready(self) -> bool:
        return self.fetched

    def browser_files(self, kit: Kit) -> BrowserFiles | None:
        return visits.files() if self.fetched and self.kept else None

    def browser_plan(self, kit: Kit, seed: int) -> VisitPlan:
        return planning.plan(kit, visits.RUNTIMES, seed)

    def runtimes(self) -> tuple[RuntimeOffer, ...]:
        return tuple(self.environments.values())

    def create_runtime(
        self, runtime_id: str, *, tell: Callable[[str, float], None], cancelled: Callable[[], bool]
    ) -> bool:
        tell("Installing 12 packages", 0.5)
        if cancelled():
            return False
        self.environments[runtime_id] = replace(self.environments[runtime_id], state="ready")
        return True

    def remove_runtime(self, runtime_id: str) -> None:
        self.environments[runtime_id] = replace(self.environments[runtime_id], state="missing", interpreter="")

    def forget_interpreter(self, runtime_id: str) -> None:
        self.environments[runtime_id] = replace(self.environments[runtime_id], state="missing", interpreter="")
