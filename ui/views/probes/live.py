"""The run under way: what it does now and the ratios so far. HTML that updates in place; plotly would flicker."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from html import escape

import streamlit as st

from advisor.measured.ratios import advantage
from advisor.measured.result_sets import Run
from advisor.output.charts.verdicts import interval, winner, words
from advisor.ports import Services
from advisor.queue.kinds import MEASURE
from probes.results import ProbeResult
from probes.schema import Outcome, ProbeSpec, Verdict
from ui.jobs import card, load_gauge
from ui.session import catalog, decisions, state

REACH = math.log(4)  # the track ends at 4× to either side; what lies beyond sits at its end
HEADINGS_FROM = 8  # more probes than this are easier to follow under their headings
SOON = "First ratios show about 25 seconds after the start."
PROVISIONAL = (
    "Ratios are provisional: the intervals narrow as rounds are added, and a verdict is final only after the rounds "
    "that were fixed for it."
)
CLOSE = "You can close this tab; the run goes on, and this page finds it again."
PATIENCE = timedelta(seconds=5)  # for the executor to start with the app


def live_view(services: Services, run: Run) -> None:
    """Progress, provisional ratios and Cancel; redraws the whole page once when the run has ended."""
    card.live(services, MEASURE, partial(_draw, services), run.subject)


def _draw(services: Services, run: Run) -> None:
    with card.card(services, run):
        _waiting(services, run)
        load_gauge.line(services)
        provisional = run.result.results if run.result else ()
        priority = run.result.priority if run.result else decisions.priority(state.current())
        st.html(_tracks(provisional, catalog.planned(services, run.request, priority)))
        st.caption(f"{PROVISIONAL if provisional else SOON} {CLOSE}")


def _waiting(services: Services, run: Run) -> None:
    """Say so when nobody is there to take the run."""
    if (
        run.status == "queued"
        and services.clock.now() - run.updated_at > PATIENCE
        and not services.store.executor().alive
    ):
        st.warning(
            "The process that measures isn't there. It starts with the app and starts again if it fails; "
            "to start it by hand, run `python -m advisor agent`.",
            icon=":material/hourglass_top:",
        )


def _place(factor: float) -> float:
    """Percent from the left: TensorFlow better at 0, equal at 50, PyTorch better at 100."""
    return 50 + 50 * max(-1.0, min(1.0, math.log(factor) / REACH))


def _tracks(results: Sequence[ProbeResult], plan: Sequence[ProbeSpec]) -> str:
    """A row for everything planned from the start, so that nothing jumps when its first ratio comes in."""
    margin = max((result.margin for result in results), default=0.05)
    band = f"left:{_place(1 / (1 + margin)):.2f}%;right:{100 - _place(1 + margin):.2f}%"
    known = {result.probe: _track(result, band) for result in results}
    groups: dict[str, list[str]] = {}
    for spec in plan:
        groups.setdefault(spec.group, []).append(known.pop(spec.id, "") or _empty(spec.title, "waiting"))
    groups.setdefault("", []).extend(known.values())  # what isn't in the catalog any more
    rows = "".join(
        (_heading(group) if group and len(plan) > HEADINGS_FROM else "") + "".join(members)
        for group, members in groups.items()
    )
    ends = '<div class="f-live-ends"><span>◆ TensorFlow better, 4×</span><span>PyTorch better, 4× ●</span></div>'
    return f'<div class="f-live"><div class="f-live-rows" role="list">{rows}</div>{ends}</div>'


def _heading(group: str) -> str:
    return f'<div class="f-live-group" role="listitem">{escape(group)}</div>'


def _empty(title: str, said: str) -> str:
    return (
        f'<div class="f-live-waiting" role="listitem"><div class="f-live-head"><span><b>{escape(title)}</b></span>'
        f'<span>{said}</span></div><div class="f-live-track"></div></div>'
    )


def _track(result: ProbeResult, band: str) -> str:
    factors = advantage(result)
    if factors is None or result.outcome is not Outcome.OK:
        # Under way both sides may be well and still have nothing to compare: that is no failure yet.
        well = all(side.outcome is Outcome.OK for side in result.sides.values())
        return _empty(result.title, "measuring …" if well else escape(words(result)))
    estimate, low, high = factors
    side = winner(result) or ("equal" if result.verdict is Verdict.EQUAL else "open")
    left, right = _place(low), _place(high)
    said = f"{escape(words(result))} · {interval(result)}"
    return (
        f'<div role="listitem"><div class="f-live-head"><span><b>{escape(result.title)}</b></span>'
        f"<span>{said}</span></div>"
        f'<div class="f-live-track"><i class="f-live-band" style="{band}"></i><i class="f-live-one"></i>'
        f'<i class="f-live-interval {side}" style="left:{left:.2f}%;width:{max(right - left, 0.4):.2f}%"></i>'
        f'<i class="f-live-dot {side}" style="left:{_place(estimate):.2f}%"></i></div></div>'
    )
