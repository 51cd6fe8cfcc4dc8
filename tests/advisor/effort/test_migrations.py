"""Finished migrations: every row is complete, and what is wrong is refused with its path."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from advisor.effort.migrations import Migration, Migrations, migrations
from probes.system.data_files import DATA, DataError, parsed


@pytest.mark.parametrize("row", migrations(), ids=lambda row: row.id)
def test_a_row_is_complete(row: Migration) -> None:
    counted = row.counted
    assert row.before != row.after
    assert row.source.startswith("https://github.com/")
    assert len(row.note.split()) > 5
    assert counted.lines_before > counted.files_before
    assert counted.lines_after > counted.files_after > 0
    assert counted.months <= 36
    assert row.squashed or counted.commits > 2, "a history of one or two commits is said to be squashed"


def test_there_are_fifteen_of_several_kinds() -> None:
    rows = migrations()
    assert len(rows) >= 15
    assert len({row.repository for row in rows}) == len(rows)
    assert {row.kind for row in rows} == {"replaced", "beside", "rewritten", "dropped"}
    assert sum(not row.squashed and not row.features for row in rows) >= 10, "of ports alone, with their days"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"repository": "somewhere"}, r"migrations\.cs-ranking\.repository: .*'somewhere'"),
        ({"before": "main"}, r"migrations\.cs-ranking\.before: .*'main'"),
        ({"kind": "moved"}, r"migrations\.cs-ranking\.kind: .*'moved'"),
        ({"old": []}, r"migrations\.cs-ranking\.old: .*names no module"),
        ({"counted": {}}, r"migrations\.cs-ranking\.counted\."),
        ({"counted": {"ended": "2020-01-01"}}, r"migrations\.cs-ranking\.counted: .*begun 2021-03-12 after it ended"),
        ({"counted": {"author_days": 1}}, r"migrations\.cs-ranking\.counted: .*as many author-days as authors"),
    ],
)
def test_what_is_wrong_is_refused_with_its_path(change: dict[str, Any], message: str) -> None:
    written: Any = copy.deepcopy(parsed(DATA, Migrations.file))
    row = written["migrations"][0]
    for key, value in change.items():
        row[key] = {**row[key], **value} if key == "counted" and value else value
    with pytest.raises(DataError, match=rf"^migrations\.yaml: {message}"):
        Migrations.understood(written)


def test_the_same_pair_of_commits_stands_there_once() -> None:
    written: Any = copy.deepcopy(parsed(DATA, Migrations.file))
    written["migrations"].append({**written["migrations"][0], "id": "again"})
    with pytest.raises(DataError, match="stand there twice"):
        Migrations.understood(written)
