"""No framework in the processes that plan, supervise and show."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.places import ROOT

#: Imported in this order by one process: the first line that names more than its module says which of them it was.
MODULES = (
    "probes.schema",
    "probes.catalog",
    "probes.engine",
    "probes.engine.running.supervisor",
    "probes.__main__",
    "probes.frameworks.pytorch",
    "probes.frameworks.tensorflow",
)


def test_importing_them_loads_no_framework() -> None:
    code = (
        "import importlib, sys\n"
        "for name in sys.argv[1:]:\n"
        "    module = importlib.import_module(name)\n"
        "    if name == 'probes.catalog': module.availability()\n"
        "    print(name, *({'torch', 'tensorflow', 'keras', 'jax', 'streamlit', 'sqlalchemy'} & sys.modules.keys()))"
    )
    assert _run(code, *MODULES).splitlines() == [*MODULES]


@pytest.mark.parametrize("worker", ["probes.engine.child.worker", "probes.check.worker"])
def test_a_measured_child_carries_none_of_the_supervisors_libraries(worker: str) -> None:
    heavy = "('pydantic', 'scipy', 'filelock', 'numpy', 'psutil')"
    code = f"import sys, {worker}\nprint([m for m in {heavy} if m in sys.modules])"
    assert _run(code) == "[]"


@pytest.mark.parametrize("package", ["probes", "advisor"])
def test_help_loads_nothing_that_only_figures_need(package: str) -> None:
    heavy = "('scipy', 'pandas', 'plotly', 'sqlalchemy', 'alembic', 'streamlit')"
    code = (
        f"import sys, {package}.__main__ as cli\n"
        f"cli.parser().format_help()\nprint([m for m in {heavy} if m in sys.modules])"
    )
    assert _run(code) == "[]"


def _run(code: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()
