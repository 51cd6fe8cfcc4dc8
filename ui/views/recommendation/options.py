"""Ways open to you: the options beside the two frameworks, ranked, and the two that lead beside each other."""

from __future__ import annotations

import streamlit as st

from advisor.decision.explain import ways
from advisor.model.decision import Decision, OptionResult
from advisor.output.charts import options as charts
from advisor.wording.quantities import percent, signed
from ui.kit import components
from ui.session import decisions, state

_SHOWN = 2  # options that are told in full before somebody asks for all


def show(decision: Decision) -> None:
    """Nothing where only one way is open: then there is nothing to rank."""
    left = [option for option in decision.options if not option.closed]
    if len(left) < 2:
        return
    st.markdown("## Ways open to you")
    st.caption(
        f"Each way is weighed as the two frameworks are, with the same {decision.samples:,} draws. The share says in "
        "how many of them a way comes out ahead of all others."
    )
    components.chart(
        decisions.figure(state.current(), "ways", lambda shade: charts.ranks(left, shade)),
        key="ways",
        alt="; ".join(f"{option.title} comes first in {percent(option.share or 0)}" for option in left),
    )
    with st.grid(2, gap="medium", min_column_width=320):
        for option in left[:_SHOWN]:
            _told(option)
    rest = [*left[_SHOWN:], *(option for option in decision.options if option.closed)]
    if rest:
        with components.folded(f"The other {len(rest)}", key="ways-rest") as unfolded:
            if unfolded:
                for option in rest:
                    _told(option)
    _compared(decision, left[0], left[1])


def _told(option: OptionResult) -> None:
    """One line each: when it is the right one, what it costs, until when it holds, what it keeps open."""
    with components.card(f"way-{option.id}"):
        share = "closed" if option.closed else f"first in {percent(option.share or 0)}"
        st.markdown(f"**{components.escape(option.title)}** · {share}")
        st.caption(components.escape(f"Write: {option.write}. Runs on: {option.run}. Ships: {option.ship}."))
        lines = [
            ("Closed", option.closed),
            ("Right when", option.right_when),
            ("Costs", option.cost),
            ("Holds", option.until),
            ("Keeps open", option.keeps_open),
            ("Here", option.reason),
        ]
        st.markdown("\n".join(f"- {name}: {components.escape(text)}" for name, text in lines if text))


def _compared(decision: Decision, first: OptionResult, second: OptionResult) -> None:
    differences = ways.compared(decision)
    if not differences:
        return
    st.markdown(f"**{components.escape(first.title)}** beside **{components.escape(second.title)}**")
    components.chart(
        decisions.figure(
            state.current(), "ways-compared", lambda shade: charts.compared(differences, first, second, shade)
        ),
        key="ways-compared",
        alt="; ".join(f"{row.title}: {signed(row.points)} points" for row in differences),
    )
    st.caption(
        "Weight × difference of the values, averaged over the draws, in points of 100: where the two differ most."
    )
