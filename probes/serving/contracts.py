"""What a server's file promises, and what it is given. Imports nothing heavy.

A file of ``probes/serving/servers`` has these names::

    SPEC = ServerSpec(id=…, title=…, …)

    def why_not(request: ServingRequest, artefact: Path | None = None) -> str:
        '''Why it can't be tried here, with what to do about it; "" if nothing speaks against it. Left out where the
        environment is all that it needs. ``artefact``: what was exported, once it was: the advice names it.'''

    def launch(place: Place) -> Launch:
        '''Write what the server needs into ``place.folder``, and say how it is started, asked and stopped.'''
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from probes.engine.running.interpreters import SidePython
from probes.serving.schema import ServingRequest


@dataclass(frozen=True, slots=True)
class Place:
    """Where and with what a server is to be started."""

    way: str  # the spec's
    artefact: Path  # the folder that it exported
    folder: Path  # the server's own, empty; it is removed afterwards
    python: Path  # of the spec's environment
    model: str
    sizes: Mapping[str, int]
    dtypes: tuple[str, ...]  # of the inputs by place, as NumPy calls them
    threads: int
    port: Callable[[], int]  # a port of 127.0.0.1 that is free now; another one at each call
    request: ServingRequest
    own: Mapping[str, Any] | None = None  # see ``workshop.Network``
    own_python: SidePython | None = None  # the side's own interpreter, if that is what ``python`` is

    def run(self, module: str, *arguments: str) -> tuple[str, ...]:
        """The command that runs a module of this project there."""
        if self.own_python is not None:
            return self.own_python.command(module, *arguments)
        return str(self.python), "-m", module, *arguments


@dataclass(frozen=True, slots=True)
class Launch:
    """How a server is started, asked and stopped."""

    target: str  # HOST:PORT, or "unix:PATH" for gRPC
    path: str = ""  # of the URL, for REST
    command: tuple[str, ...] = ()  # () is a server that the user runs: it is neither started nor stopped
    stop: tuple[str, ...] = ()  # the polite way; the rest is ended by signals in any case
    variables: Mapping[str, str] = field(default_factory=dict)
    model: str = ""  # what the server calls the model
    bearer: tuple[str, ...] = ()  # a JSON file in which the server writes its token at its start, and the keys to it
