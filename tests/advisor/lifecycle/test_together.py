"""Pins that go one by one and not together."""

from __future__ import annotations

from datetime import date

import pytest

from advisor.lifecycle import lock_files, report
from advisor.lifecycle.clock import SupportClock, support_clock
from advisor.lifecycle.dates import lifecycle
from advisor.lifecycle.machine import machine
from advisor.lifecycle.wheels import wheels


def clock(*lines: str, python: str = "3.10") -> SupportClock:
    lock = lock_files.parsed("\n".join(lines))
    where = machine(lifecycle().pythons, lock.python, python=python)
    return support_clock(lock, where, lifecycle(), wheels(), date(2026, 11, 30))


def kinds(*lines: str, python: str = "3.10") -> set[str]:
    return {one.kind for one in clock(*lines, python=python).findings if one.kind.endswith("_together")}


@pytest.mark.parametrize(
    ("lines", "kind"),
    [
        (("torch==2.2.2", "numpy==2.0.1"), "not_running_together"),  # pytorch/pytorch#132179
        (("torch==2.0.1", "numpy"), "not_running_together"),  # pip takes the newest
        (("tensorflow==2.10.1", "numpy==2.0.2"), "not_running_together"),
        (("tensorflow==2.16.1", "numpy==2.0.2"), "not_installing_together"),
        (("tensorflow-cpu==2.9.1", "protobuf==4.21.1"), "not_installing_together"),  # tensorflow/tensorflow#56266
        (("tensorflow-addons==0.21.0", "tensorflow==2.16.1"), "not_running_together"),
        (("torch==2.3.0", "torchvision==0.17.2"), "not_installing_together"),
        (("torch==2.2.0", "torchaudio==2.1.0"), "not_installing_together"),
    ],
)
def test_what_does_not_go_together_is_the_first_blocker(lines: tuple[str, ...], kind: str) -> None:
    found = clock(*lines)
    assert found.first is not None
    assert found.first.kind == kind
    said = report.to_text(found)
    assert "What to do: " in said
    assert found.stay.until == ""


@pytest.mark.parametrize(
    "lines",
    [
        ("torch==2.3.0", "numpy==2.0.1"),
        ("torch==2.2.2", "numpy==1.26.4"),
        ("torch==2.2.2", "numpy<2"),
        ("tensorflow==2.18.0", "numpy==2.0.2"),
        ("tensorflow==2.15.0", "numpy>=1.20"),  # its wheel says so, and pip looks
        ("torch==2.2.2+cu121", "torchvision==0.17.2+cu121", "torchaudio==2.2.2"),
        ("torch>=1.8", "torchvision==0.17.2"),
        ("torch==2.9.1", "torchvision==0.24.1"),  # no table says anything of them
        ("tensorflow==2.12.0", "protobuf==4.25.3"),
        ("torch==2.2.2",),
        ("torch===custom,>=1", "numpy==2.0.1"),  # which no version is
    ],
)
def test_what_goes_together_is_left_alone(lines: tuple[str, ...]) -> None:
    assert kinds(*lines) == set()


def test_siblings_are_named_in_either_direction() -> None:
    (one,) = (one for one in clock("torch==2.3.1", "torchvision==0.17.2").findings if one.kind.endswith("_together"))
    assert one.values["instead"] == "take torchvision 0.18"
    (one,) = (one for one in clock("torch==2.9.1", "torchvision==0.17.2").findings if one.kind.endswith("_together"))
    assert one.values["instead"] == "take torch 2.2"
