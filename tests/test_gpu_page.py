"""What docs/gpu.md tells people to type is what the commands take, and names environments that can be made."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from advisor.__main__ import parser as advisor_parser
from probes.__main__ import parser
from probes.catalog import INSTALL
from probes.deploy import framework_environments
from probes.engine.running import devices
from tests.places import ROOT

PAGE = (ROOT / "docs" / "gpu.md").read_text(encoding="utf-8")
LINES = [
    line.partition("  #")[0].strip()
    for block in re.findall(r"```\n(.*?)```", PAGE, re.DOTALL)
    for line in block.splitlines()
]
LINES += re.findall(r"`(python -m [^`…]+)`", PAGE)


@pytest.mark.parametrize("line", sorted({line for line in LINES if line.startswith("python -m probes")}))
def test_every_line_is_one_that_the_commands_take(line: str) -> None:
    options = parser().parse_args(shlex.split(line)[3:])
    assert options.command


def test_the_record_is_read_elsewhere_by_lines_that_there_are() -> None:
    (line,) = [line for line in LINES if line.startswith("python -m advisor")]
    options = advisor_parser().parse_args(shlex.split(line)[3:])
    assert options.run == [Path("gpu.json")]


def test_the_one_command_runs_in_what_the_lines_before_it_make() -> None:
    made = [shlex.split(line)[-1] for line in LINES if "env create" in line]
    (run,) = {line for line in LINES if line.startswith("python -m probes run --device cuda --pytorch-python")}
    options = parser().parse_args(shlex.split(run)[3:])
    assert made[:2] == [options.pytorch_python, options.tensorflow_python]
    assert all(framework_environments.parsed(name) for name in made)


def test_versions_are_the_ones_that_the_app_installs_itself() -> None:
    pinned = set(re.findall(r"(?:torch|tensorflow)==([\d.]+)", " ".join(INSTALL.values())))
    named = set(re.findall(r"==(\d+\.\d+\.\d+)", PAGE))
    assert named == pinned
    assert "tensorflow[and-cuda]==" + INSTALL["tensorflow"].split("==")[1].split()[0] in devices.install_line(
        "tensorflow", "linux"
    )
