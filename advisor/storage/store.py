"""The store over SQL. Every method is one transaction; every row has a version that grows with each change."""

from __future__ import annotations

from advisor.storage.decisions import Decisions
from advisor.storage.executing import Executing
from advisor.storage.jobs import Jobs
from advisor.storage.purging import Purging
from advisor.storage.visits import Visits


class SqlStore(Decisions, Jobs, Executing, Purging, Visits):
    """``advisor.ports.Store`` over one SQL database."""
