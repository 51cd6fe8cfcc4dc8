"""Which of several measured machines a criterion goes by: the one that is like the machine that will do the work."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal

from advisor.answers import Answers, Hardware
from advisor.measured.machines import every_machine
from advisor.model.evidence import Evidence
from advisor.wording.quantities import counted
from probes.results import ProbeResult, RunResult
from probes.schema import TITLES, Verdict

Work = Literal["train", "serve"]
_DOES: Final = {"train": "trains", "serve": "answers"}


@dataclass(frozen=True, slots=True)
class MachineChoice:
    """The run that counts, and, where several could, why it does and what the others say."""

    run: RunResult | None
    evidence: tuple[Evidence, ...] = ()


def chosen(run: RunResult | None, answers: Answers, work: Work, measures: Collection[str]) -> MachineChoice:
    """Of the machines that measured one of ``measures`` the one whose device is the only one that the answers name for
    this work, else one whose device is among those, else the first. ``measures``: ids, whatever the network."""
    if run is None:
        return MachineChoice(None)
    able = [one for one in every_machine(run) if any(result.measure in measures for result in one.evidence)]
    if len(able) < 2:
        return MachineChoice(able[0] if able else run)
    wanted: Collection[Hardware] = answers.hardware.train if work == "train" else answers.hardware.serve
    likeness = [_likeness(wanted, one) for one in able]
    best = likeness.index(max(likeness))
    taken, others = able[best], able[:best] + able[best + 1 :]
    return MachineChoice(taken, (_why(taken, others, max(likeness), wanted, work), *_against(taken, others, measures)))


def device(run: RunResult) -> Hardware:
    """What the answers call the device that a run was measured on."""
    return "nvidia" if run.on_gpu else "cpu"


def place(run: RunResult) -> str:
    """A machine and the device of it that was measured, for people."""
    return f"{run.machine.name}{' (its processor)' if run.machine.gpus and not run.on_gpu else ''}"


def _likeness(wanted: Collection[Hardware], run: RunResult) -> int:
    return (device(run) in wanted) + (set(wanted) == {device(run)})


def _why(
    taken: RunResult, others: list[RunResult], likeness: int, wanted: Collection[Hardware], work: Work
) -> Evidence:
    kind = "an NVIDIA GPU" if device(taken) == "nvidia" else "a processor"
    if not wanted:
        why = f"on what your project {_DOES[work]} is not answered, so the results that come first count"
    elif not likeness:
        why = f"none of them is what your project {_DOES[work]} on, so the results that come first count"
    else:
        why = f"it is {kind}, which your project {_DOES[work]} on"
        why += "" if likeness == 2 else " besides others"
    text = f"Of {counted(len(others) + 1, 'machine')} that measured this «{place(taken)}» counts: {why}."
    return Evidence("judgement", "machine", text, machine=taken.machine.name)


def _against(taken: RunResult, others: list[RunResult], measures: Collection[str]) -> list[Evidence]:
    """Where another machine says another side, or another thing than equal."""
    said = {(one.model, one.measure): one for one in taken.evidence if one.measure in measures}
    return [
        Evidence(
            "probe",
            theirs.probe,
            f"Not counted: on {place(other)} it is {_side(theirs)} ({theirs.title}), not {_side(ours)} as here.",
            (theirs.measured_at or other.started_at)[:10],
            machine=other.machine.name,
        )
        for other in others
        for theirs in other.evidence
        if (ours := said.get((theirs.model, theirs.measure))) and _parted(ours, theirs)
    ]


def _parted(ours: ProbeResult, theirs: ProbeResult) -> bool:
    return Verdict.UNDECIDED not in (ours.verdict, theirs.verdict) and ours.verdict is not theirs.verdict


def _side(result: ProbeResult) -> str:
    titles = {str(name): title for name, title in TITLES.items()}
    return titles.get(result.verdict.value, "equal")
