"""Every rule, as it is discovered: complete, found where it should be, and silent in strings and comments."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from advisor.scan.engine import message
from advisor.scan.rules import CodeRule, forms, rules, stays_below
from tests.advisor.trees import scanned

#: For rules about other lines than Python's names: one that must be found.
EXAMPLES = {
    "tf-serving": ("Dockerfile", "FROM tensorflow/serving:2.8.0\n"),
    "tf-docker-old": ("Dockerfile", "FROM tensorflow/tensorflow:1.15.2-gpu-py3\n"),
    "torch-docker-old": ("Dockerfile", "FROM pytorch/pytorch:1.8.1-cuda11.1-cudnn8-runtime\n"),
    "torch-launch": ("run.sh", "python -m torch.distributed.launch train.py\n"),
    "native-tf-op": ("a.cc", 'REGISTER_OP("Zero").Input("x: int32");\n'),
    "native-torch-op": ("a.cpp", "TORCH_LIBRARY(mine, m) {}\n"),
    "native-thc": ("a.cu", "#include <THC/THC.h>\n"),
    "native-at-check": ("a.cpp", "AT_CHECK(x.dim() == 2);\n"),
    "native-libtorch": ("a.cpp", "#include <torch/script.h>\n"),
    "native-tf-runtime": ("a.cc", '#include "tensorflow/lite/interpreter.h"\n'),
}


def full(name: str) -> str:
    """A name as code has it."""
    kind, _, rest = name.rpartition(":")
    return {"tf": f"tensorflow.{rest}", "tf1": f"tensorflow.compat.v1.{rest}", "keras": f"keras.{rest}"}.get(kind, name)


def example(rule: CodeRule) -> tuple[str, str]:
    """A file in which the rule must find something: its name and content."""
    if rule.names:
        name = full(rule.names[0])
        head = f"import {name.partition('.')[0]}\n"
        if rule.bases:
            return "a.py", f"{head}class A({name}): pass\n"
        keyword = rule.keywords[0] if rule.keywords else ""
        return "a.py", f"{head}{name}(x{f', {keyword}' if '=' in keyword else f', {keyword}=1' if keyword else ''})\n"
    if rule.methods:
        package = {"pytorch": "torch"}.get(rule.framework, rule.framework)
        return "a.py", f"import {package}\nx.{rule.methods[0]}(y)\n"
    if rule.packages:
        name, _, below = rule.packages[0].partition("<")
        return "requirements.txt", f"{name}<{below}\n" if below else f"{name}\n"
    return EXAMPLES[rule.id]


def test_there_are_many_and_each_has_an_id_of_its_own() -> None:
    assert len(rules()) >= 150
    assert [name for name, count in Counter(rule.id for rule in rules()).items() if count > 1] == []


def test_each_is_complete() -> None:
    for rule in rules():
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", rule.id), rule
        assert re.fullmatch(r"https://[\w.-]+/\S*", rule.source), rule
        assert rule.title.strip() == rule.title != "", rule
        assert rule.replacement.strip().rstrip(".") == rule.replacement != "", rule
        assert (rule.severity == "perhaps") == (rule.probability is not None), rule
        assert rule.probability is None or 0 < rule.probability < 1, rule
        assert bool(rule.since) == (rule.concern == "upgrade"), rule
        assert rule.names or rule.methods or rule.packages or rule.texts, rule
        assert not (rule.keywords or rule.lacking) or rule.calls, rule
        assert message(rule).endswith("."), rule


def test_each_finds_what_it_names(tmp_path: Path) -> None:
    silent = []
    for rule in rules():
        for name, content in {example(rule), *([EXAMPLES[rule.id]] if rule.texts else [])}:
            found = {one.rule for one in scanned(tmp_path / f"{rule.id}-{name}", {name: content}).findings}
            silent += [] if rule.id in found else [(rule.id, content)]
    assert silent == []


@pytest.mark.parametrize(
    ("name", "line", "rule"),
    [
        ("a.cc", 'REGISTER_KERNEL_BUILDER(Name("Zero"), Zero);', "native-tf-op"),
        ("a.cpp", "PYBIND11_MODULE(TORCH_EXTENSION_NAME, m) {}", "native-torch-op"),
        ("a.cpp", "# include <torch/extension.h>", "native-torch-op"),
        ("a.cu", "TORCH_LIBRARY_IMPL(mine, CUDA, m) {}", "native-torch-op"),
        ("a.cu", '#include "TH/TH.h"', "native-thc"),
        ("a.cu", "  #include <THN/THN.h>", "native-thc"),
        ("a.cpp", 'AT_DISPATCH_FLOATING_TYPES(x.type(), "f", f);', "native-at-check"),
        ("a.cpp", 'auto net = torch::jit::load("net.pt");', "native-libtorch"),
        ("Dockerfile", "FROM example.com/tensorflow/tensorflow:latest-gpu-py3", "tf-docker-old"),
    ],
)
def test_every_form_of_a_line_is_found(name: str, line: str, rule: str, tmp_path: Path) -> None:
    found = scanned(tmp_path, {name: f"\n{line}\n"}).findings
    assert [(one.rule, one.line) for one in found] == [(rule, 2)]


def test_each_leaves_strings_comments_and_other_things_of_that_name_alone(tmp_path: Path) -> None:
    named = [rule for rule in rules() if rule.names or rule.methods]
    assert len(named) > 100
    wrong = {rule.id: found for rule in named if (found := _misled(rule, tmp_path / rule.id))}
    assert wrong == {}


def _misled(rule: CodeRule, folder: Path) -> list[object]:
    """What it finds where nothing of it is."""
    head, _, rest = example(rule)[1].partition("\n")
    line = rest.strip()
    if rule.names:
        source = f"{head}\nx = '''{line}'''\n# {line}\nmine.{full(rule.names[0])}(x)\n"
    else:
        source = f"import flask\nx = '''{line}'''\n# {line}\n{line}\n"
    return [one for one in scanned(folder, {"a.py": source}).findings if one.rule == rule.id and one.line > 1]


@pytest.mark.parametrize(
    ("specifier", "version", "below"),
    [
        ("==1.15", "2", True), ("<2", "2", True), ("<=1.15", "2", True), ("~=1.15.0", "2", True), ("==1.*", "2", True),
        (">=1.8,<2", "2", True), ("~=2.3", "2.16", False), ("~=2.3.1", "2.16", True), ("==2.*", "2.16", False), ("",
        "2", False),
        (">=1.15", "2", False), ("==2.16.1", "2.16", False), ("<2.17", "2.16", False), ("!=1.0", "2", False),
        ("nonsense", "2", False),
        ("===1.15", "2", True), ("<3,>=2", "2", False),
    ],
)  # fmt: skip
def test_a_specifier_that_stays_below(specifier: str, version: str, below: bool) -> None:
    assert stays_below(specifier, version) is below


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("tensorflow.Session", {"tf:Session", "tf1:Session"}),
        ("tensorflow.compat.v1.Session", {"tf1:Session"}),
        ("tensorflow.compat.v2.Session", {"tf:Session", "tf1:Session"}),
        ("keras.Model", {"keras:Model"}),
        ("tf_keras.Model", {"keras:Model"}),
        ("tensorflow.compat.v1.keras.Model", {"keras:Model", "tf1:keras.Model"}),
        (
            "tensorflow.python.keras.engine.x",
            {"keras:engine.x", "tf:python.keras.engine.x", "tf1:python.keras.engine.x"},
        ),
        ("keras_tuner.Tuner", set()),
        ("torch.nn.Module", set()),
    ],
)
def test_how_a_rule_may_write_a_name(name: str, known: set[str]) -> None:
    assert set(forms(name)) == {name} | known
