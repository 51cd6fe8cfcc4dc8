"""What rules call gone isn't there in the versions that are pinned, and what they call out of date still is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Set

import pytest

from advisor.scan.rules import CodeRule, rules
from tests.advisor.scan.rules.test_rules import full

pytestmark = pytest.mark.framework

#: Names that are kept to say what to use instead, and the call that raises when they are used.
KEPT_TO_EXPLAIN = {
    "torch.eig": "torch.eig(torch.eye(2))",
    "torch.lstsq": "torch.lstsq(torch.eye(2), torch.eye(2))",
    "torch.matrix_rank": "torch.matrix_rank(torch.eye(2))",
    "torch.solve": "torch.solve(torch.eye(2), torch.eye(2))",
    "torch.symeig": "torch.symeig(torch.eye(2))",
    "keras.optimizers.legacy": "keras.optimizers.legacy.Adam()",
    "tensorflow.keras.optimizers.legacy": "tensorflow.keras.optimizers.legacy.Adam()",
}
#: The class that has, or had, the methods. A scripted module has those of all modules, and its own.
CLASSES = {
    "pytorch": "torch.jit.RecursiveScriptModule",
    "keras": "keras.Model",
    "tensorflow": "tensorflow.data.Dataset",
}
#: Calls whose keyword is gone.
KEYWORDS = ["keras.optimizers.Adam(lr=0.1)"]
#: Which names and keywords there are, and which calls end without an error, in a process of its own.
LOOK = """
import importlib, inspect, json, sys
def reaches(here, rest):
    try:
        for part in rest:
            here = getattr(here, part)
    except Exception:
        return False
    return True
def reached(name):
    if "(" in name:
        return takes(name)
    top, *rest = name.split(".")
    return reaches(importlib.import_module(top), rest)
def imported(name):  # a module that its package doesn't import by itself
    try:
        importlib.import_module(name)
    except Exception:
        return False
    return True
def below(name):  # what such a module has; not of what is to be gone: TensorFlow keeps files that it doesn't offer
    module, _, last = name.rpartition(".")
    return imported(name) or (imported(module) and reaches(importlib.import_module(module), [last]))
def takes(name):  # «torch.load(weights_only)»: whether a call has that keyword
    called, _, keyword = name.rstrip(")").partition("(")
    top, *rest = called.split(".")
    here = importlib.import_module(top)
    for part in rest:
        here = getattr(here, part)
    return keyword in inspect.signature(here).parameters
def works(call):
    top = call.partition(".")[0]
    try:
        eval(call, {top: importlib.import_module(top)})
    except Exception:
        return False
    return True
names, calls, is_deep = json.load(sys.stdin)
found = {name: reached(name) for name in names}  # all of it first: an import changes what is reached
found |= {name: (below if is_deep else imported)(name) for name in names if not found[name] and "(" not in name}
print(json.dumps(found | {call: works(call) for call in calls}))
"""


def there(names: Set[str], calls: Set[str] = frozenset(), *, is_deep: bool = False) -> dict[str, bool]:
    """One process for all names and calls of a framework. ``is_deep``: also what only an imported module has."""
    done = subprocess.run(
        [sys.executable, "-c", LOOK], input=json.dumps([sorted(names), sorted(calls), is_deep]), capture_output=True,
        text=True, check=True, env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""},
    )  # fmt: skip
    found: dict[str, bool] = json.loads(done.stdout.splitlines()[-1])
    return found


def meant(rule: CodeRule) -> set[str]:
    """Every full name that the rule speaks of: what it says of Keras it says of ``tf.keras`` as well."""
    names = {full(name) for name in rule.names}
    names |= {f"tensorflow.keras.{name[6:]}" for name in rule.names if name.startswith("keras:")}
    return names | {f"{CLASSES[rule.framework]}.{name}" for name in rule.methods if rule.framework in CLASSES}


def names(severity: str, tops: set[str]) -> set[str]:
    """Full names of an upgrade's rules that look at nothing but the name."""
    known = {
        name
        for rule in rules()
        if rule.concern == "upgrade" and rule.severity == severity and not (rule.keywords or rule.lacking)
        for name in meant(rule)
    }
    return {name for name in known if name.partition(".")[0] in tops}


@pytest.mark.parametrize("tops", [{"torch"}, {"tensorflow", "keras"}], ids=["torch", "tensorflow"])
def test_what_is_called_gone_is_gone_and_what_is_called_old_is_there(tops: set[str]) -> None:
    explained = {name: call for name, call in KEPT_TO_EXPLAIN.items() if name.partition(".")[0] in tops}
    calls = {*explained.values(), *(call for call in KEYWORDS if call.partition(".")[0] in tops)}
    gone, old = names("must", tops), names("nice", tops)
    assert len(gone) > 10
    assert set(explained) <= gone
    found = there(gone | old, calls)
    assert sorted(name for name in gone - set(explained) if found[name]) == []
    assert sorted(call for call in calls if found[call]) == []
    assert sorted(name for name in old if not found[name]) == []


def test_cells_of_compat_v1_are_there_for_whoever_imports_them_by_name() -> None:
    cell = "tensorflow.compat.v1.nn.rnn_cell.LSTMCell"
    assert there({cell}, {f"{cell}(2)"}, is_deep=True) == {cell: True, f"{cell}(2)": True}  # the import came first
