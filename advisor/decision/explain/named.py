"""What a team names as given in its own words: an add-on, a board, a platform.

Nobody weighs what stands there. So the answer says what is known of a name and wasn't weighed, and where nothing is
known of it: what is given may need one of the two frameworks, and then nothing else decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from advisor.answers import Answers
from advisor.decision.evidence import Assessment
from advisor.knowledge import Knowledge
from advisor.knowledge.names import mentions
from advisor.model.facts import Fact
from probes.system.sentences import listed, sentence

_MOST: Final = 2  # statements that the answer repeats; the report has all


def unweighed(answers: Answers, knowledge: Knowledge, rows: Sequence[Assessment]) -> tuple[str, ...]:
    """What to look at before going by the answer, in sentences; () where all that is named was weighed.

    ``rows``: all criteria, with what each was judged by.
    """
    found = mentions(answers.binds.notes, knowledge)
    judged = {item.id for row in rows for item in row.evidence}
    aside: dict[str, list[str]] = {}  # names by the statement that is known of them
    for name in found:
        if fact := _takes_a_side(name.facts, judged):
            aside.setdefault(fact.statement, []).append(name.name)
    said = [
        f"You named {listed(names)}, which {'is' if len(names) == 1 else 'are'}n't weighed: {sentence(statement)}"
        for statement, names in list(aside.items())[:_MOST]
    ]
    if aside:
        alone = sum(map(len, aside.values())) == 1
        said.append("If you can't do without it, that decides." if alone else "What you need of them decides.")
    if unknown := [one.name for one in found if not one.is_known]:
        need = "it needs" if len(unknown) == 1 else "they need"
        said.append(f"Nothing is known here of {listed(unknown)}: see first which framework {need}.")
    return tuple(said)


def _takes_a_side(facts: Sequence[Fact], judged: set[str]) -> Fact | None:
    """The newest of them that speaks for one of the two frameworks; none where a criterion was judged by any."""
    if any(fact.id in judged for fact in facts):
        return None
    return next((fact for fact in facts if fact.favours != "neither"), None)
