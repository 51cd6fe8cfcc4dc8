"""What packages bring along, by their metadata."""

from __future__ import annotations

import importlib.metadata
import sys
from pathlib import Path

import pytest

from probes.system import installed
from tests.packages import install


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def test_requirements_of_requirements_count_however_they_are_spelt(site: Path) -> None:
    install(site, "engine", requires=["Engine.Parts (>=1)", "nowhere"])
    install(site, "engine-parts", requires=["engine", "screws"])
    install(site, "screws")
    assert installed.closure(["Engine"]).keys() == {"engine", "engine-parts", "screws"}


def test_markers_are_honoured(site: Path) -> None:
    conditions = ("old; python_version < '3'", "new; python_version >= '3'", "both; sys_platform == 'x'")
    install(site, "engine", requires=[*conditions, "both"])
    for name in ("old", "new", "both"):
        install(site, name)
    assert installed.closure(["engine"]).keys() == {"engine", "new", "both"}


def test_extras_count_for_whoever_asks_for_them(site: Path) -> None:
    install(site, "engine", requires=['gpu; extra == "cuda"', 'docs; extra == "docs"', "server[fast]"])
    install(site, "server", requires=['loop; extra == "fast"', 'slow; extra == "slow"'])
    for name in ("gpu", "docs", "loop", "slow"):
        install(site, name)
    assert installed.closure(["engine"]).keys() == {"engine", "server", "loop"}
    assert installed.closure(["engine[cuda]"]).keys() == {"engine", "server", "loop", "gpu"}
    assert installed.closure(["server", "engine", "server[slow]"]).keys() == {"engine", "server", "loop", "slow"}


def test_a_text_that_is_no_requirement_is_refused() -> None:
    assert installed.parsed("Uvicorn [standard, fast]>=0.29") == ("uvicorn", ("standard", "fast"))
    with pytest.raises(ValueError, match=r"requirement: '\[x\]'"):
        installed.parsed("[x]")


def test_top_level_modules_are_those_that_the_library_finds() -> None:
    """They must be those of ``packages_distributions``, which reads every list of files in full."""
    theirs = {
        (module, installed.normalised(package))
        for module, packages in importlib.metadata.packages_distributions().items()
        for package in packages
        if module.isidentifier() and module != "__pycache__"
    }
    ours = {
        (module, installed.name_of(package))
        for package in importlib.metadata.distributions()
        for module in installed.modules(package)
    }
    assert {pair for pair in theirs - ours if pair[0] not in sys.stdlib_module_names} == set()
