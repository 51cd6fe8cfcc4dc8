"""Machines: what takes part in this decision, and what each says for itself."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from advisor.measured import by_machine
from advisor.measured.by_machine import READABLE
from advisor.measured.conditions import same_hardware
from advisor.measured.result_sets import ResultSet
from advisor.ports import FleetMachine, Services
from advisor.queue.kinds import CHECK, CheckRequest
from advisor.wording.moments import moment
from advisor.wording.quantities import counted
from probes.check.calibration import expected_device
from probes.schema import Machine
from probes.system.sentences import upper_first
from ui.jobs.load_gauge import gauge
from ui.kit import components, links, relative_time
from ui.kit.page import View
from ui.session import catalog, state, stored
from ui.views.machines import estimated, results, sweeps

VIEW = View(title="Machines", icon=":material/devices:", order=24, url_path="machines", listed=False)
_FRAMEWORKS = {"torch": "PyTorch", "tensorflow": "TensorFlow", "keras": "Keras"}


def render(services: Services) -> None:
    now = state.current()
    st.title("The team's machines")
    components.lead(
        "A figure belongs to the machine that it was measured on. Here each machine stands beside the others, never "
        "mixed with them, and the recommendation goes by those that are like the machines that will do the work."
    )
    if now.measured is not None:
        results.show(by_machine.columns(now.measured))
    st.markdown("## Who takes part")
    here = catalog.machine(services)
    with components.card("here"):
        _machine("This machine", here)
        st.caption(components.escape(_self_check(services, here)))
        gauge(services)
    seen: list[ResultSet] = []
    for body in now.bodies:
        machine = body.result.machine
        if same_hardware(machine, here) or any(same_hardware(machine, one.result.machine) for one in seen):
            continue
        seen.append(body)
    if len(seen) > READABLE:
        _kinds(services, seen)
    for body in seen if len(seen) <= READABLE else ():
        with components.card(f"machine-{body.key}"):
            _machine("Measured elsewhere", body.result.machine)
            st.caption(components.escape(_measured(services, body)))
    others = services.runner.fleet()
    for one in (one for one in others or () if not one.here):
        with components.card(f"fleet-{one.name}"):
            _of_fleet(one)
            if one.machine is not None:
                st.caption(components.escape(_self_check(services, one.machine, one.name)))
    if not seen and others == ():
        st.info(
            "Only this machine took part so far. A laptop, a GPU server, a Mac: on *Probes*, «Measure on another "
            "machine» hands out the plan and takes the record back.",
            icon=":material/devices:",
        )
    sweeps.section(now)
    estimated.show(services)
    links.onward("probes", "Measure here, or on another machine")


def _kinds(services: Services, bodies: list[ResultSet]) -> None:
    """In place of a card a machine: a row a kind, with what its machines have in common and what they don't."""
    machines: dict[str, list[ResultSet]] = {}
    for body in bodies:
        machines.setdefault(by_machine.kind_of(body.result), []).append(body)
    st.markdown(f"**{counted(len(bodies), 'machine')} measured elsewhere, of {counted(len(machines), 'kind')}**")
    frame = pd.DataFrame(
        [
            {
                "Kind": name,
                "Machines": len(alike),
                "Versions": " or ".join(dict.fromkeys(_versions(body.result.machine) for body in alike)),
                "Measured": relative_time.span(
                    filter(None, (moment(body.result.started_at) for body in alike)), services.clock.now()
                ),
            }
            for name, alike in sorted(machines.items(), key=lambda item: -len(item[1]))
        ]
    )
    st.dataframe(frame, hide_index=True, key="machine-kinds", alt="Machines that measured, by kind")


def _versions(machine: Machine) -> str:
    return ", ".join(f"{name} {machine.versions[key]}" for key, name in _FRAMEWORKS.items() if key in machine.versions)


def _machine(title: str, machine: Machine) -> None:
    st.markdown(f"**{title}**")
    st.text(machine.name)
    virtual = f", {machine.virtualisation}" if machine.virtualisation else ""
    st.caption(components.escape(" · ".join((_versions(machine), f"{machine.os}, Python {machine.python}{virtual}"))))


def _of_fleet(one: FleetMachine) -> None:
    """A machine of the cluster, whether anything was measured on it or not."""
    if one.machine is not None:
        _machine(f"In the cluster: {components.escape(one.name)}", one.machine)
    else:
        st.markdown(f"**In the cluster: {components.escape(one.name)}**")
    state_ = one.why_not or ("It measures now." if one.busy else "It is ready to measure.")
    st.caption(components.escape(upper_first(state_)))


def _self_check(services: Services, here: Machine, name: str = "") -> str:
    """What the engine's last test on this very machine came to, or on the one of the cluster with that name."""
    device = expected_device("auto", here)
    found = stored.read(services.store, _look(services, CheckRequest("standard", device, name)))
    found = found or stored.read(services.store, _look(services, CheckRequest("quick", device, name)))
    if found is None or found.result is None:
        return "The engine was not tested on this machine yet; «Trust» does that in a minute."
    check = found.result
    then = moment(check.started_at)
    when = relative_time.ago(then, services.clock.now()) if then else "some time ago"
    if check.machine.fingerprint != here.fingerprint:
        return f"The engine was tested {when}, with other versions or on another machine: test again on «Trust»."
    return f"The engine was tested {when}: {'passed' if check.passed else 'not passed, see «Trust»'}."


def _look(services: Services, request: CheckRequest) -> stored.Look | None:
    return next(iter(services.store.history(CHECK, request.subject)), None)


def _measured(services: Services, body: ResultSet) -> str:
    when = [moment(row.measured_at or body.result.started_at) for row in body.result.results]
    age = relative_time.span(filter(None, when), services.clock.now())
    files = f", brought as {', '.join(f'«{name}»' for name in body.files)}" if body.files else ""
    ratios = sum(row.ratio is not None for row in body.result.results)
    device = "on its GPU" if body.on_gpu else "on its processor"
    threads = counted(body.result.request.threads, "thread")
    return f"{counted(ratios, 'ratio')} {device}, {threads} a side, {age}{files}."
