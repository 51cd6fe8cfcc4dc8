"""What rules call gone isn't there in the versions that are pinned, and what they call out of date still is."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from advisor.scan.rules import rules
from tests.advisor.scan.rules.test_rules import full

pytestmark = pytest.mark.framework

#: Names that are kept to say what to use instead: each raises when it is called.
KEPT_TO_EXPLAIN = {f"torch.{name}" for name in ("symeig", "eig", "lstsq", "solve", "matrix_rank")} | {
    "keras.optimizers.legacy",
}
#: Whether a module or one of its attributes is there, in a process of its own.
LOOK = """
import importlib, json, sys
def there(name):
    parts = name.split(".")
    here = importlib.import_module(parts[0])
    for place, part in enumerate(parts[1:], 2):
        try:
            here = getattr(here, part)
        except Exception:
            try:
                here = importlib.import_module(".".join(parts[:place]))
            except Exception:
                return False
    return True
print(json.dumps({name: there(name) for name in json.load(sys.stdin)}))
"""


def there(names: set[str]) -> dict[str, bool]:
    """One process for all names of a framework."""
    done = subprocess.run(
        [sys.executable, "-c", LOOK], input=json.dumps(sorted(names)), capture_output=True, text=True, check=True,
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""},
    )  # fmt: skip
    found: dict[str, bool] = json.loads(done.stdout.splitlines()[-1])
    return found


def names(severity: str, tops: set[str]) -> set[str]:
    """Full names of an upgrade's rules that look at nothing but the name."""
    known = {
        full(name)
        for rule in rules()
        for name in rule.names
        if rule.concern == "upgrade" and rule.severity == severity and not (rule.keywords or rule.lacking)
        if not name.startswith(("tf1:", "tf:keras"))
    }
    return {name for name in known if name.partition(".")[0] in tops}


@pytest.mark.parametrize("tops", [{"torch"}, {"tensorflow", "keras"}], ids=["torch", "tensorflow"])
def test_what_is_called_gone_is_gone_and_what_is_called_old_is_there(tops: set[str]) -> None:
    gone, old = names("must", tops) - KEPT_TO_EXPLAIN, names("nice", tops)
    assert len(gone) > 10
    found = there(gone | old)
    assert sorted(name for name in gone if found[name]) == []
    assert sorted(name for name in old if not found[name]) == []
