"""Lines go through pipes in their order, however long they are and whoever has gone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TextIO

import pytest

from probes.system import pipes

Ends = tuple[TextIO, TextIO]


@pytest.fixture
def ends() -> Iterator[Ends]:
    reading, writing = os.pipe()
    with open(reading, encoding="utf-8") as reader:
        # closed by the tests themselves: it may hold what can no longer be sent
        writer = open(writing, "w", encoding="utf-8")  # noqa: SIM115
        yield reader, writer
        pipes.close(writer)


def test_what_is_said_is_heard_in_its_order_and_then_the_end(ends: Ends) -> None:
    reader, writer = ends
    heard: list[str | None] = []
    thread = pipes.listen(reader, heard.append, ended=lambda: heard.append(None))
    for line in ("one", "", "drei – ß"):
        pipes.say(writer, line)
    pipes.close(writer)
    thread.join(10)
    assert heard == ["one\n", "\n", "drei – ß\n", None]


def test_a_line_without_an_end_is_heard_in_pieces(ends: Ends) -> None:
    reader, writer = ends
    heard: list[str] = []
    thread = pipes.listen(reader, heard.append, longest=4)
    writer.write("abcdefghij")
    pipes.close(writer)
    thread.join(10)
    assert heard == ["abcd", "efgh", "ij"]


def test_a_pipe_that_was_closed_has_ended(ends: Ends) -> None:
    reader, _ = ends
    reader.close()
    heard: list[str | None] = []
    pipes.listen(reader, heard.append, ended=lambda: heard.append(None)).join(10)
    assert heard == [None]


def test_who_speaks_to_nobody_is_told_so_and_may_close_all_the_same(ends: Ends) -> None:
    reader, writer = ends
    reader.close()
    with pytest.raises(OSError, match="pipe"):
        pipes.say(writer, "is anybody there?")
    pipes.close(writer, None, writer)
    assert writer.closed
