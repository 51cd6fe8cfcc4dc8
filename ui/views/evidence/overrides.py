"""What the team sets itself: a form for one framework's level on one judged criterion, and the list of what was set.

Nothing here is silent: author and date stand beside each fact, here and wherever the criterion is explained.
"""

from __future__ import annotations

from typing import Final

import streamlit as st

from advisor.answers import Confidence, Override
from advisor.decision.evidence.judgements import DOUBT, anchor, own_age
from advisor.knowledge import Knowledge, ageing
from advisor.knowledge.criteria import CriterionSpec, JudgementSpec
from advisor.questionnaire import AnswersError, overrides
from probes.schema import FRAMEWORKS, TITLES
from ui.kit import components, relative_time
from ui.session import decisions, saving, state

_SURE: Final[dict[Confidence, str]] = {"high": "sure", "medium": "fairly sure", "low": "a guess"}
_LABELS: Final = {
    "criterion": "Criterion",
    "framework": "Framework",
    "level": "How it stands",
    "confidence": "How sure",
    "statement": "What you know",
    "author": "Who says so",
    "date": "As of",
}
_FIELDS: Final = {name: f"own-{name}" for name in _LABELS}
_REFUSED: Final = "own-refused"  # why the last attempt was not taken


def look_at(criterion: str) -> None:
    """Before ``section`` is drawn: the form is for this criterion."""
    st.session_state[_FIELDS["criterion"]] = criterion


def section(now: state.Current) -> None:
    """The part of «Evidence» that belongs to the team."""
    st.markdown(
        "What your team knows better than dated sources, for this decision alone: «we pay for support», «two of us "
        "taught it». Each replaces the judged level of one framework on one criterion. It is shown with author and "
        "date wherever the criterion is explained, and goes along with the answers file, the report and the link."
    )
    known = decisions.known(now)
    judged = overrides.judged(known)
    counted = {e.id for row in decisions.for_answers(now).criteria for e in row.evidence if e.kind == "team"}
    for override in now.answers.overrides:
        _card(now, override, judged, known, counts=override.key in counted)
    if now.editable:
        _form(now, judged)
    elif not now.answers.overrides:
        st.info("Nothing is set. Only the owner of this decision can.", icon=":material/edit_off:")
    others = [spec.criterion.title for spec in known.criteria if spec.id not in judged]
    st.caption(components.escape(f"Measured or answered, and so not set here: {', '.join(others)}."))


def _card(
    now: state.Current, override: Override, judged: dict[str, CriterionSpec], known: Knowledge, *, counts: bool
) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"own-{override.key}"):
        with st.container(gap="xxsmall"):
            st.markdown(f"**{components.escape(override.statement)}**")
            st.markdown(f"{components.framework(override.framework)} on {_stands(override, judged)}")
            old = ageing.words(own_age(override, known))
            parts = [
                f"{components.escape(override.author)}, {relative_time.day(override.date)}",
                components.CONFIDENCE[override.confidence],
                f":gray-badge[:material/history: {components.escape(old)}]" if old else "",
                "" if counts else ":gray-badge[:material/block: replaces nothing here]",
            ]
            st.caption(" · ".join(part for part in parts if part))
        if now.editable:
            st.button(
                "Remove",
                icon=":material/delete:",
                key=f"remove-{override.key}",
                on_click=_remove,
                args=(now, override.key),
            )


def _stands(override: Override, judged: dict[str, CriterionSpec]) -> str:
    spec = judged.get(override.criterion)
    if spec is None or not isinstance(spec.value, JudgementSpec):
        return components.escape(f"«{override.criterion}»: {override.level} of 5")
    words = f"«{spec.criterion.title}»: {override.level} of 5, {anchor(spec.value, override.level)}"
    return components.escape(words)


def _form(now: state.Current, judged: dict[str, CriterionSpec]) -> None:
    with st.container(border=True, gap="small", key="own-form"):
        st.markdown("## Set a fact")
        with st.grid(2, gap="medium", min_column_width=300):
            with st.container(gap="small"):
                _where(now, judged)
            with st.container(gap="small"):
                _who(now)
        if refused := st.session_state.pop(_REFUSED, ""):
            st.error(components.escape(refused), icon=":material/error:")
        st.button("Set this fact", type="primary", icon=":material/check:", key="own-set", on_click=_set, args=(now,))


def _where(now: state.Current, judged: dict[str, CriterionSpec]) -> None:
    """Criterion, framework, and the level in the criterion's own words."""
    chosen = st.selectbox(
        _LABELS["criterion"],
        list(judged),
        format_func=lambda name: judged[name].criterion.title,
        key=_FIELDS["criterion"],
    )
    st.segmented_control(
        _LABELS["framework"],
        FRAMEWORKS,
        format_func=TITLES.__getitem__,
        default=FRAMEWORKS[0],
        required=True,
        key=_FIELDS["framework"],
    )
    spec = judged[chosen]
    anchors = spec.value.anchors if isinstance(spec.value, JudgementSpec) else ()
    st.radio(
        _LABELS["level"],
        list(range(len(anchors), 0, -1)),
        format_func=lambda level: f"{level}: {components.escape(anchors[level - 1])}",
        index=None,
        key=_FIELDS["level"],
    )
    row = next((row for row in decisions.for_answers(now).criteria if row.criterion.id == chosen), None)
    if row is not None and row.summary:
        st.caption(components.escape(f"So far: {row.summary}"))


def _who(now: state.Current) -> None:
    """The statement, how sure it is, and who stands for it."""
    st.text_area(
        _LABELS["statement"],
        key=_FIELDS["statement"],
        max_chars=500,
        placeholder="We pay a vendor who patches our version until 2029.",
    )
    st.segmented_control(
        _LABELS["confidence"],
        list(_SURE),
        format_func=lambda value: f"{_SURE[value]}, ± {DOUBT[value]:g} levels",
        default="medium",
        required=True,
        key=_FIELDS["confidence"],
    )
    st.text_input(_LABELS["author"], key=_FIELDS["author"], max_chars=120, placeholder="Your name or team")
    today = decisions.today(now)
    st.date_input(
        _LABELS["date"],
        value=today,
        max_value=overrides.latest(today),
        key=_FIELDS["date"],
        format="YYYY-MM-DD",
        help="The day on which it was so. Like every fact it counts less as it grows old.",
    )


def _set(now: state.Current) -> None:
    """The form's callback. What isn't allowed is said beside the form, and what was typed stays."""
    written = {name: st.session_state.get(key) for name, key in _FIELDS.items()}
    try:
        override = overrides.taken(written, decisions.known(now), decisions.today(now))
    except AnswersError as error:
        label = _LABELS.get(error.path.rpartition(".")[2], error.path)
        st.session_state[_REFUSED] = f"«{label}»: {error.said}."
        return
    saving.change(now.services, lambda answers: overrides.added(answers, override))
    st.session_state[_FIELDS["statement"]], st.session_state[_FIELDS["level"]] = "", None


def _remove(now: state.Current, key: str) -> None:
    saving.change(now.services, lambda answers: overrides.removed(answers, key))
