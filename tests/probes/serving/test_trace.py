"""What a trace may look like, what of it is kept, and the line of what is none."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.serving import run, trace
from probes.serving.schema import ServingRequest, Trace
from probes.serving.trace import Arrivals, TraceError

HEAD = "timestamp,size\n"
LINES = "".join(f"{at / 2},{at % 3 + 1}\n" for at in range(40))  # two a second


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "ours.csv").write_text(HEAD + LINES, encoding="utf-8")
    return tmp_path / "ours.csv"


def test_what_is_kept_of_it(path: Path) -> None:
    found = trace.look(path)
    assert (found.name, found.requests, found.seconds, found.rows, found.largest) == ("ours.csv", 40, 19.5, 79, 3)
    assert found.fewest_seconds == 9.5
    assert found.rate == pytest.approx(40 / 19.5)


def test_what_is_replayed_of_it(path: Path) -> None:
    found = trace.arrivals(path, trace.look(path).sha256)
    assert found.due == tuple(at / 2 for at in range(40))
    assert found.rows == tuple(at % 3 + 1 for at in range(40))


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        (LINES, 79),
        ("".join(f"{at / 2}\n" for at in range(40)), 40),
        ("\ufeffTimestamp,Size\r\n" + LINES.replace("\n", "\r\n"), 79),
        ("id,size,timestamp\n" + "".join(f"a{at},{at % 3 + 1},{at / 2}\n" for at in range(40)), 79),
        (HEAD + "\n".join(reversed(LINES.splitlines())) + "\n\n", 79),
        (HEAD + "".join(f"2026-11-29 23:59:{40 + at / 2:04.1f},1\n" for at in range(40)), 40),
        (HEAD + "".join(f"2026-11-29T23:59:{40 + at / 2:04.1f}Z,1\n" for at in range(40)), 40),
        (HEAD + "".join(f"{1.7e9 + at / 2:.1f},1\n" for at in range(40)), 40),
    ],
    ids=["no head", "times alone", "mark and CRLF", "more columns", "as answered", "dates", "with a zone", "epoch"],
)
def test_forms_in_which_logs_come(path: Path, text: str, rows: int) -> None:
    path.write_text(text, encoding="utf-8", newline="")
    found = trace.look(path)
    assert (found.requests, found.seconds, found.rows) == (40, 19.5, rows)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "ours.csv begins with «»; allowed: the columns «timestamp» and, if you like, «size»"),
        ("when,how many\n" + LINES, "ours.csv begins with «when, how many»; allowed: the columns «timestamp»"),
        (HEAD + LINES[:60], "ours.csv has 10 requests; allowed: 20 to 1,000,000"),
        (HEAD + LINES + "soon,1\n", "ours.csv, line 42, timestamp: 'soon'; allowed: seconds, or a date and time as in"),
        (HEAD + LINES + "nan,1\n", "ours.csv, line 42, timestamp: 'nan'; allowed: seconds, or a date"),
        (HEAD + LINES + "-1,1\n", "ours.csv, line 42, timestamp: '-1'; allowed: seconds from 0 on, not milliseconds"),
        (
            HEAD + LINES + "1764000000000,1\n",
            "line 42, timestamp: '1764000000000'; allowed: seconds from 0 on, not milliseconds",
        ),
        (HEAD + LINES + "30,0\n", "ours.csv, line 42, size: '0'; allowed: a whole number of rows, 1 to 1024"),
        (HEAD + LINES + "30,1.5\n", "ours.csv, line 42, size: '1.5'; allowed: a whole number of rows"),
        (HEAD + LINES + f"30,{'9' * 5_000}\n", f"line 42, size: '{'9' * 40}'; allowed: a whole number of rows"),
        (HEAD + LINES + "30,9999\n", "ours.csv, line 42, size: '9999'; allowed: a whole number of rows, 1 to 1024"),
        (HEAD + LINES + "30\n", "ours.csv, line 42 has too few columns (1); allowed: a time and a size in each line"),
        (HEAD + "7,1\n" * 40, "the requests of ours.csv come all at once; allowed: times that differ"),
        (HEAD + LINES + "2026-11-29T12:00,1\n", "some times of ours.csv have a time zone and others don't"),
    ],
)
def test_what_is_no_trace_is_refused_with_its_line(path: Path, text: str, said: str) -> None:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(TraceError) as caught:
        trace.look(path)
    assert said in str(caught.value)


def test_a_file_that_is_none_or_another_by_now(path: Path, tmp_path: Path) -> None:
    found = trace.look(path)
    path.write_text(HEAD + LINES + "30,1\n", encoding="utf-8")
    with pytest.raises(TraceError, match=r"ours.csv has changed since it was looked at; allowed: the same file"):
        trace.arrivals(path, found.sha256)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(TraceError, match=r"trace: ours.csv is no CSV file"):
        trace.look(path)
    with pytest.raises(TraceError, match="can't be read"):
        trace.look(tmp_path / "nowhere.csv")


@given(gaps=st.lists(st.floats(0, 10), min_size=1, max_size=50), seconds=st.floats(0, 100), most=st.integers(1, 60))
def test_what_is_cut_off_is_the_end(gaps: list[float], seconds: float, most: int) -> None:
    due = tuple(sum(gaps[:number]) for number in range(len(gaps)))
    cut = Arrivals(due, tuple(range(1, len(due) + 1))).first(seconds, most)
    assert cut.due == due[: len(cut.due)]
    assert cut.rows == tuple(range(1, len(cut.due) + 1))
    assert len(cut.due) <= most
    assert all(at <= seconds for at in cut.due)
    assert len(cut.due) in (most, len(due)) or due[len(cut.due)] > seconds


SLOW = Trace("ours.csv", "ab", 100, 400.0, 100, 1, 30.0)


@pytest.mark.parametrize(
    ("seconds", "found", "said"),
    [
        (45.0, SLOW, r"seconds: 45, of which 10 are for ours.csv, whose first requests take 30; allowed: 137 or more"),
        (45.0, Trace("ours.csv", "ab", 100, 9000.0, 100, 1, 900.0), "allowed: a trace that is busier: 4091 would be"),
    ],
)
def test_a_trace_that_says_nothing_in_the_time_for_it_is_refused_before(
    seconds: float, found: Trace, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        run.validate(ServingRequest(seconds=seconds, trace=found))
    run.validate(ServingRequest(seconds=200.0, trace=SLOW))
