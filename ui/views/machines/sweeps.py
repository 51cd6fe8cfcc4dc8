"""Many runs at once: several networks, on this machine, another one, all of them, or each kind once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pandas as pd
import streamlit as st

from advisor.ports import Services
from advisor.queue.sweeps import HERE, Places, SweepError, Where, crowded, parts, places
from advisor.records import PartStatus, SweepStatus
from advisor.wording.quantities import counted
from probes.schema import LEVELS, RunRequest
from probes.system.sentences import sentence, upper_first
from ui.jobs import requests
from ui.kit import components
from ui.kit.fragments import apart
from ui.session import catalog, decisions, rights, saving, state

_WHERE: Final[Mapping[Where, str]] = {
    "here": "This machine",
    "one": "Another one",
    "all": "Every machine",
    "kinds": "Each kind once",
}
_MEANS: Final[Mapping[Where, str]] = {
    "here": "One run after the other, on this machine.",
    "one": "One run after the other, on the machine that you choose.",
    "all": "Every network on every machine. Machines work side by side, each on one run at a time.",
    "kinds": "Every network once for each kind of machine. Equal machines share the work: whichever is free takes the "
    "next run, and takes over from one that is lost.",
}
_REFUSED: Final = "fulcrum_refused_sweep"
_EVERY: Final = 2.0  # seconds between looks


def section(now: state.Current) -> None:
    """The sweep of this decision, under way or over, and asking for the next."""
    sweep = now.services.store.sweep(now.record.id) if now.record else None
    if sweep is None and not (now.operates and now.editable):
        return
    st.markdown("## Many runs at once")
    if reason := st.session_state.pop(_REFUSED, ""):
        st.error(components.escape(reason), title="This can't be planned")
    if sweep is not None and sweep.active:
        _live(now.services, sweep.decision_id)
        return
    if sweep is not None:
        with components.card("sweep"):
            _shown(now.services, sweep)
    if now.operates and now.editable:
        with components.folded(
            "Measure several networks or machines", key="sweep-plan", icon=":material/grid_on:"
        ) as is_open:
            if is_open:
                _plan(now)


@apart(every=_EVERY, name="sweep")
def _live(services: Services, decision_id: str) -> None:
    sweep = services.store.sweep(decision_id)
    if sweep is None or not sweep.active:
        st.rerun()
    with components.card("sweep"):
        _shown(services, sweep)
        st.caption("You can close this tab; the runs go on, and this page finds them again.")


def _shown(services: Services, sweep: SweepStatus) -> None:
    """How far all of it is, and each part."""
    whole = len(sweep.parts)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f"**{sweep.done} of {counted(whole, 'run')} done**", width="content")
        if sweep.active and state.current().operates:
            st.button(
                "Cancel", icon=":material/stop_circle:", key="sweep-cancel", on_click=_cancel, args=(services, sweep.id)
            )
    st.progress(min(1.0, max(0.0, sweep.fraction)), text=components.escape(_doing(services, sweep)))
    titles = {model.id: model.title for model in catalog.available(services)[1]}
    rows: dict[str, dict[str, str]] = {}
    for part in sweep.parts:
        row = rows.setdefault(part.request.model, {"Network": titles.get(part.request.model, part.request.model)})
        row[_column(part)] = said(part)
    st.dataframe(
        pd.DataFrame(list(rows.values())),
        hide_index=True,
        key="sweep-table",
        alt=f"The sweep. {_doing(services, sweep)}",
    )
    if any(part.status == "queued" for part in sweep.parts) and (why := crowded(services.store.queue())):
        st.caption(why)
    unfinished = [part for part in sweep.parts if part.status in ("interrupted", "failed", "cancelled")]
    for reason in dict.fromkeys(part.reason for part in unfinished if part.reason):
        st.caption(components.escape(sentence(upper_first(reason))))
    if unfinished and not sweep.active and state.current().operates:
        st.caption("What is finished is not measured again.")
        st.button(
            "Go on with the rest", type="primary", icon=":material/play_arrow:", key="sweep-go-on",
            on_click=_go_on, args=(services, sweep.id),
        )  # fmt: skip


def _doing(services: Services, sweep: SweepStatus) -> str:
    running = [part for part in sweep.parts if part.status == "running"]
    if running:
        machines = ", ".join(dict.fromkeys(_name(part.machine or HERE) for part in running))
        return f"{counted(len(running), 'run')} under way, on {machines}"
    if not sweep.active:
        return "Nothing is under way"
    if not services.store.executor().alive:
        return "Waiting for the process that measures. It starts with the app; by hand: python -m advisor agent"
    return "Waiting: it starts in a moment"


def said(part: PartStatus) -> str:
    """How far a part is, and where."""
    on = f" on {_name(part.machine)}" if part.machine is not None and len(part.places) > 1 else ""
    if part.status == "running":
        number = f"round {part.finished_rounds + 1} of {part.planned_rounds}" if part.planned_rounds else "starting"
        return f"{number}{on}"
    if part.status == "queued":
        return f"waits to go on{on}" if part.finished_rounds else "waits"
    if part.status == "done":
        return f"done{on}"
    kept = f", {counted(part.finished_rounds, 'round')} kept" if part.finished_rounds else ""
    return f"{part.status}{on}{kept}"


def _column(part: PartStatus) -> str:
    return " or ".join(map(_name, part.places))


def _name(machine: str) -> str:
    return machine or "this machine"


def _plan(now: state.Current) -> None:
    services = now.services
    networks = {model.id: model.title for model in catalog.available(services)[1] if not model.own}
    chosen = st.multiselect(
        "Which networks?", list(networks), default=list(networks), format_func=networks.__getitem__,
        key="sweep-networks", persist_state="session",
    )  # fmt: skip
    fleet = services.runner.fleet()
    others = [one for one in fleet or () if not one.here]
    offered: Mapping[Where, str] = _WHERE if others else {"here": _WHERE["here"]}
    where = components.pick("Where?", offered, key="sweep-where")
    st.caption(_MEANS[where])
    if fleet is None:
        st.caption(":material/hourglass_empty: Looking which other machines take part; reload the page in a moment.")
    name = HERE
    if where == "one":
        name = st.selectbox(
            "Which machine?", [one.name for one in others], key="sweep-machine", persist_state="session"
        )
    budgets = {level: level.capitalize() for level in LEVELS}
    budget = components.pick("How long may each run take?", budgets, key="sweep-budget")
    try:
        found = places(where, catalog.machine(services), fleet or (), name)
    except SweepError as error:
        st.error(components.escape(str(error)), title="This can't be measured")
        return
    for reason in found.left_out:
        st.caption(components.escape(f"Not taking part: {reason}."))
    request = RunRequest(budget=budget)
    st.caption(components.escape(_cost(now, request, chosen, found)))
    st.button(
        "Measure all of it", type="primary", icon=":material/play_arrow:", key="sweep-start", disabled=not chosen,
        on_click=_start, args=(services, request, tuple(chosen), found),
    )  # fmt: skip


def _cost(now: state.Current, request: RunRequest, networks: list[str], found: Places) -> str:
    """How many runs, and how long about: as this machine reckons, which knows no other's pace."""
    runner, priority = now.services.runner, decisions.priority(now)
    seconds = 0.0
    for network in networks:
        asked = RunRequest(budget=request.budget, model=network)
        seconds += runner.seconds(asked, runner.plans(asked, priority))
    longest = max(seconds / len(group) for group in found.groups)
    runs = counted(len(networks) * len(found.groups), "run")
    return f"{runs}, at least {max(1, round(longest / 60))} min by this machine’s pace."


@rights.operating
def _start(services: Services, request: RunRequest, networks: tuple[str, ...], found: Places) -> None:
    if state.current().record is None:
        saving.change(services, lambda answers: answers)
    decision_id = state.memory().decision_id
    if not decision_id or not state.may_edit_now():
        return  # the page says why
    try:
        asked = parts(request, networks, found, services.runner)
    except SweepError as error:
        st.session_state[_REFUSED] = str(error)
        return
    by = rights.requester(services)
    requests.ask(lambda: services.store.begin_sweep(decision_id, asked, by))


@rights.operating
def _cancel(services: Services, sweep_id: str) -> None:
    services.store.cancel_sweep(sweep_id)


@rights.operating
def _go_on(services: Services, sweep_id: str) -> None:
    by = rights.requester(services)
    requests.ask(lambda: services.store.resume_sweep(sweep_id, by))
