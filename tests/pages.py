"""The pages that there are, for tests that look at each."""

from __future__ import annotations

from typing import Final

from ui import views

#: Their names, which are their addresses too: the first page's leads to ``/``.
PAGES: Final = tuple(page.VIEW.url_path for page in views.pages())
TITLES: Final = tuple(page.VIEW.title for page in views.pages())
#: Those that the header names.
LISTED: Final = tuple(page.VIEW.title for page in views.pages() if page.VIEW.listed)
#: Where each is served.
PATHS: Final = ("", *PAGES[1:])
