"""What a page says of itself. A module of ``ui.views`` has one as ``VIEW``, and ``render(services)``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class View:
    """``order`` sorts the pages; the first is served at ``/``, the others at ``/url_path``.

    A page that shows neither answers nor what follows from them need not be redrawn at each of their changes, and one
    that follows the run under way by itself needs neither the banner nor the look for a change of its state. One that
    isn't ``listed`` stands behind another page, which links to it: on a phone the header's row is full.
    """

    title: str
    icon: str
    order: int
    url_path: str
    shows_answers: bool = True
    follows_run: bool = False
    listed: bool = True
