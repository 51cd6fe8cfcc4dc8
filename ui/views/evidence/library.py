"""The four parts of «Evidence»: facts, claims, routes, and what was looked for and not found."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import streamlit as st

from advisor.answers import Confidence
from advisor.decision.evidence.claims import Local, Says, local
from advisor.knowledge import Knowledge, ageing, load
from advisor.model.decision import Decision
from advisor.model.facts import Claim, Fact
from advisor.model.routes import Route
from advisor.wording.quantities import counted
from probes.schema import FRAMEWORKS, TITLES
from ui.kit import components, links, relative_time
from ui.session import decisions, state

PAGE: Final = 20
_FAVOURS: Final = {"pytorch": "● PyTorch", "tensorflow": "◆ TensorFlow", "neither": "neither"}
_LOCAL_ICON: Final[Mapping[Says, str]] = {
    "bears it out": ":material/check_circle:",
    "speaks against it": ":material/cancel:",
    "can't tell yet": ":material/hourglass_empty:",
    "not measured": ":material/speed:",
    "shows this": ":material/visibility:",
}
_VERDICT_ICON: Final = {
    "holds": ":material/check_circle:",
    "holds in part": ":material/contrast:",
    "measure": ":material/speed:",
    "opinion": ":material/chat:",
}


def facts() -> None:
    """Searchable facts, those that this decision uses first."""
    now = state.current()
    used = in_use(decisions.for_answers(now))
    everything = decisions.known(now).facts
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        words = st.text_input(
            "Search",
            placeholder="export, mobile, release …",
            key="fact-words",
            icon=":material/search:",
            max_chars=components.LONGEST_SEARCH,
            live=True,
        )
        area = st.selectbox("Topic", ["All", *sorted({_area(f) for f in everything.values()})], key="fact-topic")
        side = st.selectbox("Speaks for", ["All", *_FAVOURS.values()], key="fact-side")
        sure = st.selectbox("Confidence", ["All", "high", "medium", "low"], key="fact-confidence")
        only = st.toggle("Only those in use", key="fact-used", value=False)
        old = st.toggle("Stale only", key="fact-stale", value=False)
    shown = [
        fact
        for fact in everything.values()
        if (not only or fact.id in used)
        and (not old or ageing.stale(fact.age))
        and (area in ("All", _area(fact)))
        and (side in ("All", _FAVOURS[fact.favours]))
        and (sure in ("All", fact.confidence))
        and matches(fact, words or "")
    ]
    shown.sort(key=lambda fact: (-fact.age.months if old else 0, fact.id not in used, fact.topic, fact.id))
    stale = sum(ageing.stale(fact.age) for fact in everything.values())
    st.caption(
        f"{len(shown)} of {len(everything)} facts; {counted(len(used), 'is', 'are')} in use for this decision. "
        f"{counted(stale, 'is', 'are')} stale on {relative_time.day(now.services.clock.now())}: "
        "after the half-life of its topic a fact counts half."
    )
    _half_lives(decisions.known(now))
    if not shown:
        st.info("No fact fits. Try fewer words, or set the filters back to «All».", icon=":material/search_off:")
    _pages(
        shown, lambda fact: _fact(fact, used=fact.id in used), key="facts", of=f"{words}{area}{side}{sure}{only}{old}"
    )


def _half_lives(known: Knowledge) -> None:
    """How fast each kind of fact loses its worth, and why."""
    with st.expander("How facts age", icon=":material/history:"):
        st.markdown(
            "After the half-life of its topic a fact is worth half as much evidence, after two a quarter. Judgements "
            "that rest on it grow wider with it, a little each day. *Stale* is what is past one half-life."
        )
        st.dataframe(
            [
                {"Topic": rule.topic.replace("_", " "), "Half-life, months": rule.months, "Because": rule.because}
                for rule in known.half_lives
            ],
            hide_index=True,
            key="half-lives",
            alt="Half-life of each topic with the reason for it",
        )


def matches(fact: Fact, words: str) -> bool:
    """Whether every word stands somewhere in the fact, of as many as a search may have."""
    text = " ".join((fact.id, fact.subject, fact.topic, fact.statement, fact.note, fact.source.title)).lower()
    return all(word in text for word in words[: components.LONGEST_SEARCH].lower().split())


def in_use(decision: Decision) -> frozenset[str]:
    """Ids of the facts that a decision rests on, through criteria, requirements and routes."""
    cited = {e.id for row in decision.criteria for e in row.evidence if e.kind == "fact"}
    cited |= {e.id for veto in decision.vetoes for e in veto.evidence if e.kind == "fact"}
    for sides in decision.routes.values():
        for choice in sides.values():
            cited |= set(choice.route.facts) if choice.route else set()
    return frozenset(cited)


def _area(fact: Fact) -> str:
    return fact.topic.partition(".")[0].replace("_", " ")


def _pages(items: Sequence[Fact], draw: Callable[[Fact], None], *, key: str, of: str) -> None:
    """The first twenty, and more on request; another search starts over."""
    slot = f"shown-{key}"
    if st.session_state.get(f"{slot}-of") != of:
        st.session_state[slot], st.session_state[f"{slot}-of"] = PAGE, of
    shown = st.session_state[slot]
    for item in items[:shown]:
        draw(item)
    if len(items) > shown and st.button(f"Show {min(PAGE, len(items) - shown)} more", key=f"more-{key}"):
        st.session_state[slot] = shown + PAGE
        st.rerun()


def _fact(fact: Fact, *, used: bool) -> None:
    with st.container(border=True, gap="xsmall"):
        st.markdown(("**" + components.escape(fact.statement) + "**") if used else components.escape(fact.statement))
        parts = [
            ":blue-badge[:material/check: in use]" if used else "",
            components.escape(fact.topic.replace("_", " ")),
            f"as of {components.escape(fact.as_of)}",
            _age(fact),
            confidence(fact.confidence),
            f"speaks for {_FAVOURS[fact.favours]}",
            _source(fact),
        ]
        st.caption(" · ".join(part for part in parts if part))
        note = fact.note or (doubt(fact) if fact.confidence == "low" else "")
        if note:
            st.caption(f":material/info: {components.escape(note)}")
        if fact.background:
            st.caption(f":material/visibility: Only shown, nothing rests on it. {components.escape(fact.background)}")


def _age(fact: Fact) -> str:
    if ageing.stale(fact.age):
        return f":gray-badge[:material/history: {components.escape(ageing.words(fact.age))}]"
    months = fact.age.months
    old = f"{counted(round(months), 'month')} old" if months >= 1 else "under a month old"
    return components.escape(f"{old}, half-life {fact.age.half_life:g}")


def doubt(fact: Fact) -> str:
    """What is doubtful about a fact of low confidence: its note, or at least what kind of source says it."""
    return fact.note or fact.source.note or f"Rests on one source of the kind «{fact.source_kind}» alone."


def confidence(value: Confidence) -> str:
    """Confidence as icon and word."""
    return components.CONFIDENCE[value]


def _source(fact: Fact) -> str:
    title = components.escape(fact.source.title)
    return f"[{title}]({fact.source.url})" if fact.source.url.startswith("https://") else title


def claims() -> None:
    """What is said about the frameworks, and what the facts say of it."""
    now = state.current()
    known = decisions.known(now)
    for claim in known.claims:
        _claim(claim, known.facts, local(claim, now.answers, known, now.measured), editable=now.editable)


def _claim(claim: Claim, known: Mapping[str, Fact], here: Local | None, *, editable: bool) -> None:
    icon = _VERDICT_ICON.get(claim.verdict, ":material/cancel:")
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"**{components.escape(claim.claim)}**")
        st.markdown(f":gray-badge[{icon} {components.escape(claim.verdict)}] {components.escape(claim.why)}")
        if here is not None:
            _here(claim, here, editable=editable)
        cited = [known[fact_id] for fact_id in claim.facts if fact_id in known]
        if cited or claim.probe:
            with st.expander(f"{counted(len(cited), 'fact')} behind it"):
                for fact in cited:
                    st.markdown(components.escape(fact.statement))
                    seen = f"{components.escape(fact.as_of)} · {_age(fact)}"
                    st.caption(f"{seen} · {confidence(fact.confidence)} · {_source(fact)}")
                if claim.probe:
                    st.caption(f":material/speed: How to check it: {components.escape(claim.probe)}")


def _here(claim: Claim, here: Local, *, editable: bool) -> None:
    """What this machine says of it, and the way to ask it."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        icon = _LOCAL_ICON[here.says]
        when = f" Measured on {components.escape(here.machine)} on {here.day}." if here.day else ""
        against = " :orange-badge[:material/warning: contradicts what the facts say]" if here.contradicts else ""
        st.markdown(f"{icon} **Here: {here.says}.**{against} {components.escape(here.sentence)}{when}")
        is_open = here.says in ("not measured", "can't tell yet")
        if editable and is_open and st.button("Measure it", icon=":material/speed:", key=f"measure-{claim.id}"):
            links.go("probes", wanted=here.probe)


def routes() -> None:
    """Every known way from a framework to a target."""
    knowledge = load()
    titles = knowledge.target_titles
    target = st.selectbox("Target", list(knowledge.routes), format_func=lambda t: titles.get(t, t), key="route-target")
    with st.grid(2, gap="medium", min_column_width=320):
        for side in FRAMEWORKS:
            with st.container(gap="small"):
                st.markdown(f"### {components.framework(side)}")
                ways = knowledge.routes[target].get(side, ())
                for way in ways:
                    _route(way)
                if not ways:
                    st.markdown(f"No way from {TITLES[side]} to this target is known.")


def _route(route: Route) -> None:
    with st.container(border=True, gap="xxsmall"):
        st.markdown(f"**{components.escape(route.tool)}** {components.escape(route.version)}")
        st.caption(f":gray-badge[{route.maturity}] newest release {components.escape(route.month)}")
        if route.conversion:
            st.markdown(f":material/arrow_forward: {components.escape(route.conversion)}")
        if route.constraints:
            st.markdown(components.escape(route.constraints))
        st.caption("Seen in: " + components.escape("; ".join(route.sources)))


def not_found() -> None:
    """Questions without an answer: shown, so that a gap is not read as evidence."""
    st.markdown("These were looked for and not found. The recommendation treats them as unknown, never as zero.")
    for gap in load().not_found:
        with st.container(border=True, gap="xxsmall"):
            st.markdown(f"**{components.escape(gap.question)}**")
            st.caption(f"{components.escape(gap.topic)} · looked in: {components.escape(gap.looked)}")
