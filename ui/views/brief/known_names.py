"""What is known of the names that a team wrote down in its own words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import streamlit as st

from advisor.answers import TargetId
from advisor.knowledge.names import Mention, mentions
from advisor.model.facts import Fact
from advisor.model.routes import Route
from probes.schema import TITLES
from ui.kit import components
from ui.session import decisions, state

_MOST: Final = 3  # facts and ways of one name; the page «Evidence» has all


def show(now: state.Current) -> None:
    """Every name in the notes with what facts and ways say of it, or that they say nothing."""
    knowledge = decisions.known(now)
    found = mentions(now.answers.binds.notes, knowledge)
    for mention in found:
        if mention.is_known:
            st.markdown(f"**{components.escape(mention.name)}**\n\n{_lines(mention, knowledge.target_places)}")
    unknown = [f"«{mention.name}»" for mention in found if not mention.is_known]
    if unknown:
        st.caption(components.escape(f"Nothing is known here of {', '.join(unknown)}."))


def _lines(mention: Mention, targets: Mapping[TargetId, str]) -> str:
    lines = [*map(_fact, mention.facts[:_MOST]), *(_way(route, targets) for route in mention.routes[:_MOST])]
    more = len(mention.facts) + len(mention.routes) - len(lines)
    if more:
        lines.append(f"and {more} more under «Evidence» and «Routes»")
    return "\n".join(f"* {line}" for line in lines)


def _fact(fact: Fact) -> str:
    title = components.escape(fact.source.title)
    source = f"[{title}]({fact.source.url})" if fact.source.url else title
    return f"{components.escape(fact.statement)} ({fact.as_of}, {source})"


def _way(route: Route, targets: Mapping[TargetId, str]) -> str:
    way = f"{route.tool} leads from {TITLES[route.framework]} to {targets[route.target]}"
    return components.escape(f"{way}: {route.maturity}, {route.month}.")
