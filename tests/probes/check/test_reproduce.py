"""Lines that clock one side under other people's timers."""

from __future__ import annotations

import ast
import hashlib
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from probes import catalog
from probes.check.reproduce import case, lines
from probes.schema import FRAMEWORKS, Framework, RunRequest
from probes.team_files import ModelFile
from tests.places import ROOT

OURS = """
def inputs(rng, batch):
    return {"a": rng.normal(size=(batch, 3)), "b": rng.normal(size=(batch, 3))}


def pytorch():
    from torch import nn

    class Sum(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(3, 2)

        def forward(self, a, b):
            return self.layer(a + b)

    return Sum()
"""
REQUEST = RunRequest(threads=2, seed=7, sizes={"mlp": {"hidden1": 64}, "cnn": {"classes": 3}})


def test_lines_name_the_case_and_nothing_of_another_network() -> None:
    told = lines("mlp.train_step", "pytorch", REQUEST)
    assert list(told) == ["timeit", "pyperf", "torch.utils.benchmark"]
    assert list(lines("mlp.train_step", "tensorflow", REQUEST)) == ["timeit", "pyperf"]
    for line in told.values():
        program = next(word for word in shlex.split(line) if "case(" in word)
        assert 'case("mlp.train_step", "pytorch", device="cpu", threads=2, seed=7, sizes={"hidden1": 64})' in program
        compile(program, "line", "exec")


def test_what_is_not_timed_step_by_step_is_refused() -> None:
    with pytest.raises(ValueError, match=r"probe: 'mlp\.startup' is not timed step by step"):
        case("mlp.startup", "pytorch")


def own(path: Path, **changes: str) -> ModelFile:
    sha256 = changes.get("sha256", hashlib.sha256(path.read_bytes()).hexdigest())
    return ModelFile(changes.get("name", path.name), sha256, "Ours", FRAMEWORKS, trains=True)


def test_a_team_s_own_model_is_named_by_its_file_and_no_name_leaves_its_quotes() -> None:
    file = ModelFile('it\'s "ours"; echo.py', "ab" * 32, "Ours", FRAMEWORKS, trains=True)
    for line in lines(f"{file.id}.inference_b1", "pytorch", RunRequest(model=file.id, model_file=file)).values():
        program = next(word for word in shlex.split(line) if "case(" in word)
        call = next(node for node in ast.walk(ast.parse(program)) if isinstance(node, ast.Call) and node.keywords)
        said = {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords}
        assert said["model_file"] == file.name
    moved = lines(f"{file.id}.inference_b1", "pytorch", RunRequest(model_file=file), model_path="/there/a.py")
    assert 'model_file="/there/a.py"' in moved["timeit"]


def test_a_file_that_has_changed_since_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ours.py"
    path.write_text(OURS, encoding="utf-8")
    measured = own(path, sha256="ab" * 32).id
    with pytest.raises(ValueError, match=f"not the version that was measured as {measured}"):
        case(f"{measured}.inference_b1", "pytorch", model_file=str(path))


@pytest.mark.framework
def test_a_line_for_a_team_s_own_model_gives_a_figure(tmp_path: Path) -> None:
    if reason := catalog.not_installed("pytorch"):
        pytest.skip(reason)
    path = tmp_path / "ours.py"
    path.write_text(OURS, encoding="utf-8")
    file = own(path)
    line = lines(f"{file.id}.inference_b1", "pytorch", RunRequest(model_file=file), model_path=str(path))["timeit"]
    arguments = [sys.executable if word == "python" else word for word in shlex.split(line)]
    done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert re.search(r"\d (us|usec|ms|msec)\b", done.stdout), done.stdout


@pytest.mark.framework
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_every_line_gives_a_figure(framework: Framework) -> None:
    if reason := catalog.why_not(catalog.find("mlp.throughput_b256"), framework):
        pytest.skip(reason)
    told = lines("mlp.throughput_b256", framework, RunRequest(sizes={"mlp": {"hidden1": 64}}))
    if framework == "tensorflow":
        del told["pyperf"]  # it starts a dozen processes, and PyTorch's line shows that it can be read
    for timer, line in told.items():
        arguments = [sys.executable if word == "python" else word for word in shlex.split(line)]
        if timer == "pyperf":
            arguments += ["--debug-single-value"]
        done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, timeout=200, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        assert re.search(r"\d (us|usec|ms|msec)\b", done.stdout), (timer, done.stdout)
