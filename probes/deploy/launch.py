"""Starts the children of a run over routes: where each lives, and what it may use."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from probes.contracts import UnsupportedError
from probes.deploy import environments, side_pythons
from probes.engine.running import core_use, environment
from probes.engine.running.child import Child, ProcessChild
from probes.engine.running.interpreters import SidePythons
from probes.engine.watching import topology
from probes.schema import Framework

WORKER = "probes.deploy.worker"
START_LIMIT = 120.0  # seconds until a process has its interpreter; a cold disk is slow

Role = Literal["export", "play"]


class RuntimeLauncher(Protocol):
    """Starts a child that talks as ``probes.deploy.worker`` does, in an environment."""

    def __call__(
        self, role: Role, framework: Framework, place: str, variables: dict[str, str], cancelled: Callable[[], bool]
    ) -> Child: ...


@dataclass(frozen=True, slots=True)
class RouteChildren:
    """What every child of a run shares."""

    threads: int
    scratch: str
    cancelled: Callable[[], bool]
    launcher: RuntimeLauncher | None = None  # None: real processes
    pythons: SidePythons = field(default_factory=dict)  # of sides that don't run in the app's own interpreter
    worker: str = WORKER  # the module that children run, which takes a role and its parent's process id

    def start(self, role: Role, framework: Framework, place: str, extra: Mapping[str, str]) -> Child:
        """A child within its bounds: who plays gets as many cores as threads, who exports may use all.

        Raises ChildError, CancelledError, and UnsupportedError where its environment is missing, or where so many
        threads can't be clocked.
        """
        placement = core_use.place(topology.here(), self.threads)
        if role == "play" and placement.refusal:
            raise UnsupportedError(placement.refusal)
        variables = environment.variables(self.threads, "cpu", self.scratch)
        own = side_pythons.standing_in(framework, place, self.pythons)
        of_place = environments.variables(place) if place and own is None else {}
        of_place |= side_pythons.added(framework, place, self.pythons)
        if path := of_place.get("PYTHONPATH"):
            of_place = of_place | {"PYTHONPATH": os.pathsep.join((variables["PYTHONPATH"], path))}
        child = (self.launcher or self._process)(
            role, framework, place, variables | of_place | dict(extra), self.cancelled
        )
        child.ask(
            "limit",
            timeout=START_LIMIT,
            cpus=placement.cores if role == "play" else (),
            memory=environment.memory_limit("cpu", gpu_here=False),
        )
        return child

    def _process(
        self, role: Role, framework: Framework, place: str, variables: dict[str, str], cancelled: Callable[[], bool]
    ) -> Child:
        """A real one. ``place`` is an id of data/runtimes.yaml, or "" for the app's own interpreter."""
        if own := side_pythons.standing_in(framework, place, self.pythons):
            return ProcessChild(framework, own.surroundings(variables), cancelled, own.command(self.worker, role))
        interpreter = str(environments.interpreter(place)) if place else sys.executable
        return ProcessChild(framework, variables, cancelled, (interpreter, "-m", self.worker, role))
