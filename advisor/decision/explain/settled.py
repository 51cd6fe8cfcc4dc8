"""Whether a decision is settled: nothing that is still open would change it, so that nobody has to answer on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from advisor.answers import TARGET_IDS, Answers
from advisor.decision.evidence.vetoes import missing, required_by
from advisor.decision.explain import next_steps
from advisor.decision.explain.outlook import Option, Outlook, Standing
from advisor.decision.explain.verdict import strength
from advisor.decision.explain.words import leading
from advisor.decision.sampling import weigh
from advisor.decision.scoring.draws import Stream
from advisor.decision.scoring.smaa import Smaa
from advisor.knowledge import Knowledge
from advisor.knowledge.conditions import PATHS, TARGETS, answered
from advisor.model.decision import Settled
from probes.results import RunResult
from probes.schema import Framework

_SAMPLES: Final = 500  # a share near ½ is good to 2 points of 100
_ROUNDS: Final = 2  # answers open questions, and these others


def by_requirement(winner: Framework | None, answers: Answers, knowledge: Knowledge) -> Settled:
    """Where a hard requirement decides: no weight counts then. ``winner`` is None where neither is left.

    With the open questions that could bring in another requirement that decides.
    """
    which = "A hard requirement decides" if winner else "Neither of the two meets every hard requirement"
    open_ones = next_steps.unanswered(answers, knowledge)
    could = tuple(path for path in open_ones if _could_decide(path, answers, knowledge))
    return Settled(f"{which}, and no weight changes that.", could)


def by_weights(result: Smaa, answers: Answers, knowledge: Knowledge, run: RunResult | None) -> Settled | None:
    """Where the answer is clear and stays if every open question has the answer that speaks most against it; else None.

    ``result``: of the draws with the answers as they are. Answers that would bring in a hard requirement which the side
    that is ahead misses are another matter: the questions that have such an answer are named.
    """
    now = Standing.of(result)
    if strength(now.probability) != "clear":
        return None
    ahead = leading(now.probability)
    if not _stays(ahead, _against(ahead, now, answers, knowledge, run), knowledge, run):
        return None
    open_ones = next_steps.unanswered(answers, knowledge)
    could = tuple(path for path in open_ones if _could_decide(path, answers, knowledge))
    return Settled("The answer is clear, and stands even if every open question is answered against it.", could)


def _against(ahead: Framework, now: Standing, answers: Answers, knowledge: Knowledge, run: RunResult | None) -> Answers:
    """The answers with all open questions answered as it speaks most against the side that is ahead.

    Each answer is chosen by itself; what they do together only counts in the end.
    """
    sign = 1 if ahead == "pytorch" else -1
    seen: set[str] = set()
    for _ in range(_ROUNDS):
        outlook, worst = Outlook(answers, knowledge, run, now), answers
        for path in (path for path in next_steps.unanswered(answers, knowledge) if path not in seen):
            seen.add(path)
            left = [option for option in next_steps.options(path) if _leaves(ahead, path, option, worst, knowledge)]
            if left:
                differences = sign * outlook.supposing(path, left).difference
                worst = answered(worst, path, left[int(differences.argmin())])
        if worst == answers:
            break
        answers = worst
    return answers


def _leaves(ahead: Framework, path: str, option: Option, answers: Answers, knowledge: Knowledge) -> bool:
    """Whether the side that is ahead still meets every hard requirement with one more answer."""
    return path not in required_by(knowledge) or ahead not in missing(answered(answers, path, option), knowledge)


def _stays(ahead: Framework, answers: Answers, knowledge: Knowledge, run: RunResult | None) -> bool:
    p = Standing.of(weigh(answers, knowledge, run, Stream(0, _SAMPLES)).result).probability
    return (p if ahead == "pytorch" else 1 - p) > 0.5


def _could_decide(path: str, answers: Answers, knowledge: Knowledge) -> bool:
    """Whether an answer there would change which frameworks meet the hard requirements."""
    if path not in required_by(knowledge):
        return False
    now = missing(answers, knowledge)
    possible = (answered(answers, path, option) for option in _options(path, knowledge))
    return any(missing(other, knowledge) != now for other in possible)


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
