"""What processes below the app are told: no part of the house hands on all of the server's variables."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.engine.running import environment
from probes.system import variables
from tests import source_tree

#: Who may take the whole of os.environ, and why.
WHOLE = {
    "probes/system/variables.py": "it picks from it",
    "probes/engine/running/environment.py": "it picks from it",
    "probes/engine/running/strays.py": "another process's, in which one mark is looked for",
    "ui/app/server.py": "the executor is the app itself: it needs the database",
}
#: Who may start a process without saying its variables: it is a child that has been given few, and hands on those.
CHILDREN = {"probes/deploy/cpp.py", "probes/check/fault_injection.py"}
STARTS = {
    "run", "Popen", "call", "check_call", "check_output", "getoutput", "getstatusoutput", "create_subprocess_exec",
    "create_subprocess_shell", "system", "popen", "execv", "execvp", "execl", "spawnv", "spawnl", "posix_spawn",
}  # fmt: skip
MODULES = {"subprocess", "psutil", "os", "asyncio"}


def whole(nodes: Sequence[ast.AST]) -> list[int]:
    """Lines where os.environ is more than looked up in: anything but ``.get(…)``, ``[…]`` and ``in``."""
    narrow = set()
    for node in nodes:
        if (isinstance(node, ast.Attribute) and node.attr == "get") or isinstance(node, ast.Subscript):
            narrow.add(id(node.value))
        elif isinstance(node, ast.Compare):
            narrow |= {id(right) for right in node.comparators}
    named = [n for n in nodes if isinstance(n, ast.Attribute) and n.attr in ("environ", "environb")]
    return [node.lineno for node in named if id(node) not in narrow]


def starts(nodes: Sequence[ast.AST]) -> list[ast.Call]:
    """Calls that start a process."""
    found = []
    for node in nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in STARTS:
            module = node.func.value
            name = module.attr if isinstance(module, ast.Attribute) else getattr(module, "id", "")
            if name in MODULES and not (name == "asyncio" and node.func.attr == "run"):
                found.append(node)
    return found


def test_nobody_else_takes_the_whole_environment() -> None:
    found = {name for name, nodes in source_tree.naming("environ").items() if whole(nodes)}
    assert found <= WHOLE.keys(), "take the variables from probes.system.variables or environment.variables"
    assert found == WHOLE.keys(), "a reason here is no longer needed"


def test_every_process_is_started_with_variables_of_its_own() -> None:
    found = {
        name: starts(nodes)
        for name, nodes in source_tree.naming("subprocess", "psutil", "asyncio", "import os").items()
    }
    bare = {name for name, calls in found.items() for call in calls if "env" not in {k.arg for k in call.keywords}}
    assert bare == CHILDREN
    assert sum(map(len, found.values())) >= 10


def test_nobody_forks_past_these_rules() -> None:
    """``multiprocessing`` and names imported from ``subprocess`` would be found by neither test."""
    for name, nodes in source_tree.naming("multiprocessing", "subprocess", "from os").items():
        for node in nodes:
            if isinstance(node, ast.Import):
                assert "multiprocessing" not in {alias.name.split(".")[0] for alias in node.names}, name
            if isinstance(node, ast.ImportFrom) and node.module:
                assert node.module.split(".")[0] not in ("multiprocessing", "subprocess"), name
                assert not (node.module == "os" and {alias.name for alias in node.names} & {"environ", *STARTS}), name


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("env = dict(os.environ)", 1),
        ("env = os.environ | {'A': '1'}", 1),
        ("env = {n: v for n, v in os.environ.items()}", 1),
        ("env = os.environ.copy()", 1),
        ("a = os.environ.get('A')\nb = os.environ['B']\nc = 'C' in os.environ", 0),
    ],
)
def test_the_rule_sees_what_it_is_for(code: str, found: int) -> None:
    assert len(whole(tuple(ast.walk(ast.parse(code))))) == found


@given(st.dictionaries(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ_", min_size=1), st.text(max_size=5)))
def test_what_is_on_no_list_is_not_passed_on(source: dict[str, str]) -> None:
    mine = {f"FULCRUM_{name}": value for name, value in source.items()}
    given_ = source | mine | {"PATH": "/bin", "PIP_INDEX_URL": "https://index"}
    assert variables.variables(given_).keys() <= set(variables.PASSED)
    installers = variables.installers(given_).keys()
    assert {name for name in installers if not name.startswith("PIP_")} <= {*variables.PASSED, *variables.INSTALLERS}
    assert "PIP_INDEX_URL" in installers
    measured = environment.variables(1, "cpu", "/scratch", given_)
    assert not set(measured) & (mine.keys() - {"FULCRUM_CACHE_DIR"})
    assert measured["PATH"] == "/bin"


def test_every_name_is_listed_once() -> None:
    names = [*variables.PASSED, *variables.INSTALLERS]
    assert len(names) == len(set(names))
    assert not [name for name in names if "TOKEN" in name or "KEY" in name or name.startswith("FULCRUM_")]


def test_the_shadows_hold_nothing_but_what_refuses() -> None:
    files = list(Path(environment.SHADOWS).glob("*.py"))
    assert {file.stem for file in files} == {"openvino_telemetry"}
    for file in files:
        assert isinstance(ast.parse(file.read_text(encoding="utf-8")).body[-1], ast.Raise)
