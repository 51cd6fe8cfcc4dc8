"""How far to trust this machine: the engine tests itself here, and says what it can tell apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

import streamlit as st

from advisor.decision import record as replayed
from advisor.output.charts import trust
from advisor.ports import PageForm, Services
from advisor.queue.joining import calibration
from advisor.queue.kinds import CHECK, CheckRequest
from advisor.wording.moments import moment
from advisor.wording.quantities import percent
from probes.check.schema import Check, Finding, Resolution
from probes.schema import FRAMEWORKS, TITLES, Device, Machine
from ui.jobs import card, requests
from ui.jobs.load_gauge import gauge
from ui.jobs.where import where
from ui.kit import components, links, relative_time, theme
from ui.kit.page import View
from ui.session import rights, stored

VIEW = View(title="Trust", icon=":material/verified:", order=50, url_path="trust", shows_answers=False)
TELLING: Final = 0.05  # the difference that the headline is about
_DEVICES: Final[Mapping[Device, str]] = {"cpu": "CPU", "cuda": "GPU"}
_STATES: Final[Mapping[str, str]] = {
    "passed": ":material/check_circle: passed",
    "failed": ":material/cancel: **failed**",
    "not measured": ":material/remove: not measured",
}
_FORMS: Final[Mapping[PageForm, tuple[str, str]]] = {
    "quick": (
        "Quick · 1 minute",
        "One pair of processes for each framework: does the engine find what it should find here?",
    ),
    "standard": (
        "Calibrate · 7 minutes",
        "Besides, twelve fresh pairs of identical sides for each framework: how much processes differ here. "
        "Later runs on this machine reckon with that instead of a stated value.",
    ),
}


def render(services: Services) -> None:
    st.title("How far to trust this machine")
    components.lead(
        "The engine gets sides of known truth: a framework against itself, slowed down by real extra steps, or spoilt "
        "on purpose. What it finds here is what its verdicts are worth here."
    )
    record = stored.latest(services.store, CHECK)
    if record is not None and record.active:
        card.live(services, CHECK, partial(card.alone, services))
        links.onward("recommendation", "Meanwhile: the recommendation as it stands")
        return
    done = services.store.done(CHECK)
    if done is not None and done.result is not None:
        _report(services, done.result, done.request.machine)
    else:
        st.info("This machine was not tested yet. Until it is, intervals rest on a stated spread between processes.")
    card.failed(record, "The last self-check could not be finished")
    if rights.operates(services):
        _start(services, again=done is not None)
    else:
        st.caption(f"A self-check takes a minute, with calibration seven. {_reckoned(services, 'cpu')}")
        rights.explain()
    _record()
    links.onward("probes", "Next: measure both on this machine")


def _record() -> None:
    """How the advice does on decisions that are finished: not this machine's affair, but trust is."""
    st.markdown("## How good the advice is")
    found = replayed.record()
    st.markdown(components.escape(found.sentence()))
    st.caption(
        "We wrote the answers from what each team said in public, after the fact; each is decided with what was known "
        "on its day. Which way would have been best nobody knows: this says how often the advice is what teams did."
    )
    with components.folded(f"All {len(found.lines)} decisions", key="record") as unfolded:
        if unfolded:
            for line in found.lines:
                _line(line)


def _line(line: replayed.Line) -> None:
    icon = ":material/check_circle:" if line.hit else ":material/cancel:"
    place = f"ranks {line.place} with {percent(line.share)}" if line.place else "was not open"
    first = "" if line.place == 1 else f"; first is «{line.first}»"
    text = f"{line.title} ({line.day}). Taken: {line.took}, which {place}{first}. {line.because}"
    st.markdown(f"{icon} {components.escape(text)} [Source]({line.source})")


def _start(services: Services, *, again: bool) -> None:
    if again:
        st.markdown("## Test again")
    form = components.pick("Form", {name: title for name, (title, _) in _FORMS.items()}, key="check-form")
    machine = where(services, "check-where")
    device = _device(services.runner.machine(machine))
    st.caption(f"{_FORMS[form][1]} {_reckoned(services, device)}")
    gauge(services)
    if st.button(
        f"Test the engine on {machine}" if machine else "Test the engine here",
        type="secondary" if again else "primary",
        icon=":material/play_arrow:",
        key="start-check",
    ):
        requests.start(services, CHECK, CheckRequest(form, device, machine))
        st.rerun()


def _device(machine: Machine) -> Device:
    """What is tested: there is a choice only where there is a GPU."""
    if not machine.gpus:
        return "cpu"
    return components.pick("Device", _DEVICES, key="check-device", default="cuda")


def _reckoned(services: Services, device: Device) -> str:
    """What runs take for the spread between processes now."""
    reckoned = calibration(services, device)
    if not reckoned.spreads:
        return f"Now runs reckon with stated spreads between processes, {percent(reckoned.spread, 1)} or more."
    titles = {offer.probe.id: offer.probe.title for offer in services.runner.catalog()}
    spreads = [f"{titles[name]} {percent(value, 1)}" for name, value in reckoned.spreads.items() if name in titles]
    return components.escape(
        f"Now runs reckon with this machine's own spreads between processes: {'; '.join(spreads)}."
    )


def _report(services: Services, check: Check, machine: str) -> None:
    failed = sum(finding.state == "failed" for finding in check.findings)
    st.markdown(
        f"## {'Everything that was looked at passed' if not failed else f'{failed} of {len(check.findings)} failed'}"
    )
    then, now = moment(check.started_at), services.clock.now()
    when = f", {relative_time.ago(then, now)}" if then else ""
    form = f"{check.form} form on the {_DEVICES[check.device]}"
    on = f"{machine}, {check.machine.name}" if machine else check.machine.name
    st.caption(components.escape(f"{on}{when}, in {check.seconds:.0f} s, {form}."))
    if not machine and check.machine.fingerprint != services.runner.machine().fingerprint:
        st.warning("It was another machine, or other versions of the libraries: test again before you rely on it.")
    if failed:
        st.warning(
            "Don't rely on verdicts of this machine before it passes. Close what else is running and test again; if it "
            "fails on a quiet machine too, measure on another one."
        )
    if any(resolution.tells for resolution in check.resolutions):
        st.markdown("## What can be told apart here, and how soon")
        titles = {offer.probe.id: offer.probe.title for offer in services.runner.catalog()}
        names = [titles.get(resolution.probe, resolution.probe) for resolution in check.resolutions]
        sentence = _soonest(check.resolutions, names)
        st.markdown(components.escape(sentence))
        components.chart(trust.resolution(check.resolutions, names, theme.current()), key="resolution", alt=sentence)
    st.markdown("## What was tried")
    for title in dict.fromkeys(finding.title for finding in check.findings):
        _finding(title, [finding for finding in check.findings if finding.title == title])


def _soonest(resolutions: Sequence[Resolution], names: Sequence[str]) -> str:
    """The one sentence to remember: «5 % takes 40 s here»."""
    times_of: dict[str, list[str]] = {}
    for resolution, name in zip(resolutions, names, strict=True):
        tell = next((tell for tell in resolution.tells if tell.effect == TELLING), None)
        time = f"{tell.seconds:.0f} s" if tell else "longer than is sensible"
        times_of.setdefault(name, []).append(f"{TITLES[resolution.framework]} {time}")
    parts = "; ".join(f"{name}: {', '.join(times)}" for name, times in times_of.items())
    return f"Telling 5 % from nothing takes, starts of processes included: {parts}."


def _finding(title: str, findings: Sequence[Finding]) -> None:
    """One question, and either framework's answer beside the other."""
    key = findings[0].id.replace(".", "-")
    with st.container(key=f"finding-{key}", gap="xsmall", border=False):
        st.markdown(f"**{components.escape(title)}**")
        places = st.columns(len(FRAMEWORKS), gap="medium") if findings[0].framework else [st.container()]
        for finding in findings:
            place = places[FRAMEWORKS.index(finding.framework)] if finding.framework else places[0]
            side = f"{TITLES[finding.framework]}: " if finding.framework else ""
            with place.container(gap="xxsmall"):
                st.markdown(f"{side}{_STATES[finding.state]}")
                st.caption(components.escape(finding.said))
