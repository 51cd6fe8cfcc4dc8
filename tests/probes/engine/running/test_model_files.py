"""What a model file may do to whoever looks at it: one stated outcome each, and nothing is left behind.

Real children, within limits; without a framework, as these files fail before they need one.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from probes import catalog
from probes.engine.running.child import MARK, ProcessChild
from probes.engine.running.model_files import Limits, ModelFileError, describe
from probes.model_file.loading import LARGEST
from probes.schema import Framework
from tests.processes import over, wait_until

pytestmark = pytest.mark.slow
linux = pytest.mark.skipif(sys.platform != "linux", reason="forks, pipes and limits as Linux has them")
WHOLE = "def inputs(rng, batch): ...\ndef tensorflow(): ...\ndef pytorch(): ...\n"


@dataclass
class Bare:
    """Starts children without a framework, and remembers them."""

    started: list[ProcessChild] = field(default_factory=list)

    def __call__(
        self, framework: Framework, environment: dict[str, str], cancelled: Callable[[], bool]
    ) -> ProcessChild:
        command = (sys.executable, "-m", "tests.probes.engine.running.bare_worker", framework)
        self.started.append(ProcessChild(framework, environment, cancelled, command))
        return self.started[-1]


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Bare:
    """Afterwards its children are gone with all that they started, and so is the folder that they worked in."""
    monkeypatch.setattr(catalog, "not_installed", lambda *_: "")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))
    (tmp_path / "scratch").mkdir()
    return Bare()


def refused(path: Path, bare: Bare, limits: Limits | None = None) -> str:
    """What the user reads; nothing is left, whatever it was."""
    begun = time.monotonic()
    with pytest.raises(ModelFileError) as caught:
        describe(path, launcher=bare, limits=limits or Limits(seconds=60))
    assert time.monotonic() - begun < 60
    assert not list(Path(tempfile.gettempdir()).iterdir()), "scratch is left"
    marks = {child._mark for child in bare.started}
    for process in psutil.process_iter():
        try:
            assert over(process) or process.environ().get(MARK) not in marks, f"{process} is left"
        except psutil.Error:
            continue
    return str(caught.value)


NO_PYTHON = {
    "a mistake": (b"x = 1\ndef inputs(:\n", "line 2: no Python: "),
    "no UTF-8": (b"x = 1\nname = '\xff\xfe'\n", "no Python: .*utf-8"),
    "zeros": (b"x = 1\0\n", "no Python: .*null"),
    "brackets": (b"x = " + 5000 * b"(" + 5000 * b")", "no Python: .*nested"),
    "signs": (b"x = " + 100_000 * b"-" + b"1", "no Python: .*nested"),
    "2 MB": (b"#" * 2 * 2**20, f"more than {LARGEST:,} bytes"),
    "nothing": (b"", "inputs.* is missing"),
    "no half": (b"def inputs(rng, batch): ...", r"neither pytorch\(\) nor tensorflow\(\)"),
    "no function": (b"inputs = 3\ndef pytorch(): ...", "inputs is no function"),
}


@pytest.mark.parametrize(("source", "words"), NO_PYTHON.values(), ids=NO_PYTHON)
def test_what_is_no_model_file_says_where(source: bytes, words: str, tmp_path: Path, bare: Bare) -> None:
    (tmp_path / "ours.py").write_bytes(source)
    told = refused(tmp_path / "ours.py", bare)
    assert told.startswith("ours.py")
    assert re.search(words, told), told


CODE = {
    "no such module": ("import numpy\nimport nowhere.at_all", "line 2: there is no module 'nowhere' here"),
    "hidden module": ("import streamlit", 'line 1: streamlit is installed, but hidden.*packages=\\["streamlit"\\]'),
    "the other's": ("import tensorflow as tf", r"line 1: tensorflow can't be seen in the process of PyTorch.*inside "),
    "an error": ("def deep():\n    raise ValueError('no such size')\ndeep()", "line 2: ValueError: no such size"),
    "exit": ("import sys\nsys.exit('enough')", r"line 2: it ends the process \(exit\)"),
    "interrupt": ("raise KeyboardInterrupt", "line 1: KeyboardInterrupt"),
    "recursion": ("def deep(): deep()\ndeep()", "line 1: RecursionError"),
    "os._exit": ("import os\nos._exit(7)", "in PyTorch: the process ended with exit code 7"),
    "megabytes": ("import os\nfor _ in range(64): os.write(1, b'x' * 2**20)\nraise ValueError", "line 3: ValueError"),
    "control": ("raise ValueError('\\x1b[2J' + 9000 * 'long')", r"line 1: ValueError: \[2J(long)+"),
}  # fmt: skip


@pytest.mark.parametrize(("source", "words"), CODE.values(), ids=CODE)
def test_what_the_code_does_is_told_with_its_line(source: str, words: str, tmp_path: Path, bare: Bare) -> None:
    (tmp_path / "ours.py").write_text(f"{source}\n{WHOLE}", encoding="utf-8")
    told = refused(tmp_path / "ours.py", bare)
    assert re.search(words, told), told
    assert len(told) < 2000


@linux
def test_megabytes_without_an_end_of_line_are_not_kept(tmp_path: Path, bare: Bare) -> None:
    (tmp_path / "ours.py").write_text(f"{CODE['megabytes'][0]}\n{WHOLE}", encoding="utf-8")
    refused(tmp_path / "ours.py", bare)
    assert sum(map(len, bare.started[0]._words)) < 2**20


@linux
@pytest.mark.parametrize(
    ("source", "limits", "words"),
    [
        ("import time\ntime.sleep(1000)", Limits(seconds=1), "building the model takes longer than 1 s"),
        ("import os\nos.kill(os.getpid(), 9)", Limits(60), "ended with signal SIGKILL"),
        ("import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True: ...", Limits(1), "longer than 1 s"),
        ("import numpy as np\nx = np.ones(100 * 2**27)", Limits(60, memory=2**31), "more than the 2.0 GiB of memory"),
        ("x = []\nwhile True: x.append(bytearray(2**26))", Limits(60, memory=2**31), "more than the 2.0 GiB of memory"),
        ("import os\nfor fd in range(3, 64):\n  try: os.write(fd, b'[1]\\n')\n  except OSError: pass",
         Limits(60), "where its replies belong"),
    ],
    ids=["sleeps", "kills itself", "does not end", "100 GB", "more and more", "forges replies"],
)  # fmt: skip
def test_limits_hold(source: str, limits: Limits, words: str, tmp_path: Path, bare: Bare) -> None:
    (tmp_path / "ours.py").write_text(f"{source}\n{WHOLE}", encoding="utf-8")
    assert words in refused(tmp_path / "ours.py", bare, limits)


@linux
def test_a_fork_answers_once(tmp_path: Path, bare: Bare) -> None:
    """Both come back from the file: the copy's answer would be taken for that to the next question."""
    (tmp_path / "ours.py").write_text(f"import os\nfirst = os.fork()\n{WHOLE}raise ValueError(first > 0)", "utf-8")
    assert "ValueError: True" in refused(tmp_path / "ours.py", bare)
    assert bare.started[0]._replies.qsize() <= 1, "what is left is the end of the pipe"


ESCAPED = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork():
        os._exit(0)
    {closing}
    open({told!r}, "w").write(str(os.getpid()))
    time.sleep(1000)
os.wait()
while not os.path.exists({told!r}) or not open({told!r}).read():
    time.sleep(0.01)
raise ValueError("it has a servant now")
"""


@linux
@pytest.mark.parametrize("closing", ["pass", "os.closerange(0, 100)"], ids=["holds the pipes", "holds nothing"])
def test_who_leaves_the_group_of_its_process_is_ended_too(closing: str, tmp_path: Path, bare: Bare) -> None:
    told = tmp_path / "pid"
    (tmp_path / "ours.py").write_text(ESCAPED.format(told=str(told), closing=closing) + WHOLE, encoding="utf-8")
    assert "it has a servant now" in refused(tmp_path / "ours.py", bare)
    assert not psutil.pid_exists(int(told.read_text())) or wait_until(
        lambda: over(psutil.Process(int(told.read_text()))), "the end of who got away", patience=5
    )


@linux
def test_only_an_ordinary_file_is_opened(tmp_path: Path, bare: Bare) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "folder.py").mkdir()
    (tmp_path / "device.py").symlink_to("/dev/zero")
    for name in ("pipe.py", "folder.py", "device.py"):
        assert refused(tmp_path / name, bare) == f"{name} is no file, but a folder, a pipe or a device"
    assert refused(tmp_path / "nowhere.py", bare) == "nowhere.py can't be read: No such file or directory"
    assert "null" in refused(tmp_path / "no\0thing.py", bare)
    assert not bare.started


@pytest.mark.parametrize("name", ["torch", "tensorflow", "keras", "jax", "numpy"])
def test_a_file_with_the_name_of_a_framework_is_no_model_file(name: str, tmp_path: Path, bare: Bare) -> None:
    (tmp_path / f"{name}.py").write_text(WHOLE, encoding="utf-8")
    assert f"«import {name}» might find it: rename it" in refused(tmp_path / f"{name}.py", bare)
    assert not bare.started


def test_it_works_in_a_folder_that_goes_with_it(tmp_path: Path, bare: Bare) -> None:
    """What it leaves lies in the scratch folder, of its neighbours nothing is compiled, and nothing is run in here."""
    (tmp_path / "neighbour.py").write_text("number = 3\n", encoding="utf-8")
    source = "import os, neighbour\nopen('left', 'w').write('x')\nraise ValueError(f'{neighbour.number} {os.getpid()}')"
    (tmp_path / "ours.py").write_text(f"{source}\n{WHOLE}", encoding="utf-8")
    before = sorted(tmp_path.iterdir())
    told = refused(tmp_path / "ours.py", bare)
    assert f"ValueError: 3 {bare.started[0].pid}" in told
    assert bare.started[0].pid != os.getpid()
    assert sorted(tmp_path.iterdir()) == before
    assert not Path("left").exists()
    assert "team_model" not in sys.modules


def test_a_half_that_is_not_there_is_never_run(tmp_path: Path, bare: Bare) -> None:
    """So that its framework may be imported at the top of the file."""
    (tmp_path / "ours.py").write_text("import tensorflow\ndef inputs(rng, batch): ...\ndef tensorflow(): ...", "utf-8")
    told = refused(tmp_path / "ours.py", bare)
    assert [child.framework for child in bare.started] == ["pytorch", "tensorflow"]
    assert told.startswith("ours.py in TensorFlow: "), told
