"""What loads modules by names that are known only when it runs."""

from __future__ import annotations

import tracemalloc

from advisor.scan.prefilter import ModuleTable
from advisor.scan.reachability import Reachability, Reached, Starts


def reached(sources: dict[str, bytes], *mains: str) -> dict[str, Reached]:
    loaders = [path for path, source in sources.items() if b"import_module" in source]
    reachable = Reachability(ModuleTable(sources), dict.fromkeys(sources, ()), sources.__getitem__)
    return reachable.reached(mains, loaders, Starts())


LOADS = b"import_module(name)"


def test_it_reaches_what_lies_beside_and_below_it_but_no_tests() -> None:
    others = ("p/a.py", "p/q/b.py", "p/test_c.py", "p-2/d.py", "p0.py", "e.py")
    sources = {"p/load.py": LOADS} | dict.fromkeys(others, b"")
    found = {path for path, by in reached(sources, "p/load.py").items() if by.by == "p/load.py"}
    assert found == {"p/load.py", "p/a.py", "p/q/b.py"}


def test_who_is_loaded_by_others_alone_is_no_script() -> None:
    acting = b"run()\n"
    alone = reached({"p/load.py": acting + LOADS, "p/a.py": acting})
    assert (alone["p/load.py"].by, alone["p/a.py"].by) == ("p/load.py", "p/load.py")
    both = reached({"p/load.py": acting + LOADS, "p/other.py": acting + LOADS})
    assert {by.way for by in both.values()} == {"nothing"}, "each may be loaded by the other"


def test_thousands_that_load_anything_take_no_square_of_memory() -> None:
    sources = {f"p/m{number}.py": LOADS for number in range(2_000)}
    tracemalloc.start()
    try:
        found = reached(sources, "p/m7.py")
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert {by.by for by in found.values()} == {"p/m7.py"}
    assert most < 20_000_000, "bytes; a list of all for each of them takes ten times as many"
