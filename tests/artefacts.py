"""Artefacts for tests that need a real one, by the children that make them."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from probes import catalog
from probes.deploy import catalog as routes
from probes.deploy import exporter
from probes.engine.running import environment
from probes.engine.running.child import ProcessChild


@dataclass(frozen=True, slots=True)
class Made:
    """A network's artefact, and the inputs that it is asked."""

    route: str
    model: str
    sizes: dict[str, int]
    folder: Path
    asked: Path


def child(role: str, route: str, scratch: Path) -> ProcessChild:
    """Of ``probes.deploy.worker``, in the app's own environment."""
    command = (sys.executable, "-m", "probes.deploy.worker", role)
    framework = routes.modules()[route].SPEC.framework
    return ProcessChild(framework, environment.variables(1, "cpu", str(scratch)), lambda: False, command)


def made(route: str, model: str, at: Path) -> Made:
    """Trained and exported below ``at``, in its default sizes."""
    network, folder, sizes = at / "network", at / "artefact", catalog.modules()[model].SPEC.sized({})
    network.mkdir()
    folder.mkdir()
    making = child("export", route, at)
    try:
        making.ask("load", timeout=180, framework=making.framework, threads=1)
        making.ask("train", timeout=180, model=model, sizes=sizes, seed=0, folder=str(network))
        making.ask("source", timeout=180, model=model, sizes=sizes, folder=str(network))
        making.ask("export", timeout=180, route=route, form="float32", folder=str(folder))
    finally:
        making.close()
    return Made(route, model, sizes, folder, network / exporter.DATA)
