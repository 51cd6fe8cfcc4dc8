"""The file of runtimes, and what it refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from probes.deploy import runtimes

GOOD: dict[str, Any] = {
    "title": "Thing",
    "purpose": "For tests.",
    "pins": ["thing==1.0"],
    "modules": ["thing"],
    "python": ["3.11"],
    "app_packages": True,
    "megabytes": 5,
}


def read(tmp_path: Path, row: object, id_: str = "thing") -> tuple[runtimes.Runtime, ...]:
    file = tmp_path / "runtimes.yaml"
    file.write_text(yaml.safe_dump({"schema": 1, "runtimes": {id_: row}}), encoding="utf-8")
    return runtimes.read(file)


def test_a_row_becomes_a_runtime(tmp_path: Path) -> None:
    (found,) = read(tmp_path, GOOD | {"stubs": ["other"], "no_deps": ["old==0.1"]})
    assert (found.id, found.pins, found.python, found.megabytes) == ("thing", ("thing==1.0",), ("3.11",), 5)
    assert (found.stubs, found.no_deps, found.programs) == (("other",), ("old==0.1",), ())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"colour": "red"}, r"runtimes\.thing\.colour: no such key; allowed: title, purpose, pins"),
        ({"pins": ["thing"]}, r"runtimes\.thing\.pins: 'thing'; allowed: exact pins"),
        ({"pins": ["thing>=1"]}, r"pins: 'thing>=1'; allowed: exact pins"),
        ({"pins": ["--index-url=x"]}, r"pins: '--index-url=x'; allowed: exact pins"),
        ({"pins": []}, r"pins: \[\]; allowed: a list of exact pins"),
        ({"python": [3.11]}, r"python: 3\.11; allowed: texts like '3\.11'"),
        ({"app_packages": "yes"}, r"app_packages: 'yes'; allowed: true or false"),
        ({"megabytes": True}, r"megabytes: True; allowed: a whole number from 1"),
        ({"megabytes": 0}, r"megabytes: 0; allowed: a whole number from 1"),
        ({"stubs": ["../up"]}, r"stubs: '\.\./up'; allowed: names of modules"),
        ({"title": ""}, r"title: ''; allowed: a text"),
        ({"programs": ["java"]}, r"programs_from: is missing: how does one get java\?"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_wrong_value_is_refused_with_its_path(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read(tmp_path, GOOD | change)


@pytest.mark.parametrize("name", list(GOOD))
def test_a_key_that_is_left_out_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match=rf"runtimes\.thing\.{name}: is missing"):
        read(tmp_path, {key: value for key, value in GOOD.items() if key != name})


def test_an_id_can_be_no_path(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="an id is small letters"):
        read(tmp_path, GOOD, id_="../thing")


def test_a_file_of_another_form_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "runtimes.yaml"
    file.write_text("schema: 2\nruntimes: {}\n", encoding="utf-8")
    with pytest.raises(ValueError, match="schema: 1 and runtimes"):
        runtimes.read(file)


def test_the_apps_own_file_is_whole_and_never_pins_another_framework() -> None:
    pinned = {pin for runtime in runtimes.runtimes() for pin in runtime.pins}
    requirements = (runtimes.FILE.parents[1] / "requirements.txt").read_text(encoding="utf-8").splitlines()
    for name in ("torch", "tensorflow", "keras"):
        assert {pin for pin in pinned if pin.startswith(f"{name}==")} <= set(requirements)


def test_an_unknown_id_is_refused_with_those_that_exist() -> None:
    with pytest.raises(ValueError, match=r"environment: 'teapot' doesn't exist; allowed: .*executorch"):
        runtimes.find("teapot")
