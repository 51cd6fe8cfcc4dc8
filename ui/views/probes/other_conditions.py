"""Which results the recommendation goes by, and those of other machines, versions or settings, shown apart."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import streamlit as st

from advisor.measured.conditions import changes, differences, same_hardware
from advisor.measured.machines import SeveralMachines
from advisor.measured.result_sets import ResultSet
from advisor.ports import Services
from advisor.wording.moments import moment
from probes.results import NOT_SHOWN
from probes.schema import ProbeSpec
from ui.kit import components, links, relative_time
from ui.kit.fragments import apart
from ui.session import catalog, state
from ui.views.probes import results


def first(now: state.Current) -> None:
    """What the first results are to the recommendation, where that isn't plain."""
    if not now.bodies:
        return
    machine = catalog.machine(now.services)
    body = now.bodies[0]
    if aside := _aside(body):
        st.warning(
            components.escape(f"{aside} The recommendation goes on without them."),
            title="These results don't feed the recommendation",
            icon=":material/rule:",
        )
    elif body.conditions.fingerprint != machine.fingerprint:
        changed = "; ".join(changes(body.result.machine, machine))
        st.warning(
            components.escape(
                f"They come from {changed}. They feed the recommendation all the same, as the newest there are, until "
                "something is measured here."
            ),
            title="These results are not of this machine as it is now",
            icon=":material/history:",
        )
    elif len(now.bodies) > 1:
        newest = next((body for body in now.bodies[1:] if now.run and body.key == now.run.id), None)
        if newest is not None and (aside := _aside(newest)):
            st.info(
                components.escape(f"{aside} Its figures stand at the end of this page."),
                title="What was measured last doesn't feed the recommendation",
                icon=":material/rule:",
            )
        st.caption(
            ":material/balance: These results feed the recommendation: the newest of this machine as it is now. "
            "Results under other conditions are shown apart, at the end of this page, and never mixed in."
        )


def others(now: state.Current) -> None:
    """A section for each of the other sets."""
    if len(now.bodies) > 1:
        st.markdown("## Measured under other conditions")
        if isinstance(now.measured, SeveralMachines):
            st.caption(
                "Kept apart, and never mixed with the results above. Where another machine is more like the one that "
                "will do the work, the recommendation goes by it."
            )
            links.link("machines", "All machines side by side", ":material/devices:")
        else:
            st.caption("Kept apart: these don't feed the recommendation.")
        _sections(now.services)


@apart(name="elsewhere")
def _sections(services: Services) -> None:
    now = state.current()
    specs = catalog.probes(services)
    for body in now.bodies[1:]:
        _section(now.bodies[0], body, services.clock.now(), now.measured_key, specs)


def _section(
    feeding: ResultSet, body: ResultSet, clock: datetime, version: str, specs: Mapping[str, ProbeSpec]
) -> None:
    """Drawn only when it is open: a page may have many of these, each with charts of its own."""
    changes = differences(body.result, feeding.result, on_gpu=(body.on_gpu, feeding.on_gpu))
    dates = [row.measured_at for row in body.result.results] + [body.result.started_at]
    last = max(filter(None, map(moment, dates)), default=None)
    title = _title(feeding, body, changes) + (f", {relative_time.day(last)}" if last else "")
    with components.folded(
        components.escape(title), key=f"elsewhere-{body.key}", icon=":material/inventory_2:"
    ) as is_open:
        if is_open:
            why = _aside(body) or _apart(body, changes)
            st.caption(components.escape(why))
            results.show(body.key, version, body, clock, specs=specs, part=True)


def _apart(body: ResultSet, changes: tuple[str, ...]) -> str:
    """What it is to the recommendation that it was measured under other conditions."""
    several = state.current().measured
    if isinstance(several, SeveralMachines) and any(one is body.result for one in several.elsewhere):
        return (
            f"Measured under other conditions: {'; '.join(changes)}. The recommendation goes by it where it is more "
            "like the machine that will do the work."
        )
    return f"Not part of the recommendation, because it was measured under other conditions: {'; '.join(changes)}."


def _aside(body: ResultSet) -> str:
    """Why results of a team's own model never feed a recommendation, as a sentence; "" if they may."""
    file = body.result.request.model_file
    if file is None or body.result.evidence:
        return ""
    if doubt := next((row.doubt for row in body.result.results if row.doubt), ""):
        return f"Your own network «{file.title}» is {NOT_SHOWN}: {doubt.rstrip('.')}."
    return f"Your own network «{file.title}» has nothing to say of both frameworks."


def _title(feeding: ResultSet, body: ResultSet, changes: tuple[str, ...]) -> str:
    if same_hardware(feeding.result.machine, body.result.machine):
        return f"The same machine: {'; '.join(changes)}"
    return body.result.machine.name
