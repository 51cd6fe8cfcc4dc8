"""A package a page: ``VIEW`` and ``render(services)``."""

from __future__ import annotations

import functools
import importlib
import pkgutil
from types import ModuleType


@functools.cache
def pages() -> tuple[ModuleType, ...]:
    """Every package in here, in the order of its ``VIEW``: a new page is a new folder."""
    found = [importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)]
    return tuple(sorted(found, key=lambda page: page.VIEW.order))
