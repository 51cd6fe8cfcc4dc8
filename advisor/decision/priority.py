"""What the decision wants of a run: which probes could change it, and by how much (docs/adr/0022)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import date
from functools import reduce

from advisor.answers import Answers
from advisor.decision.decide import decide
from advisor.decision.evidence.route_runs import taken_over
from advisor.decision.explain.next_steps import probe_gains
from advisor.knowledge import load
from advisor.model.decision import Decision
from probes.deploy.schema import RoutesRun
from probes.results import RunResult
from probes.schema import Priority


def priority(answers: Answers, decision: Callable[[], Decision], probes: Collection[str]) -> Priority:
    """What knowing each of the ``probes`` better would gain; nothing was answered yet: all count alike."""
    return Priority(probe_gains(decision().next_steps, set(probes))) if answers != Answers() else Priority()


def decision_of(answers: Answers, tried: Iterable[RoutesRun], run: RunResult | None, *, day: date) -> Decision:
    """The decision with what was measured, and what this machine ``tried``, the newest last, as facts are old on
    ``day``."""
    return decide(answers, reduce(taken_over, tried, load(on=day)), run)
