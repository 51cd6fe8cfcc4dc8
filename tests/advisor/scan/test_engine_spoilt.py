"""Whatever bytes a file has: a stated outcome, never an error; ``python -m tests.stress.fuzzing`` spoils many more."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.scan import artefacts, dependencies, prefilter, texts
from advisor.scan.limits import ScanLimits
from advisor.scan.report import ModelArtefact
from advisor.scan.tree import TreeFile
from tests.places import ROOT
from tests.stress import fuzzing

SEED = 2026
WORDS = [
    *["import", "from", "as", ".,()", "\\", "\n", "\t", "#", ";", ":", "*", "=", '"', "'"],
    " ",
    "\n",
    "torch",
    "tensorflow",
    "keras",
    "\0",
    "\u2028",
]
SOURCES = st.lists(st.sampled_from(WORDS), max_size=30).map("".join)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["cells", "cell_type", "source", "input", "worksheets", "metadata", "kernelspec", "language"]),
        inner | st.sampled_from(["code", ["x = 1", "!pip install torch"], "R"]), max_size=4,
    ),
    max_leaves=6,
)  # fmt: skip
MODELS = ["a.pt", "a.pkl", "a.onnx", "a.h5", "a.keras", "a.bin", "a.pb", "a.npz"]
LISTS = [name for name in fuzzing.NAMES if dependencies.is_manifest(name)]


@given(st.binary(max_size=300))
def test_any_bytes_are_source_or_say_why_not(content: bytes) -> None:
    with suppress(texts.NotTextError):
        text = texts.python_text(content)
        text.source.decode("utf-8")
        assert all(isinstance(one.module, str) for one in prefilter.imports(text.source))


@given(SOURCES)
def test_any_imports_are_read_to_their_end(source: str) -> None:
    found = list(prefilter.imports(source.encode()))
    assert len(found) <= source.count("import") + source.count(",")


@given(JSON)
@settings(max_examples=40)
def test_any_json_is_a_notebook_or_says_why_not(whole: Any) -> None:
    with suppress(texts.NotTextError):
        text = texts.notebook_text(json.dumps(whole).encode())
        assert len(text.cells) <= text.source.count(b"\n")


@given(st.sampled_from(LISTS), st.text(max_size=200))
def test_any_text_is_a_list_of_packages_or_says_why_not(name: str, text: str) -> None:
    with suppress(dependencies.ManifestError):
        assert all(one.line >= 1 for one in dependencies.dependencies(name, text))


@given(content=st.binary(max_size=200), name=st.sampled_from(MODELS))
@settings(max_examples=60)
def test_any_bytes_are_a_model_or_none(content: bytes, name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("model") / name
    path.write_bytes(content)
    with suppress(artefacts.PickleDepthError):
        found = artefacts.artefact(TreeFile(name, path, len(content)), ScanLimits())
        assert found is None or isinstance(found, (str, ModelArtefact))


def test_a_case_is_the_same_again() -> None:
    files = fuzzing.corpus(ROOT / "advisor" / "scan")
    assert fuzzing.case(files, SEED, 7) == fuzzing.case(files, SEED, 7)
    assert len({fuzzing.case(files, SEED, number) for number in range(20)}) == 20


@pytest.mark.parametrize("first", range(0, 80, 20))
def test_spoilt_files_are_scanned(first: int, tmp_path: Path) -> None:
    """Of the house's own sources and lists, each beside one that is whole."""
    files = [*fuzzing.corpus(ROOT / "advisor" / "lifecycle"), *ROOT.glob("requirements*.txt"), ROOT / "pyproject.toml"]
    for number in range(first, first + 20):
        fuzzing.looked(files, SEED, number, tmp_path)
