"""What is kept of sides that agreed, when it is believed, and what becomes of a run without it."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from probes import catalog
from probes.catalog import Probe
from probes.engine.running import agreements
from probes.engine.watching import machine
from probes.schema import FRAMEWORKS, Outcome, RunRequest
from probes.system import folders
from tests.probes.engine.running.fake_runs import by_id, fake_run
from tests.probes.fake_child import FakeMachine

PROBE = catalog.find("mlp.train_step")
SIZES = PROBE.model.SPEC.sized({})
AROUND: Mapping[Any, Mapping[str, str]] = {side: {"version": "1", "cores": "3"} for side in FRAMEWORKS}
FOUND = {"outputs": 2e-6, "weights": 1e-7, "strict_step": 1e-5, "dropout": 1.2}
ONLY = RunRequest(probes=("mlp.train_step",), budget=30.0)


def asked(machine: FakeMachine) -> int:
    return [do for _, do, _ in machine.asked].count("check")


def kept() -> list[Path]:
    return sorted(folders.agreements().glob("*"))


def test_the_second_run_asks_nothing_and_records_the_same() -> None:
    first, second = FakeMachine(), FakeMachine()
    records = [fake_run(machine, ONLY).rounds[0].measurements[0].agreement for machine in (first, second)]
    assert (asked(first), asked(second)) == (2, 0)
    assert records[0] == records[1] == {"outputs": 0.0}


def test_sides_that_disagree_are_asked_again_and_nothing_is_kept() -> None:
    for _ in range(2):
        machine = FakeMachine(skew=0.5)
        assert by_id(fake_run(machine, ONLY))["mlp.train_step"].outcome == Outcome.NOT_COMPARABLE
        assert asked(machine) == 2
    assert kept() == []


def named(probe: Probe = PROBE, sizes: Mapping[str, int] = SIZES, around: Any = None) -> str:
    return agreements.name_of(probe, sizes, around or AROUND)


def changed(module: ModuleType, folder: Path) -> ModuleType:
    """The same module from a file with one more line."""
    file = folder / Path(module.__file__ or "").name
    file.write_text(Path(module.__file__ or "").read_text(encoding="utf-8") + "# changed\n", encoding="utf-8")
    other = ModuleType(module.__name__)
    other.__dict__.update(vars(module) | {"__file__": str(file)})
    return other


def test_whatever_decides_the_numbers_is_in_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [
        named(),
        named(catalog.find("mlp.train_step.eager")),
        named(catalog.find("mlp.gradient")),
        named(sizes={**SIZES, "hidden1": 7}),
        named(around={**AROUND, "tensorflow": {"version": "2", "cores": "3"}}),
        named(Probe(PROBE.spec, changed(PROBE.model, tmp_path), PROBE.measure)),
        named(Probe(PROBE.spec, PROBE.model, changed(PROBE.measure, tmp_path))),
    ]
    elsewhere = replace(machine.read(), fingerprint="another")
    monkeypatch.setattr(machine, "read", lambda: elsewhere)
    names.append(named())
    assert len(set(names)) == len(names)


def test_an_adapter_that_changes_is_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = named()
    for pattern in agreements._CODE:
        for file in agreements._PROBES.glob(pattern):
            copy = tmp_path / file.relative_to(agreements._PROBES)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(file.read_bytes())
    monkeypatch.setattr(agreements, "_PROBES", tmp_path)
    assert named() == before, "it is the content that counts, not the place"
    for file in ("frameworks/tensorflow.py", "frameworks/pytorch.py", "workloads/agreement.py", "contracts.py"):
        last = named()
        (tmp_path / file).write_text("# another\n", encoding="utf-8")
        assert named() != last, file


def test_neither_the_seed_nor_where_it_runs_is_in_the_name() -> None:
    elsewhere = {"version": "1", "cores": "0", "placement": "on fast cores", "waiting": "spinning"}
    assert named(around=dict.fromkeys(FRAMEWORKS, elsewhere)) == named()
    fake_run(FakeMachine(), ONLY)
    again = FakeMachine()
    fake_run(again, RunRequest(probes=ONLY.probes, budget=ONLY.budget, seed=9))
    assert asked(again) == 0


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "{}", "null", '{"outputs": "0"}', '{"outputs": NaN}', '{"outputs": 0.5}', '{"other": 0.0}', "\0",
     '{"outputs": -1}'],
)  # fmt: skip
def test_what_was_damaged_counts_as_not_kept(content: str) -> None:
    fake_run(FakeMachine(), ONLY)
    (file,) = kept()
    file.write_text(content, encoding="utf-8")
    machine = FakeMachine()
    fake_run(machine, ONLY)
    assert asked(machine) == 2
    assert json.loads(file.read_text(encoding="utf-8")) == {"outputs": 0.0}, "and is written anew"


def test_bytes_that_are_no_text_count_as_not_kept() -> None:
    agreements.keep("one", FOUND)
    kept()[0].write_bytes(b"\xff\xfe\x00")
    assert agreements.find("one") is None


def test_a_folder_that_cannot_be_written_costs_nothing_but_the_check() -> None:
    folders.agreements().parent.mkdir(parents=True)
    folders.agreements().write_text("a file where the folder should be", encoding="utf-8")
    for _ in range(2):
        machine = FakeMachine()
        assert by_id(fake_run(machine, ONLY))["mlp.train_step"].outcome == Outcome.OK
        assert asked(machine) == 2


def test_after_a_month_sides_are_asked_again_and_the_old_is_forgotten() -> None:
    agreements.keep("old", FOUND)
    assert agreements.find("old") == FOUND
    long_ago = time.time() - (agreements.DAYS + 1) * 86_400
    os.utime(kept()[0], (long_ago, long_ago))
    assert agreements.find("old") is None
    agreements.keep("new", FOUND)
    assert [file.name for file in kept()] == ["new.json"]
