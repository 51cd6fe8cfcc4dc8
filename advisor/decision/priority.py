"""What the decision wants of a run: which probes could change it, and by how much (docs/adr/0022)."""

from __future__ import annotations

from collections.abc import Callable, Collection

from advisor.answers import Answers
from advisor.decision.explain.next_steps import probe_gains
from advisor.model.decision import Decision
from probes.schema import Priority


def priority(answers: Answers, decision: Callable[[], Decision], probes: Collection[str]) -> Priority:
    """What knowing each of the ``probes`` better would gain; nothing was answered yet: all count alike."""
    return Priority(probe_gains(decision().next_steps, set(probes))) if answers != Answers() else Priority()
