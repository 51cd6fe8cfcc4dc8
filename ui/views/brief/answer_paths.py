"""One answer inside ``Answers``, by its key path: ``project.name``, ``team.skills.pytorch``, ``stage``."""

from __future__ import annotations

from typing import Any

from advisor.answers import Answers


def read(answers: Answers, path: str) -> Any:
    """The value at a key path, as plain types; ``None`` where nothing is answered."""
    value: Any = answers.model_dump(mode="json", by_alias=True)
    for key in path.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return None if value in ("", [], {}) else value


def write(answers: Answers, path: str, value: Any) -> Answers:
    """The answers with another value at a key path; ``None`` takes the answer back.

    So do an empty text and an empty list. Raises ``pydantic.ValidationError`` if the value isn't allowed there.
    """
    document: dict[str, Any] = answers.model_dump(mode="json", by_alias=True, exclude_none=True)
    *parents, last = path.split(".")
    place = document
    for key in parents:
        place = place.setdefault(key, {})
    if value is None or value in ("", []):
        place.pop(last, None)
    else:
        place[last] = value
    return Answers.model_validate(document)
