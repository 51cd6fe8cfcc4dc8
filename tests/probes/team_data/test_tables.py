"""Tables of numbers, and the line of what is none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from probes.team_data import tables
from probes.team_data.limits import TeamDataError
from tests.probes.team_data import made

HEAD, ROW = "a,b,kind\n", "1,2,0\n"


def test_labels_come_apart_from_the_other_columns(tmp_path: Path) -> None:
    x, labels = tables.arrays(made.table(tmp_path), "kind")
    assert np.allclose(x, made.features(), rtol=1e-5)
    assert (labels == made.classes()).all()
    assert x.dtype == labels.dtype == np.float32


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lines_may_end_as_they_do_elsewhere_and_begin_with_a_mark(tmp_path: Path, end: str, encoding: str) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(("a,b,kind" + end + f"1, 2e0,0{end}" * 70).encode(encoding))
    assert tables.look(path, "kind")["count"] == 70
    assert tables.look(path, "a")["classes"] == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1,2,0\n" * 70, "rows.csv begins with «1, 2, 0»; allowed: a first line with the columns' names"),
        ("a;b;kind\n" + ROW * 70, "rows.csv has 1 column; allowed: 2 to 10,000, separated by commas"),
        ("a,a,kind\n" + ROW * 70, "rows.csv has two columns with the name 'a'; allowed: a name of its own for each"),
        (HEAD + ROW * 9 + "1,2\n" + ROW * 70, "rows.csv, line 11 has 2 columns; allowed: 3, as its first line"),
        (HEAD + ROW * 9 + "\n" + ROW * 70, "rows.csv, line 11 is empty; allowed: 3 numbers in each line"),
        (
            HEAD + ROW * 5000 + "1,red,0\n",
            "rows.csv, line 5002, b: 'red'; allowed: finite numbers, separated by commas",
        ),
        (HEAD + ROW * 70 + "nan,2,0\n", "rows.csv, line 72, a: 'nan'; allowed: finite numbers"),
        (HEAD + ROW * 70 + "1e39,2,0\n", "rows.csv, line 72, a: '1e39'; allowed: finite numbers"),
        (HEAD + ROW * 70 + "#,2,0\n", "rows.csv, line 72, a: '#'; allowed: finite numbers"),
        (HEAD + ROW * 70 + "1,2,-1\n", "label: labels of rows.csv go from -1 to 0; allowed: 0 to 9,999"),
        (HEAD + ROW * 70 + "1,2,0\r1,2,0\n", "rows.csv, line 72 has 5 columns; allowed: 3, as its first line"),
        (HEAD + ROW * 63, "rows.csv has 63 samples; allowed: 64 to 1,000,000"),
    ],
)
def test_what_both_sides_could_not_read_alike_is_refused_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(text.encode())
    with pytest.raises(TeamDataError) as caught:
        tables.look(path, "kind")
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("colour", "label: 'colour' is no column of rows.csv; allowed: a, b, kind, c, d, e"),
        ("", "label: not given, and rows.csv is a table; allowed: a, b, kind, c, d, e"),
    ],
)
def test_a_label_is_one_of_the_columns(tmp_path: Path, label: str, said: str) -> None:
    with pytest.raises(TeamDataError) as caught:
        tables.look(made.table(tmp_path), label)
    assert str(caught.value) == said
