"""The part of «Probes» in which a run is put together: machine, budget, network sizes, probes, threads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import streamlit as st

from advisor.ports import Services
from probes.schema import Availability, Device, Machine, ModelSpec, Outcome, ProbeSpec, RunRequest
from ui import components

Budget = Literal["quick", "standard", "thorough"] | float
Choice = Literal["quick", "standard", "thorough", "own"]

BUDGETS: Final[dict[Choice, tuple[str, str]]] = {
    "quick": ("Quick", "About 90 seconds; first ratios show after 25."),
    "standard": ("Standard", "About 5 minutes; narrower intervals, and the probes outside the quick set."),
    "thorough": ("Thorough", "About 20 minutes; tells small differences apart."),
    "own": ("My own", "As long as you say, from half a minute to a day."),
}
EVERYTHING_FROM: Final = 240.0  # seconds from which a budget covers more than the quick probes
WANTED: Final = "fulcrum_wanted_probe"  # a probe that another page asked for


@st.cache_resource(ttl=300, show_spinner=False)
def _machine(_services: Services) -> Machine:
    return _services.runner.machine()


@st.cache_resource(ttl=60, show_spinner=False)
def _catalog(_services: Services) -> tuple[tuple[Availability, ...], tuple[ModelSpec, ...]]:
    return _services.runner.catalog(), _services.runner.models()


def plan(services: Services) -> RunRequest:
    """Draw the choices and return the run that they describe."""
    machine = _machine(services)
    offers, models = _catalog(services)
    left, right = st.columns([3, 2], gap="large")
    with left:
        budget = _budget()
        sizes = {model.id: _sizes(model) for model in models}
    with right:
        machine_card(machine)
    chosen = _probes(offers, quick=_quick(budget))
    device, threads, seed = _advanced(machine)
    own = {probe.id for probe in planned(services, RunRequest(budget=budget))}
    return RunRequest(
        probes=() if set(chosen) == own else tuple(chosen),
        budget=budget,
        device=device,
        threads=threads,
        seed=seed,
        sizes=sizes,
    )


def _quick(budget: Budget) -> bool:
    """Whether a budget by itself has time for the quick probes only."""
    return budget == "quick" or (isinstance(budget, float) and budget < EVERYTHING_FROM)


def every(services: Services) -> tuple[ProbeSpec, ...]:
    """All probes of the catalog."""
    return tuple(offer.probe for offer in _catalog(services)[0])


def planned(services: Services, request: RunRequest) -> tuple[ProbeSpec, ...]:
    """The probes that a run measures, in the catalog's order: those it names, or those its budget has time for."""
    offers, _ = _catalog(services)
    able = [offer.probe for offer in offers if offer.outcome is Outcome.OK]
    if request.probes:
        return tuple(probe for probe in able if probe.id in request.probes)
    return tuple(probe for probe in able if probe.quick or not _quick(request.budget))


def machine_card(machine: Machine) -> None:
    """What the numbers will be true of."""
    with components.card("machine"):
        st.markdown("**This machine**")
        st.text(machine.name)
        st.caption(
            f"{machine.physical_cores} cores, {machine.logical_cores} threads · "
            f"{machine.memory_bytes / 2**30:.0f} GiB memory · "
            + (", ".join(components.escape(gpu) for gpu in machine.gpus) if machine.gpus else "no GPU seen")
        )
        shown = {name: machine.versions[name] for name in ("torch", "tensorflow", "keras") if name in machine.versions}
        st.caption(
            " · ".join(f"{name} {components.escape(version)}" for name, version in shown.items())
            or "Neither framework is installed."
        )
        where = _where(machine.virtualisation)
        st.caption(components.escape(f"{machine.os}, Python {machine.python}{where}"))


def _where(virtualisation: str) -> str:
    if virtualisation in ("", "virtual machine"):
        return f" in a {virtualisation}" if virtualisation else ""
    return f" in a virtual machine ({virtualisation})"


def _budget() -> Budget:
    chosen: Choice = (
        st.segmented_control(
            "How long may it take?",
            list(BUDGETS),
            format_func=lambda key: BUDGETS[key][0],
            default="quick",
            required=True,
            key="budget",
            persist_state="session",
            help="More time means more fresh process pairs, and with them narrower intervals.",
        )
        or "quick"
    )
    st.caption(BUDGETS[chosen][1])
    if chosen != "own":
        return chosen
    minutes = st.number_input(
        "Minutes", min_value=0.5, max_value=1440.0, value=3.0, step=0.5, key="budget-minutes", persist_state="session"
    )
    return minutes * 60


def _sizes(model: ModelSpec) -> dict[str, int]:
    st.markdown(f"**{components.escape(model.title)}**")
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


def _probes(offers: Sequence[Availability], *, quick: bool) -> list[str]:
    """The catalog: what can run, what can't and why. Returns what is ticked."""
    able = [offer for offer in offers if offer.outcome is Outcome.OK]
    unable = [offer for offer in offers if offer.outcome is not Outcome.OK]
    wanted = st.session_state.get(WANTED)
    chosen = []
    with st.expander(
        f"What is measured: {len(able)} probes can run here" + (f", {len(unable)} can't" if unable else ""),
        icon=":material/checklist:",
        expanded=bool(wanted) or bool(unable and not able),
    ):
        with st.grid("auto", min_column_width=300, gap="medium"):
            for offer in able:
                chosen += _offer(offer, quick=quick, wanted=offer.probe.id == wanted)
        for offer in unable:
            st.markdown(f":material/block: **{components.escape(offer.probe.title)}** can't run here")
            st.caption(components.escape(offer.reason))
    if quick and any(not offer.probe.quick for offer in able if offer.probe.id in chosen):
        st.caption(":material/schedule: You chose probes outside the quick set: this run takes longer than 90 seconds.")
    if not chosen:
        st.caption(":material/info: Nothing is ticked, so the budget's own probes run.")
    return chosen


def _offer(offer: Availability, *, quick: bool, wanted: bool) -> list[str]:
    probe = offer.probe
    with st.container(gap="xxsmall"):
        ticked = st.checkbox(
            f"**{components.escape(probe.title)}**",
            value=probe.quick or not quick or wanted,
            key=f"probe-{'quick' if quick else 'all'}-{probe.id}",
            persist_state="session",
        )
        st.caption(components.escape(f"{probe.question} {probe.modes['pytorch']} against {probe.modes['tensorflow']}."))
    return [probe.id] if ticked else []


def _advanced(machine: Machine) -> tuple[Device, int, int]:
    with st.expander("Device, threads and seed", icon=":material/tune:"):
        left, middle, right = st.columns(3)
        devices: list[Device] = ["auto", "cpu", "cuda"] if machine.gpus else ["auto", "cpu"]
        device: Device = (
            left.segmented_control(
                "Device",
                devices,
                default="auto",
                required=True,
                key="device",
                persist_state="session",
                help="«auto» takes the GPU if both frameworks see it, else the CPU for both: "
                "a GPU against a CPU would compare nothing.",
            )
            or "auto"
        )
        if not machine.gpus:
            left.caption("No NVIDIA GPU with a driver was seen here, so the CPU is what can be measured.")
        threads = middle.number_input(
            "Threads on each side",
            min_value=1,
            max_value=max(1, machine.physical_cores),
            value=1,
            key="threads",
            persist_state="session",
            help="The same for both. One thread tells small differences apart best on shared machines.",
        )
        seed = right.number_input(
            "Seed", min_value=0, max_value=2**31 - 1, value=0, key="seed", persist_state="session"
        )
    return device, int(threads), int(seed)
