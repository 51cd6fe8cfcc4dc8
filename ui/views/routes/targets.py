"""Targets as rows, both frameworks side by side: the best way of each with what was seen of it here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape as html
from typing import Final

import streamlit as st

from advisor.deployment.targets import BestWay, TargetRow, TriedRoute
from advisor.model.routes import Route, Tried
from advisor.wording.moments import moment
from advisor.wording.quantities import number, quantity
from probes.deploy.schema import RoutesRun, Way
from probes.deploy.summary import RouteFigures, Span
from probes.schema import FRAMEWORKS, TITLES, Framework, ModelSpec, Outcome
from ui.kit import components, relative_time
from ui.session import state

_FEW: Final = 4  # other ways that a card names


def named(way: Way) -> str:
    """``PyTorch: ONNX → ONNX Runtime``."""
    return f"{TITLES[way.framework]}: {way.title}"


def where(run: RoutesRun, model: ModelSpec, now: datetime) -> None:
    """What the figures are true of."""
    then = moment(run.started_at)
    when = f", {relative_time.ago(then, now)}" if then else ""
    threads = "1 thread" if run.request.threads == 1 else f"{run.request.threads} threads"
    of = next((reference for reference in run.references if reference.model == model.id), None)
    task = f" Accuracy is that on {of.task}." if of is not None and of.task else ""
    st.caption(
        components.escape(
            f"{model.title}, on {run.machine.name}{when}, in {run.seconds:.0f} s, {threads} each. The same weights on "
            f"both sides.{task}"
        )
    )


def targets(
    rows: Sequence[TargetRow],
    now: state.Current,
    seen: Sequence[TriedRoute],
    *,
    waiting: bool = False,
    under_load: Mapping[Framework, str] | None = None,
) -> None:
    """All rows. ``waiting``: more is to come, so what was not tried may still be. ``under_load`` is what each
    framework's best server did, for the row of servers.
    """
    st.markdown("## Your targets" if now.answers.targets else "## Targets")
    if not now.answers.targets:
        st.caption("Where your model must run is not answered, so these are all targets that something here bears on.")
    by_way = {tried.record.way.id: tried for tried in seen}
    for line in rows:
        _line(line, by_way, (under_load or {}) if line.target == "server_rest_grpc" else {}, waiting=waiting)


def _line(
    line: TargetRow, by_way: dict[str, TriedRoute], under_load: Mapping[Framework, str], *, waiting: bool
) -> None:
    with st.container(key=f"route-target-{line.target}", gap="xsmall"):
        st.markdown(f"### {components.escape(line.title)}")
        if line.asked is not None:
            latency = line.asked.latency_ms
            limit = f", {latency.target:g} ms wanted, {latency.limit:g} ms at most" if latency else ""
            st.caption(components.escape(f"Importance {line.asked.importance} of 5{limit}."))
        with st.grid(2, gap="medium", min_column_width=300):
            for side in FRAMEWORKS:
                with st.container(border=True, gap="xsmall"):
                    _card(side, line.sides[side], by_way, waiting=waiting)
                    if side in under_load:
                        st.caption(f":material/dns: {components.escape(under_load[side])}")


def _card(side: Framework, best: BestWay, by_way: dict[str, TriedRoute], *, waiting: bool) -> None:
    route = best.choice.route
    if route is None:
        broken = bool(best.choice.broken)
        st.markdown(f"{components.framework(side)}: **{'no way that works here' if broken else 'no way is known'}**")
        _broken(best)
        return
    version = route.version.partition(";")[0]
    title = f"{route.tool} {version}" if version and version[0].isdigit() else route.tool
    st.markdown(f"{components.framework(side)}: **{components.escape(title)}**")
    tried = best.choice.tried
    words = {"works": ":blue-badge[:material/speed: measured here]", "exported": ":gray-badge[exported here]"}
    here = words.get(tried.state, "") if tried is not None else ""
    st.markdown(f":gray-badge[{route.maturity}] :gray-badge[{components.escape(route.month)}] {here}".strip())
    if best.seen is not None and best.seen.figures is not None:
        st.caption(components.escape(f"Tried as: {best.seen.record.way.title}"))
        st.html(_figures(best.seen.figures))
    _why_not(route, best.choice.tried, waiting=waiting)
    st.caption(components.escape(route.constraints))
    _broken(best)
    told = [_other(route, best, by_way) for route in best.choice.alternatives]
    if told:
        more = f"; {len(told) - _FEW} more" if len(told) > _FEW else ""
        st.caption("Also: " + components.escape("; ".join(told[:_FEW]) + more))


def _why_not(route: Route, tried: Tried | None, *, waiting: bool) -> None:
    if tried is not None and tried.state == "not tried":
        text = "It is still to come." if waiting else f"{tried.said.rstrip('. ')}."
        st.caption(f":material/hourglass_empty: {text}" if waiting else f":material/info: {components.escape(text)}")
    elif tried is not None and tried.state == "exported":
        st.caption(f":material/info: {components.escape(tried.said)}")
    elif tried is None and not route.tried_by:
        st.caption(":material/info: Nothing on this machine computes as it does, so it is known, not tried.")
    elif tried is None:
        st.caption(":material/info: Not tried with this network yet.")


def _broken(best: BestWay) -> None:
    for tried in {seen.way: seen for seen in best.choice.broken}.values():
        st.caption(f":material/cancel: Doesn't work here: {components.escape(tried.reasons)}")


def _other(route: Route, best: BestWay, by_way: dict[str, TriedRoute]) -> str:
    """``ONNX Runtime 49 µs``: what nobody should start with today says so."""
    name = route.tool if route.maturity == "production" else f"{route.tool} ({route.maturity})"
    network = best.choice.tried.network if best.choice.tried else next(iter(route.tried), "")
    tried = route.tried.get(network)
    return f"{name} {quantity(tried.latency_s, 's')}" if tried and tried.latency_s and tried.way in by_way else name


def _figures(figures: RouteFigures) -> str:
    """The figures of a card. Numbers and our own words only."""
    single, many = figures.latency.get(1), figures.latency.get(64)
    rows: list[tuple[str, ...]] = [
        ("Batch 1", *_span(single)),
        ("Batch 64", *_span(many)),
        ("Artefact", quantity(figures.artefact_bytes, "B")),
        ("Runtime", quantity(figures.runtime_bytes, "B") if figures.runtime_bytes else ""),
        ("Cold start", quantity(figures.cold_s, "s") if figures.cold_s is not None else ""),
        ("Memory", quantity(figures.peak_bytes, "B") if figures.peak_bytes else ""),
        _faithful(figures),
    ]
    cells = "".join(_cell(*row) for row in rows if row[1])
    return f'<dl class="f-figures">{cells}</dl>'


def _cell(name: str, value: str, under: str = "") -> str:
    small = f"<small>{html(under)}</small>" if under else ""
    return f"<div><dt>{name}</dt><dd>{html(value)}{small}</dd></div>"


def _faithful(figures: RouteFigures) -> tuple[str, str]:
    """The deviation from the source; where it rounds by design, what that costs."""
    if figures.deviation is None:
        return "Deviation", ""
    if figures.deviation > 1e-4 and figures.lost_accuracy is not None:
        return "Accuracy lost", f"{number(figures.lost_accuracy * 100)} points"
    return "Deviation", f"{figures.deviation:.1g}"


def _span(span: Span | None) -> tuple[str, str]:
    """The middle, and the interval under it."""
    if span is None:
        return "", ""
    return quantity(span.middle, "s"), f"{quantity(span.low, 's')} to {quantity(span.high, 's')}"


def tally(run: RoutesRun) -> str:
    """How far a run is: a line for each framework. Numbers and our own words only."""
    rows = []
    for side in FRAMEWORKS:
        records = [record for record in run.records if record.way.framework == side]
        done = sum(record.outcome is Outcome.OK for record in records)
        exported = sum(record.exported is not None for record in records)
        failed = sum(record.outcome not in (Outcome.OK, Outcome.CANCELLED, Outcome.UNSUPPORTED) for record in records)
        unable = sum(record.outcome is Outcome.UNSUPPORTED for record in records)
        parts = [f"{exported} of {len(records)} exported", f"{done} done"]
        parts += [f"{count} {word}" for count, word in ((failed, "failed"), (unable, "not here")) if count]
        rows.append(f'<li><i class="f-key f-key-{side}"></i>{TITLES[side]}: {", ".join(parts)}</li>')
    return f'<ul class="f-tally">{"".join(rows)}</ul>'


def progress(seen: Sequence[TriedRoute]) -> None:
    """Every way with its state, while more is to come."""
    st.markdown("## Every way")
    for side in FRAMEWORKS:
        ways = [tried for tried in seen if tried.record.way.framework == side]
        if ways:
            listed = "\n".join(f"- {components.escape(tried.record.way.title)}: {_state(tried)}" for tried in ways)
            st.markdown(f"**{components.framework(side)}**\n\n{listed}")


def _state(tried: TriedRoute) -> str:
    record, figures = tried.record, tried.figures
    if record.outcome is Outcome.CANCELLED:
        return f"exported, {quantity(record.exported.bytes, 'B')}" if record.exported else "waiting"
    if record.outcome is not Outcome.OK:
        return f"**{record.outcome.value}**" if record.outcome is not Outcome.UNSUPPORTED else "not here"
    span = figures.latency.get(1) if figures else None
    return components.escape(f"{quantity(span.middle, 's')} a call" if span else "exported")
