"""Lines that clock one side under other people's timers."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys

import pytest

from probes import catalog
from probes.check.reproduce import case, lines
from probes.engine.running.environment import ROOT
from probes.schema import FRAMEWORKS, Framework, RunRequest

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
