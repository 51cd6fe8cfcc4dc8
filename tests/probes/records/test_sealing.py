"""The checksum of a file that travels: whatever is changed in it is seen, whatever it was."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.engine.judging.results import summarise
from probes.records import RecordError, sealed
from probes.records.sealing import checksum, look_at_checksum
from probes.records.trusting import trusted
from probes.results import Measurement, RunResult
from tests.travelling import recorded


def short() -> RunResult:
    """The recorded run as if each instance had been clocked for less long: every kind of field, in a third of a file
    that is read hundreds of times here."""
    run = recorded()
    rounds = tuple(replace(one, measurements=tuple(map(_shorter, one.measurements))) for one in run.rounds)
    return replace(run, rounds=rounds, results=summarise(run.setup, rounds, planned_rounds=run.planned_rounds))


def _shorter(measurement: Measurement) -> Measurement:
    instances = (replace(one, superblocks=one.superblocks[:2]) for one in measurement.instances)
    return replace(measurement, instances=tuple(instances))


TEXT = sealed(short())
MUTATIONS = 200
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def test_what_was_written_is_taken_and_says_who_wrote_it() -> None:
    fields = json.loads(TEXT)
    assert len(fields["fulcrum"]) == 12
    assert trusted(TEXT.encode(), "run.json").results == short().results


@given(st.dictionaries(st.text(), JSON, max_size=5))
def test_neither_order_nor_white_space_counts_and_reading_keeps_it(fields: dict[str, Any]) -> None:
    again = json.loads(json.dumps(dict(reversed(fields.items())), indent=3, ensure_ascii=False))
    assert checksum(fields) == checksum(again)


def mutated(random_: random.Random) -> bytes:
    """The record with one thing changed in it: a value, a key, an element, some bytes."""
    text = TEXT.encode()
    match random_.randrange(6):
        case 0:  # cut off
            return text[: random_.randrange(len(text) - 1)]
        case 1:  # a byte that arrived as another one
            place = random_.randrange(len(text))
            return text[:place] + bytes([text[place] ^ (1 << random_.randrange(7))]) + text[place + 1 :]
        case 2:
            return text.replace(b"0.", b"NaN,", 1) if random_.random() < 0.5 else text + text
    fields = json.loads(text)
    holder, key = _somewhere(fields, random_)
    _CHANGES[random_.randrange(len(_CHANGES))](holder, key)
    return json.dumps(fields).encode()


def _somewhere(value: Any, random_: random.Random) -> tuple[Any, Any]:
    """A place in a tree of JSON: what holds it, and its key there."""
    holder, key = value, random_.choice(list(value))
    while isinstance(holder[key], dict | list) and holder[key] and random_.random() < 0.95:
        holder = holder[key]
        key = random_.choice(list(holder)) if isinstance(holder, dict) else random_.randrange(len(holder))
    return holder, key


def _other(holder: Any, key: Any) -> None:
    value = holder[key]
    if isinstance(value, bool):
        holder[key] = not value
    elif isinstance(value, int | float):
        holder[key] = value * 1.0000001 if value else 1
    else:
        holder[key] = f"{value}x"


def _without(holder: Any, key: Any) -> None:
    del holder[key]


def _nothing(holder: Any, key: Any) -> None:
    holder[key] = {} if holder[key] is None else None


_CHANGES: list[Callable[[Any, Any], None]] = [_other, _without, _nothing]


def test_two_hundred_changed_records_are_refused_each_with_one_reason() -> None:
    random_ = random.Random(26)
    taken: list[int] = []
    said: list[str] = []
    for number in range(MUTATIONS):
        content = mutated(random_)
        try:
            trusted(content, "run.json")
        except RecordError as error:
            said.append(str(error))
        else:
            taken.append(number)
    assert taken == []
    assert len(said) == MUTATIONS
    assert [reason for reason in said if not reason.startswith("run.json") or "\n" in reason] == []


#: What nothing in a record can belie when it changes a little: what was asked and reckoned with, and what children say
#: of themselves that no verdict rests on. ``docs/fleet.md`` states it.
TRUE_TO_ITSELF = re.compile(
    r"seconds|started_at|request\.(seed|machine|model|budget)|calibration\..*|rounds\.\d+\.(seconds|start_seconds|started_at"
    r"|environment\..*|disturbances.*|measurements\.\d+\.(agreement|notes|turns|instances\.\d+\.(cpu|details|superblocks"
    r"|steps)).*)"
)


def test_of_two_hundred_forgeries_with_new_checksums_only_what_is_true_to_itself_is_taken() -> None:
    """Fields that say something are changed by one part in ten million, taken away or emptied."""
    random_ = random.Random(83)
    taken: list[str] = []
    for _ in range(MUTATIONS):
        fields = json.loads(TEXT)
        del fields["sha256"]
        holder, key = _somewhere(fields, random_)
        _CHANGES[random_.randrange(len(_CHANGES))](holder, key)
        fields["sha256"] = checksum(fields)
        try:
            trusted(json.dumps(fields).encode(), "run.json")
        except RecordError:  # each has one reason: above
            continue
        taken += _differing("", fields, json.loads(TEXT))
    assert len(taken) <= MUTATIONS // 10
    assert [place for place in taken if not TRUE_TO_ITSELF.fullmatch(place)] == []


def _differing(place: str, one: Any, other: Any) -> list[str]:
    """The places of leaves that are others."""
    if type(one) is type(other) and isinstance(one, dict | list):
        keys = one.keys() | other.keys() if isinstance(one, dict) else range(max(len(one), len(other)))
        return [
            found
            for key in keys
            if key != "sha256"
            for found in _differing(f"{place}.{key}".lstrip("."), _at(one, key), _at(other, key))
        ]
    return [] if one == other else [place]


def _at(holder: Any, key: Any) -> Any:
    if isinstance(holder, dict):
        return holder.get(key)
    return holder[key] if key < len(holder) else None


def test_a_checksum_that_is_gone_is_missed_where_there_was_one() -> None:
    fields = json.loads(TEXT)
    del fields["sha256"]
    with pytest.raises(RecordError, match=r"run\.json: its checksum is missing: the file was edited"):
        look_at_checksum("run.json", fields)
    del fields["fulcrum"]
    look_at_checksum("run.json", fields)  # as files of before there were any
