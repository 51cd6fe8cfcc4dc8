"""The tree: tests lie where their modules lie, and no file names the host of a package registry."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.places import ROOT, TESTS

ROOMS = ("ui", "advisor", "probes")
FILES = sorted(file.relative_to(TESTS) for room in ROOMS for file in (TESTS / room).rglob("test_*.py"))


def names(room: Path) -> set[str]:
    """What a test of this room may be called after: the room, its modules and the rooms in it."""
    return {room.name, *(path.stem.strip("_") for path in room.iterdir() if path.suffix == ".py" or path.is_dir())}


@pytest.mark.parametrize("file", FILES, ids=str)
def test_a_test_lies_where_its_module_lies_and_begins_with_its_name(file: Path) -> None:
    room = ROOT / file.parent
    assert (room / "__init__.py").exists(), f"{file.parent} is no package"
    subject = file.stem.removeprefix("test_")
    assert any(subject == name or subject.startswith(f"{name}_") for name in names(room) if name), (
        f"nothing in {file.parent} that {file.name} could be about: {sorted(names(room))}"
    )


def test_no_folder_of_tests_is_without_a_package() -> None:
    folders = {path.parent.relative_to(TESTS) for room in ROOMS for path in (TESTS / room).rglob("*.py")}
    assert folders
    assert {str(folder) for folder in folders if not (ROOT / folder / "__init__.py").exists()} == set()


def test_no_file_names_the_host_of_a_package_registry() -> None:
    """Whoever installs may have another index; texts say «PyPI» or «npm»."""
    hosts = [name + end for name, end in (("pypi", ".org"), ("pythonhosted", ".org"), ("npmjs", ".com"))]
    places = (ROOT / room for room in ("docs", "data", "scripts", "benchmarks", "examples", "tests", *ROOMS))
    kinds = {".py", ".md", ".yaml", ".toml", ".txt", ".jinja"}
    files = [file for files in (ROOT.iterdir(), *(place.rglob("*") for place in places)) for file in files]
    files = [file for file in files if file.suffix in kinds and file.is_file()]
    assert len(files) > 500
    assert [str(file) for file in files if any(host in file.read_text(encoding="utf-8") for host in hosts)] == []
