"""How such a file is made: what is in it, one to begin with, filled from the brief, and the lines that measure it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import streamlit as st

from advisor.output.model_file import FilledTemplate, Halves, filled
from ui.kit import components, links
from ui.kit.fragments import apart
from ui.session import state

_HALVES: Final[Mapping[Halves, tuple[str, str]]] = {
    "both": ("Both", "A half for each: everything is compared, with verdicts."),
    "once": ("Keras for both", "One function in Keras 3: Keras on TensorFlow against Keras on its PyTorch backend."),
    "pytorch": ("PyTorch", "One half: PyTorch's own figures, and every way out of PyTorch."),
    "tensorflow": ("Keras", "One half: TensorFlow's own figures, and every way out of TensorFlow."),
}
_PARTS: Final = """
1. **`inputs(rng, batch)`** draws a batch from `rng`: an array, a tuple or a dictionary of arrays. With labels as the
   second of a pair, training is measured too.
2. **`pytorch()`** returns your module, **`tensorflow()`** your Keras model; one of them is enough, and **`keras()`**
   stands for both.
3. If layers stand in the same order, weights go across by themselves. What the order doesn't tell,
   **`transfer(state)`** does; **`loss`** names a loss of your own.
"""
_COMMANDS: Final = (
    ("Do both halves compute the same, and where do they part?", "compare {name}"),
    ("Two minutes of measurements", "run --model-file {name} --budget 120"),
    ("Every way out that is exported in seconds", "routes --model-file {name} --light"),
    ("Servers under load", "serve --model-file {name}"),
    ("Would it run on the other side, and could it be trained there?", "rehearse --model-file {name}"),
)


def show(*, unfolded: bool) -> None:
    """All of it, folded where there are files already."""
    title = "How to make such a file"
    if unfolded:
        st.markdown(f"## {title}")
        _beginning()
        return
    with components.folded(title, key="beginning", icon=":material/edit_document:") as is_open:
        if is_open:
            _beginning()


@apart(name="beginning")
def _beginning() -> None:
    now = state.current()
    left, right = st.columns([2, 3], gap="large")
    with left:
        st.markdown(_PARTS)
        halves = components.pick("Written in", {name: title for name, (title, _) in _HALVES.items()}, key="own-halves")
        st.caption(_HALVES[halves][1])
        template = filled(now.answers, halves)
        st.markdown("**On the command line**, without any page:")
        lines = (f"# {what}\npython -m probes {line.format(name=template.name)}" for what, line in _COMMANDS)
        st.code("\n".join(lines), language="bash", wrap_lines=True)
    with right:
        _template(now, template)


def _template(now: state.Current, template: FilledTemplate) -> None:
    project = now.answers.project
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        components.download(
            "Download a file to begin with", template.name, lambda: template.text, key="download-template"
        )
        links.link("brief", "Change the brief", ":material/edit_note:")
    size = "as large as the brief says, as far as that can be timed here" if project.parameters else "a small one"
    what = "for what your project works on"
    if not project.domain:
        what = "for rows of numbers, until the brief says what the project works on"
    st.caption(f"It runs as it is: {size}, {what}.")
    st.code(template.text, language="python", wrap_lines=True)  # a box that scrolls can't be reached by keys
