"""What was refused, in one line: where it stands, and what may stand there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import pytest
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from probes.system.mistakes import mistake


@dataclass(frozen=True)
class Wheel:
    __pydantic_config__ = ConfigDict(extra="forbid")

    size: int
    id: str = ""


@dataclass(frozen=True)
class Car:
    __pydantic_config__ = ConfigDict(extra="forbid")

    event: Literal["car"]
    wheels: tuple[Wheel, ...]


@dataclass(frozen=True)
class Boat:
    __pydantic_config__ = ConfigDict(extra="forbid")

    event: Literal["boat"]
    length: float


Vehicle = Annotated[Car | Boat, Field(discriminator="event")]


def said(kind: Any, content: object, below: object | None = None) -> str:
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(kind).validate_python(content)
    return mistake(refused.value, kind, content if below is None else below)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"event": "boat", "length": 3.0, "colour": "red"}, "boat.colour: no such key; allowed: event, length"),
        (
            {"event": "car", "wheels": [{"size": 1, "id": "left", "colour": "red"}]},
            "car.wheels.left.colour: no such key; allowed: size, id",
        ),
    ],
)
def test_the_keys_of_a_member_of_a_union_are_named_by_whichever_field_tells_it(
    content: dict[str, Any], words: str
) -> None:
    assert said(Vehicle, content, {content["event"]: content}) == words


def test_the_value_is_quoted_and_cut() -> None:
    assert said(Wheel, {"size": "x" * 200}).endswith("xxx…)")
    assert said(Wheel, {}) == "size: is missing"
    assert said(Wheel, []).startswith("the whole: ")
