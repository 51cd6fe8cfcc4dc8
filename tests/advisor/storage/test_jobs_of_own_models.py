"""Who may have a team's own code run: operators, at every door of the store."""

from __future__ import annotations

import pytest

from advisor.answers import Answers
from advisor.queue.kinds import DESCRIBE, MEASURE, DescribeRequest
from advisor.queue.quotas import QuotaError
from advisor.records import Requester
from probes.schema import FRAMEWORKS, RunRequest
from probes.team_files import ModelFile
from tests import stores
from tests.fakes import FixedClock

FILE = ModelFile("ours.py", "a" * 64, "Ours", FRAMEWORKS, trains=True)
REQUEST = RunRequest(model=FILE.id, model_file=FILE)
STRANGER, OPERATOR = Requester(browser="b", address="a"), Requester(browser="o", operator=True)


def test_only_an_operator_may_ask_for_a_run_of_code() -> None:
    store = stores.new(FixedClock())
    decision = store.create_decision(Answers())
    with pytest.raises(QuotaError, match="only whoever operates this machine may have it measured"):
        store.enqueue(MEASURE, REQUEST, STRANGER, decision_id=decision.id)
    assert store.queue() == ()
    assert store.enqueue(MEASURE, REQUEST, OPERATOR, decision_id=decision.id).request == REQUEST


def test_only_an_operator_may_go_on_with_one() -> None:
    store = stores.new(FixedClock())
    decision = store.create_decision(Answers())
    job = store.enqueue(MEASURE, REQUEST, OPERATOR, decision_id=decision.id)
    store.change(job.id, status="interrupted")
    with pytest.raises(QuotaError, match="only whoever operates"):
        store.resume(job.id, STRANGER)
    assert store.queue() == ()
    assert store.resume(job.id, OPERATOR).status == "queued"


def test_only_an_operator_may_have_a_file_looked_at() -> None:
    store, asked = stores.new(FixedClock()), DescribeRequest(FILE.name, FILE.sha256)
    with pytest.raises(QuotaError, match="only whoever operates this machine"):
        store.enqueue(DESCRIBE, asked, STRANGER)
    assert store.queue() == ()
    assert store.enqueue(DESCRIBE, asked, OPERATOR).subject == "aaaaaaaaaaaaaaaa ours.py"


def test_each_version_of_each_file_is_looked_at_by_itself() -> None:
    store = stores.new(FixedClock())
    asked = [DescribeRequest(name, sha) for name in ("ours.py", "x" * 200 + ".py") for sha in ("a" * 64, "b" * 64)]
    jobs = {store.enqueue(DESCRIBE, request, OPERATOR).id for request in (*asked, *asked)}
    assert len(jobs) == len(asked), "the one that waits stands for the same"
    assert {len(entry.subject) for entry in store.queue()} == {24, 64}
