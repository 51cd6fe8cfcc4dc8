"""The checksum of a file that travels: whatever is changed in it is seen, whatever it was."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.records import RecordError, sealed
from probes.records.sealing import checksum, look_at_checksum
from probes.records.trusting import trusted
from tests.travelling import recorded

TEXT = sealed(recorded())
MUTATIONS = 200
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def test_what_was_written_is_taken_and_says_who_wrote_it() -> None:
    fields = json.loads(TEXT)
    assert len(fields["fulcrum"]) == 12
    assert trusted(TEXT.encode(), "run.json").results == recorded().results


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


def test_a_checksum_that_is_gone_is_missed_where_there_was_one() -> None:
    fields = json.loads(TEXT)
    del fields["sha256"]
    with pytest.raises(RecordError, match=r"run\.json: its checksum is missing: the file was edited"):
        look_at_checksum("run.json", fields)
    del fields["fulcrum"]
    look_at_checksum("run.json", fields)  # as files of before there were any
