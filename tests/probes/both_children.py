"""A child of each framework, started as a run starts them and ready to be asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from probes.engine.running import environment
from probes.engine.running.child import Child, Launcher, ProcessChild
from probes.schema import FRAMEWORKS, Framework
from probes.system.scratch import scratch_folder

LIMIT = 240.0  # seconds for any one command


@contextmanager
def both_children(launcher: Launcher = ProcessChild) -> Iterator[tuple[dict[Framework, Child], Path]]:
    """Each on one thread, with its framework imported; and the folder that they share."""
    with scratch_folder() as scratch:
        children: dict[Framework, Child] = {}
        try:
            for side in FRAMEWORKS:
                child = children[side] = launcher(side, environment.variables(1, "cpu", scratch), lambda: False)
                child.ask("limit", timeout=LIMIT, cpus=(), memory=0)
                child.ask("load", timeout=LIMIT, threads=1)
                child.ask("use", timeout=LIMIT, device="cpu", seed=0)
            yield children, Path(scratch)
        finally:
            for child in children.values():
                child.close()
