"""What is read of a model file without running it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.contracts import UnsupportedError
from probes.model_file.loading import halves, packages, read
from probes.schema import FRAMEWORKS

BOTH = FRAMEWORKS
HALVES = {
    "def pytorch(): ...": ("pytorch",),
    "def tensorflow(): ...\nimport torch": ("tensorflow",),
    "def tensorflow(): ...\ndef pytorch(): ...": BOTH,
    "pytorch = lambda: None": ("pytorch",),
    "from nets import tensorflow": ("tensorflow",),
    "from nets import build as pytorch": ("pytorch",),
    "class pytorch: ...": ("pytorch",),
    "pytorch: Callable[[], Module] = build\ndef tensorflow(): ...": BOTH,
    "pytorch: Callable[[], Module]\ndef tensorflow(): ...": ("tensorflow",),
    "(pytorch, other), names[0] = made\ndef tensorflow(): ...": BOTH,
    "def keras(): ...": BOTH,
    "from nets import *\ndef pytorch(): ...": BOTH,  # the rest can't be told
    "globals()['pytorch'] = print": BOTH,
    "def other():\n  def pytorch(): ...": BOTH,
    "import keras\ndef tensorflow(): ...": ("tensorflow",),
    "from tensorflow import keras\ndef tensorflow(): ...": ("tensorflow",),
    "from tensorflow import *\ndef tensorflow(): ...": ("tensorflow",),
    "import nets as pytorch\ndef tensorflow(): ...": ("tensorflow",),
    "no python at all": BOTH,
    "": BOTH,
}


@pytest.mark.parametrize(("source", "sides"), HALVES.items())
def test_the_halves_of_a_source_are_told_without_running_it(source: str, sides: tuple[str, ...]) -> None:
    assert halves(source.encode()) == sides


@given(st.binary(max_size=200))
def test_of_whatever_bytes_something_is_told(source: bytes) -> None:
    assert set(halves(source)) <= set(BOTH)
    assert halves(source)


PACKAGES = {
    "SPEC = dict(title='x', packages=['timm', 'einops'])": ("timm", "einops"),
    "SPEC = {'packages': ('timm',)}": ("timm",),
    "SPEC: dict[str, object] = {'packages': ['timm']}": ("timm",),
    "SPEC: dict[str, object]": (),
    "SPEC, OTHER = {'packages': ['timm']}, 3": (),
    "SPEC = dict(packages=[name for name in names])": (),
    "SPEC = dict(packages=3)": (),
    "SPEC = 3": (),
    "SPEC = dict(": (),
}


@pytest.mark.parametrize(("source", "named"), PACKAGES.items())
def test_packages_are_read_where_they_are_written_out(source: str, named: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "ours.py").write_text(source, encoding="utf-8")
    assert packages(tmp_path / "ours.py") == named


def test_a_file_that_has_changed_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "ours.py").write_bytes(b"x = 1\n")
    sha256 = hashlib.sha256(b"x = 1\n").hexdigest()
    assert read(tmp_path / "ours.py", sha256) == b"x = 1\n"
    (tmp_path / "ours.py").write_bytes(b"x = 2\n")
    with pytest.raises(UnsupportedError, match=r"ours\.py has changed since it was looked at: begin again"):
        read(tmp_path / "ours.py", sha256)
