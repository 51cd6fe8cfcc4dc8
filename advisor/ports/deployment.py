"""From trained models to where they run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from probes.compare.schema import ModelReport
from probes.deploy.schema import RoutesProgress, RoutesRequest, RoutesRun, RuntimeOffer, WayAvailability
from probes.in_browser.fetching import BrowserFiles
from probes.in_browser.schema import Kit, KitRequest, VisitPlan
from probes.serving.schema import ServerAvailability, ServingProgress, ServingRequest, ServingRun


class Deployment(Protocol):
    """Knows the ways out of each framework, tries them here, and makes the environments that some of them need."""

    def ways(self) -> tuple[WayAvailability, ...]:
        """Every way, and whether it can be tried here. Cheap; environments come and go, so ask again."""
        ...

    def ways_of(self, report: ModelReport) -> tuple[WayAvailability, ...]:
        """The same for a team's own model, as far as what is known of it tells; a way may still refuse when it is
        tried."""
        ...

    def validate(self, request: RoutesRequest) -> None:
        """Raise ``ValueError`` naming field, value and allowed values if the request can't be tried."""
        ...

    def routes(
        self, request: RoutesRequest, *, on_progress: Callable[[RoutesProgress], None], cancelled: Callable[[], bool]
    ) -> RoutesRun | None:
        """Export, check and time. Blocks until the end; None if it was cancelled before anything was seen. Raises
        ``ValueError`` as ``validate`` does, RuntimeError with a reason if it can't."""
        ...

    def servers(self, request: ServingRequest) -> tuple[ServerAvailability, ...]:
        """Every server, and whether it can be put under load here as ``request`` wants it. Cheap."""
        ...

    def validate_serving(self, request: ServingRequest) -> None:
        """Raise ``ValueError`` naming field, value and allowed values if the request can't be tried."""
        ...

    def serve(
        self, request: ServingRequest, *, on_progress: Callable[[ServingProgress], None], cancelled: Callable[[], bool]
    ) -> ServingRun | None:
        """Put servers under load, one after the other. Blocks until the end; a cancelled run has what was seen, None
        where that is nothing."""
        ...

    def browser_kit(
        self, request: KitRequest, *, tell: Callable[[str, float], None], cancelled: Callable[[], bool]
    ) -> Kit | None:
        """Export one network for the runtimes of browsers; None if it was cancelled. Raises ``ValueError`` naming
        field, value and allowed values."""
        ...

    def browser_ready(self) -> bool:
        """Whether the runtimes that browsers load were fetched on this server. Cheap."""
        ...

    def browser_files(self, kit: Kit) -> BrowserFiles | None:
        """What a browser would load; None if the runtimes were not fetched or the kit's files are gone. Cheap."""
        ...

    def browser_plan(self, kit: Kit, seed: int) -> VisitPlan:
        """What a browser will be asked to do. Raises ``ValueError`` with a reason if there is nothing to do, or if the
        runtimes were not fetched."""
        ...

    def runtimes(self) -> tuple[RuntimeOffer, ...]:
        """Every environment of its own, and whether it is here."""
        ...

    def create_runtime(
        self, runtime_id: str, *, tell: Callable[[str, float], None], cancelled: Callable[[], bool]
    ) -> bool:
        """Make it; False if it was cancelled, and then nothing is left. Takes minutes. Raises RuntimeError with a
        reason if it can't be made."""
        ...

    def remove_runtime(self, runtime_id: str) -> None:
        """Delete what ``create_runtime`` made. Raises RuntimeError with a reason if it can't be."""
        ...

    def forget_interpreter(self, runtime_id: str) -> None:
        """Use the interpreter that the command line named no longer."""
        ...
