"""Knowledge changed on purpose: the frameworks exchanged, or nothing to choose between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from advisor.answers import Answers
from advisor.knowledge import Knowledge
from advisor.knowledge.criteria import CriterionSpec, JudgementSpec, MigrationSpec, Rates, SkillsSpec
from probes.schema import Framework

OTHER: Mapping[Framework, Framework] = {"pytorch": "tensorflow", "tensorflow": "pytorch"}
#: Code frameworks that become each other when the names are exchanged.
CODE = {"pytorch": "tensorflow2", "tensorflow2": "pytorch"}


def swapped(knowledge: Knowledge) -> Knowledge:
    """What is known of PyTorch said of TensorFlow, and the other way round."""
    return replace(
        knowledge,
        routes={
            target: {side: tuple(replace(route, framework=side) for route in sides[OTHER[side]]) for side in OTHER}
            for target, sides in knowledge.routes.items()
        },
        criteria=tuple(_swapped(spec) for spec in knowledge.criteria),
        requirements=tuple(
            replace(
                item,
                cases=tuple(replace(case, pytorch=case.tensorflow, tensorflow=case.pytorch) for case in item.cases),
            )
            for item in knowledge.requirements
        ),
    )


def _swapped(spec: CriterionSpec) -> CriterionSpec:
    value = spec.value
    if isinstance(value, JudgementSpec):
        cases = tuple(replace(c, pytorch=c.tensorflow, tensorflow=c.pytorch) for c in value.cases)
        return replace(spec, value=replace(value, cases=cases))
    if isinstance(value, MigrationSpec):
        return replace(spec, value=replace(value, rates=_rates(value.rates), kept=_rates(value.kept)))
    if isinstance(value, SkillsSpec):
        carried = {code: replace(found, side=OTHER[found.side]) for code, found in value.carried.items()}
        return replace(spec, value=replace(value, carried=carried))
    return spec


def _rates(table: Rates) -> Rates:
    return {CODE.get(name, name): {side: rates[OTHER[side]] for side in OTHER} for name, rates in table.items()}


def swapped_answers(answers: Answers) -> Answers:
    """The skills exchanged, and the code."""
    skills = {OTHER.get(name, name): level for name, level in answers.team.skills.items()}  # type: ignore[call-overload]
    framework = CODE.get(str(answers.code.framework), answers.code.framework)
    return answers.model_copy(
        update={
            "team": answers.team.model_copy(update={"skills": skills}),
            "code": answers.code.model_copy(update={"framework": framework}),
        }
    )


def even(knowledge: Knowledge) -> Knowledge:
    """TensorFlow as good as PyTorch in everything that is known."""

    def level(spec: CriterionSpec) -> CriterionSpec:
        if not isinstance(spec.value, JudgementSpec):
            return spec
        cases = tuple(replace(c, tensorflow=c.pytorch) for c in spec.value.cases)
        return replace(spec, value=replace(spec.value, cases=cases))

    return replace(
        knowledge,
        routes={
            target: {side: tuple(replace(r, framework=side) for r in sides["pytorch"]) for side in OTHER}
            for target, sides in knowledge.routes.items()
        },
        criteria=tuple(level(spec) for spec in knowledge.criteria),
    )
