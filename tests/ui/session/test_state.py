"""Who may edit, and how changes are kept."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from advisor.answers import Answers, Project
from advisor.records import DecisionRecord
from ui.session import rights
from ui.session.rights import may_edit
from ui.views.brief import answer_paths

TOKEN = hashlib.sha256(b"a browser").hexdigest()
TIME = datetime(2026, 11, 23, tzinfo=UTC)
RECORD = DecisionRecord("id", "the-edit-key", TOKEN, 1, Answers(), TIME, TIME)


@pytest.mark.parametrize(
    ("owner", "key", "allowed"),
    [
        (TOKEN, "", True),
        ("", "the-edit-key", True),
        ("", "", False),
        ("0" * 64, "", False),
        ("", "the-edit-ke", False),
        ("", "ключ", False),
    ],
)
def test_edit_right(owner: str, key: str, allowed: bool) -> None:
    assert may_edit(RECORD, browser=owner, edit_key=key) is allowed


def test_an_editor_may_edit_and_nobody_else() -> None:
    shared = replace(RECORD, editors=frozenset({"1" * 64}))
    assert may_edit(shared, browser="1" * 64)
    assert not may_edit(shared, browser="2" * 64)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("unknown", ""),
        ("", ""),
    ],
)
def test_a_quota_is_shared_by_what_one_visitor_cannot_leave(address: str, network: str) -> None:
    assert rights._network(address) == network


def test_a_decision_without_owner_is_not_everybodys() -> None:
    assert not may_edit(replace(RECORD, owner=""), browser="")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("project.name", "Shelf scanner"),
        ("stage", "prototype"),
        ("team.skills.pytorch", 0),
        ("team.size", 4),
        ("code.framework", "keras"),
        ("hardware.train", ["nvidia", "tpu"]),
        ("constraints.wsl", False),
        ("project.data_gb", 0),
    ],
)
def test_write_then_read_gives_it_back_and_none_takes_it_away(path: str, value: object) -> None:
    written = answer_paths.write(Answers(), path, value)
    assert answer_paths.read(written, path) == value
    assert answer_paths.write(written, path, None) == Answers()


def test_write_leaves_other_answers_alone() -> None:
    answers = Answers(project=Project(name="A"))
    assert answer_paths.write(answers, "stage", "scaling").project.name == "A"


def test_write_refuses_what_the_model_refuses() -> None:
    with pytest.raises(ValidationError):
        answer_paths.write(Answers(), "team.skills.pytorch", 9)
