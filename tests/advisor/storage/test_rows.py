"""Rows of earlier days: what was stored under other rules still opens."""

from __future__ import annotations

from datetime import datetime

from advisor.storage.rows import decision_record
from advisor.storage.tables import DecisionRow


def test_a_decision_whose_texts_would_be_refused_today_opens_cleaned() -> None:
    moment = datetime(2026, 11, 16, 8, 0)
    written = r'{"schema":1,"project":{"name":"A\u001b[2J\nB \u202e"},"voices":[{"name":"\u200d"}]}'
    row = DecisionRow(id="d", edit_key="k", owner="o", version=3, answers=written, created_at=moment, updated_at=moment)
    answers = decision_record(row).answers
    assert (answers.project.name, answers.voices[0].name) == ("A[2J B", "?")
