"""Until when it can stay, on the page: each list of packages by itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from advisor.lifecycle.dates import lifecycle
from advisor.lifecycle.pins import LockFile, Pin
from advisor.ports import ProjectLock
from tests import team_code
from tests.ui.driving import texts
from tests.ui.views.your_code.test_page import opened


def test_every_cuda_that_a_build_is_made_with_can_be_named_for_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    app, _ = opened(monkeypatch)
    gpu = next(box for box in app.selectbox if box.label == "NVIDIA GPU")
    gpu.set_value("ampere").run()
    offered = next(box for box in app.selectbox if box.label == "CUDA of its driver").options
    made_with = {one.cuda for one in lifecycle().builds if one.cuda}
    assert offered[0] == "not said"
    assert set(offered[1:]) == made_with


def test_lists_with_the_same_packages_are_told_by_the_images_near_them(monkeypatch: pytest.MonkeyPatch) -> None:
    pins = (Pin("torch", "==2.9.0"),)
    old = ProjectLock("old/requirements.txt", LockFile("requirements", pins, "==3.11.*", images=("ubuntu:18.04",)))
    new = ProjectLock("new/requirements.txt", LockFile("requirements", pins, "==3.11.*", images=("ubuntu:24.04",)))
    app, _ = opened(monkeypatch, replace(team_code.scan(), locks=(new, old)))
    assert "glibc" not in texts(app)
    app.selectbox(key="code-lock").set_value("old/requirements.txt").run()
    assert "glibc" in texts(app)
    app.selectbox(key="code-lock").set_value("new/requirements.txt").run()
    assert "glibc" not in texts(app)
