"""Why: reasons, contributions, criterion by criterion, requirements, routes."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from advisor.knowledge import load
from advisor.model.decision import Decision
from advisor.model.evidence import CriterionRow, Evidence
from advisor.model.routes import Route, RouteChoice
from advisor.output.charts import decision as charts
from advisor.questionnaire import overrides
from advisor.wording.quantities import signed
from probes.schema import FRAMEWORKS, TITLES
from ui.kit import components, links
from ui.kit.fragments import apart, redraw
from ui.session import decisions, state

_EVIDENCE_ICON = {
    "probe": ":material/speed:",
    "fact": ":material/menu_book:",
    "route": ":material/route:",
    "judgement": ":material/gavel:",
    "answer": ":material/person:",
    "team": ":material/edit_note:",
    "scan": ":material/code:",
}
_VETO = {
    "pass": (":material/check:", "met"),
    "fail": (":material/block:", "not met"),
    "unknown": (":material/question_mark:", "unknown"),
}


_ALL = "all-criteria"
MOST = 8  # criteria that a page shows before it is asked for all


def heaviest(decision: Decision) -> list[CriterionRow]:
    return sorted(decision.criteria, key=lambda row: (-row.weight, row.criterion.title))


def reasons(decision: Decision) -> None:
    """Three for, two against, as sentences to read aloud."""
    chosen = decision.verdict.framework is not None
    for items, title in ((decision.reasons_for[:3], "Why"), (decision.reasons_against[:2], "What speaks against it")):
        if items:
            st.markdown(f"## {title if chosen else f'What speaks for {TITLES[items[0].side]}'}")
        for item in items:
            st.markdown(f"{components.glyph(item.side)} {components.escape(item.sentence)}")
            if sources := _sources(item.evidence):
                st.caption(f"Seen in {sources}")


def _sources(evidence: Sequence[Evidence]) -> str:
    """Links to where it was seen; the sentence itself names date and machine."""
    seen = {}
    for item in evidence:
        if item.source is not None and item.source.url.startswith("https://"):
            note = f" ({components.escape(item.source.note)})" if item.confidence == "low" and item.source.note else ""
            seen[item.source.url] = f"[{components.escape(item.source.title or 'source')}]({item.source.url}){note}"
    return " · ".join(list(seen.values())[:3])


def evidence_line(item: Evidence) -> str:
    """One piece of evidence as a line of Markdown: kind, text, date, source, confidence."""
    source = ""
    if item.source is not None and item.source.url.startswith("https://"):
        source = f" ([{components.escape(item.source.title or 'source')}]({item.source.url}))"
    date = f", {item.date}" if item.date else ""
    machine = f", on {components.escape(item.machine)}" if item.machine else ""
    doubt = f" · {components.CONFIDENCE[item.confidence]}" if item.confidence else ""
    note = ""
    if item.confidence == "low" and item.source is not None and item.source.note:
        note = f": {components.escape(item.source.note)}"
    return f"{_EVIDENCE_ICON[item.kind]} {components.escape(item.text)}{date}{machine}{source}{doubt}{note}"


def contributions(decision: Decision) -> None:
    """How the difference comes about, criterion by criterion."""
    st.markdown("## What weighs how much")
    components.chart(
        decisions.figure(state.current(), "contributions", lambda shade: charts.contributions(decision, shade)),
        key="contributions",
        alt="Contribution of each criterion to the difference between the frameworks",
    )
    st.caption(
        "Weight × difference of the values, averaged over the draws, in points of 100. Each bar starts where the last "
        "one ended."
    )
    if decision.verdict.strength == "veto":
        st.caption(":material/info: A hard requirement decides. This is what would count if it didn't.")


def criteria() -> None:
    """Both values on each criterion, and behind a click what they rest on."""
    _criteria()
    _details()


@apart(name="criteria")
def _criteria() -> None:
    decision = decisions.decision()
    st.markdown("## Criterion by criterion")
    rows = heaviest(decision)
    st.toggle(
        f"Show all {len(rows)}, not only the {MOST} heaviest",
        key=_ALL,
        on_change=lambda: redraw(["criteria", "criteria-details"]),
    )
    drawn = rows[: None if st.session_state[_ALL] else MOST]
    components.chart(
        decisions.figure(state.current(), ("criteria", len(drawn)), lambda shade: charts.criteria(drawn, shade)),
        key="criteria",
        alt="Value of both frameworks on each criterion, with ranges",
    )
    st.caption(
        ":violet[●] PyTorch, :green[◆] TensorFlow, from the worst to the best anchor. Lines are ranges; "
        "open marks are guesses where nothing is known."
    )
    _criteria_table(rows)
    _dropped(decision)


def _dropped(decision: Decision) -> None:
    """Criteria that can't matter here, and why: one line until somebody asks."""
    if not decision.dropped:
        return
    number = len(decision.dropped)
    title = "1 criterion that can't matter here" if number == 1 else f"{number} criteria that can't matter here"
    with components.folded(title, key="dropped-criteria", icon=":material/filter_alt_off:") as is_open:
        if not is_open:
            return
        for item in decision.dropped:
            st.markdown(components.escape(f"{item.criterion.title}: {item.because}."))
        st.caption("A weight of your own in the answers file brings a criterion back.")


@apart(name="criteria-details")
def _details() -> None:
    """Apart from the picture: what a criterion rests on doesn't follow its weight, and it is a lot to draw."""
    rows = heaviest(decisions.decision())
    with st.grid(2, gap="small", min_column_width=340):
        for row in rows if st.session_state.get(_ALL) else rows[:MOST]:
            _criterion(row)


def _criteria_table(rows: Sequence[CriterionRow]) -> None:
    frame = pd.DataFrame(
        [
            {
                "Criterion": row.criterion.title,
                "Weight": row.weight * 100,
                **{TITLES[side]: row.cells[side].likely for side in FRAMEWORKS},
                "Difference, 90 % range": f"{signed(row.difference_low, 2)} to {signed(row.difference_high, 2)}",
                "Contribution": row.contribution * 100,
                "Evidence": components.STATUS[row.status][1],
            }
            for row in rows
        ]
    )
    with components.folded(
        f"All {len(rows)} criteria as a table", key="criteria-as-table", icon=":material/table_rows:"
    ) as is_open:
        if not is_open:
            return
        st.dataframe(
            frame,
            hide_index=True,
            key="criteria-table",
            alt="Criteria with weights, values and evidence",
            column_config={
                "Weight": st.column_config.NumberColumn(format="%.0f %%"),
                "PyTorch": st.column_config.NumberColumn(format="%.2f"),
                "TensorFlow": st.column_config.NumberColumn(format="%.2f"),
                "Contribution": st.column_config.NumberColumn(format="%+.1f"),
            },
        )


def _criterion(row: CriterionRow) -> None:
    title = f"**{components.escape(row.criterion.title)}** {components.badge(row.status)}"
    with components.folded(title, key=f"criterion-{row.criterion.id}") as is_open:
        if not is_open:
            return
        st.markdown(components.escape(row.criterion.question))
        st.caption(components.escape(row.criterion.why))
        for side in FRAMEWORKS:
            if row.cells[side].reason:
                st.markdown(f"{components.framework(side)}: {components.escape(row.cells[side].reason)}")
        for item in row.evidence:
            st.markdown(evidence_line(item))
        if not row.evidence:
            st.markdown("No evidence: both sides count as anything from worst to best until somebody knows.")
        _know_better(row.criterion.id)


def _know_better(criterion: str) -> None:
    """Beside a judged criterion: the way to the form, for who knows better."""
    now = state.current()
    if not now.editable or now.record is None or criterion not in overrides.judged(decisions.known(now)):
        return
    if st.button("Know better? Set a fact", icon=":material/edit_note:", type="tertiary", key=f"own-for-{criterion}"):
        links.go("evidence", wanted=criterion)


def requirements(decision: Decision) -> None:
    """Hard requirements and whether each side meets them."""
    if not decision.vetoes:
        return
    st.markdown("## Hard requirements")
    for veto in decision.vetoes:
        icon, word = _VETO[veto.status]
        st.markdown(
            f"{icon} **{components.escape(veto.requirement)}**, {components.framework(veto.framework)}: {word}. "
            f"{components.escape(f'{veto.text} {veto.detail}'.strip())}"
        )


def routes(decision: Decision) -> None:
    """The best way of each framework to each target."""
    if not decision.routes:
        return
    st.markdown("## Ways to your targets")
    titles = load().target_titles
    for target, sides in decision.routes.items():
        st.markdown(f"### {components.escape(titles.get(target, target))}")
        with st.grid(2, gap="medium", min_column_width=300):
            for side in FRAMEWORKS:
                with st.container(border=True, gap="xsmall"):
                    st.markdown(f"**{components.framework(side)}**")
                    _route(sides.get(side))


def _route(choice: RouteChoice | None) -> None:
    if choice is None or choice.route is None:
        st.markdown("No way that works here." if choice and choice.broken else "No maintained way is known.")
        _seen(choice)
        return
    route = choice.route
    version = f" {components.escape(route.version)}" if route.version else ""
    st.markdown(f"{components.escape(route.tool)}{version} · {route.maturity}")
    st.caption(components.escape(f"{route.constraints} ({route.month})"))
    _seen(choice)
    if choice.alternatives:
        st.caption("Also: " + components.escape(", ".join(map(_named, choice.alternatives))))


def _seen(choice: RouteChoice | None) -> None:
    """What trying ways on this machine said."""
    for found in filter(None, (choice.tried, *choice.broken)) if choice else ():
        st.caption(f":material/speed: {components.escape(found.said)}")


def _named(route: Route) -> str:
    """What nobody should start with today says so."""
    return route.tool if route.maturity == "production" else f"{route.tool} ({route.maturity})"
