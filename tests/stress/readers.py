"""What readers cost the one who edits: ``python -m tests.stress.readers --readers N --pages recommendation|spread``.

The real app on loopback, one editor on Brief who changes an answer every two seconds, in turns the stage and the
project's name, and so many readers of the same decision. Prints the editor's times from click to the script's end, how
late readers see a change, and the server's CPU: per change and reader it hardly depends on what else the machine does.
The clients are one process more and want a core of their own.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import platform
import random
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlencode, urlsplit

import psutil
from streamlit.proto.WidgetStates_pb2 import WidgetState

from advisor import questionnaire, wiring
from scripts.driving import running_app
from tests.pages import PATHS
from tests.streamlit_client import Visitor
from tests.stress.tabs import MARK, Tab

EVERY: Final = 2.0  # seconds between the editor's changes, give or take AROUND: readers look every two seconds too
AROUND: Final = 0.4
QUIET: Final = 8.0  # seconds that the readers have after the last change, and in which they only look before the first
MOST_READERS, MOST_SECONDS = 400, 600
STAGES: Final = ("Exploring", "Prototype")


@dataclass(frozen=True, slots=True)
class Found:
    """Seconds, but for ``idle_cores`` and ``cores`` (CPU seconds a second) and the counts."""

    readers: int
    pages: str
    changes: int
    editor_p50: float
    editor_p95: float
    editor_max: float
    seen_p50: float  # from a change's click to a reader who shows it or a later one
    seen_p95: float
    last_seen_by_all: float  # from the last change; QUIET if somebody never showed it
    runs_per_change: float  # script runs of one reader beyond its looks
    cores: float
    idle_cores: float
    cpu_per_change_and_reader: float
    open_cpu: float  # to open one reader's page
    broken: int


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--readers", type=int, nargs="+", default=[50])
    parser.add_argument("--pages", choices=("recommendation", "spread"), default="recommendation")
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--port", type=int, default=None)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if not all(1 <= number <= MOST_READERS for number in options.readers) or not 4 <= options.seconds <= MOST_SECONDS:
        parser.error(f"1 to {MOST_READERS} readers, 4 to {MOST_SECONDS} seconds")
    found = [measure(number, options.pages, options.seconds, port=options.port) for number in options.readers]
    if options.json:
        print(json.dumps({"machine": machine(), "found": [asdict(one) for one in found]}))
    else:
        print(table(found))


def machine() -> str:
    """What this was measured on."""
    model = next(
        (line.partition(":")[2].strip() for line in _cpuinfo().splitlines() if line.startswith("model name")), "?"
    )
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    return f"{os.cpu_count()} × {model}, {platform.system()}, Python {platform.python_version()}, load {load}"


def _cpuinfo() -> str:
    path = Path("/proc/cpuinfo")
    return path.read_text() if path.exists() else ""


def table(found: Sequence[Found]) -> str:
    """Markdown."""
    head = (
        "readers", "editor p50", "p95", "max", "seen p50", "p95", "last seen by all",
        "redraws a change", "cores", "cores idle", "CPU a change and reader", "CPU to open",
    )  # fmt: skip
    rows = [
        (
            f"{one.readers} on {one.pages}", *(_said(value) for value in (
                one.editor_p50, one.editor_p95, one.editor_max, one.seen_p50, one.seen_p95,
                one.last_seen_by_all)),
            f"{one.runs_per_change:.2f}", f"{one.cores:.2f}", f"{one.idle_cores:.2f}",
            _said(one.cpu_per_change_and_reader), _said(one.open_cpu),
        )
        for one in found
    ]  # fmt: skip
    lines = [head, ("---",) * len(head), *rows]
    broken = "".join(f"\n{one.broken} of {one.readers} readers lost their socket" for one in found if one.broken)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + f"\n{machine()}{broken}"


def _said(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"


def measure(readers: int, pages: str, seconds: float, *, port: int | None = None) -> Found:
    """Start the app, open everything, edit for so many seconds, wait for the readers, stop."""
    with tempfile.TemporaryDirectory() as data, running_app(Path(data), port=port) as address:
        return asyncio.run(_measured(address, Path(data), readers, pages, seconds))


def decision(data: Path, address: str) -> tuple[str, str]:
    """A decision with an example's answers: the query that names it, and the cookie of a browser that may edit it."""
    store = wiring.build(wiring.Settings(data_dir=data)).store
    record = store.create_decision(questionnaire.examples()[0].answers)
    visitor = Visitor(address, (urlsplit(address).hostname or "", urlsplit(address).port or 0))
    visitor.ask(f"/?{urlencode({'decision': record.id, 'edit': record.edit_key})}")
    return urlencode({"decision": record.id}), "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())


async def _measured(address: str, data: Path, number: int, pages: str, seconds: float) -> Found:
    server = server_process()
    query, cookie = decision(data, address)
    async with asyncio.TaskGroup() as group:
        editor = Tab(address, "", query, cookie)
        readers = [Tab(address, PATHS[i % len(PATHS)] if pages == "spread" else pages, query) for i in range(number)]
        living = [await opened(group, editor)]
        before = cpu_seconds(server)
        living += [await opened(group, reader) for reader in readers]
        to_open = cpu_seconds(server) - before
        await asyncio.sleep(EVERY)
        with timed(server) as idle:
            await asyncio.sleep(QUIET)
        for reader in readers:
            reader.runs.clear()
        with timed(server) as busy:
            clicks, changes = await edit_for(editor, seconds)
            await _all_shown(readers, changes)
        for task in living:
            task.cancel()
    return _found(pages, readers, clicks, changes, busy, idle, to_open / number)


async def opened(group: asyncio.TaskGroup, tab: Tab) -> asyncio.Task[None]:
    """One after the other: many at once are another matter."""
    task = group.create_task(tab.live())
    async with asyncio.timeout(60):
        await tab.drawn.wait()
    return task


async def edit_for(editor: Tab, seconds: float) -> tuple[list[float], list[tuple[float, int]]]:
    """Change an answer every ``EVERY`` seconds; how long each took, and when which numbered change was made."""
    clicks: list[float] = []
    changes: list[tuple[float, int]] = []
    end = time.monotonic() + seconds
    around = random.Random(0)
    turn = 0
    while (begin := time.monotonic()) < end:
        turn += 1
        state = WidgetState()
        if turn % 2:
            state.string_array_value.data.append(STAGES[turn // 2 % 2])
            clicks.append(await editor.click("answer-stage", state))
        else:
            changes.append((begin, turn))
            state.string_value = f"{MARK} {turn}"
            clicks.append(await editor.click("answer-project.name", state))
        await asyncio.sleep(max(0.0, EVERY + around.uniform(-AROUND, AROUND) - (time.monotonic() - begin)))
    return clicks, changes


async def _all_shown(readers: Sequence[Tab], changes: Sequence[tuple[float, int]]) -> None:
    """Until every page shows the last change, ``QUIET`` seconds at most."""
    end = time.monotonic() + QUIET
    while time.monotonic() < end and any(reader.newest < changes[-1][1] for reader in _following(readers)):
        await asyncio.sleep(0.05)


def _following(readers: Sequence[Tab]) -> list[Tab]:
    """Those whose pages show answers, and so have shown one of the changes."""
    return [reader for reader in readers if reader.page in ("", "recommendation", "routes")]


def _found(
    pages: str, readers: list[Tab], clicks: list[float], changes: list[tuple[float, int]], busy: _Cpu, idle: _Cpu,
    open_cpu: float,
) -> Found:  # fmt: skip
    following = _following(readers)
    seen = [
        next((at for at, shown in reader.shown if shown >= number), made + QUIET) - made
        for made, number in changes
        for reader in following
    ]
    last_made, last = changes[-1]
    last_seen = max(
        next((at for at, shown in reader.shown if shown >= last), last_made + QUIET) for reader in following
    )
    whole = sum(was_whole for reader in readers for _, was_whole in reader.runs)
    cost = busy.seconds - idle.rate * busy.wall
    return Found(
        readers=len(readers),
        pages=pages,
        changes=len(clicks),
        editor_p50=statistics.median(clicks),
        editor_p95=_p95(clicks),
        editor_max=max(clicks),
        seen_p50=statistics.median(seen),
        seen_p95=_p95(seen),
        last_seen_by_all=last_seen - last_made,
        runs_per_change=whole / len(readers) / len(clicks),
        cores=busy.rate,
        idle_cores=idle.rate,
        cpu_per_change_and_reader=cost / len(clicks) / len(readers),
        open_cpu=open_cpu,
        broken=sum(bool(reader.broken) for reader in readers),
    )


def _p95(values: Sequence[float]) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))] if ordered else float("nan")


@dataclass
class _Cpu:
    seconds: float = 0.0
    wall: float = 0.0

    @property
    def rate(self) -> float:
        return self.seconds / self.wall


@contextlib.contextmanager
def timed(server: psutil.Process) -> Iterator[_Cpu]:
    found = _Cpu()
    begin, before = time.monotonic(), cpu_seconds(server)
    yield found
    found.seconds, found.wall = cpu_seconds(server) - before, time.monotonic() - begin


def cpu_seconds(server: psutil.Process) -> float:
    times = server.cpu_times()
    return float(times.user + times.system)


def server_process() -> psutil.Process:
    """The app's own process; its executor is another one."""
    return next(child for child in psutil.Process().children() if "streamlit" in child.cmdline())


if __name__ == "__main__":
    main()
