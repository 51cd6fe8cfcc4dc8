"""Energy counters, on fake trees and a fake library."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.system import energy
from probes.system.nvml import UnreadableError
from tests.probes.fake_nvml import FakeNvml, State

RANGE = 262_143_328_850  # µJ, of an Intel Xeon


def package(folder: Path, number: int, micro_joules: int) -> Path:
    zone = folder / f"intel-rapl:{number}"
    zone.mkdir(parents=True, exist_ok=True)
    (zone / "energy_uj").write_text(f"{micro_joules}\n", encoding="ascii")
    (zone / "max_energy_range_uj").write_text(f"{RANGE}\n", encoding="ascii")
    return zone


def test_all_packages_count_and_their_parts_do_not(tmp_path: Path) -> None:
    package(tmp_path, 0, 1_000_000)
    package(tmp_path, 1, 5_000_000)
    core = tmp_path / "intel-rapl:0:0"  # a part of package 0: its joules are in there already
    core.mkdir()
    (core / "energy_uj").write_text("7", encoding="ascii")
    with energy.meter("cpu", tmp_path) as joules:
        package(tmp_path, 0, 1_500_000)
        package(tmp_path, 1, 6_000_000)
        assert joules() == pytest.approx(1.5)
        assert joules() == pytest.approx(1.5), "nothing was taken meanwhile"


@given(st.integers(0, RANGE), st.lists(st.integers(0, RANGE), min_size=1, max_size=5))
def test_a_counter_that_starts_again_goes_on(start: int, steps: list[int]) -> None:
    """As long as it is read within a round of it."""
    with pytest.MonkeyPatch.context() as patched:
        values = {"now": start}
        patched.setattr(energy, "_number", lambda file: RANGE if file.name.startswith("max") else values["now"])
        patched.setattr(Path, "glob", lambda self, pattern: iter([self / "intel-rapl:0"]))
        counter = energy.PackageCounter()
        total = 0
        for step in steps:
            total += step
            values["now"] = (start + total) % (RANGE + 1)
            assert counter.joules() == pytest.approx(total * 1e-6)


def test_what_can_not_be_read_says_why_and_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", FakeNvml(broken="NVML Shared Library Not Found"))
    assert energy.why_not(tmp_path) == (
        "Not measurable here: the processor shows no energy counter here (RAPL): virtual machines and containers hide "
        "it; NVIDIA's management library says: NVML Shared Library Not Found."
    )
    package(tmp_path, 0, 5)
    assert energy.why_not(tmp_path) == ""

    def refused(file: Path) -> int:
        raise PermissionError(13, "Permission denied", str(file))

    monkeypatch.setattr(energy, "_number", refused)
    assert "only root may read the processor's energy counter: sudo chmod a+r" in energy.why_not(tmp_path)


@pytest.mark.parametrize("text", ["", "x", "1.5"])
def test_a_damaged_counter_is_unreadable(tmp_path: Path, text: str) -> None:
    (package(tmp_path, 0, 5) / "energy_uj").write_text(text, encoding="ascii")
    with pytest.raises(UnreadableError, match="can't be read"), energy.meter("cpu", tmp_path):
        pass


def test_a_gpu_counts_in_thousandths_and_the_library_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    library = FakeNvml((State(millijoules=4_000), State(millijoules=4_000), State(millijoules=9_500)))
    monkeypatch.setitem(sys.modules, "pynvml", library)
    with energy.meter("cuda") as joules:
        before = joules()
        assert joules() - before == pytest.approx(5.5)
    assert library.open == 0


def test_a_gpu_of_before_volta_has_no_counter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = FakeNvml((State(millijoules=None),))
    monkeypatch.setitem(sys.modules, "pynvml", library)
    assert "since Volta" in energy.why_not(tmp_path)
    assert library.open == 0
