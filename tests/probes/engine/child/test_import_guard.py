"""What a framework doesn't require is as if it weren't installed."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest

from probes import catalog
from probes.catalog import PACKAGES
from probes.engine.child.import_guard import OWN, ImportGuard
from probes.engine.running import environment
from probes.engine.running.child import ProcessChild
from probes.schema import FRAMEWORKS, Framework
from probes.system import installed
from tests.packages import install

PROJECT = {"probes", "tests"}  # by path, or installed as a package


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of packages, the first to be looked at; what is imported from it is forgotten afterwards."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    before = set(sys.modules)
    yield tmp_path
    for name in sys.modules.keys() - before:
        del sys.modules[name]


def guarded(*requirements: str) -> ImportGuard:
    guard = ImportGuard()
    guard.start(requirements)
    return guard


def test_requirements_are_found_and_what_somebody_else_brought_is_not(site: Path) -> None:
    install(site, "engine", requires=["Engine_Parts>=1"])
    install(site, "engine-parts", modules=["parts"])
    install(site, "table", modules=["table", "table_views"])
    guard = guarded("engine")
    for name in ("engine", "parts", "numpy", "psutil"):
        importlib.import_module(name)
    assert importlib.util.find_spec("table") is None, "whoever only looks doesn't find it either"
    with pytest.raises(ModuleNotFoundError, match="table_views") as caught:
        importlib.import_module("table_views")
    assert caught.value.name == "table_views"
    assert guard.told().endswith(" packages; asked for: table, table_views")


def test_without_a_guard_it_would_be_found(site: Path) -> None:
    install(site, "table")
    guard = ImportGuard()
    assert importlib.import_module("table")
    assert guard.told() == "nothing"


def test_hidden_packages_have_no_metadata_and_no_entry_points(site: Path) -> None:
    """A plugin that is announced and can't be imported would end ``import torch``."""
    install(site, "engine", entry_points="[engine.backends]\nown = engine:start\n")
    install(site, "plugin", entry_points="[engine.backends]\nother = plugin:start\n")
    guarded("engine")
    assert [point.name for point in metadata.entry_points(group="engine.backends")] == ["own"]
    assert metadata.version("engine") == "1.0"
    with pytest.raises(metadata.PackageNotFoundError):
        metadata.version("plugin")


def test_a_measure_s_own_packages_are_shown_when_it_is_chosen(site: Path) -> None:
    install(site, "engine")
    install(site, "digits", requires=["digits-files"])
    install(site, "digits-files", modules=["files"])
    install(site, "table")
    guard = guarded("engine")
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("digits")
    guard.open(["digits"])
    assert importlib.import_module("digits")
    assert importlib.import_module("files")
    assert importlib.util.find_spec("table") is None


def test_a_namespace_is_seen_if_one_of_its_packages_is(site: Path) -> None:
    install(site, "common-messages", modules=["common/messages"])
    install(site, "common-cloud", modules=["common/cloud"])
    guarded("common-messages")
    assert importlib.import_module("common.messages")


def test_a_copy_that_a_seen_package_brings_is_found_behind_a_hidden_one(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As setuptools puts a folder with its own ``packaging`` behind all others."""
    install(site, "engine")
    install(site, "wrapping")
    copy = site / "engine" / "copies" / "wrapping"
    copy.mkdir(parents=True)
    (copy / "__init__.py").write_text("copied = True", encoding="utf-8")
    monkeypatch.setattr(sys, "path", [*sys.path, str(copy.parent)])
    guarded("engine")
    assert importlib.import_module("wrapping").copied


@pytest.mark.parametrize("module", ["colorsys", "probes"])
def test_the_standard_library_and_this_project_are_never_hidden(site: Path, module: str) -> None:
    """Old packages bring a module of the library's name; this project is installed as a package itself."""
    install(site, "engine")
    install(site, "old", modules=[f"{module}_old"], top_level=[module])
    guarded("engine")
    assert importlib.util.find_spec(module) is not None


def test_nothing_is_hidden_where_nobody_knows_what_is_required(site: Path) -> None:
    install(site, "table")
    guard = guarded("engine")
    assert importlib.import_module("table")
    assert guard.told() == "nothing: what engine requires isn't known"


# In children of their own


def foreign(framework: Framework, how: str, folder: Path) -> set[str]:
    """Modules that only packages outside the framework's requirements bring, in a child after a training step."""
    command = (sys.executable, "-m", "tests.probes.engine.child.telling_worker", framework, how)
    child = ProcessChild(framework, environment.variables(1, "cpu", str(folder)), lambda: False, command)
    try:
        child.ask("load", timeout=180, threads=1)
        said = child.ask("use", timeout=60, device="cpu", seed=0)["environment"]["hidden"]
        sizes = catalog.modules()["mlp"].SPEC.sized({})
        child.ask("prepare", timeout=180, probe="mlp.train_step", seed=0, sizes=sizes)
        loaded = child.ask("modules", timeout=60)["modules"]
    finally:
        child.close()
    assert (said == "nothing") is (how == "open")
    owners = metadata.packages_distributions()
    allowed = installed.closure([*PACKAGES[framework], *OWN]).keys()
    return {
        name for name in loaded if name in owners and allowed.isdisjoint(map(installed.normalised, owners[name]))
    } - PROJECT  # fmt: skip


@pytest.mark.framework
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_measured_child_loads_nothing_that_its_framework_does_not_require(
    framework: Framework, tmp_path: Path
) -> None:
    assert foreign(framework, "guarded", tmp_path) == set()


@pytest.mark.framework
def test_without_the_guard_it_does(tmp_path: Path) -> None:
    """Else the test above looks at nothing: the app itself brings pandas, and Keras takes it up."""
    assert "pandas" in foreign("tensorflow", "open", tmp_path)
