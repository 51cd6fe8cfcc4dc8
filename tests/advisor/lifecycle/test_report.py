"""The support clock in words and as JSON."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from advisor.lifecycle import report
from advisor.lifecycle.clock import SupportClock, support_clock
from advisor.lifecycle.dates import lifecycle
from advisor.lifecycle.findings import BEARINGS
from advisor.lifecycle.lock_files import parsed
from advisor.lifecycle.machine import InstallTarget
from advisor.lifecycle.wheels import wheels


def clock(text: str, day: str = "2026-11-29", name: str = "requirements.txt", **machine: Any) -> SupportClock:
    where = InstallTarget(**{"python": "3.11", "system": "linux-x86_64", **machine})
    return support_clock(parsed(text, name), where, lifecycle(), wheels(), date.fromisoformat(day))


@pytest.mark.parametrize(
    ("text", "machine", "answer"),
    [
        (
            "tensorflow==2.21.0",
            {"python": "3.14"},
            "It can't: as it is pinned, it doesn't install on this machine, since March 2026.",
        ),
        (
            "tensorflow==2.21.0",
            {"gpu": "blackwell"},
            "It can't: as it is pinned, it doesn't use the GPU on this machine, since January 2025.",
        ),
        (
            "tensorflow==2.21.0",
            {"python": "3.11"},
            "Until October 2029, when Python 3.13, the newest that the pins have wheels for, gets the last fixes.",
        ),
        (
            "tensorflow==2.11.1",
            {"python": "3.10"},
            "On borrowed time: Python 3.10 got the last fixes in October 2026.",
        ),
        ("torch==2.5.1", {"gpu": "volta"}, "Until October 2028, when drivers for Volta (V100) get the last fixes."),
        ("pandas", {}, "Until October 2027, when Python 3.11 gets the last fixes."),
        (
            "tensorflow==2.10.1",
            {"python": "3.10", "gpu": "ada"},
            "On borrowed time: Python 3.10 got the last fixes in October 2026. Whether it runs is doubtful, see below.",
        ),
    ],
)
def test_the_question_is_answered_in_a_sentence(text: str, machine: dict[str, str], answer: str) -> None:
    assert report.answer(clock(text, **machine)) == answer


def test_two_pins_stay_as_long_as_the_python_that_both_have() -> None:
    found = clock("tensorflow==2.19.0\ntorch==2.14.0\n")
    assert (found.stay.python, found.stay.until) == ("3.12", "2028-10")


def test_everything_is_there_with_its_source_and_what_was_not_looked_at_is_named() -> None:
    text = report.to_text(clock("tensorflow==2.19.0\npandas\n-e .\n", supposed=("os",)))
    assert "tensorflow==2.19.0: installs (2.19.0)" in text
    assert "Fixes of Python 3.11 end in October 2027. [https://github.com/python/devguide" in text
    assert "tensorflow 2.19.0 gets no fixes since August 2025, when 2.20.0 came; the newest is 2.21.0." in text
    assert "confidence medium" in text
    assert "Not looked at: 1 other package of the file." in text
    assert "Not understood: 1 line, the first is '-e .'." in text
    assert "No GPU was named (--gpu), so nothing is said of GPUs." in text
    assert "Supposed: Linux (--os)." in text


@pytest.mark.parametrize(
    ("text", "machine"),
    [
        ("torch==2.0.1+rocm5.4.2", {}),
        ("torch==2.9.0", {"system": "linux-aarch64"}),
        ("tensorflow==1.5.0", {"python": "2.7"}),
    ],
)
def test_what_is_not_known_of_gpus_is_said_where_one_was_named(text: str, machine: dict[str, str]) -> None:
    said = f"Nothing is known of the GPUs that {text} runs on here."
    assert (said in report.to_text(clock(text, gpu="hopper", **machine))) == ("tensorflow" not in text)
    assert said not in report.to_text(clock(text, **machine))


@pytest.mark.parametrize(
    ("text", "machine", "advice"),
    [
        ("torch==1.13.1", {"python": "3.12"}, "stay on Python 3.11, or take torch 2.15.0, which has a wheel for 3.12."),
        (
            "torch==2.15.0",
            {"python": "3.10"},
            "move to Python 3.11 or newer, or take torch 2.14.1, the newest for 3.10.",
        ),
        ("torch==2.15.0", {"system": "macos-x86_64"}, "take torch 2.2.2, the newest with a wheel here."),
        (
            "torch==2.14.0",
            {"gpu": "ada", "cuda": "12.9"},
            "install a driver from 580.65.06 on, or take a build for an older CUDA.",
        ),
        ("torch==2.14.0", {"gpu": "volta"}, "take torch 2.10.0, the newest that runs on it."),
        (
            "tensorflow==2.12.0",
            {"system": "windows-x86_64", "python": "3.10", "gpu": "ampere"},
            "stay at tensorflow 2.10.1, the newest that uses it here, or run it on Linux, as in WSL2.",
        ),
    ],
)
def test_a_blocker_comes_with_a_way_out(text: str, machine: dict[str, str], advice: str) -> None:
    found = clock(text, **machine)
    assert found.first
    assert report.advice(found.first, found) == advice


def test_programs_get_every_part() -> None:
    content = json.loads(report.to_json(clock("tensorflow==2.10.0\npandas\n", python="3.10", gpu="ada")))
    assert content["schema"] == 1
    assert content["machine"] == {
        "python": "3.10", "os": "linux-x86_64", "gpu": "ada", "cuda": "", "supposed": []
    }  # fmt: skip
    assert content["first"]["kind"] == "own_cuda"
    assert content["stay"] == {"until": "2026-10", "python": "3.10", "ended": True}
    (package,) = content["packages"]
    assert package["release"] == "2.10.0"
    assert content["not_looked_at"] == 1
    for found in content["findings"]:
        assert found["bearing"] == BEARINGS[found["kind"]]
        assert found["says"].endswith(".")
        assert found["do"].endswith(".")
        assert found["source"]["title"]


def test_an_image_out_of_patching_is_told_with_its_month() -> None:
    text = report.to_text(clock("FROM nvidia/cuda:11.0-ubuntu18.04\nFROM example.org/own:1\n", name="Dockerfile"))
    assert "Fixes of Ubuntu 18.04, on which the image nvidia/cuda:11.0-ubuntu18.04 stands, ended in May 2023." in text
    assert "What the image example.org/own:1 stands on isn't known by its name." in text


def test_an_image_that_gets_fixes_is_among_what_ends() -> None:
    found = clock("FROM python:3.12-slim-bookworm\nRUN pip install torch==2.14.0\n", name="Dockerfile")
    (one,) = (one for one in found.findings if one.kind == "image_ended")
    assert (one.day, one.bearing) == ("2028-06-30", "ends")
    assert [pin.pin.package for pin in found.pins] == ["torch"]
