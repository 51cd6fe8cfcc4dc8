"""The planner's choice of probes: under the question that each helps to answer, the first questions in full view.

A tick at a question takes what the budget has time for of it; its single probes, one a measure and mode, are folded
below it, and a search finds them by any word.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Final

import streamlit as st

from probes.contracts import FIRST_GROUPS, GROUPS
from probes.schema import LEVELS, Availability, Outcome, ProbeSpec
from probes.system.quantities import lasting
from probes.system.sentences import upper_first
from ui.kit import components
from ui.views.probes import ticks

FILTER_FROM: Final = 12  # more probes than this are searched rather than read through
MORE: Final = "probe-more"
SEARCH: Final = "probe-search"
_SMALL: Final = 0.5  # seconds below which a question costs nothing worth saying


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the probes under the conditions that are chosen."""

    ages: Mapping[str, str]  # by probe: when it was measured before, in words
    done: frozenset[str]  # decided for this decision, while something else is still to be measured
    covered: frozenset[str]  # what the budget has time for by itself
    seconds: Callable[[Collection[str]], float]  # what a run of some of them takes about


def choose(offers: Sequence[Availability], known: Known, *, wanted: str = "") -> list[str]:
    """Draw the questions, what can't run and why. Returns what is ticked, seen or not, in the catalog's order.

    ``wanted`` is the probe that another page asked for: ticked once more, whatever was said of it before.
    """
    said = ticks.kept()
    if wanted != said.wanted:
        said.wanted = wanted
        said.forget([wanted])
    able = [offer.probe for offer in offers if offer.outcome is Outcome.OK]
    by_budget = {spec.id: spec.id == wanted or spec.id in known.covered - known.done for spec in able}
    list_ = _List(tuple(offers), known, by_budget, wanted)
    with st.container(key="probe-groups", gap="small"):
        if able:
            list_.questions()
        else:
            _unable(offers)
    chosen = said.chosen(by_budget)
    _sum_up(len(offers), able, chosen, by_budget)
    _remarks(able, chosen, known)
    return chosen


def found(spec: ProbeSpec, words: str) -> bool:
    """Whether a probe has all of ``words`` in its names, its question, what it helps to answer, or its modes."""
    asked = spec.group, GROUPS.get(spec.group, "")
    text = " ".join((spec.id, spec.title, spec.question, spec.metric, *asked, *spec.modes.values())).casefold()
    return all(word in text for word in words[: components.LONGEST_SEARCH].casefold().split())


@dataclass(frozen=True, slots=True)
class _List:
    """The offered probes, and how they are drawn."""

    offers: tuple[Availability, ...]
    known: Known
    by_budget: Mapping[str, bool]  # of what can run
    wanted: str

    def questions(self) -> None:
        """What nearly everybody asks; folded, what else can be asked, and a search."""
        asked = [heading for heading in GROUPS if any(offer.probe.group == heading for offer in self.offers)]
        first = [heading for heading in islice(GROUPS, FIRST_GROUPS) if heading in asked]
        more = [heading for heading in asked if heading not in first]
        st.markdown("## What do you want to know?")
        for heading in first:
            self._question(heading)
        if more:
            with components.folded(
                "More questions", key=MORE, icon=":material/more_horiz:", expanded=self._wants(more)
            ) as is_open:
                for heading in more if is_open else ():
                    self._question(heading)
        if len(self.offers) > FILTER_FROM:
            with components.folded("Find a probe", key=SEARCH, icon=":material/search:") as is_open:
                if is_open:
                    self._search()

    def _wants(self, headings: Collection[str]) -> bool:
        """Whether the probe that another page asked for stands under one of ``headings``."""
        return any(offer.probe.id == self.wanted and offer.probe.group in headings for offer in self.offers)

    def _question(self, heading: str) -> None:
        """One question with its tick, what it costs, and its single probes."""
        offers = [offer for offer in self.offers if offer.probe.group == heading]
        specs = [offer.probe for offer in offers if offer.outcome is Outcome.OK]
        asked = f"**{components.escape(GROUPS[heading])}**"
        with st.container(gap="xxsmall"):
            if specs:
                own = _own(specs, self.by_budget)
                here = set(ticks.kept().chosen(self.by_budget)) & {spec.id for spec in specs}
                say = partial(_answer, [spec.id for spec in specs], own)
                ticks.box(asked, key=f"question-{heading}", ticked=here.issuperset(own), say=say)
                cost = self._cost(here or own, ticked=bool(here))
                st.caption(f"{len(here)} of {len(specs)} probes ticked: {cost}.")
            else:
                st.markdown(f":material/block: {asked}")
                st.caption("Can't be measured here; its probes say why.")
            is_wanted = self._wants([heading])
            of, key = f"{heading}: single probes", f"probes-of-{heading}"
            with components.folded(of, key=key, expanded=is_wanted, framed=False) as is_open:
                if is_open:
                    self._boxes(specs, "of")
                    _unable([offer for offer in offers if offer.outcome is not Outcome.OK])

    def _cost(self, probes: Collection[str], *, ticked: bool) -> str:
        """What a run takes longer with ``probes`` than without them."""
        others = set(ticks.kept().chosen(self.by_budget)) - set(probes)
        seconds = self.known.seconds(others | set(probes)) - self.known.seconds(others)
        if seconds < _SMALL:
            return "at no extra time" if ticked else "a tick here adds no time"
        return f"about {lasting(seconds)}" if ticked else f"a tick here adds about {lasting(seconds)}"

    def _search(self) -> None:
        """Single probes by words and modes, to be ticked one by one or all at once."""
        able = [offer.probe for offer in self.offers if offer.outcome is Outcome.OK]
        words, tracks = _asked(able)
        matching = [
            offer for offer in self.offers if found(offer.probe, words) and (not tracks or offer.probe.track in tracks)
        ]
        shown = [offer.probe for offer in matching if offer.outcome is Outcome.OK]
        _at_once([spec.id for spec in shown], self.by_budget)
        if not matching:
            st.caption("No probe is called so. Try a shorter word, or clear the filter.")
        if words.strip() or tracks:
            self._boxes(shown, "found")
            _unable([offer for offer in matching if offer.outcome is not Outcome.OK])

    def _boxes(self, specs: Sequence[ProbeSpec], place: str) -> None:
        explained: set[str] = set()  # the modes of a measure share its question
        with st.grid("auto", min_column_width=260, gap="medium"):
            for spec in specs:
                self._box(spec, place, asks=spec.measure not in explained)
                explained.add(spec.measure)

    def _box(self, spec: ProbeSpec, place: str, *, asks: bool) -> None:
        said, age = ticks.kept(), self.known.ages.get(spec.id, "")
        label = f"**{components.escape(spec.title)}**" + (f" · {age}" if age else "")
        ticked = said.said.get(spec.id, self.by_budget[spec.id])
        with st.container(gap="xxsmall"):
            ticks.box(label, key=f"probe-{place}-{spec.id}", ticked=ticked, say=partial(said.set, [spec.id]))
            modes = f"{_modes(spec)}."
            if spec.track != "tuned":  # which begins with code
                modes = upper_first(modes)
            st.caption(components.escape(f"{spec.question} {modes}" if asks else modes))


def _own(specs: Sequence[ProbeSpec], by_budget: Mapping[str, bool]) -> list[str]:
    """What a tick at a question takes: what the budget does, or else what the smallest budget would that takes any."""
    if own := [spec.id for spec in specs if by_budget[spec.id]]:
        return own
    smallest = min((spec.budget for spec in specs), key=LEVELS.index)
    return [spec.id for spec in specs if spec.budget == smallest]


def _answer(probes: Sequence[str], own: Sequence[str], ticked: bool) -> None:
    """A question is ticked with what is its own, and unticked with all that is under it."""
    ticks.kept().set(own if ticked else probes, ticked)


def _asked(able: Sequence[ProbeSpec]) -> tuple[str, Sequence[str]]:
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
    return words or "", tracks or ()


def _modes(spec: ProbeSpec) -> str:
    pytorch, tensorflow = spec.modes["pytorch"], spec.modes["tensorflow"]
    return f"both {pytorch}" if pytorch == tensorflow else f"{pytorch} against {tensorflow}"


def _at_once(names: Sequence[str], by_budget: Mapping[str, bool]) -> None:
    """Ticks for everything that was found, or as the budget has it."""
    said = ticks.kept()
    with st.container(horizontal=True, gap="small"):
        st.button("Tick all", key="probes-all", on_click=said.set, args=(names, True))
        st.button("Tick none", key="probes-none", on_click=said.set, args=(names, False))
        st.button("The budget's own", key="probes-own", on_click=said.forget, args=(list(by_budget),))
    if hidden := by_budget.keys() - set(names):
        kept = len(hidden.intersection(said.chosen(by_budget)))
        st.caption(
            f"{len(names)} of {len(by_budget)} are found; «all» and «none» are about these. Of the others "
            f"{kept} {'is' if kept == 1 else 'are'} ticked and will be measured too."
        )


def _unable(offers: Sequence[Availability]) -> None:
    """What can't run here; what the same thing stands in the way of is said together."""
    reasons: dict[str, list[str]] = {}
    for offer in offers:
        reasons.setdefault(offer.reason, []).append(f"**{components.escape(offer.probe.title)}**")
    for reason, titles in reasons.items():
        st.markdown(f":material/block: {', '.join(titles)} can't run here")
        st.caption(components.escape(reason))


def _sum_up(offered: int, able: Sequence[ProbeSpec], chosen: Sequence[str], by_budget: Mapping[str, bool]) -> None:
    """How much is ticked, whatever is open."""
    is_own = all(ticked == (name in chosen) for name, ticked in by_budget.items())
    whose = "the budget's own" if is_own else "your choice"
    unable = offered - len(able)
    cannot = f" {unable} can't run here; the questions say why." if unable else ""
    st.caption(f":material/check_box: {len(chosen)} of {len(able)} probes are ticked, {whose}.{cannot}")


def _remarks(able: Sequence[ProbeSpec], chosen: Collection[str], known: Known) -> None:
    """What the choice means for the run."""
    if not known.covered.issuperset(chosen):
        st.caption(":material/schedule: You chose probes that the budget doesn't cover: this run takes longer.")
    if left_out := [spec.title for spec in able if spec.id in known.done.difference(chosen)]:
        st.caption(
            f":material/history: {components.escape('; '.join(left_out))}: decided already and not ticked, so that the "
            "time goes to the rest. Tick them to measure them again."
        )
    if not chosen:
        st.caption(":material/info: Nothing is ticked, so the budget's own probes run.")
