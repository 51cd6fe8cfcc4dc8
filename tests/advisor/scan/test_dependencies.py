"""Packages that are asked for, in every place in which a project says so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from advisor.scan.dependencies import ManifestError, dependencies, is_manifest
from tests.advisor.trees import scanned

CASES: dict[str, tuple[str, list[tuple[str, str]]]] = {
    "requirements.txt": (
        "# torch\ntorch==2.1.0  # one\n-r other.txt\n--hash x\nKeras >= 2.3, <3\nTensorFlow_GPU\n"
        "git+https://example.org/x.git#egg=flax\n./local\n"
        "jax[cuda12]~=0.4.1 ; python_version > '3.9' \\\n  --hash=sha256:1\n",
        [("torch", "==2.1.0"), ("keras", "<3,>=2.3"), ("tensorflow-gpu", ""), ("flax", ""), ("jax", "~=0.4.1")],
    ),
    "requirements/dev.txt": ("torch\n", [("torch", "")]),
    "pyproject.toml": (
        '[project]\nrequires-python = ">=3.8"\ndependencies = ["torch>=2"]\n'
        '[project.optional-dependencies]\na = ["keras"]\n[dependency-groups]\nb = ["jax", {include-group = "c"}]\n'
        '[tool.poetry.dependencies]\ntensorflow = "^2.3"\n'
        'flax = {version = "~0.4", optional = true}\nx = [{version = "1"}]\n',
        [("python", ">=3.8"), ("torch", ">=2"), ("keras", ""), ("jax", ""), ("tensorflow", ">=2.3,<3"),
         ("flax", "~=0.4"), ("x", "==1")],
    ),
    "setup.cfg": (
        "[options]\npython_requires = >=3.7\ninstall_requires =\n    torch>=1\n    numpy\n"
        "[options.extras_require]\ntf =\n    tensorflow<2\n",
        [("python", ">=3.7"), ("torch", ">=1"), ("numpy", ""), ("tensorflow", "<2")],
    ),
    "setup.py": ("setup(install_requires=['torch>=1.4', \"tensorflow==2.4.*\", 'x.txt'], name='mine')\n",
                 [("torch", ">=1.4"), ("tensorflow", "==2.4.*")]),
    "environment.yml": (
        "dependencies:\n  - pytorch::pytorch=1.9\n  - tensorflow==2.4.1=py38\n  - python>=3.8\n"
        "  - numpy\n  - pip:\n    - keras==2.4\n",
        [("pytorch", "==1.9.*"), ("tensorflow", "==2.4.1"), ("python", ">=3.8"), ("numpy", ""), ("keras", "==2.4")],
    ),
    "Dockerfile": ("RUN apt install x && pip install --no-cache torch==2.1 \\\n    'keras<3' && echo tensorflow\n",
                   [("torch", "==2.1"), ("keras", "<3")]),
    ".github/workflows/ci.yml": ("jobs:\n  a:\n    steps:\n"
                                  "      - run: python -m pip install tensorflow==2.15.0 pytest\n",
                                 [("tensorflow", "==2.15.0"), ("pytest", "")]),
    "poetry.lock": ('[[package]]\nname = "torch"\nversion = "2.1.0"\n', [("torch", "==2.1.0")]),
    "uv.lock": ('[[package]]\nname = "torch"\nversion = "2.1.0"\n[[package]]\nname = "mine"\n', [("torch", "==2.1.0"),
        ("mine", "")]),
    "pylock.toml": ('[[packages]]\nname = "torch"\nversion = "2.1.0"\n', [("torch", "==2.1.0")]),
    "Pipfile": ('[packages]\ntorch = "==2.1"\n[dev-packages]\njax = "*"\n', [("torch", "==2.1"), ("jax", "")]),
    "Pipfile.lock": ('{"default": {"torch": {"version": "==2.1.0"}}, "develop": {}}', [("torch", "==2.1.0")]),
}  # fmt: skip


@pytest.mark.parametrize("path", CASES)
def test_it_is_read(path: str) -> None:
    text, expected = CASES[path]
    assert is_manifest(path)
    found = dependencies(path, text)
    assert [(one.name, one.specifier) for one in found] == expected
    assert {one.locked for one in found} == {path.endswith(".lock") or path == "pylock.toml"}


def test_it_says_the_line() -> None:
    assert [one.line for one in dependencies("requirements.txt", "# x\nnumpy\n\ntorch\n")] == [2, 4]


@pytest.mark.parametrize("path", ["a.txt", "src/x.py", "notes/environments.md", "data.yml", "package.json"])
def test_other_files_are_no_lists_of_packages(path: str) -> None:
    assert not is_manifest(path)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("pyproject.toml", "="), ("pyproject.toml", "project = 1"), ("environment.yml", "a: [")
        , ("environment.yml", "- a"), ("Pipfile.lock", "{"), ("setup.cfg", "[a"), ("uv.lock", "package = 1"),
        ("poetry.lock", "[[package]]\nname = 3"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_one_error(path: str, text: str) -> None:
    with pytest.raises(ManifestError, match=r"^[^\n]+$"):
        dependencies(path, text)


def test_the_line_is_the_packages_own() -> None:
    text = "# torch==1.10, see pytorch.org\ntorch-scatter==1\ntorchvision==1.10\ntorch==1.10\n"
    assert {one.name: one.line for one in dependencies("requirements.txt", text)}["torch"] == 4


def test_a_lock_file_of_thousands_of_packages_is_read_once() -> None:
    """By looking for each name in each line it took a minute."""
    text = "".join(f'[[package]]\nname = "p{number}"\nversion = "1.{number}"\n' for number in range(5_000))
    assert [one.line for one in dependencies("uv.lock", text)[-2:]] == [14_996, 14_999]


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        ("!pip install -q torch==1.8.0 'keras<3'", [("torch", "==1.8.0"), ("keras", "<3")]),
        ("%pip install tensorflow-gpu==1.15", [("tensorflow-gpu", "==1.15")]),
        ("    !pip3 install git+https://example.org/x.git jax", [("jax", "")]),
        ("%tensorflow_version 1.x", [("tensorflow", "==1.*")]),
        ("!ls torch", []),
        ("%matplotlib inline", []),
    ],
)
def test_what_a_notebook_installs_is_asked_for(line: str, asked: list[tuple[str, str]], tmp_path: Path) -> None:
    cells = [{"cell_type": "markdown", "source": "x"}, {"cell_type": "code", "source": f"import os\n{line}\n"}]
    report = scanned(tmp_path, {"a.ipynb": json.dumps({"cells": cells})})
    assert sorted((one.name, one.specifier) for one in report.dependencies) == sorted(asked)
    assert {(one.line, one.cell) for one in report.dependencies} <= {(2, 2)}


def test_a_finding_of_a_notebook_names_the_cell(tmp_path: Path) -> None:
    source = '{"cells": [{"cell_type": "code", "source": "%tensorflow_version 1.x"}]}'
    findings = scanned(tmp_path, {"a.ipynb": source}).findings
    assert ("tf1-pin", 1, 1) in {(one.rule, one.line, one.cell) for one in findings}
