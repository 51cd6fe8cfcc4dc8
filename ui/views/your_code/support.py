"""Until when the project can stay with the versions that it pins, on the machine that the brief names."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from datetime import date
from typing import Final

import plotly.graph_objects as go
import streamlit as st
from packaging.version import Version

from advisor.effort.pins import THE_CODE, BriefMachine, CodeClock, code_bounds, of_code, supposed
from advisor.effort.seen import seen
from advisor.lifecycle import report
from advisor.lifecycle.clock import SupportClock, support_clock
from advisor.lifecycle.code_bounds import CodeBound
from advisor.lifecycle.dates import GENERATIONS, Lifecycle, lifecycle
from advisor.lifecycle.machine import SYSTEM_NAMES, SYSTEM_TITLES, InstallTarget, MachineError, machine
from advisor.lifecycle.pins import LockFile
from advisor.lifecycle.wheels import wheels
from advisor.output.charts.palette import Theme
from advisor.output.charts.support_timeline import dated, support_timeline, support_words
from advisor.ports import CodeScan, ProjectLock
from advisor.wording.quantities import counted
from ui.kit import components, theme
from ui.kit.fragments import apart
from ui.session import code_scans, decisions, state
from ui.session.versioned import versioned

_NO_GPU: Final = "none"


def show(now: state.Current, found: CodeScan) -> None:
    """The answer first, then what stops first, the line of time, and all that was found."""
    st.markdown("## Until when it can stay")
    if not _locks(found):
        st.markdown(
            "The project has no file that says which versions it is installed with. Hand over what `pip freeze` prints "
            "as a list of packages, and this is told."
        )
        return
    _clock(now, found)


@apart(name="code-clock")
def _clock(now: state.Current, found: CodeScan) -> None:
    lock = _lock(found)
    clock = _of_choices(now, found, lock)
    with components.card("code-stay"):
        st.markdown(f"**{components.escape(report.answer(clock))}**")
        for bound in clock.code:
            st.markdown(components.escape(report.code_sentence(bound)))
        if clock.first:
            head = "What ends first" if clock.first.bearing == "ends" else "What stops it first"
            st.markdown(components.escape(f"{head}: {report.sentence(clock.first, clock)}"))
            advice = report.advice(clock.first, clock)
            st.markdown(components.escape(f"What to do: {advice}"))
    if dated(clock):
        shade = theme.current()
        figure = _figure((code_scans.key(now), _version(clock), shade), clock, shade)
        components.chart(figure, key="code-timeline", alt=support_words(clock))
    _details(clock)


def _lock(found: CodeScan) -> LockFile:
    """Of several files one is looked at: what is installed together is pinned together."""
    locks = _locks(found)
    if len(locks) == 1:
        only = locks[0]
        if only.file:
            st.caption(components.escape(f"By {only.file}."))
        return only.lock
    by_file = {one.file: one.lock for one in locks}
    chosen = st.selectbox("By which file?", list(by_file), key="code-lock", persist_state="session", width=420)
    return by_file.get(chosen) or locks[0].lock


def _locks(found: CodeScan) -> tuple[ProjectLock, ...]:
    """What can be asked, the likeliest first; the code itself where there is no list and its names say something."""
    if not found.locks and (code := _bounds(found)):
        return (ProjectLock(THE_CODE, of_code(code)),)
    return found.locks


def _of_choices(now: state.Current, found: CodeScan, lock: LockFile) -> SupportClock:
    """On the machine of the brief, as far as it says one; each part can be set by hand."""
    brief, known = BriefMachine.of(now.answers), lifecycle()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        start, guessed = _python(now, found, lock)
        python = _pick("Python", [line.id for line in reversed(known.pythons)], start)
        titles = {str(name): title for name, title in SYSTEM_TITLES.items()}
        system = _pick("System", list(SYSTEM_TITLES), brief.system or SYSTEM_NAMES["linux"], titles)
        gpu = _pick("NVIDIA GPU", ["", _NO_GPU, *reversed(GENERATIONS)], brief.gpu)
        cuda = _pick("CUDA of its driver", ["", *_cudas(known)], "") if gpu not in ("", _NO_GPU) else ""
    if guessed and python == start:
        st.caption(f"Nobody says which Python it runs on. {python} is the newest with which most of it installs.")
    where = machine(known.pythons, "", python=python, system=system, gpu=gpu, cuda=cuda)
    day = decisions.today(now)
    return _answer((code_scans.key(now), hash(lock), where, day), lock, found, where, known, day)


def _cudas(known: Lifecycle) -> list[str]:
    """Those that a build is made with, the newest first."""
    versions = {Version(one.cuda) for one in known.builds if one.cuda}
    return [str(one) for one in sorted(versions, reverse=True)]


def usual(now: state.Current, found: CodeScan) -> CodeClock:
    """The clock of the likeliest file as it is shown before anything is chosen by hand."""
    if not (locks := _locks(found)):
        return CodeClock("", None, "No list of packages names one whose wheels are known.")
    first, known, day = locks[0], lifecycle(), decisions.today(now)
    brief, (python, _) = BriefMachine.of(now.answers), _python(now, found, first.lock)
    where = machine(known.pythons, "", python=python, system=brief.system, gpu=brief.gpu)
    return CodeClock(first.file, support_clock(first.lock, where, known, wheels(), day, code=_bounds(found)))


def _pick(label: str, options: list[str], start: str, titles: Mapping[str, str] | None = None) -> str:
    words = {option: (titles or {}).get(option, option.capitalize()) if option else "not said" for option in options}
    chosen = st.selectbox(
        label,
        options,
        index=options.index(start) if start in options else 0,
        format_func=words.__getitem__,
        key=f"code-on-{label}-{start}",
        persist_state="session",
        width=180,
    )
    return chosen or ""


def _python(now: state.Current, found: CodeScan, lock: LockFile) -> tuple[str, bool]:
    """The brief's, the file's, the newest that the project allows or a supposed one; and whether it is supposed."""
    brief = BriefMachine.of(now.answers)
    if brief.python:
        return brief.python, False
    with contextlib.suppress(MachineError):
        return machine(lifecycle().pythons, lock.python, system=brief.system).python, False
    allowed = seen(found.report).python if found.report is not None else None
    if allowed is not None:
        return allowed, False
    day = decisions.today(now)
    return _supposed((code_scans.key(now), hash(lock), brief, day), lock, found, brief, day), True


@versioned(most=64)
def _supposed(lock: LockFile, found: CodeScan, brief: BriefMachine, day: date) -> str:
    return supposed(lock, None, brief, day, _bounds(found)).machine.python


def _details(clock: SupportClock) -> None:
    title = f"All that was looked at: {counted(len(clock.pins), 'package')}, {counted(len(clock.findings), 'finding')}"
    with components.folded(title, key="code-clock-all", icon=":material/event:") as is_open:
        if not is_open:
            return
        for heading, lines in report.groups(clock):
            st.markdown(f"**{heading}**\n" + "\n".join(f"* {components.escape(line)}" for line in lines))
        for line in report.limits(clock):
            st.caption(components.escape(line))


def _version(clock: SupportClock) -> str:
    return repr((clock.machine, clock.day, hash(clock.lock)))


@versioned(most=64)
def _answer(lock: LockFile, found: CodeScan, where: InstallTarget, known: Lifecycle, day: date) -> SupportClock:
    return support_clock(lock, where, known, wheels(), day, code=_bounds(found))


def _bounds(found: CodeScan) -> tuple[CodeBound, ...]:
    return code_bounds(found.report) if found.report is not None else ()


@versioned(most=64)
def _figure(clock: SupportClock, shade: Theme) -> go.Figure:
    return support_timeline(clock, shade)
