"""The same measures on several machines, and whether those say the same, in words."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.measured import by_machine
from advisor.measured.by_machine import READABLE, MachineRow
from advisor.measured.machines import SeveralMachines, every_machine
from probes.results import RunResult
from probes.schema import Verdict
from tests.advisor import runs
from tests.travelling import named

SIDES = {Verdict.PYTORCH: 2.0, Verdict.TENSORFLOW: 0.5, Verdict.EQUAL: 1.0, Verdict.UNDECIDED: 1.1}


def machine(cpu: str, verdict: Verdict = Verdict.PYTORCH, *, factor: float = 0.0, gpu: str = "") -> RunResult:
    result = runs.result("train_step", factor or SIDES[verdict], verdict=verdict)
    found = replace(runs.run(result), machine=named(runs.MACHINE, cpu=cpu, gpus=(gpu,) if gpu else ()))
    return replace(found, request=replace(found.request, device="cuda")) if gpu else found


def row(*machines: RunResult) -> MachineRow:
    columns = by_machine.columns(together(*machines))
    (found,) = by_machine.rows(columns)
    return found


def together(first: RunResult, *others: RunResult) -> RunResult:
    held = {name: getattr(first, name) for name in RunResult.__dataclass_fields__}
    return SeveralMachines(**held, elsewhere=others)


@pytest.mark.parametrize(
    ("machines", "agreement", "said"),
    [
        ([machine("A")], "alone", "Measured on A alone"),
        ([machine("A"), machine("B")], "same", "PyTorch everywhere"),
        ([machine("A"), machine("B", factor=4.0)], "same", "PyTorch everywhere: 2.00× to 4.00×"),
        (
            [machine("A", Verdict.TENSORFLOW), machine("B", Verdict.TENSORFLOW, factor=0.25)],
            "same",
            "TensorFlow everywhere: 2.00× to 4.00×",
        ),
        ([machine("A", Verdict.EQUAL), machine("B", Verdict.EQUAL)], "same", "Equal everywhere"),
        ([machine("A"), machine("B", Verdict.TENSORFLOW)], "parted", "PyTorch on A; TensorFlow on B"),
        ([machine("A"), machine("B", Verdict.EQUAL)], "parted", "PyTorch on A; Equal on B"),
        ([machine("A"), machine("B", Verdict.UNDECIDED)], "partly", "PyTorch on A; Undecided on B"),
        (
            [machine("A", Verdict.UNDECIDED), machine("B", Verdict.UNDECIDED)],
            "open",
            "Not told apart on any of them yet",
        ),
        ([machine("A"), machine("A", Verdict.EQUAL)], "parted", "PyTorch on A (1); Equal on A (2)"),
        (
            [machine("A"), machine("A", Verdict.EQUAL, gpu="NVIDIA X, 80 GiB")],
            "parted",
            "PyTorch on A; Equal on NVIDIA X",
        ),
    ],
)
def test_it_is_said_where_it_depends_on_the_machine(machines: list[RunResult], agreement: str, said: str) -> None:
    found = row(*machines)
    assert found.agreement == agreement
    assert ": ".join(filter(None, (found.said, found.factors))) == said


def test_beyond_what_can_be_read_machines_are_counted() -> None:
    many = [machine(f"A{i}") for i in range(READABLE + 1)] + [machine("B", Verdict.EQUAL)]
    assert row(*many).said == f"PyTorch on {READABLE + 1} machines; Equal on B"


@given(st.lists(st.sampled_from(list(SIDES)), min_size=1, max_size=9))
def test_no_verdict_is_lost_and_none_is_pooled(verdicts: list[Verdict]) -> None:
    machines = [machine(f"M{number}", verdict) for number, verdict in enumerate(verdicts)]
    found = row(*machines)
    assert [cell.verdict for cell in found.cells if cell] == verdicts
    assert sum(int(part.split()[-1]) for part in by_machine.tally(found.cells).split(", ")) == len(verdicts)
    assert every_machine(together(*machines)) == (together(*machines), *machines[1:])


def test_machines_of_a_kind_go_together_the_most_first() -> None:
    columns = by_machine.columns(
        together(machine("A"), machine("B"), machine("B"), machine("C", gpu="NVIDIA X, 8 GiB"))
    )
    assert [(kind.title, kind.members) for kind in by_machine.kinds(columns)] == [
        ("B", (1, 2)), ("A", (0,)), ("NVIDIA X", (3,)),
    ]  # fmt: skip


def test_a_spread_goes_from_the_best_for_tensorflow_to_the_best_for_pytorch() -> None:
    assert by_machine.spread(row(machine("A"), machine("B", factor=4.0)).cells) == "PyTorch 2.00× to 4.00×"
    parted = row(machine("A"), machine("B", Verdict.TENSORFLOW)).cells
    assert by_machine.spread(parted) == "TensorFlow 2.00× to PyTorch 2.00×"
    assert by_machine.spread(row(machine("A")).cells) == "PyTorch 2.00×"
    assert by_machine.spread([None]) == ""


def test_the_summary_counts_what_was_measured_on_several() -> None:
    parted = row(machine("A"), machine("B", Verdict.TENSORFLOW))
    same = row(machine("A"), machine("B"))
    open_yet = row(machine("A", Verdict.UNDECIDED), machine("B", Verdict.UNDECIDED))
    assert by_machine.summary([row(machine("A"))], 2) == "No measure was taken on more than one of 2 machines."
    assert by_machine.summary([same, same], 2) == "Of 2 measures on several machines 2 say the same everywhere."
    assert by_machine.summary([same, parted, open_yet], 2) == (
        "Of 3 measures on several machines 1 says the same everywhere, 1 depends on the machine, 1 can't be told apart "
        "on all of them yet."
    )
    assert by_machine.summary([parted], 2) == (
        "Of 1 measure on several machines none say the same everywhere, 1 depends on the machine."
    )


def test_what_depends_on_the_machine_comes_first_and_what_is_alike_is_said_once() -> None:
    same = [replace(row(machine("A"), machine("B", factor=factor)), title=title)
            for title, factor in (("Latency", 0.0), ("Throughput", 4.0))]  # fmt: skip
    parted = replace(row(machine("A"), machine("B", Verdict.TENSORFLOW)), title="Training")
    assert by_machine.outcomes([*same, parted]) == (
        ("Training", "PyTorch on A; TensorFlow on B"),
        ("PyTorch everywhere", "Latency; Throughput (by 2.00× to 4.00×)"),
    )
