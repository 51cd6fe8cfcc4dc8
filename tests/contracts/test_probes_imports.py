"""No framework in the processes that plan, supervise and show."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.places import ROOT


@pytest.mark.parametrize(
    "module",
    [
        "probes.schema",
        "probes.catalog",
        "probes.engine",
        "probes.engine.running.supervisor",
        "probes.__main__",
        "probes.frameworks.pytorch",
        "probes.frameworks.tensorflow",
    ],
)
def test_importing_it_loads_no_framework(module: str) -> None:
    code = (
        f"import sys, {module}\n"
        "if 'catalog' in sys.argv[1]: import probes.catalog; probes.catalog.availability()\n"
        "print([m for m in ('torch', 'tensorflow', 'keras', 'jax', 'streamlit', 'sqlalchemy') if m in sys.modules])"
    )
    assert _run(code, module) == "[]"


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
