"""How much strangers may ask of one machine, in plain numbers. Operators may ask for any amount.

A quota is for what costs others something: the machine's time, and room in the database. Whoever says neither a
browser nor an address shares the quota of all who don't: a team behind a proxy that hides addresses is one address.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from advisor.records import JobKind, Q, Requester
from probes.budgets import SECONDS
from probes.schema import RunRequest

#: Runs and jobs that may wait at a time: of a browser, of a network address, and in all. Behind a hundred runs of 90
#: seconds one waits for two and a half hours: nobody would, and it is time to say so.
WAITING_OF_A_BROWSER: Final = 1
WAITING_OF_AN_ADDRESS: Final = 5
WAITING_IN_ALL: Final = 100
#: Machines that have work of an executor at a time. Each takes a thread there, a few looks a second at the store and a
#: share of a process with Ray in it. Nobody has tried more than two real ones; 64 were simulated.
MOST_MACHINES: Final = 64
#: Seconds that a run may take: the largest named budget.
LONGEST_RUN_S: Final = SECONDS["thorough"]
#: New decisions of an address within a day: a class of thirty that tries every example is far below it.
DECISIONS_OF_AN_ADDRESS: Final = 200
A_DAY: Final = timedelta(days=1)
#: Decisions in all. One has 2 KB as a rule and 64 KB at most, without its runs: 40 MB together, 1.3 GB at worst.
DECISIONS_IN_ALL: Final = 20_000
#: Browsers that an edit link was shown by, for each decision; the oldest gives way. A team has fewer members.
EDITORS_OF_A_DECISION: Final = 500


class QuotaError(Exception):
    """More was asked for than one may have. The text says what, and what to do: fit to be shown."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many runs and jobs wait: of the browser that asks for one more, of its address, and in all."""

    browser: int
    address: int
    everybody: int


def check_wait(by: Requester, waiting: Waiting) -> None:
    """Raise ``QuotaError`` if there is no room for one more to wait."""
    if by.operator:
        return
    if waiting.browser >= WAITING_OF_A_BROWSER:
        raise QuotaError("Something that you started is still waiting. Cancel it, or wait until its turn has come.")
    if waiting.address >= WAITING_OF_AN_ADDRESS:
        raise QuotaError(
            f"From your network {waiting.address} runs are waiting already, and no more may. "
            "Try again when one of them has begun."
        )
    if waiting.everybody >= WAITING_IN_ALL:
        raise QuotaError(
            f"{waiting.everybody} runs are waiting for this machine, and no more may. Try again later, "
            "or measure on a machine of your own: python -m probes run."
        )


def check_request(by: Requester, kind: JobKind[Q, Any], request: Q) -> None:
    """Raise ``QuotaError`` if ``by`` may not ask for it: by what holds for any work, and by the kind's own quota."""
    check_own_model(by, request)
    if kind.quota is not None:
        kind.quota(by, request)


def check_budget(by: Requester, request: RunRequest) -> None:
    """Raise ``QuotaError`` if the run would keep the machine for too long."""
    seconds = SECONDS[request.budget] if isinstance(request.budget, str) else request.budget
    if not by.operator and not seconds <= LONGEST_RUN_S:
        raise QuotaError(
            f"A run of {seconds / 60:,.0f} minutes would keep everybody else waiting. Allowed: up to "
            f"{LONGEST_RUN_S / 60:.0f} minutes; whoever operates this machine may start a longer one."
        )


def check_sweep(by: Requester, _: object) -> None:
    """Raise ``QuotaError`` unless an operator asks: many runs at once keep machines for hours."""
    if not by.operator:
        raise QuotaError(
            "Several networks or machines at once keep others waiting for hours: only whoever operates this machine "
            "may have them measured. A single run is for everybody."
        )


def check_own_model(by: Requester, request: object) -> None:
    """Raise ``QuotaError`` for a request of any kind that would run a team's own code, or read its data, unless an
    operator asks: both happen with the rights of whoever started Fulcrum."""
    if getattr(request, "model_file", None) is not None:
        check_code(by, request)
    if getattr(request, "data", None) is not None or getattr(request, "trace", None) is not None:
        check_data(by, request)


def check_code(by: Requester, _: object) -> None:
    """The same for a request that is about such code, whatever it says."""
    if not by.operator:
        raise QuotaError("A model of your own is code: only whoever operates this machine may have it measured.")


def check_data(by: Requester, _: object) -> None:
    """Raise ``QuotaError`` for a request about files of this machine, unless an operator asks."""
    if not by.operator:
        raise QuotaError("Data of your own are files of this machine: only whoever operates it may have them read.")


def check_folder(by: Requester, request: object) -> None:
    """Raise ``QuotaError`` for a scan of a folder of this machine, unless an operator asks: whoever names one sees
    lines of what lies in it."""
    if getattr(request, "source", None) == "folder" and not by.operator:
        raise QuotaError("Only whoever operates this machine may have a folder of it read. Upload an archive instead.")


def check_decisions(of_the_address: int, in_all: int) -> None:
    """Raise ``QuotaError`` if there is no room for one more. ``of_the_address``: within ``A_DAY``."""
    if of_the_address >= DECISIONS_OF_AN_ADDRESS:
        raise QuotaError(
            f"From your network {of_the_address} decisions were begun within a day, and no more may be. "
            "Go on with one of them, or try again tomorrow."
        )
    if in_all >= DECISIONS_IN_ALL:
        raise QuotaError(
            f"There are {in_all:,} decisions here, and no more are kept. Ask whoever runs this Fulcrum to delete old "
            "ones: python -m advisor purge --older-than 365."
        )
