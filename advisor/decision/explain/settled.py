"""Whether a decision is settled: nothing that is still open would change it, so that nobody has to answer on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from advisor.answers import TARGET_IDS, Answers
from advisor.decision.evidence.vetoes import vetoes
from advisor.decision.explain.next_steps import Option, answered
from advisor.decision.explain.verdict import failing
from advisor.knowledge import Knowledge
from advisor.knowledge.conditions import PATHS, TARGETS
from advisor.model import DecisionVerdict, Settled


def settled(
    verdict: DecisionVerdict, unknowns: Iterable[str], answers: Answers, knowledge: Knowledge
) -> Settled | None:
    """Why it is settled and which open questions could bring in another hard requirement, or None.

    A requirement that fails settles it, since no weight counts then. ``unknowns``: key paths of the open questions.
    """
    if verdict.strength == "veto":
        why = (
            "Neither of the two meets every hard requirement, and no weight changes that."
            if verdict.framework is None
            else "A hard requirement decides, and no weight changes that."
        )
        return Settled(why, tuple(path for path in unknowns if _could_decide(path, answers, knowledge)))
    return None


def _could_decide(path: str, answers: Answers, knowledge: Knowledge) -> bool:
    """Whether an answer there would change which frameworks meet the hard requirements."""
    now = failing(vetoes(answers, knowledge))
    possible = (answered(answers, path, option) for option in _options(path, knowledge))
    return any(failing(vetoes(other, knowledge)) != now for other in possible)


def _options(path: str, knowledge: Knowledge) -> Iterator[Option]:
    """The answers that might be given; of a number, those at which a requirement begins or ends."""
    if path == TARGETS:
        yield from TARGET_IDS
    elif PATHS[path].kind != "number":
        yield from PATHS[path].options
    else:
        conditions = (when for item in knowledge.requirements for when in (item.when, *(c.when for c in item.cases)))
        lines = (line for when in conditions for line in when.lines if line.asks == path)
        yield from (int(end) for line in lines for end in (line.least, line.most) if end is not None)
