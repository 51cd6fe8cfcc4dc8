"""The decision for what is shown now, made once for a version of answers and runs, and a day."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from datetime import date
from functools import reduce

import plotly.graph_objects as go

from advisor.answers import Answers
from advisor.decision import decide
from advisor.decision.evidence.browser_visits import in_browsers
from advisor.decision.evidence.route_runs import taken_over
from advisor.decision.evidence.scanned_code import with_effort
from advisor.decision.priority import priority as priority_of
from advisor.knowledge import Knowledge, load
from advisor.model.decision import Decision
from advisor.output.charts.palette import Theme
from advisor.ports import Services
from probes.results import RunResult
from probes.schema import Priority
from ui.kit import theme
from ui.session import catalog, code_scans, route_runs, state, visits
from ui.session.versioned import versioned

#: What a decision depends on, fit for a cache's key: answers, what was measured, tried and read, and day. The decision
#: itself isn't: by its ``id`` another one would be taken for it as soon as it is forgotten.
Key = tuple[str, str, date]


def decision() -> Decision:
    return for_answers(state.current())


def for_answers(now: state.Current) -> Decision:
    if "decision" not in now.worked_out:
        now.worked_out["decision"] = _decide(key(now), now.answers, known(now), now.measured)
    found: Decision = now.worked_out["decision"]
    return found


def priority(now: state.Current) -> Priority:
    """What a run could gain the decision of ``now``."""
    return priority_of(now.answers, lambda: for_answers(now), catalog.probes(now.services))


def key(now: state.Current) -> Key:
    """What the decision of ``now`` depends on."""
    if "key" not in now.worked_out:
        tried_key, day = _tried(now)
        tried = f"{now.measured_key}/{tried_key}/{code_scans.key(now)}/{code_scans.rehearsed_key(now)}"
        now.worked_out["key"] = now.answers.model_dump_json(), tried, day
    found: Key = now.worked_out["key"]
    return found


def figure(now: state.Current, what: Hashable, draw: Callable[[Theme], go.Figure]) -> go.Figure:
    """``draw`` in the visitor's theme, once for the decision of ``now`` and ``what`` of it is drawn."""
    shade = theme.current()
    return _drawn((key(now), what, shade), draw, shade)


def today(now: state.Current) -> date:
    """The day on which facts are as old as they count, in UTC."""
    return now.services.clock.now().date()


def known(now: state.Current) -> Knowledge:
    """What is known, as old as it is today, with what was tried on this machine and read of the team's code."""
    if "known" not in now.worked_out:
        tried_key, day = _tried(now)
        facts = _known((day, tried_key), day, now.services, now.record.id if now.record else "")
        now.worked_out["known"] = with_effort(facts, code_scans.effort(now))
    found: Knowledge = now.worked_out["known"]
    return found


def _tried(now: state.Current) -> tuple[str, date]:
    """What ``now`` takes over from what was tried, and its day: the same for every part of a page."""
    if "tried" not in now.worked_out:
        key = f"{route_runs.key(now.services)}/{visits.key(now)}"
        now.worked_out["tried"] = key, today(now)
    found: tuple[str, date] = now.worked_out["tried"]
    return found


@versioned(most=1024)
def _drawn(draw: Callable[[Theme], go.Figure], shade: Theme) -> go.Figure:
    return draw(shade)


@versioned(most=16)
def _known(day: date, services: Services, decision_id: str) -> Knowledge:
    tried = reduce(taken_over, route_runs.runs(services), load(on=day))
    return in_browsers(tried, visits.of(services, decision_id)) if decision_id else tried


@versioned(most=256)
def _decide(answers: Answers, known: Knowledge, run: RunResult | None) -> Decision:
    return decide.decide(answers, known, run)
