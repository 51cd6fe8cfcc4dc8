"""What all tests share: the order (fast first, then frameworks, then the browser, what runs alone last) and a private
data directory.
"""

from __future__ import annotations

import gc
import itertools
import os
import sys
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from probes.system import folders
from tests.taking_turns import in_order, turn

ROOT = Path(__file__).resolve().parent.parent

# Before any test has a data directory of its own: the environments that were made for whoever runs the tests, and what
# was compiled for earlier tests, are found where they would be without one.
os.environ.setdefault(folders.CACHE, str(folders.cache()))


# How long an example takes depends on who else is at work: the time limit of the whole test is what holds.
settings.register_profile("house", deadline=None)
settings.load_profile("house")

_NUMBERS = itertools.count()


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """Thousands of tests are made and none goes: looking for garbage among them takes a fifth of a worker's start, and
    more of it later, each time that all objects are looked through.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A failure that costs a second to find should not wait for one that costs minutes.

    Files stay whole, for workers are given files. Those in which a test runs ``alone`` come last: all workers wait for
    one another then, and have nothing else to do. Those in which one ``measures`` stand far from each other.
    """

    def cost(item: pytest.Item) -> int:
        costs = {"alone": 3, "browser": 2, "framework": 1, "slow": 1}
        return max((costs.get(marker.name, 0) for marker in item.iter_markers()), default=0)

    whole: dict[Path, int] = {}
    for item in items:
        whole[item.path] = max(cost(item), whole.get(item.path, 0))
    measuring = {item.path for item in items if item.get_closest_marker("measures")}
    places = {path: number for number, path in enumerate(in_order(whole, measuring))}
    items.sort(key=lambda item: (places[item.path], cost(item)))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Outside of everything else, a test's time limit too."""
    with turn(item):
        return (yield)


@pytest.fixture(scope="session", autouse=True)
def _nobodys_data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What a test stores that forgot to say where would lie with whoever runs it: it lies here, and is found."""
    home = tmp_path_factory.mktemp("nobody")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(home))  # Linux looks here
        patch.delenv(folders.DATA, raising=False)
        yield
    left = [path for path in home.rglob("*") if home / "fulcrum" in path.parents]
    assert left == [], "a test, or a process that it started, has no data directory of its own"


@pytest.fixture(autouse=True)
def _private_data(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the decisions of whoever runs it. Few write any, so the folder isn't made for all."""
    own = tmp_path_factory.getbasetemp() / f"private-{next(_NUMBERS)}"
    monkeypatch.setenv("FULCRUM_DATA_DIR", str(own / "fulcrum"))
    monkeypatch.delenv("FULCRUM_DATABASE_URL", raising=False)
    monkeypatch.setattr(folders, "agreements", lambda: own / "agreements")  # fake sides agree, too


@pytest.fixture(autouse=True)
def _own_main(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page's script that ran in a test stays behind as ``__main__``: later processes would run it once more."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What a test logged may hold half of a surrogate pair, which no worker can send: its whole run ended by that."""
    report = yield
    report.sections = [(name, said.encode(errors="backslashreplace").decode()) for name, said in report.sections]
    return report
