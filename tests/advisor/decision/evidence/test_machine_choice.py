"""Which machine a criterion goes by, and what is said of the others."""

from __future__ import annotations

from dataclasses import replace

import pytest

from advisor.answers import Answers, Hardware, HardwareUse
from advisor.decision.evidence.machine_choice import chosen
from advisor.measured.machines import SeveralMachines
from probes.engine.judging.best_modes import best_modes
from probes.results import RunResult
from probes.schema import Calibration, Verdict
from tests.advisor import runs
from tests.travelling import named


def machine(
    cpu: str, *, gpu: bool = False, verdict: Verdict = Verdict.PYTORCH, measure: str = "train_step"
) -> RunResult:
    result = runs.result(measure, 2.0 if verdict is Verdict.PYTORCH else 0.5, verdict=verdict)
    found = runs.run(result)
    found = replace(
        found,
        machine=named(runs.MACHINE, cpu=cpu, gpus=("NVIDIA X, 80 GiB",) if gpu else ()),
        request=replace(found.request, device="cuda" if gpu else "cpu"),
    )
    return replace(found, best=best_modes(found.results, {}, Calibration()))


def several(first: RunResult, *others: RunResult) -> RunResult:
    held = {name: getattr(first, name) for name in RunResult.__dataclass_fields__}
    return SeveralMachines(**held, elsewhere=others)


def answers(*train: Hardware) -> Answers:
    return Answers(hardware=HardwareUse(train=train))


LAPTOP, SERVER = machine("Laptop"), machine("Server", gpu=True)


@pytest.mark.parametrize(
    ("trains_on", "cpu", "why"),
    [
        ((), "Laptop", "is not answered, so the results that come first count"),
        (("cpu",), "Laptop", "it is a processor, which your project trains on."),
        (("nvidia",), "Server", "it is an NVIDIA GPU, which your project trains on."),
        (("tpu",), "Laptop", "none of them is what your project trains on, so the results that come first count"),
        (("nvidia", "tpu"), "Server", "it is an NVIDIA GPU, which your project trains on besides others."),
    ],
)
def test_the_machine_that_is_like_the_one_that_works_counts(
    trains_on: tuple[Hardware, ...], cpu: str, why: str
) -> None:
    choice = chosen(several(LAPTOP, SERVER), answers(*trains_on), "train", {"train_step"})
    assert choice.run is not None
    assert choice.run.machine.cpu == cpu
    (said,) = choice.evidence
    assert said.text.startswith("Of 2 machines that measured this «")
    assert why in said.text


def test_one_machine_needs_no_choice() -> None:
    assert chosen(LAPTOP, answers("nvidia"), "train", {"train_step"}).evidence == ()
    assert chosen(None, answers(), "train", {"train_step"}).run is None


def test_what_only_another_machine_measured_is_taken_from_there() -> None:
    other = machine("Other", measure="startup")
    choice = chosen(several(LAPTOP, other), answers("cpu"), "train", {"startup"})
    assert choice.run is other
    assert choice.evidence == ()


def test_a_machine_that_says_otherwise_is_named_and_not_counted() -> None:
    against = machine("Server", gpu=True, verdict=Verdict.TENSORFLOW)
    choice = chosen(several(LAPTOP, against), answers("cpu"), "train", {"train_step"})
    assert choice.evidence[-1].text == (
        f"Not counted: on {against.machine.name} it is TensorFlow (Training step), not PyTorch as here."
    )
    assert choice.evidence[-1].machine == against.machine.name
