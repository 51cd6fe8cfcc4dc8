"""Files to begin with: called after the project, as large as it says or as can be measured, and well written."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.answers import Answers, Domain
from advisor.output.model_file import DEFAULT_NAME, Halves, file_name, filled
from probes.model_file import keras_once, loading
from probes.schema import FRAMEWORKS

DOMAINS, HALVES = get_args(Domain), get_args(Halves)


def of(domain: Domain | None = None, *, parameters: int | None = None, name: str = "") -> Answers:
    return Answers.model_validate({"project": {"domain": domain, "parameters": parameters, "name": name}})


def test_every_file_is_written_as_ours_are(tmp_path: Path) -> None:
    for domain in DOMAINS:
        for halves in HALVES:
            (tmp_path / f"{domain.replace('-', '_')}_{halves}.py").write_text(filled(of(domain), halves).text, "utf-8")
    options = ("--isolated", "--line-length", "120", str(tmp_path))
    for command in (("format", "--check", "--diff"), ("check", "--select", "E,F,W,I,B")):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, *options], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr


@pytest.mark.parametrize("domain", DOMAINS)
def test_each_way_to_write_it_has_the_halves_that_it_says(domain: Domain) -> None:
    sources = {halves: filled(of(domain), halves).text.encode() for halves in HALVES}
    assert {halves: loading.halves(source) for halves, source in sources.items()} == {
        "both": FRAMEWORKS, "once": FRAMEWORKS, "pytorch": ("pytorch",), "tensorflow": ("tensorflow",)
    }  # fmt: skip
    assert [halves for halves, source in sources.items() if keras_once.is_written(source)] == ["once"]


@pytest.mark.parametrize("domain", DOMAINS)
def test_it_is_as_large_as_the_brief_says_where_that_can_be_measured(domain: Domain) -> None:
    small, large, huge = (filled(of(domain, parameters=number)) for number in (9_000, 60_000, 7_000_000_000))
    assert small.width <= large.width <= huge.width
    assert huge.parameters <= 5_000_000
    assert "Your brief says" in huge.text
    assert "Your brief says" not in filled(of(domain)).text + small.text
    for file in (small, large, huge):
        assert f"about {file.parameters / 1e3:.3g} thousand" in file.text or "million weights" in file.text
        assert file.width % 8 == 0, "attention has four heads"


@pytest.mark.parametrize(
    ("project", "name"),
    [
        ("Shelf scanner", "shelf_scanner.py"),
        ("Überblick «2»", "uberblick_2.py"),
        ("", DEFAULT_NAME),
        ("模型", DEFAULT_NAME),
        ("3D scans", DEFAULT_NAME),
        ("Torch", DEFAULT_NAME),
        ("../../etc/passwd", "etc_passwd.py"),
    ],
)
def test_it_is_called_after_the_project(project: str, name: str) -> None:
    assert file_name(project) == name
    assert f"--model-file {name} --budget" in filled(of(name=project)).text


@given(st.text(max_size=120))
def test_whatever_a_project_is_called_its_file_says_so_and_nothing_else(project: str) -> None:
    try:
        answers = of(name=project)
    except ValueError:
        return  # no name that a project may have
    module = ast.parse(filled(answers).text)
    (spec,) = (
        node.value for node in module.body if isinstance(node, ast.Assign) and ast.unparse(node).startswith("SPEC")
    )
    assert ast.literal_eval(spec) == {"title": answers.project.name or "Our network"}
    assert [node.name for node in module.body if isinstance(node, ast.FunctionDef)] == [
        "inputs",
        "pytorch",
        "tensorflow",
    ]
