"""Answers that Hypothesis gives: any that a team could."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from typing import Any, get_args

from hypothesis import strategies as st

from advisor.answers import (
    TARGET_IDS,
    Answers,
)
from advisor.knowledge.conditions import PATHS
from advisor.questionnaire import questions
from advisor.wording.plain import PlainText

CRITERIA = ("deployment", "skills", "training_speed", "deployment.android", "exit")


def some(values: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from(get_args(values) or values)


def partly(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=fields)


targets = st.lists(
    st.fixed_dictionaries(
        {"id": some(TARGET_IDS)},
        optional={
            "importance": st.integers(1, 5),
            "latency_ms": st.tuples(st.floats(0.1, 100), st.floats(0.1, 100)).map(
                lambda pair: {"target": pair[0], "limit": pair[0] + pair[1]}
            ),
        },
    ),
    max_size=4,
    unique_by=lambda target: target["id"],
)
priorities = partly(
    ranking=st.lists(some(CRITERIA), unique=True, max_size=3),
    swings=st.dictionaries(some(CRITERIA), st.floats(0, 100)),
)


def answer_at(path: str) -> st.SearchStrategy[Any]:
    """Any answer that a question may get."""
    of = next(question for question in questions() if question.id == path)
    match of.kind:
        case "choice":
            return some(tuple(of.options))
        case "several":
            return st.lists(some(tuple(of.options)), unique=True, max_size=4)
        case "yes-no":
            return st.booleans()
        case "number" if not PATHS[path].whole:
            return st.floats(of.low, of.high)
        case "number" | "scale":
            return st.integers(of.low, of.high)
    return st.text(max_size=40).map(PlainText(120).cleaned)


def nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    """``{"team.skills.jax": 3}`` as the answers file has it."""
    found: dict[str, Any] = {}
    for path, value in flat.items():
        *parents, last = path.split(".")
        reduce(lambda place, key: place.setdefault(key, {}), parents, found)[last] = value
    return found


plain = partly(**{question.id: answer_at(question.id) for question in questions() if question.id != "targets"})
others = partly(
    targets=targets,
    priorities=priorities,
    voices=st.lists(
        st.fixed_dictionaries(
            {"name": st.sampled_from(["Ana", "Ben", "no", "1.10", "é\U0001fae9"])}, optional={"priorities": priorities}
        ),
        max_size=3,
        unique_by=lambda voice: voice["name"],
    ),
)
answers_ = st.builds(lambda flat, rest: Answers.model_validate({"schema": 2, **nested(flat), **rest}), plain, others)
