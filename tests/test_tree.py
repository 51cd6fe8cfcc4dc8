"""The tree: tests lie where their modules lie, and no file names the host of a package registry."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from tests.places import ROOT, TESTS

ROOMS = ("ui", "advisor", "probes")
MOST_LINES = 350
FILES = sorted(file.relative_to(TESTS) for room in ROOMS for file in (TESTS / room).rglob("test_*.py"))


@cache
def names(room: Path) -> set[str]:
    """What a test of this room may be called after: the room, its modules and the rooms in it."""
    return {room.name, *(path.stem.strip("_") for path in room.iterdir() if path.suffix == ".py" or path.is_dir())}


def test_a_test_lies_where_its_module_lies_and_begins_with_its_name() -> None:
    assert len(FILES) > 300
    lost = {}
    for file in FILES:
        subject, about = file.stem.removeprefix("test_"), names(ROOT / file.parent)
        if not any(subject == name or subject.startswith(f"{name}_") for name in about if name):
            lost[str(file)] = sorted(about)
    assert lost == {}, "nothing in their rooms that these could be about"


def test_no_folder_of_tests_is_without_a_package() -> None:
    folders = {path.parent.relative_to(TESTS) for room in ROOMS for path in (TESTS / room).rglob("*.py")}
    assert folders
    assert {str(folder) for folder in folders if not (ROOT / folder / "__init__.py").exists()} == set()


def test_no_file_is_too_long_to_be_about_one_idea() -> None:
    """By idea, not by size: a file that outgrows this holds two."""
    rooms = ("scripts", "benchmarks", "examples", "tests", *ROOMS)
    lines = {file: len(file.read_bytes().splitlines()) for room in rooms for file in (ROOT / room).rglob("*.py")}
    assert len(lines) > 500
    assert {str(file.relative_to(ROOT)): long for file, long in lines.items() if long > MOST_LINES} == {}


def test_no_file_names_the_host_of_a_package_registry() -> None:
    """Whoever installs may have another index; texts say «PyPI» or «npm»."""
    hosts = [name + end for name, end in (("pypi", ".org"), ("pythonhosted", ".org"), ("npmjs", ".com"))]
    places = (ROOT / room for room in ("docs", "data", "scripts", "benchmarks", "examples", "tests", *ROOMS))
    kinds = {".py", ".md", ".yaml", ".toml", ".txt", ".jinja"}
    files = [file for files in (ROOT.iterdir(), *(place.rglob("*") for place in places)) for file in files]
    files = [file for file in files if file.suffix in kinds and file.is_file()]
    assert len(files) > 500
    assert [str(file) for file in files if any(host in file.read_text(encoding="utf-8") for host in hosts)] == []
