"""Which results of other machines stand beside the first: one of each machine and device, the one most like it."""

from __future__ import annotations

from dataclasses import replace

from advisor.adapters.local_runner import LocalRunner
from advisor.measured.machines import SeveralMachines, every_machine, side_by_side
from advisor.measured.result_sets import of_files
from probes.results import RunResult
from tests.travelling import measured_on

JUDGE = LocalRunner()


def names(*runs: RunResult, here: str = "") -> list[str]:
    found = side_by_side(of_files(runs, here=here, judge=JUDGE))
    return [run.machine.cpu for run in every_machine(found)] if found else []


def test_nothing_is_nothing_and_one_is_itself() -> None:
    assert side_by_side(()) is None
    only = side_by_side(of_files([measured_on(cpu="A")], here="", judge=JUDGE))
    assert only is not None
    assert not isinstance(only, SeveralMachines)


def test_this_machine_comes_first_then_the_newest() -> None:
    a, b, c = (measured_on(cpu=cpu, day=day) for cpu, day in (("A", 20), ("B", 21), ("C", 22)))
    assert names(a, b, c) == ["C", "B", "A"]
    assert names(a, b, c, here=a.machine.fingerprint) == ["A", "C", "B"]


def test_a_machine_after_an_upgrade_is_no_second_machine() -> None:
    before = measured_on(cpu="A", day=20)
    after = measured_on(cpu="A", day=21, kernel="7.0")
    assert names(before, after) == ["A"]


def test_a_processor_and_its_gpu_are_two_places() -> None:
    gpu = ("NVIDIA Sample, 80 GiB",)
    assert names(measured_on(cpu="A", gpus=gpu), measured_on(cpu="A", gpus=gpu, day=21, on_gpu=True)) == ["A", "A"]


def test_of_another_machine_the_set_with_equal_threads_counts() -> None:
    here = measured_on(cpu="A", day=23)
    alike = measured_on(cpu="B", day=20)
    newer = measured_on(cpu="B", day=21)
    newer = replace(newer, request=replace(newer.request, threads=2))
    found = side_by_side(of_files([here, alike, newer], here=here.machine.fingerprint, judge=JUDGE))
    assert found is not None
    assert [run.started_at for run in every_machine(found)[1:]] == [alike.started_at]


def test_joined_runs_of_a_gpu_still_say_that_it_was_one() -> None:
    """Without their rounds nothing else does, and the decision asks."""
    gpu = ("NVIDIA Sample, 80 GiB",)
    runs = [measured_on(cpu="A", gpus=gpu, day=day, on_gpu=True) for day in (20, 21)]
    found = side_by_side(of_files(runs, here="", judge=JUDGE))
    assert found is not None
    assert found.rounds == ()
    assert found.on_gpu
