"""The store over SQL. Every method is one transaction; every row has a version that grows with each change."""

from __future__ import annotations

from advisor.storage.decisions import Decisions
from advisor.storage.jobs import Jobs
from advisor.storage.purging import Purging
from advisor.storage.sweeps import Sweeps
from advisor.storage.visits import Visits


class SqlStore(Decisions, Jobs, Sweeps, Purging, Visits):
    """``advisor.ports.Store`` over one SQL database."""
