"""Which wheels fit, and what the table of them may say."""

from __future__ import annotations

from typing import Any

import pytest

from advisor.lifecycle.wheels import WheelRow, Wheels, wheels
from probes.system.data_files import DataError


@pytest.mark.parametrize(
    ("row", "system", "python", "fits"),
    [
        (WheelRow({"1.0": "2020"}, "", {"linux-x86_64": "3.8 3.9"}), "linux-x86_64", "3.9", True),
        (WheelRow({"1.0": "2020"}, "", {"linux-x86_64": "3.8 3.9"}), "linux-x86_64", "3.10", False),
        (WheelRow({"1.0": "2020"}, "", {"linux-x86_64": "3.8 3.9"}), "macos-arm64", "3.9", False),
        (WheelRow({"1.0": "2020"}, ">=3.9", {"any": "3.0+"}), "windows-arm64", "3.8", False),
        (WheelRow({"1.0": "2020"}, ">=3.9", {"any": "3.0+"}), "windows-arm64", "3.13", True),
        (WheelRow({"1.0": "2020"}, ">=3.6.2", {"linux-x86_64": "3.6"}), "linux-x86_64", "3.6", True),
    ],
)
def test_a_wheel_fits_its_python_and_its_system(row: WheelRow, system: Any, python: str, fits: bool) -> None:
    assert row.fits(system, python) is fits


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"versions": {"x": "2020"}, "python": "", "wheels": {"any": "3.8"}}, "'x' is no version"),
        ({"versions": {"1.0": "then"}, "python": "", "wheels": {"any": "3.8"}}, "'then'"),
        ({"versions": {}, "python": "", "wheels": {"any": "3.8"}}, "versions"),
        ({"versions": {"1.0": "2020"}, "python": "3", "wheels": {"any": "3.8"}}, "'3' is no range of versions"),
        ({"versions": {"1.0": "2020"}, "python": "", "wheels": {"beos": "3.8"}}, "beos"),
        ({"versions": {"1.0": "2020"}, "python": "", "wheels": {"any": "all"}}, "'all'"),
    ],
)
def test_what_is_wrong_is_refused_with_its_path(row: dict[str, Any], message: str) -> None:
    content = {"schema": 1, "packages": [{"id": "x", "as_of": "2026-11-29", "rows": [row]}]}
    with pytest.raises(DataError, match=rf"^wheels\.yaml: packages\.x\.rows.*{message}"):
        Wheels.understood(content)


def test_what_the_facts_say_of_wheels_is_what_the_table_says() -> None:
    """tf-py-range, tf-py314, pt-py-range, mac-intel of data/facts.yaml."""
    newest = {name: package.all[0] for name, package in wheels().items()}
    assert newest["tensorflow"].row.wheels["linux-x86_64"] == "3.10 3.11 3.12 3.13"
    assert newest["torch"].row.wheels["linux-x86_64"] == "3.11 3.12 3.13 3.14 3.15"
    intel = {
        name: next(str(one.version) for one in wheels()[name].all if one.row.on("macos-x86_64"))
        for name in ("torch", "tensorflow")
    }
    assert intel == {"torch": "2.2.2", "tensorflow": "2.16.2"}
