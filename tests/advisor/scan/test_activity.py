"""Is it alive? What reaches a file, by imports, and what is proposed of an area for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from advisor.scan.activity import UsedFile, activity
from advisor.scan.history import History
from advisor.scan.reachability import REACHES, Reached
from advisor.scan.report import AreaFate, FateReason, Reach
from tests.advisor.trees import scanned

USES = "import torch\ntorch.nn.Linear(1, 1)\n"
CLASS = "import torch\nclass A(torch.nn.Module):\n    pass\n"
MAIN = "\nif __name__ == '__main__':\n    run()\n"

#: What lies beside «p/a.py», and how that is reached then.
WAYS: dict[str, tuple[dict[str, str | bytes], Reach]] = {
    "nothing": ({}, "nothing"),
    "another file that nothing reaches": ({"p/b.py": "from p import a\n"}, "nothing"),
    "a file that is run": ({"b.py": "from p import a\n" + MAIN}, "entry_point"),
    "a script without a guard": ({"b.py": "from p.a import A\nA()\n"}, "entry_point"),
    "a module that only defines": ({"b.py": "from p.a import A\ndef f(): return A()\n"}, "nothing"),
    "over two files": ({"b.py": "import p.c\n" + MAIN, "p/c.py": "from .a import A\n"}, "entry_point"),
    "inside a function": ({"b.py": "def f():\n    from p import a\n" + MAIN}, "entry_point"),
    "__main__": ({"p/__main__.py": "from .a import A\n"}, "entry_point"),
    "a console script": ({"pyproject.toml": "[project.scripts]\nx = 'q.cli:main'\n", "q/__init__.py": "",
                          "q/cli.py": "import p.a\n"}, "entry_point"),
    "entry points of setup.py": ({"setup.py": "setup(entry_points={'console_scripts': ['x=p.cli:main']})\n",
                                  "p/cli.py": "from p.a import A\n"}, "entry_point"),
    "a Dockerfile": ({"Dockerfile": "CMD [\"python\", \"p/b.py\"]\n", "p/b.py": "from p.a import A\n"}, "entry_point"),
    "a module that CI starts": ({".github/workflows/x.yml": "- run: python -m p.b --x\n", "p/b.py": "import p.a\n"},
                                "entry_point"),
    "a shell script below": ({"p/run.sh": "python b.py\n", "p/b.py": "from p import a\n"}, "entry_point"),
    "a notebook": ({"n.ipynb": '{"cells": [{"cell_type": "code", "source": "from p import a"}]}'}, "notebook"),
    "the surface of a package": ({"pyproject.toml": "[project]\nname = 'p'\n", "p/__init__.py": "from .a import A\n"},
                                 "package"),
    "a package without a description": ({"p/__init__.py": "from .a import A\n"}, "nothing"),
    "a test": ({"tests/test_a.py": "from p.a import A\n"}, "tests"),
    "a test that is run": ({"tests/test_a.py": "from p.a import A\n" + MAIN}, "tests"),
    "a test and a file that is run": ({"tests/test_a.py": "import p.a\n", "b.py": "import p.a\n" + MAIN},
                                       "entry_point"),
    "import_module": ({"b.py": "import importlib\nimportlib.import_module('p.a')\n" + MAIN}, "entry_point"),
    "import_module of a name that is put together":
        ({"b.py": "import importlib\nimportlib.import_module('p.' + name)\n" + MAIN}, "entry_point"),
    "import_module of a name that is filled in":
        ({"b.py": "import importlib\nimportlib.import_module(f'p.{name}')\n" + MAIN}, "entry_point"),
    "import_module of any name":
        ({"p/b.py": "import importlib\nimportlib.import_module(name)\n" + MAIN}, "entry_point"),
    "import_module of any name elsewhere":
        ({"q/b.py": "import importlib\nimportlib.import_module(name)\n" + MAIN}, "nothing"),
    "another module of that name": ({"b.py": "import a\n" + MAIN}, "nothing"),
}  # fmt: skip


@pytest.mark.parametrize("case", WAYS)
def test_what_reaches_a_file(case: str, tmp_path: Path) -> None:
    files, way = WAYS[case]
    report = scanned(tmp_path, {"p/__init__.py": "", "p/a.py": CLASS, **files})
    (one,) = (file for file in report.activity.files if file.file == "p/a.py")
    assert one.reached_from == way


def test_a_package_is_reached_with_its_modules(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"p/__init__.py": CLASS, "p/a.py": "", "b.py": "import p.a\n" + MAIN}
    (one,) = scanned(tmp_path, files).activity.files
    assert (one.file, one.reached_from, one.reached_by) == ("p/__init__.py", "entry_point", "b.py")


def test_a_tree_that_is_a_package_itself_ends(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"__init__.py": "from .a import A\n", "a.py": CLASS}
    assert [one.reached_from for one in scanned(tmp_path, files).activity.files] == ["nothing"]


def test_imports_in_a_circle_end(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"a.py": "import b\n" + CLASS, "b.py": "import a\n" + CLASS}
    assert {one.reached_from for one in scanned(tmp_path, files).activity.files} == {"nothing"}


def test_a_model_file_that_a_source_names_is_told(tmp_path: Path) -> None:
    model = b"\x1c\0\0\0TFL3" + b"\0" * 50
    files: dict[str, str | bytes] = {
        "out/net.tflite": model,
        "a.py": f"{CLASS}path = 'out/net.tflite'\nother = 'subnet.tflite2'\n",
    }
    report = scanned(tmp_path, files)
    assert [one.artefacts for one in report.activity.files] == [("net.tflite",)]
    assert report.activity.areas["model"].artefacts == 1


IDLE = Reached("nothing", "")


@pytest.mark.parametrize(
    ("reached", "named", "changed", "newest", "fate", "reason"),
    [
        (Reached("tests", "t.py"), (), "2015-01-01", "2024-01-01", "keep", "reached"),
        (IDLE, ("x.onnx",), "2015-01-01", "2024-01-01", "keep", "artefact"),
        (IDLE, (), "2023-06-01", "2024-01-01", "keep", "recent"),
        (IDLE, (), "2015-01-01", "2024-01-01", "drop", "unreached_and_quiet"),
        (IDLE, (), "", "", "drop", "unreached"),
    ],
)
def test_what_is_proposed_of_an_area(
    reached: Reached, named: tuple[str, ...], changed: str, newest: str, fate: AreaFate, reason: FateReason
) -> None:
    history = History({"a.py": changed} if changed else {}, newest)
    (one,) = activity([UsedFile("a.py", {"model": 3}, named)], {"a.py": reached}, history).areas.values()
    assert (one.proposed, one.reason) == (fate, reason)


def test_the_share_that_nothing_reaches_goes_by_uses() -> None:
    used = [UsedFile("a.py", {"model": 3, None: 50}, ()), UsedFile("b.py", {"model": 1}, ())]
    found = activity(used, {"a.py": Reached("notebook", "n.ipynb"), "b.py": IDLE}, None)
    one = found.areas["model"]
    assert one.unreached_share == 0.25
    assert dict(one.reached_from) == {"notebook": 1, "nothing": 1}
    assert [file.uses for file in found.files] == [53, 1]
    assert found.areas.keys() == {"model"}


def test_ways_are_ordered_from_the_strongest() -> None:
    assert REACHES == ("entry_point", "notebook", "package", "tests", "nothing")
