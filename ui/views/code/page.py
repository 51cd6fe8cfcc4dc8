"""Source: both halves of a part side by side, from the files that run; why they differ; what is copied and broken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import streamlit as st

from advisor.decision.evidence.measurements import network
from advisor.knowledge.differences import Difference, differences
from advisor.knowledge.snippets import Broken, Snippet, snippets
from advisor.ports import Services
from advisor.source_code import sources
from advisor.source_code.sources import Excerpt, Part, SourceEntry
from probes.schema import FRAMEWORKS, TITLES, Framework
from ui.kit import components, links
from ui.kit.page import View
from ui.session import decisions, state
from ui.views.code import graphs

VIEW = View(title="Source", icon=":material/code:", order=25, url_path="code", shows_answers=False, listed=False)
_PARTS: Final = {
    "network": "Network",
    "training": "Training loop",
    "inference": "Inference",
    "measure": "Measure",
    "export": "Export",
}
_SAYS: Final = {
    "training": "One step as both sides take it: loss, gradients, clipping, AdamW. The same for every network.",
    "inference": "A prediction as both sides make it. The same for every network.",
}
_PACKAGES: Final = {"torch": "PyTorch", "tensorflow": "TensorFlow", "keras": "Keras"}


def render(services: Services) -> None:
    now = state.current()
    st.title("The code behind the figures")
    components.lead(
        "Both halves side by side, read from the very files that run here. What the frameworks would do differently by "
        "themselves is written out, so that they do the same work."
    )
    part = _chosen(now)
    _both(part)
    _without_keras(part)
    _way_to_measure(services, now, part)
    _shared(part)
    _differences(differences().get(part.id, ()))
    kind, _, name = part.id.partition(".")
    if kind == "network" and any(model.id == name for model in services.runner.models()):
        graphs.show(services, name, editable=now.editable)
    _broken(now)
    links.onward("recommendation", "Next: what follows from the figures")


def _chosen(now: state.Current) -> Part:
    """The part that the reader picks."""
    kind = components.pick("Part", _PARTS, key="code-part", labelled=False)
    if kind == "measure":
        return sources.measure(_entry("Which measure?", sources.measures(), "measure").id)
    if kind in ("training", "inference"):
        st.caption(_SAYS[kind])
        return sources.methods(kind)
    if kind == "export":
        # Beside each other; at first those that both have.
        chosen: dict[Framework, str] = {}
        for side, column in zip(FRAMEWORKS, st.columns(2, gap="medium"), strict=True):
            with column:
                label = f"{TITLES[side]} goes by"
                chosen[side] = _entry(label, sources.ways(side), f"way-{side}", f"{side}_onnxruntime").id
        return sources.export(chosen["pytorch"], chosen["tensorflow"])
    wanted = network(now.answers, decisions.known(now))
    return sources.network(_entry("Which network?", sources.networks(), "network", wanted).id)


def _entry(label: str, entries: Sequence[SourceEntry], key: str, first: str = "") -> SourceEntry:
    """One of ``entries``, at first the one called ``first``."""
    by_id = {entry.id: entry for entry in entries}
    chosen = st.selectbox(
        label,
        list(by_id),
        index=list(by_id).index(first) if first in by_id else 0,
        format_func=lambda name: by_id[name].title + ("" if by_id[name].halves else " · one text for both"),
        key=f"code-{key}-{first}" if first else f"code-{key}",
        persist_state="session",
        width=420,
    )
    entry = by_id[chosen or next(iter(by_id))]
    st.caption(components.escape(entry.says))
    return entry


def _both(part: Part) -> None:
    """The two halves, those parts that both have beside each other."""
    if not part.sides:
        st.markdown("**One text for both sides**")
        st.caption(
            "This measure is written once and runs on either side. What it asks of a network – a training step, a "
            "prediction – stands under «Training loop» and «Inference»."
        )
        for excerpt in part.shared:
            _show(excerpt)
        return
    for number, row in enumerate(rows(part.sides)):
        for side, column in zip(FRAMEWORKS, st.columns(2, gap="medium"), strict=True):
            with column:
                if number == 0:
                    st.markdown(f"**{components.framework(side)}**")
                for excerpt in row[side]:
                    _show(excerpt, components.glyph(side))


def rows(sides: Mapping[Framework, Sequence[Excerpt]]) -> list[dict[Framework, list[Excerpt]]]:
    """Excerpts of both sides in rows: what is called alike stands in one, with what only one side has before it."""
    names = {side: [_own(excerpt) for excerpt in excerpts] for side, excerpts in sides.items()}
    common = [name for name in names["pytorch"] if name in names["tensorflow"]] or [""]
    aligned: list[dict[Framework, list[Excerpt]]] = [{side: [] for side in FRAMEWORKS} for _ in common]
    for side in FRAMEWORKS:
        waiting: list[Excerpt] = []
        for excerpt in sides[side]:
            waiting.append(excerpt)
            if _own(excerpt) in common:
                aligned[common.index(_own(excerpt))][side] += waiting
                waiting = []
        aligned[-1][side] += waiting
    return aligned


def _own(excerpt: Excerpt) -> str:
    return excerpt.name.rpartition(".")[2]


def _show(excerpt: Excerpt, mark: str = "") -> None:
    """Where it stands, and the lines. ``mark`` says whose they are where columns stand below each other."""
    lines = f"lines {excerpt.first}–{excerpt.last}" if excerpt.last > excerpt.first else f"line {excerpt.first}"
    st.caption(f"{mark} `{excerpt.file}`, {lines}".strip())
    st.code(excerpt.text, language="python", line_numbers=True, wrap_lines=True)


def _way_to_measure(services: Services, now: state.Current, part: Part) -> None:
    """A button that opens the planner at what is shown, for who may start a run."""
    kind, _, name = part.id.partition(".")
    wanted = network(now.answers, decisions.known(now))
    fitting = [
        offer.probe
        for offer in services.runner.catalog()
        if name and name == (offer.probe.model if kind == "network" else offer.probe.measure)
    ]
    if not now.editable or not fitting:
        return
    probe = next((probe for probe in fitting if probe.model == wanted), fitting[0])
    if st.button("Measure it here", icon=":material/speed:", key=f"measure-{part.id}"):
        links.go("probes", wanted=probe.id)


def _without_keras(part: Part) -> None:
    if not part.without_keras:
        return
    title = f"{components.glyph('tensorflow')} The same network without Keras"
    with components.folded(title, key=f"without-keras-{part.id}") as is_open:
        if is_open:
            st.caption(
                "TensorFlow's own operations on the same weights. This function runs as «without Keras», and writes "
                "the graph that runs as «graph mode of TensorFlow 1»."
            )
            for excerpt in part.without_keras:
                _show(excerpt)


def _shared(part: Part) -> None:
    if not part.sides or not part.shared:
        return
    kind = part.id.partition(".")[0]
    what = {"network": "the same weights and inputs", "export": "what several ways use"}.get(
        kind, "what calls the halves"
    )
    with components.folded(f"Shared by both sides: {what}", key=f"shared-{part.id}", icon=":material/link:") as is_open:
        if is_open:
            for excerpt in part.shared:
                _show(excerpt)


def _differences(differences: Sequence[Difference]) -> None:
    if not differences:
        return
    st.markdown("## What differs, and why")
    for difference in differences:
        quotes = [
            f"{components.glyph(side)} `{quote}`"
            for side in FRAMEWORKS
            if (quote := difference.pytorch if side == "pytorch" else difference.tensorflow)
        ]
        st.markdown(f"**{_prose(difference.title)}.** {_prose(difference.why)}  \n" + "  \n".join(quotes))


def _broken(now: state.Current) -> None:
    """Code that is still copied, each entry closed at first."""
    known = snippets()
    versions = ", ".join(f"{_PACKAGES.get(name, name)} {version}" for name, version in known.versions.items())
    st.markdown("## What no longer works")
    st.markdown(
        "Code like this is still in articles and answers. Each piece is executed by a test of Fulcrum's with "
        f"{components.escape(versions)}: what is written often, what it does today, and a form that works."
    )
    for snippet in known.entries:
        title = f"{components.glyph(snippet.framework)} {components.escape(snippet.title)}"
        with components.folded(title, key=f"snippet-{snippet.id}") as is_open:
            if is_open:
                _snippet(snippet, now)


def _snippet(snippet: Snippet, now: state.Current) -> None:
    st.markdown(f"**Today.** {_prose(snippet.today)}")
    st.markdown(f":material/terminal: {_seen(snippet.broken)}")
    facts = decisions.known(now).facts
    for fact in (facts[name] for name in snippet.facts if name in facts):
        st.caption(f":material/menu_book: {components.escape(f'{fact.statement} ({fact.source.title})')}")
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown("**Often written**")
        st.code(snippet.broken.code.rstrip(), language="python", line_numbers=True, wrap_lines=True)
    with right:
        st.markdown("**Works**")
        st.code(snippet.working.code.rstrip(), language="python", line_numbers=True, wrap_lines=True)
    st.markdown(f"**Instead.** {_prose(snippet.instead)}")


def _seen(broken: Broken) -> str:
    """What a reader would see of it, as Markdown."""
    parts = [f"`{kind}` … «{_prose(broken.says)}»" for kind in (broken.raises, broken.warns) if kind]
    if broken.without:
        parts.append(components.escape(f"where {broken.without} isn't installed"))
    if broken.holds:
        parts.append(
            f"at the end, wrongly, `{broken.holds}`" if parts else f"no error; at the end, wrongly, `{broken.holds}`"
        )
    return ", ".join(parts)


def _prose(text: str) -> str:
    """Text with words of code between backticks as Markdown that shows just that."""
    pieces = text.split("`")
    return "".join(f"`{piece}`" if index % 2 else components.escape(piece) for index, piece in enumerate(pieces))
