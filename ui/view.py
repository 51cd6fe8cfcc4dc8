"""What a page says of itself. A module of ``ui.views`` has one as ``VIEW``, and ``render(services)``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class View:
    """``order`` sorts the pages; the first is served at ``/``, the others at ``/url_path``."""

    title: str
    icon: str
    order: int
    url_path: str
