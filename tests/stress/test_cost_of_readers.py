"""What twenty readers cost, in script runs and in CPU: neither depends on what else the machine does.

The long form, with times, is ``python -m tests.stress.readers``.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from pathlib import Path

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState

from advisor import knowledge, questionnaire
from advisor.decision import decide
from scripts.driving import running_app
from tests import loops
from tests.stress.readers import cpu_seconds, decision, opened, server_process
from tests.stress.tabs import MARK, Tab

pytestmark = [pytest.mark.slow, pytest.mark.alone]

READERS, CHANGES = 20, 1
IDLE = 4.0  # seconds in which each reader asks twice whether there is anything new
#: Measured on two cores: a redraw takes 1.9 times the CPU that working the decision out takes, with its share of the
#: looks, the editor's script and the messages; it was 4.6 while each reader's page was worked out for itself.
MOST_DECISIONS = 3.0


def test_readers_cost_little(tmp_path: Path) -> None:
    with running_app(tmp_path) as address:
        looks, redraws, cpu = loops.run(_watched(address, tmp_path))
    assert looks <= READERS * IDLE / 2 / 2, "most looks that would find nothing never reach a script"
    assert redraws == READERS * CHANGES, "each change is drawn once for each reader"
    assert cpu / redraws <= MOST_DECISIONS * _decision_cpu()


async def _watched(address: str, data: Path) -> tuple[int, int, float]:
    """Looks that reached a script while nothing changed; redraws by the changes, and the server's CPU for them."""
    server = server_process()
    query, cookie = decision(data, address)
    async with asyncio.TaskGroup() as group, asyncio.timeout(120):
        editor = Tab(address, "", query, cookie)
        readers = [Tab(address, "recommendation", query) for _ in range(READERS)]
        living = [await opened(group, tab) for tab in (editor, *readers)]
        await _change(editor, readers, 0)  # what is worked out once a process is
        for reader in readers:
            reader.runs.clear()
        await asyncio.sleep(IDLE)
        looks = sum(len(reader.runs) for reader in readers)
        before = cpu_seconds(server)
        for number in range(1, CHANGES + 1):
            await _change(editor, readers, number)
        cpu = cpu_seconds(server) - before
        redraws = sum(whole for reader in readers for _, whole in reader.runs)
        for task in living:
            task.cancel()
    return looks, redraws, cpu


async def _change(editor: Tab, readers: list[Tab], number: int) -> None:
    """The project's name becomes another one; until every reader's page shows it, and has been drawn to its end."""
    redrawn = [sum(whole for _, whole in reader.runs) for reader in readers]
    await editor.click("answer-project.name", WidgetState(string_value=f"{MARK} {number + 1}"))
    while any(
        reader.newest <= number or sum(whole for _, whole in reader.runs) == before
        for reader, before in zip(readers, redrawn, strict=True)
    ):
        await asyncio.sleep(0.02)


def _decision_cpu() -> float:
    """Seconds of CPU to work out the decision of the same answers here."""
    answers, known = questionnaire.examples()[0].answers, knowledge.load()
    took = []
    for _ in range(9):
        begin = time.thread_time()
        decide.decide(answers, known, None)
        took.append(time.thread_time() - begin)
    return statistics.median(took)
