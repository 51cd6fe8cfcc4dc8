"""Names what two models' settings differ in, before any number is compared."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

from probes.compare.pairing import Side
from probes.compare.rules import RULES, Rule
from probes.compare.schema import Finding
from probes.compare.steps import Step


def findings(pytorch: Side, keras: Side, pairs: Iterable[tuple[int, int]]) -> tuple[Finding, ...]:
    """One for each rule and pair of steps, in PyTorch's order."""
    return tuple(
        Finding(rule.id, ours.title, theirs.title, {"pytorch": values[0], "tensorflow": values[1]})
        for ours, theirs in ((pytorch.steps[i], keras.steps[j]) for i, j in pairs)
        for rule in RULES
        if (values := _differing(rule, ours, theirs)) is not None
    )


def _differing(rule: Rule, ours: Step, theirs: Step) -> tuple[Any, Any] | None:
    """What each side has, if both say it and it isn't the same."""
    if ours.kind != theirs.kind or ours.kind not in rule.kinds:
        return None
    if any(rule.setting not in step.settings for step in (ours, theirs)):
        return None
    if rule.setting == "padding" and ours.settings.get("size") != theirs.settings.get("size"):
        return None  # one side pads its input in a step of its own: only the numbers tell
    values = ours.settings[rule.setting], theirs.settings[rule.setting]
    return None if None in values or _same(*values, rule.tolerance) else values


def _same(ours: Any, theirs: Any, tolerance: float) -> bool:
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in (ours, theirs)):
        return bool(abs(ours - theirs) <= tolerance * max(abs(ours), abs(theirs)))
    return bool(ours == theirs)


def at_outputs(found: Sequence[Finding], at: tuple[Step, Step] | None, kinds: frozenset[str]) -> tuple[str, ...]:
    """Rules that may be why outputs part ``at`` a pair of steps: its own settings; else what is known of the ``kinds``
    of steps there, as far as their settings aren't seen to be the same."""
    rules = [rule for rule in RULES if rule.shows == "outputs"]
    here = {one.rule for one in found if at is not None and (one.pytorch, one.keras) == (at[0].title, at[1].title)}
    if named := tuple(rule.id for rule in rules if rule.id in here):
        return named
    told = set.intersection(*(set(step.settings) for step in at)) if at is not None else set()
    return tuple(rule.id for rule in rules if kinds.intersection(rule.kinds) and rule.setting not in told)


def in_training(found: Sequence[Finding], differs: Collection[str]) -> tuple[str, ...]:
    """Rules that may be why a training step differs after the same outputs."""
    here = {one.rule for one in found}
    named = [rule.id for rule in RULES if rule.shows == "training" and rule.id in here]
    return (*named, *(OF_A_LOSS if "the loss" in differs else ()))


#: What a loss may differ by where the outputs are the same.
OF_A_LOSS: Final = ("cross-entropy-input", "label-smoothing")
