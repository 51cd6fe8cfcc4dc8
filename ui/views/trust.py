"""How far to trust this machine: the engine tests itself here, and says what it can tell apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import streamlit as st

from advisor.charts import trust as figures
from advisor.charts.palette import NAMES
from advisor.checking import CheckRecord
from advisor.ports import Services
from probes.check.schema import Check, Finding, Resolution
from ui import components, theme
from ui.gauge import gauge
from ui.repeating import apart
from ui.view import View

VIEW = View(
    title="Trust",
    icon=":material/verified:",
    order=50,
    url_path="trust",
    shows_answers=False,
)
EVERY: Final = 1.0  # seconds between looks at a check under way
_STATES: Final[Mapping[str, str]] = {
    "passed": ":material/check_circle: passed",
    "failed": ":material/cancel: failed",
    "not measured": ":material/remove: not measured",
}


def render(services: Services) -> None:
    """Draw the page."""
    st.title("How far to trust this machine")
    components.lead(
        "The engine gets sides of known truth: a framework against itself, slowed down by real extra steps, or spoilt "
        "on purpose. What it finds here is what its verdicts are worth here. It takes about a minute."
    )
    record = services.checks.latest()
    if record is not None and record.active:
        _live(services)
        return
    gauge(services)
    if record is not None and record.status == "failed":
        st.error(components.escape(record.reason), title="The last self-check could not be finished")
    if st.button("Test the engine here", type="primary", icon=":material/play_arrow:", key="start-check"):
        services.checks.enqueue()
        st.rerun()
    done = services.checks.done()
    if done is None or done.result is None:
        st.info("This machine was not tested yet. Until it is, intervals rest on a stated spread between processes.")
        return
    _report(services, done.result)


@apart(every=EVERY)
def _live(services: Services) -> None:
    record = services.checks.latest()
    if record is None or not record.active:
        st.rerun()
    with components.card("check"):
        st.progress(record.fraction, text=components.escape(_doing(record)))
        st.button(
            "Cancel",
            icon=":material/stop_circle:",
            key="cancel-check",
            disabled=record.cancel_requested,
            on_click=services.checks.request_cancel,
            args=(record.id,),
        )
        st.caption("You can close this tab; the self-check goes on, and this page finds it again.")


def _doing(record: CheckRecord) -> str:
    return "Cancelling …" if record.cancel_requested else record.message


def _report(services: Services, check: Check) -> None:
    failed = sum(finding.state == "failed" for finding in check.findings)
    word = "Everything that was looked at passed" if not failed else f"{failed} of {len(check.findings)} failed"
    st.markdown(f"## {word}")
    st.caption(
        components.escape(
            f"{check.machine.name}, {check.started_at[:16].replace('T', ' ')} UTC, in {check.seconds:.0f} s, "
            f"{check.form} form."
        )
    )
    if check.machine.fingerprint != services.runner.machine().fingerprint:
        st.warning("It was another machine, or other versions of the libraries: test again before you rely on it.")
    if any(one.tells for one in check.resolutions):
        st.markdown("## What can be told apart here, and how soon")
        st.markdown(components.escape(_soonest(check.resolutions)))
        titles = {offer.probe.id: offer.probe.title for offer in services.runner.catalog()}
        names = [titles.get(one.probe, one.probe) for one in check.resolutions]
        components.chart(
            figures.resolution(check.resolutions, names, theme.current()),
            key="resolution",
            alt=_soonest(check.resolutions),
        )
    st.markdown("## What was tried")
    for finding in check.findings:
        _finding(finding)


def _soonest(resolutions: tuple[Resolution, ...]) -> str:
    """The one sentence to remember: «5 % takes 40 s here»."""
    said = []
    for one in resolutions:
        tell = next((tell for tell in one.tells if tell.effect == 0.05), None)
        name = NAMES[one.framework]
        said.append(f"{name} {tell.seconds:.0f} s" if tell else f"{name} longer than is sensible")
    return f"Telling 5 % from nothing takes, starts of processes included: {', '.join(said)}."


def _finding(finding: Finding) -> None:
    with st.container(key=f"finding-{finding.id.replace('.', '-')}", gap="xxsmall"):
        st.markdown(f"**{components.escape(finding.title)}** · {_STATES[finding.state]}")
        st.caption(components.escape(finding.said))
