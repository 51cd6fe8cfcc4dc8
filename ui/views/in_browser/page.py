"""In a browser: exports of both frameworks run in the visitor's own browser, or on the phone that counts."""

from __future__ import annotations

from functools import partial

import streamlit as st

from advisor.ports import Services
from advisor.queue.kinds import KIT
from advisor.wording.quantities import quantity
from probes.in_browser.fetching import HOW
from probes.in_browser.runtimes import find, runtimes
from probes.in_browser.schema import Kit, KitRequest
from probes.places import FRAMEWORKS, TITLES
from probes.schema import ModelSpec, Outcome
from ui.jobs import card, requests
from ui.kit import components, links
from ui.kit.page import View
from ui.session import saving, state, stored
from ui.views.in_browser import invitation, results

VIEW = View(title="In a browser", icon=":material/devices:", order=28, url_path="browser", listed=False)


def render(services: Services) -> None:
    now = state.current()
    st.title("In your own browser")
    components.lead(
        "The same trained network, exported from PyTorch and from TensorFlow, runs where your users are: in "
        "this browser, or on the phone that counts. Answers are checked against the source; then both take "
        "turns at the clock."
    )
    if not services.deployment.browser_ready():
        _nothing_fetched()
        results.show(services)
        return
    model = _network(services)
    job = stored.latest(services.store, KIT, model.id)
    if job is not None and job.active:
        card.live(services, KIT, partial(card.alone, services), model.id)
    kit = _kit(services, model.id)
    card.failed(job, "The network could not be exported")
    files = services.deployment.browser_files(kit) if kit else None
    if not (job is not None and job.active):
        _prepare(services, model, kit, here=files is not None, editable=now.editable)
    if kit is not None and files is not None and now.edited_here:
        invitation.offer(services, kit)
    results.show(services)
    links.onward("recommendation", "Next: read the recommendation")
    card.watch(services, KIT)


def _nothing_fetched() -> None:
    """Before anything is offered that would lead nowhere."""
    st.warning(
        "Browsers have nothing to load from this server yet: their runtimes are fetched once, about 170 MB from npm. "
        f"Whoever runs this server does it with `{HOW}`; then this page offers the rest.",
        title="The runtimes for browsers were not fetched",
    )


def _network(services: Services) -> ModelSpec:
    by_id = {model.id: model for model in services.runner.models() if not model.own}
    chosen = st.selectbox(
        "Which network?",
        list(by_id),
        format_func=lambda name: by_id[name].title,
        key="browser-network",
        persist_state="session",
        width=420,
    )
    return by_id[chosen] if chosen in by_id else next(iter(by_id.values()))


def _kit(services: Services, network: str) -> Kit | None:
    job = services.store.done(KIT, network)
    return job.result if job else None


def _prepare(services: Services, model: ModelSpec, kit: Kit | None, *, here: bool, editable: bool) -> None:
    """What there is to load, or how it comes to be."""
    if kit is not None and here:
        _exports(kit)
    elif kit is not None:
        st.info("This network's exports were tidied away after a month. Export it again to measure anew.")
    if not editable:
        if kit is None:
            st.info("This network was not exported for browsers yet. The decision's owner can have it done.")
        return
    with components.card("kit") if kit is None else st.container(key="kit-again"):
        if kit is None:
            st.markdown("**First the network is trained and exported on this server, for each runtime of browsers.**")
        if st.button(
            "Export it again" if kit else "Export it for browsers",
            type="secondary" if kit and here else "primary",
            icon=":material/play_arrow:",
            key="start-kit",
        ):
            if state.current().record is None:
                saving.change(services, lambda answers: answers)
            requests.start(services, KIT, KitRequest(model.id))
            st.rerun()


def _exports(kit: Kit) -> None:
    """What failed is said at once; the rest is there for who wants to know."""
    if failed := [one for one in kit.exports if one.outcome is not Outcome.OK]:
        st.warning(
            "\n".join(
                f"- {TITLES[one.framework]} for {find(one.runtime).title}: "
                f"{components.escape(f'{one.outcome.value}: {one.reason}')}"
                for one in failed
            )
            + "\n\nWhere one side is missing, the other is timed alone.",
            title="Not everything could be exported",
        )
    lines = []
    for one in kit.exports:
        said = (
            quantity(sum(file.bytes for file in one.files), "B")
            if one.outcome is Outcome.OK
            else f"{one.outcome.value}: {one.reason}"
        )
        lines.append(
            f"- {components.framework(one.framework)} for {find(one.runtime).title}: {components.escape(said)}"
        )
    with components.folded(f"Exported: {kit.title}", key="kit-exports", icon=":material/inventory_2:") as is_open:
        if is_open:
            st.markdown("\n".join(lines))
            lacking = [(side, one) for one in runtimes() for side in FRAMEWORKS if side not in one.exports]
            st.caption("; ".join(f"{TITLES[side]} has no way to {one.title}" for side, one in lacking) + ".")
