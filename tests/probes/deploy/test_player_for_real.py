"""A player's process: its allocator is settled, and it loads nothing that its runtime doesn't require."""

from __future__ import annotations

import platform
from pathlib import Path

import pytest

from probes.deploy import catalog
from tests.artefacts import child, made
from tests.processes import minor_faults

pytestmark = [
    pytest.mark.framework,
    pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="what is settled is glibc's allocator"),
]


@pytest.mark.parametrize("route", ["pytorch_eager", "tensorflow_function"])
def test_a_call_asks_for_no_page_twice_and_what_is_foreign_is_hidden(route: str, tmp_path: Path) -> None:
    artefact, spec = made(route, "cnn", tmp_path), catalog.modules()[route].SPEC
    player = child("play", route, tmp_path)
    try:
        opened = player.ask(
            "open", timeout=180, route=route, form="float32", folder=str(artefact.folder), model="cnn",
            sizes=artefact.sizes, threads=1, asked=str(artefact.asked), requirements=spec.packages,
        )  # fmt: skip
        player.ask("warm", timeout=60, batch=64)
        player.ask("block", timeout=60, batch=64, calls=5)
        before = minor_faults(player.pid)
        player.ask("block", timeout=60, batch=64, calls=20)
        faults = (minor_faults(player.pid) - before) / 60  # a block has three parts
        said = player.ask("weigh", timeout=60)["said"]
    finally:
        player.close()
    assert opened["guard_s"] > 0
    assert {"pytorch_eager": "opt_einsum", "tensorflow_function": "pandas"}[route] in said["hidden"]
    assert faults < 100, "without settling, PyTorch's calls have some thousand each"
    assert said["allocator"].endswith(", settled")
