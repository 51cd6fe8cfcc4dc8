"""Right answers are counted in full trays, and only their number is told."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from probes import catalog
from probes.deploy import own_half, scoring
from probes.deploy.launch import RouteChildren
from probes.team_data.looking import look
from tests.probes.team_data import made


@pytest.mark.parametrize("count", [1, 64, 65, 200])
def test_the_last_tray_is_filled_up_and_what_fills_it_does_not_count(tmp_path: Path, count: int) -> None:
    rng = np.random.default_rng(0)
    x, labels = rng.normal(size=(count, 3)), rng.integers(0, 3, count)
    scoring.keep(tmp_path, (x,), labels)
    sizes = []

    def predict(leaves: tuple[np.ndarray, ...]) -> np.ndarray:
        sizes.append(len(leaves[0]))
        return leaves[0]

    found = scoring.right(tmp_path / scoring.FILE, predict)
    assert found == {"right": int((x.argmax(1) == labels).sum()), "scored": count}
    assert set(sizes) == {64}


@pytest.mark.parametrize(
    ("left", "bytes_each", "seconds", "asked"),
    [
        (5000, 100, 0.001, 2000),
        (300, 100, 0.001, 300),
        (5000, 2**20, 0.001, 128),
        (5000, 2**30, 0.001, 64),
        (5000, 100, 4.0, 448),
        (5000, 100, 99.0, 64),
    ],
)
def test_how_many_are_asked(left: int, bytes_each: int, seconds: float, asked: int) -> None:
    assert scoring.number(left, bytes_each, seconds) == asked


MODEL = """
def inputs(rng, batch):
    return rng.random((batch, 3)), rng.integers(0, 3, batch)


def pytorch():
    import torch

    largest = torch.nn.Linear(3, 3, bias=False)  # finds the largest of its inputs
    torch.nn.init.eye_(largest.weight)
    return largest
"""


@pytest.mark.framework
def test_a_real_model_is_scored_on_samples_that_it_was_not_asked(tmp_path: Path) -> None:
    """Of 200 samples 128 are asked by every way; the other 72 are scored, and here one knows which."""
    if reason := catalog.not_installed("pytorch"):
        pytest.skip(reason)
    x, labels = made.features()[:, 2:] / 10.0 ** np.arange(3), made.classes()
    path, file, work = made.archive(tmp_path, x=x, labels=labels), tmp_path / "ours.py", tmp_path / "work"
    file.write_text(MODEL, encoding="utf-8")
    work.mkdir()
    place = {"path": str(path), "data": asdict(look(path))}
    with closing(RouteChildren(1, str(tmp_path), lambda: False).start("export", "pytorch", "", {})) as child:
        child.ask("load", timeout=120, framework="pytorch", threads=1)
        child.ask("own", timeout=60, path=str(file), sha256="", data=place)
        made_ = child.ask("train", timeout=60, model="", sizes={}, seed=7, folder=str(work))
        answered = child.ask("source", timeout=60, model="", sizes={}, folder=str(work), score=True)["answers"]
    assert made_["classes"]
    order = np.random.default_rng(7).permutation(200)
    asked, scored = order[: own_half.ASKED], order[own_half.ASKED :]
    with np.load(work / "data.npz") as kept:
        assert np.allclose(kept["asked"], x[asked])
        assert np.allclose(kept["calibration"], x[asked[:64]]), "static quantisation sees the team's samples"
    right = int((x[scored].astype(np.float32).argmax(1) == labels[scored]).sum())
    assert (answered["right"], answered["scored"]) == (right, 72)
