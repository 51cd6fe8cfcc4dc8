"""The planner's list of probes: under headings, to be searched and ticked one by one or all at once.

What people tick is kept apart from the widgets, so that what a filter or a closed section hides stays ticked. The
budget decides about everything that nobody has spoken of.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import streamlit as st

from probes.schema import Availability, Outcome, ProbeSpec
from ui.kit import components

FILTER_FROM: Final = 12  # more probes than this are searched rather than read through
LIST: Final = "probe-list"
_TICKS: Final = "fulcrum_ticks"


@dataclass(frozen=True, slots=True)
class MeasuredBefore:
    """What was measured before under the conditions that are chosen."""

    ages: Mapping[str, str]  # by probe, in words
    done: frozenset[str]  # decided for this decision, while something else is still to be measured


@dataclass(slots=True)
class _Ticks:
    """What this browser's session said of probes. A new ``epoch`` lets every box start again from here."""

    said: dict[str, bool] = field(default_factory=dict)
    epoch: int = 0
    wanted: str = ""  # the wish that was taken up last

    def set(self, said: Mapping[str, bool]) -> None:
        self.said |= said
        self.epoch += 1

    def forget(self, probes: Collection[str]) -> None:
        for probe in probes:
            self.said.pop(probe, None)
        self.epoch += 1


def choose(
    offers: Sequence[Availability], knowledge: MeasuredBefore, covered: Collection[str], *, wanted: str = ""
) -> list[str]:
    """Draw what can run, what can't and why. Returns what is ticked, seen or not, in the catalog's order.

    ``covered`` are the probes that the budget has time for by itself. ``wanted`` is the probe that another page asked
    for: ticked once more, whatever was said of it before.
    """
    able = [offer.probe for offer in offers if offer.outcome is Outcome.OK]
    unable = [offer for offer in offers if offer.outcome is not Outcome.OK]
    ticks = _ticks()
    if wanted != ticks.wanted:
        ticks.wanted = wanted
        ticks.forget([wanted])
    covers = set(covered) - set(knowledge.done)
    by_budget = {spec.id: spec.id == wanted or spec.id in covers for spec in able}
    with components.folded(
        "Choose the probes", key=LIST, icon=":material/checklist:", expanded=bool(wanted) or bool(unable and not able)
    ) as is_open:
        if is_open:
            with st.container(key="probe-groups"):
                _list(able, unable, knowledge, by_budget)
    chosen = [name for name, ticked in by_budget.items() if ticks.said.get(name, ticked)]
    _sum_up(able, len(unable), chosen, by_budget)
    _remarks(able, chosen, knowledge, covered)
    return chosen


def _ticks() -> _Ticks:
    ticks: _Ticks = st.session_state.setdefault(_TICKS, _Ticks())
    return ticks


def _list(
    able: Sequence[ProbeSpec], unable: Sequence[Availability], knowledge: MeasuredBefore, by_budget: Mapping[str, bool]
) -> None:
    matches = _filter(able) if len(able) + len(unable) > FILTER_FROM else lambda _: True
    shown = [spec for spec in able if matches(spec)]
    _at_once(shown, by_budget)
    if not shown and not any(matches(offer.probe) for offer in unable):
        st.caption("No probe is called so. Try a shorter word, or clear the filter.")
    explained: set[str] = set()  # the modes of a measure share its question
    for heading in dict.fromkeys(spec.group for spec in shown):
        rows = [spec for spec in shown if spec.group == heading]
        if heading:
            st.markdown(f"## {components.escape(heading)}")
        with st.grid("auto", min_column_width=300, gap="medium"):
            for spec in rows:
                _box(spec, knowledge.ages.get(spec.id, ""), by_budget[spec.id], asks=spec.measure not in explained)
                explained.add(spec.measure)
    _unable([offer for offer in unable if matches(offer.probe)])


def _filter(able: Sequence[ProbeSpec]) -> Callable[[ProbeSpec], bool]:
    """Words and modes to look for; a probe has all the words and one of the modes."""
    modes: dict[str, str] = {}
    for spec in able:
        modes.setdefault(spec.track, _modes(spec))
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        words = st.text_input(
            "Find a probe",
            placeholder="memory, compile, gradient …",
            key="probe-words",
            icon=":material/search:",
            max_chars=components.LONGEST_SEARCH,
            live=True,
        )
        tracks = st.pills(
            "Modes",
            list(modes),
            selection_mode="multi",
            format_func=lambda track: components.escape(modes[track]),
            key="probe-tracks",
        )
    return lambda spec: found(spec, words or "") and (not tracks or spec.track in tracks)


def found(spec: ProbeSpec, words: str) -> bool:
    """Whether a probe has all of ``words`` in its names, its question, its heading or its modes."""
    text = " ".join((spec.id, spec.title, spec.question, spec.metric, spec.group, *spec.modes.values())).casefold()
    return all(word in text for word in words[: components.LONGEST_SEARCH].casefold().split())


def _modes(spec: ProbeSpec) -> str:
    pytorch, tensorflow = spec.modes["pytorch"], spec.modes["tensorflow"]
    return f"both {pytorch}" if pytorch == tensorflow else f"{pytorch} against {tensorflow}"


def _at_once(shown: Sequence[ProbeSpec], by_budget: Mapping[str, bool]) -> None:
    """Ticks for everything that the filter shows, or as the budget has it."""
    names = [spec.id for spec in shown]
    ticks = _ticks()
    with st.container(horizontal=True, gap="small"):
        st.button("Tick all", key="probes-all", on_click=ticks.set, args=(dict.fromkeys(names, True),))
        st.button("Tick none", key="probes-none", on_click=ticks.set, args=(dict.fromkeys(names, False),))
        st.button("The budget's own", key="probes-own", on_click=ticks.forget, args=(list(by_budget),))
    if hidden := [name for name in by_budget if name not in names]:
        kept = sum(ticks.said.get(name, by_budget[name]) for name in hidden)
        st.caption(
            f"{len(names)} of {len(by_budget)} are shown; «all» and «none» are about these. Of the others "
            f"{kept} {'is' if kept == 1 else 'are'} ticked and will be measured too."
        )


def _box(spec: ProbeSpec, age: str, by_budget: bool, *, asks: bool) -> None:
    ticks = _ticks()
    key = f"probe-{ticks.epoch}-{'on' if by_budget else 'off'}-{spec.id}"
    with st.container(gap="xxsmall"):
        st.checkbox(
            f"**{components.escape(spec.title)}**" + (f" · {age}" if age else ""),
            value=ticks.said.get(spec.id, by_budget),
            key=key,
            on_change=_tick,
            args=(spec.id, key),
        )
        modes = _modes(spec)
        modes = f"{modes}." if spec.track == "tuned" else f"{modes[0].upper()}{modes[1:]}."  # there it begins with code
        text = f"{spec.question} {modes}" if asks else modes
        st.caption(components.escape(text))


def _tick(probe: str, key: str) -> None:
    _ticks().said[probe] = bool(st.session_state[key])


def _unable(offers: Sequence[Availability]) -> None:
    """What can't run here; what the same thing stands in the way of is said together."""
    reasons: dict[str, list[str]] = {}
    for offer in offers:
        reasons.setdefault(offer.reason, []).append(f"**{components.escape(offer.probe.title)}**")
    for reason, titles in reasons.items():
        st.markdown(f":material/block: {', '.join(titles)} can't run here")
        st.caption(components.escape(reason))


def _sum_up(able: Sequence[ProbeSpec], unable: int, chosen: Sequence[str], by_budget: Mapping[str, bool]) -> None:
    """How much is ticked, whether the list is open or not."""
    is_own = all(ticked == (name in chosen) for name, ticked in by_budget.items())
    whose = "the budget's own" if is_own else "your choice"
    cannot = f" {unable} can't run here; the list says why." if unable else ""
    st.caption(f":material/check_box: {len(chosen)} of {len(able)} probes are ticked, {whose}.{cannot}")


def _remarks(
    able: Sequence[ProbeSpec], chosen: Collection[str], knowledge: MeasuredBefore, covered: Collection[str]
) -> None:
    """What the choice means for the run."""
    if set(chosen).difference(covered):
        st.caption(":material/schedule: You chose probes that the budget doesn't cover: this run takes longer.")
    if left_out := [spec.title for spec in able if spec.id in knowledge.done.difference(chosen)]:
        st.caption(
            f":material/history: {components.escape('; '.join(left_out))}: decided already and not ticked, so that the "
            "time goes to the rest. Tick them to measure them again."
        )
    if not chosen:
        st.caption(":material/info: Nothing is ticked, so the budget's own probes run.")
