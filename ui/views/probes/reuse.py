"""What was measured before under the same conditions for another decision, offered before it is measured again."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from advisor.measured.conditions import KnownResult, asked, met
from advisor.queue import take_over
from advisor.wording.quantities import counted
from probes.schema import Machine, RunRequest
from ui.kit import components, relative_time
from ui.session import catalog, decisions, saving, state, stored

_FRAMEWORKS = ("torch", "tensorflow", "keras")


def offers(now: state.Current, request: RunRequest) -> tuple[KnownResult, ...]:
    """What ``request`` would measure and others have measured already, while this decision knows nothing of it.

    A decision that was measured here under other conditions has no use for it: taken over, it would push those aside.
    """
    if request.machine:
        return ()  # what is known of this machine is nothing that another one would measure
    machine = catalog.machine(now.services)
    conditions = asked(request, machine)
    if now.bodies and now.bodies[0].conditions.fingerprint == machine.fingerprint:
        held = met(now.bodies[0].result)
        if (held.threads, held.sizes) != (conditions.threads, conditions.sizes):
            return ()
    known = now.services.store.known(conditions, decision_id=now.record.id if now.record else "")
    planned = catalog.planned(now.services, request, decisions.priority(now))
    return take_over.offered(known, {probe.id for probe in planned})


def offer(now: state.Current, request: RunRequest, items: Sequence[KnownResult]) -> None:
    """Take it over at a click, or go on and measure."""
    if not items:
        return
    age = relative_time.span((item.measured_at for item in items), now.services.clock.now())
    titles = {probe.id: probe.title for probe in catalog.probes(now.services).values()}
    named = [titles.get(item.probe, item.probe) for item in items]
    with components.card("reuse"):
        st.markdown(f":material/history: **Measured on this machine {age}, with the same versions**")
        st.markdown(f"{components.escape('; '.join(named))}. Use it, or measure again?")
        st.caption(components.escape(_conditions(catalog.machine(now.services), request)))
        with st.container(horizontal=True, vertical_alignment="center"):
            taken = st.button(
                "Use these results" if len(items) > 1 else "Use this result",
                type="primary",
                icon=":material/content_copy:",
                key="use-known",
            )
            st.caption("Rounds and dates are copied. Whose decision it was for stays unknown.")
        if taken:
            _take(now, items)


def _take(now: state.Current, items: Sequence[KnownResult]) -> None:
    if now.record is None:
        saving.change(now.services, lambda answers: answers)
    try:
        take_over.take_over(now.services, state.memory().decision_id, items)
    except take_over.ReuseError as error:
        st.error(components.escape(str(error)), title="These results can't be used")
        return
    stored.look_again()
    st.rerun()


def _conditions(machine: Machine, request: RunRequest) -> str:
    versions = [f"{name} {machine.versions[name]}" for name in _FRAMEWORKS if name in machine.versions]
    sizes = [f"{name} {value}" for model in request.sizes.values() for name, value in model.items()]
    device = {"cpu": "on the CPU", "cuda": "on the GPU"}.get(request.device, "" if machine.gpus else "on the CPU")
    threads = counted(request.threads, "thread")
    return " · ".join(part for part in (*versions, device, threads, ", ".join(sizes)) if part)
