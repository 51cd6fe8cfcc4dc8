"""Discovers servers, and says which can be tried here. Imports no framework."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType

from probes import catalog
from probes.deploy import catalog as routes
from probes.deploy import side_pythons
from probes.engine.running.interpreters import SidePythons
from probes.schema import FRAMEWORKS, Outcome
from probes.serving.schema import ServerAvailability, ServerSpec, ServingRequest

LOADGEN = "mlperf_loadgen"


@cache
def modules() -> dict[str, ModuleType]:
    """Every server's file by the server's id, PyTorch's first."""
    path = importlib.import_module("probes.serving.servers").__path__
    files = [importlib.import_module(f"probes.serving.servers.{info.name}") for info in pkgutil.iter_modules(path)]
    files.sort(key=lambda module: (FRAMEWORKS.index(module.SPEC.framework), bool(module.SPEC.deprecated)))
    return {module.SPEC.id: module for module in files}


def servers() -> tuple[ServerSpec, ...]:
    return tuple(module.SPEC for module in modules().values())


def availability(
    request: ServingRequest | None = None, pythons: SidePythons = catalog.NONE
) -> tuple[ServerAvailability, ...]:
    """Every server and whether it can be tried here."""
    asked = request or ServingRequest()
    return tuple(
        ServerAvailability(
            spec, Outcome.UNSUPPORTED if (reason := why_not(spec, asked, pythons)) else Outcome.OK, reason
        )
        for spec in servers()
    )


def why_not(spec: ServerSpec, request: ServingRequest, pythons: SidePythons = catalog.NONE) -> str:
    """Why it can't be tried here, with what to do about it; "" if nothing speaks against it."""
    return lacking(spec, pythons) or advice(spec, request)


def lacking(spec: ServerSpec, pythons: SidePythons = catalog.NONE) -> str:
    """What is missing of what every server needs, or of its own environment; "" if nothing is."""
    if not catalog.installed(LOADGEN):
        return "MLPerf LoadGen not found: pip install -r requirements.txt"
    reason = routes.why_not(routes.find(spec.way), pythons)
    return reason or (side_pythons.lacking(spec.framework, spec.environment, (), pythons) if spec.environment else "")


def advice(spec: ServerSpec, request: ServingRequest, artefact: Path | None = None) -> str:
    """What the server's own file asks for besides, "" if nothing. It names ``artefact`` once that was exported."""
    reason_of: Callable[[ServingRequest, Path | None], str] | None = getattr(modules()[spec.id], "why_not", None)
    return reason_of(request, artefact) if reason_of else ""
