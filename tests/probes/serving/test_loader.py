"""What a client makes ready of a trace before a clock starts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from probes.deploy import batches
from probes.serving import loader, trace
from probes.serving.trace import TraceError
from probes.serving.wire import rest


@pytest.fixture
def prepared(tmp_path: Path) -> tuple[loader.Loader, Path]:
    """A client of a model with four inputs, and thirty requests in three seconds."""
    x = np.arange(12, dtype=np.float32).reshape(4, 3)
    batches.keep(tmp_path / "data.npz", (x,), (), np.zeros(0))
    client, path = loader.Loader(), tmp_path / "ours.csv"
    client.prepare("rest", "127.0.0.1:1", "/predict", "toy", str(tmp_path / "data.npz"), None)
    path.write_text(
        "timestamp,size\n" + "".join(f"{at / 10},{(1, 2, 6)[at % 3]}\n" for at in range(30)), encoding="utf-8"
    )
    return client, path


def test_a_question_of_each_size_is_written_once(prepared: tuple[loader.Loader, Path]) -> None:
    client, path = prepared
    told = client.trace(str(path), trace.look(path).sha256, seconds=2.05, most=10_000)
    assert told == {"requests": 21, "seconds": 2.0}
    rows = [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9, 10, 11]]
    expected = [rows[:1], rows[:2], [*rows, *rows[:2]]]
    assert client._sized == [rest.encode(np.array(some, np.float32)) for some in expected]


def test_questions_that_are_too_large_together_are_refused(
    prepared: tuple[loader.Loader, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, path = prepared
    monkeypatch.setattr(loader, "MOST_BYTES", 100)
    with pytest.raises(TraceError, match=r"its requests up to 6 rows take \d+ bytes; allowed: 100: fewer sizes"):
        client.trace(str(path), trace.look(path).sha256, seconds=9.0, most=10_000)
