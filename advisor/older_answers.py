"""How answers of an older schema become answers of today's: files, stored decisions and worked examples alike.

Schema 1, until November 2026, had one value where schema 2 takes several: ``hardware.train``, ``hardware.serve``,
``constraints.python`` and ``constraints.os``; and one target for Spark and data warehouses, which counts as Spark.
Everything else that it had means the same in schema 2.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

#: The schemas that can be read; the last one is written.
SCHEMAS: Final = (1, 2)
#: Answers that were one value in schema 1 and are lists in schema 2.
ONE_TO_SEVERAL: Final = (("hardware", "train"), ("hardware", "serve"), ("constraints", "python"), ("constraints", "os"))
#: Targets of schema 1 that have another name in schema 2.
RENAMED_TARGETS: Final[Mapping[str, str]] = {"warehouse_spark": "spark"}


def migrated(document: Mapping[str, Any]) -> dict[str, Any]:
    """A document of any schema that can be read, as one of the newest; what can't be meant stays as it is.

    Whoever validates the result says what is wrong with it. A document without a schema counts as of the newest.
    """
    found = dict(document)
    if type(found.get("schema")) is int and found["schema"] == 1:
        found = _from_1(found)
    return found


def _from_1(document: dict[str, Any]) -> dict[str, Any]:
    found = {**document, "schema": 2}
    for part, key in ONE_TO_SEVERAL:
        answers = found.get(part)
        if isinstance(answers, Mapping) and key in answers:
            found[part] = {**answers, key: _several(answers[key])}
    if isinstance(found.get("targets"), list):
        found["targets"] = [_renamed(target) for target in found["targets"]]
    if "priorities" in found:
        found["priorities"] = _criteria(found["priorities"])
    if isinstance(found.get("voices"), list):
        found["voices"] = [
            {**voice, "priorities": _criteria(voice["priorities"])}
            if isinstance(voice, Mapping) and "priorities" in voice
            else voice
            for voice in found["voices"]
        ]
    return found


def _several(value: Any) -> Any:
    """A list of schema 1's one value; None was an answer that was not given."""
    if value is None:
        return []
    return [value] if isinstance(value, str) else value


def _renamed(target: Any) -> Any:
    return {**target, "id": _target(target["id"])} if isinstance(target, Mapping) and "id" in target else target


def _target(name: Any) -> Any:
    return RENAMED_TARGETS.get(name, name) if isinstance(name, str) else name


def _criteria(value: Any) -> Any:
    """Priorities name the criterion ``deployment.TARGET``, as keys and as values."""
    if isinstance(value, Mapping):
        return {_criteria(key): _criteria(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_criteria(inner) for inner in value]
    if isinstance(value, str) and value.startswith("deployment."):
        return f"deployment.{_target(value.removeprefix('deployment.'))}"
    return value
