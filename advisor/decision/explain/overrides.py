"""That a team set facts itself is said aloud, never silent: how many, which, by whom, and which of them count."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from advisor.answers import Answers, Override
from advisor.decision.evidence.assessment import Assessment
from advisor.knowledge import Knowledge
from advisor.wording.quantities import counted
from probes.schema import TITLES
from probes.system.sentences import listed

_NAMED: Final = 3  # the others are counted; all stand in the evidence


def said(answers: Answers, rows: Sequence[Assessment], knowledge: Knowledge) -> tuple[str, ...]:
    """Up to two sentences: what the team set, and what of it replaces nothing here."""
    in_use = {item.id for row in rows for item in row.evidence if item.kind == "team"}
    titles = {spec.id: spec.criterion.title for spec in knowledge.criteria}
    used = [o for o in answers.overrides if o.key in in_use]
    idle = [o for o in answers.overrides if o.key not in in_use]
    sentences = []
    if used:
        names = [f"{_where(o, titles)} ({o.level} of 5, {o.author}, {o.date})" for o in used]
        number = counted(len(used), "fact was", "facts were")
        sentences.append(f"{number} set by your team and not by dated sources: {_some(names)}.")
    if idle:
        names = [_where(o, titles) for o in idle]
        number = counted(len(idle), "fact that your team set doesn't count", "facts that your team set don't count")
        sentences.append(f"{number}, because nothing is judged there: {_some(names)}.")
    return tuple(sentences)


def _where(override: Override, titles: dict[str, str]) -> str:
    return f"{TITLES[override.framework]} on «{titles.get(override.criterion, override.criterion)}»"


def _some(names: Sequence[str]) -> str:
    rest = len(names) - _NAMED
    return listed([*names[:_NAMED], f"{rest} more"] if rest > 0 else names)
