"""The file of runtimes, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from probes.deploy import runtimes
from probes.system.data_files import DATA

GOOD: dict[str, Any] = {
    "id": "thing",
    "title": "Thing",
    "purpose": "For tests.",
    "pins": ["thing==1.0"],
    "modules": ["thing"],
    "python": ["3.11"],
    "app_packages": True,
    "megabytes": 5,
}


def read(row: object) -> tuple[runtimes.Runtime, ...]:
    return runtimes.Runtimes.understood({"schema": 1, "runtimes": [row]}).runtimes


def test_a_row_becomes_a_runtime() -> None:
    (found,) = read(GOOD | {"stubs": ["other"], "no_deps": ["old==0.1"]})
    assert (found.id, found.pins, found.python, found.megabytes) == ("thing", ("thing==1.0",), ("3.11",), 5)
    assert (found.stubs, found.no_deps, found.programs) == (("other",), ("old==0.1",), ())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"colour": "red"}, r"runtimes\.thing\.colour: no such key; allowed: id, title, purpose, pins"),
        ({"pins": ["thing"]}, r"runtimes\.thing\.pins\.0: 'thing'; allowed: exact pins"),
        ({"pins": ["thing>=1"]}, r"pins\.0: 'thing>=1'; allowed: exact pins"),
        ({"pins": ["--index-url=x"]}, r"pins\.0: '--index-url=x'; allowed: exact pins"),
        ({"pins": []}, r"pins: .*at least 1 item .*\(got \[\]\)"),
        ({"python": [3.11]}, r"python\.0: .*valid string \(got 3\.11\)"),
        ({"python": ["4.0"]}, r"python\.0: '4\.0'; allowed: texts like '3\.11'"),
        ({"app_packages": "yes"}, r"app_packages: .*valid boolean \(got 'yes'\)"),
        ({"megabytes": True}, r"megabytes: .*valid integer \(got True\)"),
        ({"megabytes": 0}, r"megabytes: .*greater than or equal to 1 \(got 0\)"),
        ({"stubs": ["../up"]}, r"stubs\.0: '\.\./up'; allowed: names of modules"),
        ({"title": ""}, r"title: .*at least 1 character \(got ''\)"),
        ({"programs": ["java"]}, r"programs_from: is missing: how does one get java\?"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_wrong_value_is_refused_with_its_path(change: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read(GOOD | change)


@pytest.mark.parametrize("name", list(GOOD))
def test_a_key_that_is_left_out_is_named(name: str) -> None:
    with pytest.raises(ValueError, match=rf"runtimes\.\w+\.{name}: is missing"):
        read({key: value for key, value in GOOD.items() if key != name})


def test_an_id_can_be_no_path() -> None:
    with pytest.raises(ValueError, match=r"\.\./thing\.id: .*allowed: small letters"):
        read(GOOD | {"id": "../thing"})


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"schema": 2, "runtimes": [GOOD]}, r"schema: Input should be 1 \(got 2\)"),
        ({"schema": 1, "runtimes": []}, r"runtimes: .*at least 1 item"),
        ({"schema": 1, "runtimes": [GOOD, GOOD]}, "'thing' occurs twice"),
        ([], r"runtimes\.yaml: "),
    ],
)
def test_a_file_of_another_form_is_refused(content: object, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        runtimes.Runtimes.understood(content)


def test_the_apps_own_file_is_whole_and_never_pins_another_framework() -> None:
    pinned = {pin for runtime in runtimes.runtimes() for pin in runtime.pins}
    requirements = (DATA.parent / "requirements.txt").read_text(encoding="utf-8").splitlines()
    for name in ("torch", "tensorflow", "keras"):
        assert {pin for pin in pinned if pin.startswith(f"{name}==")} <= set(requirements)


def test_an_unknown_id_is_refused_with_those_that_exist() -> None:
    with pytest.raises(ValueError, match=r"environment: 'teapot' doesn't exist; allowed: .*executorch"):
        runtimes.find("teapot")
