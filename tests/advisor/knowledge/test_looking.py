"""``python -m advisor stale --look``: what is compared, what can't be read, and how it ends."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from advisor.__main__ import main
from advisor.knowledge import load, looking
from advisor.knowledge.looking import Package, look_again
from advisor.model.facts import Fact, PackageStatement

KNOWLEDGE = load()
A_FACT = KNOWLEDGE.facts["pt-latest"]
MONAI = Package(
    "1.6.1",
    newest=True,
    python=">=3.10",
    requires=("torch>=2.8.0", "numpy<3.0,>=1.24", 'Tensor_Board; extra == "all"'),
    classifiers=("Development Status :: 3 - Alpha", "Operating System :: OS Independent"),
)


class Shelf:
    """Packages by name, as an index would have them; ``here`` is what is installed."""

    def __init__(
        self, on_index: Mapping[str, Package] | None = None, here: Mapping[str, Package] | None = None
    ) -> None:
        self.on_index, self.here = on_index or {}, here or {}

    def newest(self, package: str) -> str | None:
        return self.on_index[package].version if package in self.on_index else None

    def described(self, package: str) -> Package | None:
        return self.on_index.get(package) or self.here.get(package)

    def read_ahead(self, versions: Iterable[str], descriptions: Iterable[str]) -> None:
        """Nothing takes time here."""


def fact(*looks: PackageStatement) -> Fact:
    return replace(A_FACT, look=looks)


@pytest.mark.parametrize(
    ("what", "seen", "state", "found"),
    [
        ("version", "1.6.1", "as written", "1.6.1"),
        ("version", "1.6", "moved", "1.6.1"),
        ("python", ">=3.10", "as written", "Python >=3.10 (1.6.1)"),
        ("python", ">=3.9", "moved", "Python >=3.10 (1.6.1)"),
        ("requires", "torch", "as written", "requires torch>=2.8.0 (1.6.1)"),
        ("requires", "tensorboard", "moved", "does not require tensorboard (1.6.1)"),
        ("requires", "tensor-board", "as written", 'requires Tensor_Board; extra == "all" (1.6.1)'),
        ("lacks", "tensorflow", "as written", "does not require tensorflow (1.6.1)"),
        ("lacks", "tensor", "as written", "does not require tensor (1.6.1)"),
        ("lacks", "numpy", "moved", "requires numpy<3.0,>=1.24 (1.6.1)"),
        ("classifier", "Development Status :: 3 - Alpha", "as written", "Development Status :: 3 - Alpha (1.6.1)"),
        ("classifier", "Development Status :: 4 - Beta", "moved", "Development Status :: 3 - Alpha (1.6.1)"),
        ("classifier", "License :: Free", "moved", "no classifier License (1.6.1)"),
    ],
)
def test_what_a_fact_says_is_compared_with_what_is_so_now(what: Any, seen: str, state: str, found: str) -> None:
    (one,) = look_again([fact(PackageStatement("monai", what, seen))], Shelf({"monai": MONAI}))
    assert (one.fact, one.state, one.found) == ("pt-latest", state, found)


def test_what_is_installed_tells_what_a_package_requires_but_not_what_is_newest() -> None:
    shelf = Shelf(here={"monai": replace(MONAI, version="1.0", newest=False)})
    looks = (
        PackageStatement("monai", "version", "1.0"),
        PackageStatement("monai", "lacks", "tensorflow"),
        PackageStatement("nobody", "lacks", "torch"),
    )
    newest, absent, lacks = look_again([fact(*looks)], shelf)
    assert newest.state == absent.state == "not read"
    assert newest.found.endswith("; 1.0 is installed here")
    assert absent.found.startswith("no package index was reached")
    assert (lacks.state, lacks.found) == ("as written", "does not require tensorflow (1.0, as installed here)")


def test_what_moved_comes_first_and_what_did_not_is_only_counted() -> None:
    looks = (
        PackageStatement("monai", "version", "1.6.1"),
        PackageStatement("nobody", "version", "1"),
        PackageStatement("monai", "requires", "jax"),
    )
    looked = look_again([fact(*looks)], Shelf({"monai": MONAI}))
    head, blank, columns, *rows = looking.to_text(looked).splitlines()
    assert head == "Looked at 3 statements on 2 packages: 1 as written, 1 moved, 1 not read."
    assert blank == ""
    assert columns.split() == ["state", "fact", "package", "was", "is"]
    assert [row.split("  ")[0] for row in rows] == ["moved", "not read"]
    entries = json.loads(looking.to_json(looked, "2026-11-29"))["looked"]
    assert [entry["state"] for entry in entries] == ["moved", "not read", "as written"]


def test_facts_name_what_can_be_read_once_and_agree_with_their_value() -> None:
    named = [(found.id, item) for found in KNOWLEDGE.facts.values() for item in found.look]
    assert len(named) > 30
    assert len(set(named)) == len(named)
    versions = {item.package: item.seen for _, item in named if item.what == "version"}
    assert all(versions[item.package] == item.seen for _, item in named if item.what == "version")
    for name, item in named:
        if item.what == "version":
            written = KNOWLEDGE.facts[name]
            assert item.seen in f"{written.value} {written.statement}", name


def looked(monkeypatch: pytest.MonkeyPatch, shelf: Shelf, *arguments: str) -> int:
    monkeypatch.setattr("advisor.adapters.package_index.PipIndex", lambda: shelf)
    return main(["stale", "--look", *arguments])


def test_the_command_looks_at_one_fact_or_at_all(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    torch = replace(MONAI, version="2.15.0")
    assert looked(monkeypatch, Shelf({"torch": torch}), "pt-latest") == 0
    assert capsys.readouterr().out == ("Looked at 1 statement on 1 package: 1 as written, 0 moved, 0 not read.\n")
    assert looked(monkeypatch, Shelf({"torch": replace(torch, version="2.16.0")}), "--json") == 0
    entries = json.loads(capsys.readouterr().out)["looked"]
    assert len(entries) == sum(len(found.look) for found in KNOWLEDGE.facts.values())
    assert (entries[0]["fact"], entries[0]["state"], entries[0]["found"]) == ("pt-latest", "moved", "2.16.0")


def test_offline_it_says_so_of_each_and_ends_with_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert looked(monkeypatch, Shelf()) == 1
    _, _, _, *rows = capsys.readouterr().out.splitlines()
    assert len(rows) == sum(len(found.look) for found in KNOWLEDGE.facts.values())
    assert all(row.startswith("not read") and "no package index was reached" in row for row in rows)


def test_a_fact_that_names_no_package_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert looked(monkeypatch, Shelf(), "papers-80") == 2
    assert "--look: 'papers-80' says nothing of a package; allowed: pt-latest" in capsys.readouterr().err
