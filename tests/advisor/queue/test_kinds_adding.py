"""A new kind of work is an entry, a function and a page: a copy of the house gets them, and all else follows."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.places import ROOT

pytestmark = pytest.mark.slow

#: By file, what is there and what stands in its place; "" is the end of it.
ADDED = {
    "advisor/queue/kinds.py": {
        "\n\nMEASURE: Final": '''

@dataclass(frozen=True, slots=True)
class CountRequest:
    """Count so far."""

    far: int = 3


@dataclass(frozen=True, slots=True)
class Count:
    """How far it came."""

    reached: int


COUNT: Final = JobKind(
    "count", CountRequest, Count, title="Counting", doing="numbers are counted", subject=lambda asked: f"to {asked.far}"
)
MEASURE: Final''',
        "SCAN, KIT)": "SCAN, KIT, COUNT)",
    },
    "advisor/queue/handlers.py": {
        "\n\nHANDLERS": """

def _count(work: JobContext, request: kinds.CountRequest) -> End:
    reached = 0
    while reached < request.far and not work.cancelled():
        reached += 1
        so_far = kinds.Count(reached)
        work.tell(f"at {reached}", reached / request.far, lambda so_far=so_far: so_far)
    return kinds.Count(reached), reached < request.far


HANDLERS""",
        "    SCAN.name: _scan,\n": "    SCAN.name: _scan,\n    kinds.COUNT.name: _count,\n",
        "from advisor.queue.joining": "from advisor.queue import kinds\nfrom advisor.queue.joining",
    },
    "ui/views/counting.py": {
        "": '''"""Counting."""

import streamlit as st

from advisor.queue.kinds import COUNT, CountRequest
from ui.jobs import card, requests
from ui.kit.page import View
from ui.session import stored

VIEW = View(title="Counting", icon=":material/123:", order=90, url_path="counting")


def _draw(services, job):
    with card.card(services, job):
        st.write(f"So far {job.result.reached}" if job.result else "Nothing yet")


def render(services):
    job = stored.latest(services.store, COUNT)
    if job is not None and job.active:
        card.live(services, COUNT, lambda job: _draw(services, job))
    elif job is not None:
        st.write(f"{job.status} at {job.result.reached}")
    if st.button("Count", key="start-count"):
        requests.start(services, COUNT, CountRequest())
        st.rerun()
''',
    },
}
#: In the copy: asked for on its page, told of in the queue, claimed, seen while it goes on, ended, left, purged.
THERE = """
import json

from advisor.__main__ import main
from advisor.queue import executor, handlers
from advisor.queue.kinds import COUNT, Count, CountRequest
from advisor.records import Requester
from tests import fakes
from tests.stores import the
from tests.ui.driving import open_page, texts


def test_all_of_it(monkeypatch):
    services = fakes.services()
    page = open_page(monkeypatch, services, "counting", browser="me")
    page.button(key="start-count").click().run()
    assert "## Waiting to start" in texts(page)
    (entry,) = services.store.queue()
    assert (entry.kind, entry.subject, entry.owner) == ("count", "to 3", "me")
    claimed = the(services.store.claim("here"))
    assert (claimed.kind, claimed.request) == (COUNT, CountRequest())
    services.store.tell(claimed.id, "at 2", 0.6, result=Count(2))
    page = open_page(monkeypatch, services, "counting", browser="me")
    assert "## Counting" in texts(page) and "So far 2" in texts(page)
    assert page.get("progress")[0].proto.text == "at 2"
    page.button(key="cancel-count").click().run()
    assert services.store.cancel_requested(claimed.id)
    handlers.run_job(services, claimed, lambda: False)
    assert "cancelled at 0" in texts(open_page(monkeypatch, services, "counting"))
    services.store.enqueue(COUNT, CountRequest(4))
    monkeypatch.setattr(executor.Stop, "idle", lambda _: not services.store.queue())
    executor.work(services, "here", executor.Stop())
    assert the(services.store.done(COUNT, "to 4")).result == Count(4)
    services.store.enqueue(COUNT, CountRequest(5))
    services.store.claim("here")
    services.store.recover("here")
    assert the(services.store.latest(COUNT)).status == "failed"
    for _ in range(COUNT.kept + 1):
        services.store.enqueue(COUNT, CountRequest())
        services.store.finish(the(services.store.claim("here")).id, "done", result=Count(3))
    assert services.store.purge().jobs == 2, "with the one that was cancelled there are two too many"
"""


def test_a_new_kind_of_work_goes_all_the_way(tmp_path: Path) -> None:
    ignored = shutil.ignore_patterns("__pycache__", "node_modules")
    for package in ("advisor", "probes", "ui", "data", "tests", ".streamlit"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=ignored)
    for file in ("pyproject.toml", "app.py", "requirements.txt"):
        shutil.copy2(ROOT / file, tmp_path / file)
    for name, changes in ADDED.items():
        text = (tmp_path / name).read_text(encoding="utf-8") if (tmp_path / name).exists() else ""
        for old, new in changes.items():
            assert not old or text.count(old) == 1, (name, old)
            text = text.replace(old, new) if old else text + new
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert len(ADDED) <= 4
    (tmp_path / "tests" / "test_counting.py").write_text(THERE, encoding="utf-8")
    command = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_counting.py")
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:]
