"""The captured graph of a network on both sides: drawn on request, because both frameworks must start for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import streamlit as st

from advisor.output.charts import graphs
from advisor.ports import Services
from probes.schema import FRAMEWORKS, TITLES, Framework
from probes.system.sentences import sentence, upper_first
from probes.workloads.graphs import Graph
from ui.kit import components, theme

_DRAWN: Final = "fulcrum_graphs"  # models whose graphs this visitor asked for


@st.cache_resource(max_entries=32, show_spinner=False)
def _captured(_services: Services, model: str, sizes: tuple[tuple[str, int], ...]) -> Mapping[Framework, Graph | str]:
    return _services.runner.graphs(model, dict(sizes))


def show(services: Services, model: str, *, editable: bool) -> None:
    """Both graphs of a network in its default sizes, or for who may edit the button that asks for them."""
    st.markdown("### What each framework makes of it")
    st.caption(
        "Define-by-run or a static graph: today both capture one when they compile. This runs both here, without a "
        "clock, and draws what they captured for inference."
    )
    asked: set[str] = st.session_state.setdefault(_DRAWN, set())
    if model not in asked:
        if not editable:
            st.caption(":material/visibility: Whoever may edit this decision can have them captured.")
        elif st.button("Capture both graphs", icon=":material/account_tree:", key=f"graphs-{model}"):
            asked.add(model)
            st.rerun()
        return
    spec = next(one for one in services.runner.models() if one.id == model)
    sizes = tuple((size.name, size.default) for size in spec.sizes)
    try:
        with st.spinner("Both frameworks are starting, capturing and compiling: half a minute …"):
            found = _captured(services, model, sizes)
    except RuntimeError as error:
        asked.discard(model)
        st.info(components.escape(sentence(upper_first(str(error)))), icon=":material/hourglass_top:")
        return
    for column, framework in zip(st.columns(len(FRAMEWORKS), gap="large"), FRAMEWORKS, strict=True):
        with column:
            _one(framework, found[framework])


def _one(framework: Framework, graph: Graph | str) -> None:
    st.markdown(f"**{components.framework(framework)}**")
    if isinstance(graph, str):
        st.caption(":material/block: No graph:")
        st.code(graph, language=None, wrap_lines=True)
        return
    st.markdown(f"{len(graph.nodes)} operations captured, **{graph.optimised}** {components.escape(graph.by)}.")
    counts = ", ".join(f"{op} {count}" for op, count in graphs.most_frequent(graph))
    st.caption(f"Most frequent: {components.escape(counts)}.")
    if len(graph.nodes) > graphs.MOST:
        st.caption("Too many to draw: the counts tell more here.")
        return
    with components.folded(
        f"Draw {TITLES[framework]}'s graph", key=f"graph-{framework}", icon=":material/account_tree:"
    ) as is_open:
        if is_open:
            st.graphviz_chart(graphs.dot(graph, theme.current()), width="content")
