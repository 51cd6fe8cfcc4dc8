"""Plans, runs and summarises probes. Nothing is imported before it is asked for: a measured child is a module of this
package too, and must not carry what only the supervisor needs."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from probes.engine.judging.results import summarise
    from probes.engine.running.supervisor import run

__all__ = ["run", "summarise"]

_HOMES = {"run": "probes.engine.running.supervisor", "summarise": "probes.engine.judging.results"}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
