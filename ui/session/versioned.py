"""What is worked out once for each version of what it depends on, whoever asks."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Concatenate, ParamSpec, TypeVar

import streamlit as st

P = ParamSpec("P")
T = TypeVar("T")


def versioned(*, most: int) -> Callable[[Callable[P, T]], Callable[Concatenate[Hashable, P], T]]:
    """The decorated function takes a version as its first argument, which alone tells calls apart: it must say all that
    the result depends on. The last ``most`` results are kept for all sessions, so nobody may change them.
    """

    def decorate(load: Callable[P, T]) -> Callable[Concatenate[Hashable, P], T]:
        def made(version: Hashable, _load: Callable[[], T]) -> T:
            del version  # part of the cache's key only
            return _load()

        # Streamlit tells caches apart by these names.
        made.__module__, made.__qualname__ = load.__module__, f"versioned.{load.__qualname__}"
        kept = st.cache_resource(max_entries=most, show_spinner=False)(made)

        def call(version: Hashable, /, *arguments: P.args, **named: P.kwargs) -> T:
            return kept(version, lambda: load(*arguments, **named))

        return call

    return decorate
