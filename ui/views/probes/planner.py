"""The part of «Probes» in which a run is put together: machine, budget, network sizes, probes, threads."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import partial
from typing import Final, Literal

import streamlit as st

from advisor.decision.evidence.measurements import network
from advisor.measured.conditions import asked
from advisor.queue.quotas import LONGEST_RUN_S
from probes.results import NOT_SHOWN
from probes.schema import TITLES, Device, Level, Machine, ModelSpec, ProbeId, RunRequest, Verdict
from ui.jobs.where import where
from ui.kit import components, links, relative_time
from ui.session import catalog, decisions, own_data, own_models, state
from ui.session.own_models import OwnNetwork
from ui.views.probes.probe_picker import Known, choose

Budget = Level | float
BudgetChoice = Literal["quick", "standard", "thorough", "own"]

BUDGETS: Final[dict[BudgetChoice, tuple[str, str]]] = {
    "quick": ("Quick", "About a minute; first ratios show after 10 seconds."),
    "standard": ("Standard", "About 6 minutes; narrower intervals, and more of what the two differ in."),
    "thorough": ("Thorough", "About half an hour; nearly everything that can be measured, and small differences."),
    "own": ("My own", "As long as you say, from half a minute to half an hour."),
}


def plan(now: state.Current) -> RunRequest:
    """Draw the choices and return the run that they describe."""
    services = now.services
    here = catalog.machine(services)
    offers, models = catalog.available(services)
    own = {network.spec.id: network for network in own_models.here(services)} if now.operates else {}
    data = {one.spec.id: one for one in own_data.here(services)} if now.operates else {}
    models = tuple(model for model in models if not model.own or model.id in own)
    models = (*models, *(one.spec for one in data.values()))
    left, right = st.columns([3, 2], gap="large")
    with left:
        budget = _budget(operates=now.operates)
        model = _network(now, models, data)
        network, read = own.get(model.id), data.get(model.id)
        sizes = {} if network else {model.id: _sizes(model)}
        if network:
            _own(network)
    with right:
        machine_card(here)
    list_ = st.container()  # what is known of a probe depends on what is chosen below the list
    machine = where(services, "where") if network is None and read is None else ""
    device, threads, seed = _advanced(_there(now, machine) or here)
    request = RunRequest(
        budget=budget,
        device=device,
        threads=threads,
        seed=seed,
        sizes=sizes,
        model=model.id,
        model_file=network.report.file if network else None,
        data=read.data if read else None,
        machine=machine,
    )
    planned = {probe.id for probe in catalog.planned(services, request, decisions.priority(now))}
    with list_:
        offers = tuple(offer for offer in offers if offer.probe.model == model.id)
        wanted = links.wanted("probes")
        chosen = choose(offers, _known(now, request, planned), wanted=wanted)
    return request if set(chosen) == planned else replace(request, probes=tuple(chosen))


def _known(now: state.Current, request: RunRequest, planned: Collection[str]) -> Known:
    """``planned`` are the probes that the budget covers by itself."""
    conditions = asked(request, _there(now, request.machine) or catalog.machine(now.services))
    known = now.services.store.known(conditions, decision_id=now.record.id if now.record else "")
    ages = {item.probe: f"measured {relative_time.ago(item.measured_at, now.services.clock.now())}" for item in known}
    mine = {item.probe for item in known if item.own}
    results = now.measured.results if now.measured else ()
    done = mine - {row.probe for row in results if row.verdict is Verdict.UNDECIDED}
    return Known(
        ages=ages,
        done=frozenset(done) if not done.issuperset(planned) else frozenset(),
        covered=frozenset(planned),
        seconds=partial(now.services.runner.seconds, request),
    )


def _there(now: state.Current, name: str) -> Machine | None:
    """What the chosen machine is; None where it is this one, or has gone since."""
    return next((one.machine for one in now.services.runner.fleet() or () if name and one.name == name), None)


def machine_card(here: Machine) -> None:
    """What the numbers will be true of."""
    with components.card("machine"):
        st.markdown("**This machine**")
        st.text(here.name)
        st.caption(
            f"{here.physical_cores} cores, {here.logical_cores} threads · "
            f"{here.memory_bytes / 2**30:.0f} GiB memory · "
            + (", ".join(components.escape(gpu) for gpu in here.gpus) if here.gpus else "no GPU seen")
        )
        shown = {name: here.versions[name] for name in ("torch", "tensorflow", "keras") if name in here.versions}
        st.caption(
            " · ".join(f"{name} {components.escape(version)}" for name, version in shown.items())
            or "Neither framework is installed."
        )
        virtual = {"": "", "virtual machine": " in a virtual machine"}
        where = virtual.get(here.virtualisation, f" in a virtual machine ({here.virtualisation})")
        st.caption(components.escape(f"{here.os}, Python {here.python}{where}"))


def _budget(*, operates: bool) -> Budget:
    chosen = components.pick(
        "How long may it take?",
        {name: title for name, (title, _) in BUDGETS.items()},
        key="budget",
        help="More time means more fresh process pairs, and with them narrower intervals.",
    )
    st.caption(BUDGETS[chosen][1])
    if chosen != "own":
        return chosen
    minutes = st.number_input(
        "Minutes",
        min_value=0.5,
        max_value=1440.0 if operates else LONGEST_RUN_S / 60,
        value=3.0,
        step=0.5,
        key="budget-minutes",
        persist_state="session",
        help=None if operates else "Others may be waiting; whoever operates this machine may start longer runs.",
    )
    return minutes * 60


def _network(now: state.Current, models: Sequence[ModelSpec], data: Collection[str]) -> ModelSpec:
    """Which network: the one that stands for the project's kind, unless somebody chooses or asks for another. ``data``:
    the ids that stand for the team's own data."""
    by_id = {model.id: model for model in models}
    fitting = network(now.answers, decisions.known(now))
    probe = links.wanted("probes")
    wanted = ProbeId.parse(probe).model if probe else fitting
    start = wanted if wanted in by_id else next(iter(by_id))

    def named(name: str) -> str:
        whose = "Your data: " if name in data else "Your own: " if by_id[name].own else ""
        return whose + by_id[name].title

    chosen = st.selectbox(
        "Which network?",
        list(by_id),
        index=list(by_id).index(start),
        format_func=named,
        key=f"network-{start}",
        persist_state="session",
        help="The figures hold for networks of this kind; choose the one that is most like yours.",
    )
    if chosen == fitting and now.answers.project.domain:
        st.caption(":material/edit_note: Taken from what your project works on.")
    links.link("own", "Measure a network of your own", ":material/deployed_code:")
    return by_id[chosen]


def _own(network: OwnNetwork) -> None:
    """What is to be known of a team's own before it is measured."""
    st.caption(components.escape(network.spec.summary))
    if network.report.level == "unshown":
        st.caption(
            f":material/rule: It will be measured all the same, labelled «{NOT_SHOWN}», and the recommendation doesn't "
            "rest on it."
        )
    elif network.report.level == "one half":
        side = TITLES[network.report.file.sides[0]]
        st.caption(f":material/looks_one: It has a half for {side} only: there is nothing to compare that with.")


def _sizes(model: ModelSpec) -> dict[str, int]:
    st.caption(components.escape(model.summary))
    values = {}
    with st.grid("auto", min_column_width=130, gap="small"):
        for size in model.sizes:
            values[size.name] = st.number_input(
                size.label,
                min_value=size.low,
                max_value=size.high,
                value=size.default,
                step=1,
                key=f"size-{model.id}-{size.name}",
                persist_state="session",
                help=f"{size.low} to {size.high}; {size.default} unless you change it",
            )
    return {name: int(value) for name, value in values.items()}


def _advanced(here: Machine) -> tuple[Device, int, int]:
    with st.expander("Device, threads and seed", icon=":material/tune:"):
        left, middle, right = st.columns(3)
        devices: tuple[Device, ...] = ("auto", "cpu", "cuda") if here.gpus else ("auto", "cpu")
        with left:
            device = components.pick(
                "Device",
                {name: name for name in devices},
                key="device",
                help="«auto» takes the GPU if both frameworks see it, else the CPU for both: "
                "a GPU against a CPU would compare nothing.",
            )
        if not here.gpus:
            left.caption("No NVIDIA GPU with a driver was seen here, so the CPU is what can be measured.")
        threads = middle.number_input(
            "Threads on each side",
            min_value=1,
            max_value=max(1, here.physical_cores),
            value=1,
            key="threads",
            persist_state="session",
            help="The same for both. One thread tells small differences apart best on shared machines.",
        )
        seed = right.number_input(
            "Seed", min_value=0, max_value=2**31 - 1, value=0, key="seed", persist_state="session"
        )
    return device, int(threads), int(seed)
