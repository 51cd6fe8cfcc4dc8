"""Your code: handed over, read and never run; what is in it, until when it can stay, what each way costs."""

from __future__ import annotations

from functools import partial
from typing import Final

import streamlit as st

from advisor.ports import CodeScan, Services
from advisor.queue.kinds import SCAN, ScanRequest
from advisor.records import Job
from advisor.wording.quantities import counted
from ui.jobs import card
from ui.kit import components, links, relative_time
from ui.kit.page import View
from ui.session import code_scans, state
from ui.views.your_code import areas, blind_spots, downloads, effort, findings, hand_over, parts, proposed, support

VIEW = View(title="Your code", icon=":material/folder_code:", order=15, url_path="your-code")
_SHOWS: Final = """
* **What wasn't seen**, first: files that can't be parsed, code of others, names that are only known while it runs.
* **What has to change**, with file and line: what today's versions dropped, and what a move would meet.
* **Where the frameworks are**: model, training, data, export, serving, tests.
* **Until when it can stay** with the versions that it pins, and what stops it first.
* **What each way costs** in person-days, as a range, with its parts.
"""


def render(services: Services) -> None:
    now = state.current()
    st.title("Your code")
    components.lead(
        "Hand over your project, and this page says which frameworks it uses and where, what today's versions broke, "
        "until when it can stay as it is, and what each way on would cost. Your code is read and never run. What you "
        "upload is deleted as soon as it was read; the findings stay with this decision, each with its line of code."
    )
    job = code_scans.latest(now)
    if job is not None and job.active and now.record is not None:
        card.live(services, SCAN, partial(_live, services), now.record.id)
        links.onward("brief", "Meanwhile: the brief")
        return
    if job is not None and job.status != "done":
        _ended(services, job)
    found = code_scans.found(now)
    if found is None:
        hand_over.show(services, now, unfolded=True)
        with components.card("code-shows"):
            st.markdown(f"**What you will see here**\n{_SHOWS}")
    else:
        _found(services, now, found)
    if now.record is not None:
        card.watch(services, SCAN, now.record.id)
    links.onward("probes", "Next: measure both, here")


def _found(services: Services, now: state.Current, found: CodeScan) -> None:
    _headline(found)
    hand_over.show(services, now, unfolded=False)
    if found.report is not None:
        blind_spots.show(found.report)
        findings.show(found, found.report)
        areas.show(now, found.report)
    support.show(now, found)
    costs = code_scans.effort(now)
    if found.report is not None and costs is not None:
        effort.show(now, costs)
        parts.show(now, found.report)
        proposed.show(now, found.report)
        downloads.show(now, found, costs)


def _headline(found: CodeScan) -> None:
    """What was read, in two lines."""
    day = relative_time.day(found.day)
    if found.report is None:
        pins = sum(len(one.lock.pins) for one in found.locks)
        st.markdown(f"## A list of {counted(pins, 'package')}")
        st.caption(f"Read on {day}. For what is in the code, hand over the code.")
        return
    seen = found.report.coverage
    primary = areas.PRIMARY[found.report.primary]
    st.markdown(f"## {components.escape(found.title)}: {primary}")
    others = (
        f" {seen.parsed:,} of them were parsed; the others name no framework." if seen.parsed < seen.sources else ""
    )
    st.caption(f"{counted(seen.sources, 'source file')} with {counted(seen.lines, 'line')}, read on {day}.{others}")


def _ended(services: Services, job: Job[ScanRequest, CodeScan]) -> None:
    """The last scan gave nothing: why, and that nothing of it is left."""
    if job.request.source != "folder":
        services.code.discard(job.request.place)  # one that was cancelled while it waited
    if job.status == "cancelled":
        st.info("The scan was cancelled. What was handed over is deleted.", icon=":material/cancel:")
    else:
        st.error(
            components.escape(
                f"{job.reason.rstrip('.')}. Nothing of it was kept; hand it over anew, or something else."
            ),
            title=f"«{components.escape(job.request.title)}» could not be read",
            icon=":material/error:",
        )


def _live(services: Services, job: Job[ScanRequest, CodeScan]) -> None:
    with card.card(services, job):
        st.caption("It takes a minute at most once it has begun. You can close this tab; this page finds it again.")
