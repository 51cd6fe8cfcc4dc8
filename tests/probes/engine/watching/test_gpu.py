"""GPUs without one: a management library that answers from a script, and children that say what they see.

What only a real GPU can show is listed in ``docs/gpu.md``.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

import pytest

from probes.engine.running.supervisor import run
from probes.engine.watching import gpu, machine
from probes.engine.watching.gpu import GpuWatch, Reading, happened, strangers
from probes.results import RunResult
from probes.schema import FRAMEWORKS, Outcome, RunRequest, RunSetup
from tests.probes.fake_child import Around, FakeMachine, no_lock
from tests.probes.fake_nvml import FakeNvml, State
from tests.samples import MACHINE

GPU = "NVIDIA Sample, 80 GiB"
BOTH = dict.fromkeys(FRAMEWORKS, ("cpu", "cuda"))
ONE = {"pytorch": ("cpu", "cuda"), "tensorflow": ("cpu",)}


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> FakeNvml:
    """A quiet GPU."""
    return _installed(monkeypatch, FakeNvml())


def _installed(monkeypatch: pytest.MonkeyPatch, library: FakeNvml) -> FakeNvml:
    monkeypatch.setitem(sys.modules, "pynvml", library)
    return library


# ------------------------------------------------------------------------------------- the watch


def _watched(monkeypatch: pytest.MonkeyPatch, *states: State, old_driver: bool = False) -> tuple[str, ...]:
    """What a watch says that read ``states``: at the start, after two instances, at the end; 10 s apart."""
    library = _installed(monkeypatch, FakeNvml(states, old_driver=old_driver))
    clock = iter(range(0, 1000, 10))
    watch = GpuWatch("0", ours=lambda: {11, 12}, clock=lambda: float(next(clock)))
    with watch:
        for _ in states[1:-1]:
            watch.look("Training step")
    assert library.open == 0
    return watch.disturbances()


def test_a_gpu_that_was_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    own = State(pids=(11, 12))
    assert _watched(monkeypatch, State(mhz=210), own, own, State(mhz=345)) == ()


def test_a_look_gives_the_clock_and_the_heat(library: FakeNvml) -> None:
    with GpuWatch("0") as watch:
        assert watch.look("Training step") == {"gpu_mhz": 1980.0, "gpu_celsius": 55.0}


def test_the_drivers_counters_tell_how_long_the_clock_was_held_down(monkeypatch: pytest.MonkeyPatch) -> None:
    start, end = State(limited_ns={0: 5 * 10**9, 1: 10**9}), State(limited_ns={0: 5 * 10**9, 1: 10**9 + 3 * 10**9})
    said = _watched(monkeypatch, start, start, start, end)  # 30 s
    assert said == ("heat held the GPU's clock down in 10 % of the time",)


def test_a_moment_below_the_full_clock_is_no_disturbance(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _watched(monkeypatch, State(limited_ns={0: 0}), State(), State(), State(limited_ns={0: 10**8})) == ()


@pytest.mark.parametrize("old_driver", [False, True])
def test_a_gpu_that_does_not_count_is_asked_at_each_look(monkeypatch: pytest.MonkeyPatch, old_driver: bool) -> None:
    idle, capped = State(limited_ns=None, reasons=0x1), State(limited_ns=None, reasons=0x4)
    said = _watched(monkeypatch, idle, capped, idle, capped, old_driver=old_driver)
    assert said == ("the power limit held the GPU's clock down at 1 of 2 looks",)


def test_a_gpu_that_says_nothing_is_not_blamed(monkeypatch: pytest.MonkeyPatch) -> None:
    silent = State(limited_ns=None, reasons=None)
    assert _watched(monkeypatch, silent, silent, silent, silent) == ()


def test_a_clock_that_drops_between_two_instances(monkeypatch: pytest.MonkeyPatch) -> None:
    said = _watched(monkeypatch, State(mhz=210), State(mhz=1980), State(mhz=1410), State(mhz=210))
    assert said == ("the GPU's clock lay between 1410 and 1980 MHz for Training step",)


def test_clocks_of_different_probes_are_not_held_against_each_other() -> None:
    readings = [Reading("Training step", 1.0, 1410), Reading("Inference latency", 2.0, 1980)]
    assert happened(readings) == ()


def test_others_on_the_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    said = _watched(monkeypatch, State(), State(pids=(11, 12)), State(pids=(11, 12, 77)), State())
    assert said == ("1 other process had the GPU open",)


@pytest.mark.parametrize(
    ("seen", "ours", "expected"),
    [
        ((), (), 0),
        ((5,), (), 1),  # before any child of ours
        ((11, 12), (11, 12), 0),
        ((11, 12, 5, 6), (11, 12), 2),
        ((901, 902), (11, 12), 0),  # a container: the host's numbers for our two
        ((901, 902, 903), (11, 12), 1),
    ],
)
def test_strangers(seen: tuple[int, ...], ours: tuple[int, ...], expected: int) -> None:
    assert strangers(seen, ours) == expected


@pytest.mark.parametrize("visible", ["", "-1"])
def test_a_hidden_gpu_is_not_watched(library: FakeNvml, visible: str) -> None:
    with GpuWatch(visible) as watch:
        assert watch.look("Training step") == {}
    assert (watch.note, library.asked_for) == ("", [])


@pytest.mark.parametrize(("visible", "asked"), [("0", 0), ("GPU-8932f937", "GPU-8932f937")])
def test_the_gpu_that_is_watched_is_the_one_that_the_children_see(
    library: FakeNvml, visible: str, asked: object
) -> None:
    with GpuWatch(visible):
        assert library.asked_for == [asked]


def test_a_gpu_that_is_not_there_is_a_note(library: FakeNvml) -> None:
    with GpuWatch("7") as watch:
        assert watch.look("Training step") == {}
    assert "knows no GPU '7'" in watch.note
    assert library.open == 0


# ------------------------------------------------------------------------------------- whole runs with fake children


@pytest.fixture
def with_gpu(monkeypatch: pytest.MonkeyPatch, library: FakeNvml) -> FakeNvml:
    """A machine with a GPU, on which everything can run."""
    for module in ("probes.engine.running.probe_record", "probes.catalog"):
        monkeypatch.setattr(f"{module}.why_not", lambda *_: "")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr(machine, "read", lambda: replace(MACHINE, gpus=(GPU,)))
    return library


def _run(fake: FakeMachine, **request: Any) -> RunResult:
    asked = RunSetup(RunRequest(probes=("mlp.train_step", "mlp.inference_b1"), budget=45.0, **request))
    with pytest.MonkeyPatch.context() as alone:  # fake children are no processes; the test runner may have some
        alone.setattr(gpu.counters, "descendants", frozenset)
        return run(asked, launcher=fake, lock=no_lock, clock=lambda: 0.0, watch=Around)


def _devices(fake: FakeMachine) -> dict[str, set[str]]:
    asked = [(framework, arguments["device"]) for framework, do, arguments in fake.asked if do == "use"]
    return {framework: {device for f, device in asked if f == framework} for framework, _ in asked}


def test_a_run_on_the_gpu_records_its_clock_and_heat(with_gpu: FakeNvml) -> None:
    fake = FakeMachine(devices=dict(BOTH))
    result = _run(fake)
    assert result.on_gpu
    assert _devices(fake) == {framework: {"cuda"} for framework in FRAMEWORKS}
    for row in result.results:
        assert row.outcome == Outcome.OK
        assert row.sides["pytorch"].details["gpu_mhz"] == 1980
        assert row.sides["tensorflow"].details["gpu_celsius"] == 55
    assert with_gpu.open == 0


def test_a_disturbed_gpu_makes_a_round_contended_and_is_told(
    with_gpu: FakeNvml, monkeypatch: pytest.MonkeyPatch
) -> None:
    _installed(monkeypatch, FakeNvml([State(pids=(77,))]))
    result = _run(FakeMachine(devices=dict(BOTH)))
    assert all(row.contended for row in result.results)
    assert all("Not quiet: 1 other process had the GPU open" in row.notes for row in result.results)


def test_on_the_cpu_the_gpus_troubles_do_not_matter(with_gpu: FakeNvml, monkeypatch: pytest.MonkeyPatch) -> None:
    _installed(monkeypatch, FakeNvml([State(pids=(77,))]))
    fake = FakeMachine(devices=dict(ONE))
    result = _run(fake)
    row = result.results[0]
    assert not result.on_gpu, "the machine has a GPU, but «auto» came to the CPU"
    assert _devices(fake) == {framework: {"cpu"} for framework in FRAMEWORKS}
    assert not any("had the GPU open" in note for note in row.notes)
    assert any("both were measured on the CPU" in note for note in row.notes)
    assert "gpu_mhz" not in row.sides["pytorch"].details


def test_cuda_measures_who_sees_it_there_and_tells_the_other_what_to_install(with_gpu: FakeNvml) -> None:
    fake = FakeMachine(devices=dict(ONE))
    row = _run(fake, device="cuda").results[0]
    assert _devices(fake) == {"pytorch": {"cuda"}}
    assert (row.outcome, row.ratio) == (Outcome.UNSUPPORTED, None)
    assert "tensorflow[and-cuda]==2.21.0" in row.sides["tensorflow"].reason or sys.platform != "linux"
    assert row.sides["pytorch"].samples


def test_cuda_without_any_is_unsupported_on_both_sides(with_gpu: FakeNvml) -> None:
    row = _run(FakeMachine(), device="cuda").results[0]
    assert {side.outcome for side in row.sides.values()} == {Outcome.UNSUPPORTED}


def test_a_machine_without_a_gpu_says_it_once(monkeypatch: pytest.MonkeyPatch, with_gpu: FakeNvml) -> None:
    monkeypatch.setattr(machine, "gpu_here", lambda: False)
    row = _run(FakeMachine(), device="cuda").results[0]
    assert row.reason == "no CUDA device is seen, and this machine shows no NVIDIA GPU with a driver: choose the CPU"


def test_a_library_that_fails_in_the_middle_costs_a_note_and_no_run(
    with_gpu: FakeNvml, monkeypatch: pytest.MonkeyPatch
) -> None:
    _installed(monkeypatch, FakeNvml(broken="Driver/library version mismatch"))
    row = _run(FakeMachine(devices=dict(BOTH))).results[0]
    assert row.outcome == Outcome.OK
    assert any("Driver/library version mismatch" in note for note in row.notes)
