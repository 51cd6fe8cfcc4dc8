"""The real part behind ``ports.Deployment``: routes and environments of this machine.

It loads the routes' files when somebody asks for them: what decides and what draws the other pages needs none of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from advisor.runtimes import RuntimeOffer
from probes.deploy.schema import RoutesProgress, RoutesRequest, RoutesRun, WayAvailability
from probes.engine.child import CancelledError

WAYS_SECONDS = 5.0  # for so long what can be tried here is taken as it was


class LocalDeployment:
    """``ports.Deployment`` on this machine."""

    def __init__(self) -> None:
        self._ways: tuple[float, tuple[WayAvailability, ...]] = (float("-inf"), ())

    def ways(self) -> tuple[WayAvailability, ...]:
        """Every way, as it was seen some seconds ago at most: forty pages may ask, and environments come and go."""
        from probes.deploy import catalog

        now = time.monotonic()
        if now - self._ways[0] > WAYS_SECONDS:
            self._ways = now, catalog.availability()
        return self._ways[1]

    def validate(self, request: RoutesRequest) -> None:
        """Raise ``ValueError`` naming field, value and allowed values if the request can't be tried."""
        from probes.deploy import run

        run.validate(request)

    def routes(
        self,
        request: RoutesRequest,
        *,
        on_progress: Callable[[RoutesProgress], None],
        cancelled: Callable[[], bool],
    ) -> RoutesRun | None:
        """See ``ports.Deployment.routes``."""
        from probes.deploy import run

        try:
            return run.run(request, on_progress=on_progress, cancelled=cancelled)
        except CancelledError:
            return None

    def runtimes(self) -> tuple[RuntimeOffer, ...]:
        """Every environment of its own, and whether it is here."""
        from probes.deploy import environments

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
        """See ``ports.Deployment.create_runtime``."""
        from probes.deploy import environments

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
        """Delete what ``create_runtime`` made. Raises RuntimeError with a reason if it can't be."""
        from probes.deploy import environments

        try:
            environments.remove(runtime_id)
        except environments.InstallError as error:
            raise RuntimeError(str(error)) from error
        finally:
            self._forget()

    def point_runtime(self, runtime_id: str, interpreter: str) -> None:
        """Use the user's own interpreter, "" for none."""
        from probes.deploy import environments

        environments.point(runtime_id, Path(interpreter).expanduser() if interpreter else None)
        self._forget()

    def _forget(self) -> None:
        self._ways = (float("-inf"), ())
