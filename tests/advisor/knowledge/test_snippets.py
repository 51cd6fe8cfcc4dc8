"""Code that no longer works: what is said of it, and that it is true."""

from __future__ import annotations

import ast
import copy
import importlib.util
import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import pytest

from advisor.knowledge import DataError, load
from advisor.knowledge.snippets import Broken, Snippet, Snippets, snippets
from probes.schema import FRAMEWORKS, Framework
from probes.system.data_files import DATA, parsed
from tests.places import ROOT

ENTRIES = snippets().entries
Outcomes = Mapping[Framework, Mapping[str, Any]]


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    """All snippets, in one process a framework."""
    folder = tmp_path_factory.mktemp("snippets")
    for side in FRAMEWORKS:
        done = subprocess.run(
            [sys.executable, "-m", "tests.advisor.knowledge.snippet_process", side, str(folder / side)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-4000:]
    return {side: json.loads((folder / side).read_text(encoding="utf-8")) for side in FRAMEWORKS}


@pytest.mark.framework
@pytest.mark.parametrize("snippet", ENTRIES, ids=lambda snippet: snippet.id)
def test_the_broken_form_does_today_what_is_said_of_it(executed: Outcomes, snippet: Snippet) -> None:
    if snippet.broken.without and importlib.util.find_spec(snippet.broken.without):
        pytest.skip(f"{snippet.broken.without} is installed here")
    expected, seen = snippet.broken, executed[snippet.framework]["results"][snippet.id]["broken"]
    assert seen["raises"] == (expected.raises or None), seen["message"]
    if expected.raises:
        assert expected.says in seen["message"]
    if expected.warns:
        said = [text for kind, text in seen["warnings"] if kind == expected.warns]
        assert any(expected.says in text for text in said), seen["warnings"]
    if expected.holds:
        assert seen["holds"] is True, "it must be wrong in the way that is described"


@pytest.mark.framework
@pytest.mark.parametrize("snippet", ENTRIES, ids=lambda snippet: snippet.id)
def test_the_other_form_works(executed: Outcomes, snippet: Snippet) -> None:
    seen = executed[snippet.framework]["results"][snippet.id]["working"]
    assert (seen["raises"], seen["message"]) == (None, "")
    assert seen["holds"] is True
    if snippet.broken.warns:
        assert not [text for _, text in seen["warnings"] if snippet.broken.says in text]


@pytest.mark.framework
def test_the_versions_are_those_that_the_file_names(executed: Outcomes) -> None:
    seen = {name: version.split("+")[0] for side in executed.values() for name, version in side["versions"].items()}
    assert seen == dict(snippets().versions)
    assert [executed[side]["loaded"] for side in FRAMEWORKS] == [["torch"], ["tensorflow"]], "one framework a process"


@pytest.mark.parametrize("snippet", ENTRIES, ids=lambda snippet: snippet.id)
def test_code_is_python_short_and_of_its_own_framework(snippet: Snippet) -> None:
    for form in (snippet.broken, snippet.working):
        imported = {
            (getattr(node, "module", None) or node.names[0].name).partition(".")[0]
            for node in ast.walk(ast.parse(form.code))
            if isinstance(node, ast.Import | ast.ImportFrom)
        }
        assert imported <= {"pytorch": {"torch"}, "tensorflow": {"tensorflow", "keras", "numpy"}}[snippet.framework]
        assert all(len(line) <= 110 for line in form.code.splitlines()), "two columns must hold it"
        assert len(form.code.splitlines()) <= 16


def test_each_framework_and_every_snippet_of_the_article_is_there() -> None:
    code = "\n".join(snippet.broken.code for snippet in ENTRIES)
    assert {snippet.framework for snippet in ENTRIES} == set(FRAMEWORKS)
    for words in (
        "SparseCategoricalCrossentropy(from_logits=True, label_smoothing",
        'save_format="tf"',
        "lr_scheduler",
        "schedules",
        "opset_version=14",
        "dynamic_axes",
        "torch.jit.trace",
    ):
        assert words in code


def test_facts_that_are_named_exist() -> None:
    facts = load().facts
    assert [(snippet.id, fact) for snippet in ENTRIES for fact in snippet.facts if fact not in facts] == []


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("id",), "No spaces", "snippets.yaml: snippets.No spaces.id: "),
        (("framework",), "jax", "framework: Input should be 'pytorch' or 'tensorflow' (got 'jax')"),
        (("broken", "code"), "", "broken.code: "),
        (("broken", "raise"), "TypeError", "broken.raise: no such key; allowed: code, raises"),
        (("working", "holds"), None, "working.holds: "),
        (("extra",), "x", ".extra: no such key; allowed: id, title"),
        (("broken",), {"code": "x = 1"}, "says nothing of what happens; allowed: raises, warns, holds"),
        (("broken",), {"code": "x = 1", "raises": "TypeError"}, "says goes with raises or warns"),
        (("broken",), {"code": "x = 1", "raises": "no type", "says": "x"}, "broken.raises: "),
    ],
)
def test_a_bad_entry_gives_one_clear_error(path: tuple[str, ...], value: object, message: str) -> None:
    content: Any = copy.deepcopy(parsed(DATA, Snippets.file))
    entry = content["snippets"][0]
    for step in path[:-1]:
        entry = entry[step]
    entry[path[-1]] = value
    with pytest.raises(DataError) as error:
        Snippets.understood(content)
    assert message in str(error.value)
    assert str(error.value).startswith("snippets.yaml: ")


def test_an_id_is_taken_once() -> None:
    content: Any = copy.deepcopy(parsed(DATA, Snippets.file))
    content["snippets"].append(content["snippets"][0])
    with pytest.raises(DataError, match="occurs twice"):
        Snippets.understood(content)


def test_what_is_broken_shows_it_in_one_of_three_ways() -> None:
    shown: list[Broken] = [snippet.broken for snippet in ENTRIES]
    assert any(form.raises for form in shown)
    assert any(form.warns for form in shown)
    assert any(form.holds and not form.raises and not form.warns for form in shown), "a silent one"
