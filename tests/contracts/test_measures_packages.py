"""What a measure imports is declared, or it would be hidden from the child that measures."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from types import ModuleType

import pytest

from probes import catalog
from probes.engine.child.import_guard import OWN
from probes.system import installed

ROOT = Path(catalog.__file__).parents[1]
MEASURES = {row.measure.SPEC.id: row.measure for row in catalog.probes_by_id().values()}
FRAMEWORKS = {"torch", "tensorflow", "keras"}


def imported(file: Path) -> set[str]:
    """Modules that a file names in its imports, at any depth of its code."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def of_others(module: ModuleType) -> set[str]:
    """What a measure, and what it uses of the project, import of neither the library, the project nor a framework."""
    ahead, seen = [Path(str(module.__file__))], set[Path]()
    found: set[str] = set()
    while ahead:
        file = ahead.pop()
        if file in seen:
            continue
        seen.add(file)
        names = imported(file)
        found |= {name.partition(".")[0] for name in names}
        rooms = ("probes.workloads.", "probes.system.energy", "probes.system.nvml")
        used = (ROOT / f"{name.replace('.', '/')}.py" for name in names if name.startswith(rooms))
        ahead += [path for path in used if path.is_file()]
    return found - sys.stdlib_module_names - FRAMEWORKS - {"probes", *OWN}


@pytest.mark.parametrize("measure", MEASURES)
def test_what_it_imports_is_declared(measure: str) -> None:
    module = MEASURES[measure]
    brought = [installed.modules(package) for package in installed.closure(module.SPEC.packages).values()]
    assert of_others(module) <= set().union(*brought)
    assert bool(of_others(module)) == bool(module.SPEC.packages), "what nobody imports isn't declared"


def test_there_are_such_measures() -> None:
    """Else the test above looks at nothing."""
    assert of_others(MEASURES["time_to_accuracy"]) == {"sklearn"}
    assert of_others(MEASURES["pipeline_jpeg_workers"]) == {"PIL"}
    assert of_others(MEASURES["energy_train_step"]) == {"pynvml"}
