"""The answer itself, in its three layouts (a choice, no clear winner, a veto), and what to do next."""

from __future__ import annotations

import streamlit as st

from advisor.effort import output as effort_output
from advisor.model.decision import Decision, Veto
from advisor.output import report
from advisor.wording.quantities import percent
from probes.schema import FRAMEWORKS
from probes.system.sentences import listed
from ui.kit import components, links
from ui.session import code_scans, state

_STRENGTH = {
    "clear": (":material/check_circle:", "clear"),
    "leaning": (":material/trending_up:", "leaning"),
    "no clear winner": (":material/balance:", "no clear winner"),
    "veto": (":material/block:", "decided by a requirement"),
}


def show(decision: Decision) -> None:
    """The headline, how sure it is, and what to do with it."""
    verdict = decision.verdict
    with components.card("answer"):
        icon, word = _STRENGTH[verdict.strength]
        st.markdown(f":gray-badge[{icon} {word}]")
        st.markdown(f"## {components.escape(verdict.headline)}")
        if verdict.strength == "veto":
            _vetoed(decision)
        else:
            components.odds(verdict.probability, large=True)
        st.markdown(components.escape(verdict.advice))
        if verdict.strength == "no clear winner":
            _no_winner(decision)
        st.caption(_how_sure(decision))


def _how_sure(decision: Decision) -> str:
    measured = (
        f"Probes were measured on {components.escape(decision.machine)}."
        if decision.machine
        else "Nothing is measured yet: this rests on answers and dated facts."
    )
    if decision.verdict.strength == "veto":
        return measured
    error = percent(decision.verdict.standard_error, 1)
    return (
        f"The probability is the share of {decision.samples:,} draws of weights and values in which a side comes out "
        f"ahead, ± {error} from sampling.{_whose(decision)} {measured}"
    )


def _whose(decision: Decision) -> str:
    if decision.group is None:
        return ""
    people = listed([voice.name for voice in decision.group.voices])
    return f" The weights are those of {components.escape(people)}, each in as many draws."


def _vetoed(decision: Decision) -> None:
    """A requirement decides: no score, only what fails and where that is written."""
    for veto in decision.vetoes:
        if veto.status == "fail":
            st.markdown(
                f":material/block: **{components.framework(veto.framework)}** · "
                f"{components.escape(veto.requirement)}: {components.escape(f'{veto.text} {veto.detail}'.strip())}"
            )
            st.caption(_sources(veto))


def _sources(veto: Veto) -> str:
    parts = []
    for item in veto.evidence:
        named = item.source.title if item.source else item.text
        date = f", {item.date}" if item.date and item.date not in named else ""
        title = components.escape(named)
        url = item.source.url if item.source else ""
        parts.append(f"[{title}]({url}){date}" if url.startswith("https://") else f"{title}{date}")
    return " · ".join(parts)


def _no_winner(decision: Decision) -> None:
    """Both cases, side by side: whose choice each framework is."""
    with st.grid(2, gap="medium", min_column_width=280):
        for side in FRAMEWORKS:
            with st.container():
                st.markdown(f"**{components.framework(side)}**")
                st.markdown(components.escape(decision.central_sentences.get(side, "")) or "No weights favour it.")


def next_steps(decision: Decision, *, editable: bool) -> None:
    """What would be worth knowing most, each with a button that goes there."""
    if not decision.next_steps:
        return
    st.markdown("## Worth finding out next")
    for index, step in enumerate(decision.next_steps[:3]):
        with st.container(horizontal=True, vertical_alignment="center", border=True, key=f"next-{index}"):
            with st.container(gap="xxsmall"):
                st.markdown(f"**{components.escape(step.title)}**")
                st.markdown(components.escape(step.sentence))
            if not editable:
                continue
            label, icon = (
                ("Measure it", ":material/speed:") if step.kind == "probe" else ("Answer it", ":material/edit_note:")
            )
            if st.button(label, icon=icon, key=f"go-{index}"):
                links.go("probes" if step.kind == "probe" else "brief", wanted=step.id)


def markdown(now: state.Current, decision: Decision) -> str:
    """The decision as a document, with what a scan saw of the code if it was read."""
    scan, effort = code_scans.found(now), code_scans.effort(now)
    code = effort_output.section(scan.report, effort) if scan and scan.report and effort else ""
    return report.to_markdown(decision, now.answers, code)


def json(decision: Decision) -> str:
    """The decision as the documented JSON."""
    return report.to_json(decision)
