"""The same measures on several machines: a row a measure, a cell a machine, and in words whether they say the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from advisor.measured.machines import every_machine
from advisor.measured.ratios import advantage, times
from advisor.wording.quantities import counted
from probes.results import ProbeResult, RunResult
from probes.schema import TITLES, Framework, Verdict

#: So many columns can be read side by side on a screen of 1440 pixels; of more machines their kinds stand there, and
#: of more kinds how many machines say what.
READABLE: Final = 4

#: Whether machines say the same of a measure. ``partly``: those that can tell do; others can't tell yet.
Agreement = Literal["alone", "same", "partly", "open", "parted"]


@dataclass(frozen=True, slots=True)
class MachineColumn:
    """A machine, or its GPU beside its processor, and a short name for it that no other column has."""

    run: RunResult
    label: str


@dataclass(frozen=True, slots=True)
class MachineKind:
    """Machines that have the same GPU or processor, by their numbers among the columns."""

    title: str
    members: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class MachineRow:
    """A measure of a network, each side in its best mode, on every machine; None where it wasn't measured."""

    title: str
    cells: tuple[ProbeResult | None, ...]
    agreement: Agreement
    said: str
    factors: str = ""  # from the least to the most, where machines that say the same differ in by how much


def columns(run: RunResult) -> tuple[MachineColumn, ...]:
    """The machines of a run that goes by several, the first one first."""
    runs = every_machine(run)
    names = [kind_of(one) for one in runs]
    seen: Counter[str] = Counter()
    labels = []
    for name in names:
        seen[name] += 1
        labels.append(f"{name} ({seen[name]})" if names.count(name) > 1 else name)
    return tuple(map(MachineColumn, runs, labels))


def kinds(machines: Sequence[MachineColumn]) -> tuple[MachineKind, ...]:
    """Those with the most machines first."""
    found: dict[str, list[int]] = {}
    for number, machine in enumerate(machines):
        found.setdefault(kind_of(machine.run), []).append(number)
    several = (MachineKind(title, tuple(members)) for title, members in found.items())
    return tuple(sorted(several, key=lambda kind: -len(kind.members)))


def tally(cells: Sequence[ProbeResult | None]) -> str:
    """What so many machines say, the most frequent first: «PyTorch 11, Equal 1»; "" where none measured."""
    counts = Counter(cell.verdict for cell in cells if cell)
    return ", ".join(f"{_name(verdict)} {number}" for verdict, number in counts.most_common())


def spread(cells: Sequence[ProbeResult | None]) -> str:
    """From the machine that is best for TensorFlow to the one that is best for PyTorch: «PyTorch 1.20× to 1.90×»."""
    factors = sorted(found[0] for cell in cells if cell and (found := advantage(cell)))
    if not factors:
        return ""
    least, most = (
        f"{TITLES['pytorch' if factor >= 1 else 'tensorflow']} {times(factor)}" for factor in (factors[0], factors[-1])
    )
    if least == most:
        return most
    return f"{least} to {most.partition(' ')[2] if least.split()[0] == most.split()[0] else most}"


def rows(machines: Sequence[MachineColumn]) -> tuple[MachineRow, ...]:
    """Every measure that any of them has a ratio of, in the order of the first that has it."""
    found: dict[tuple[str, str], dict[int, ProbeResult]] = {}
    for number, machine in enumerate(machines):
        for result in machine.run.headlines:
            found.setdefault((result.model, result.measure), {})[number] = result
    return tuple(_row(cells, machines) for cells in found.values())


def summary(measures: Sequence[MachineRow], machines: int) -> str:
    """In a sentence, how often they say the same."""
    shared = [row.agreement for row in measures if row.agreement != "alone"]
    if not shared:
        return f"No measure was taken on more than one of {counted(machines, 'machine')}."
    same, parted = shared.count("same"), shared.count("parted")
    found = [f"{counted(same, 'says', 'say') if same else 'none say'} the same everywhere"]
    if parted:
        found.append(f"{counted(parted, 'depends', 'depend')} on the machine")
    if left := len(shared) - same - parted:
        found.append(f"{left} can't be told apart on all of them yet")
    return f"Of {counted(len(shared), 'measure')} on several machines {', '.join(found)}."


def outcomes(measures: Sequence[MachineRow]) -> tuple[tuple[str, str], ...]:
    """What is said of them, and of which: those that depend on the machine one by one and first, of the others all that
    say the same together."""
    parted = tuple((row.title, row.said) for row in measures if row.agreement == "parted")
    alike: dict[str, list[str]] = {}
    for agreement in ("same", "partly", "open", "alone"):
        for row in measures:
            if row.agreement == agreement:
                alike.setdefault(row.said, []).append(row.title + (f" (by {row.factors})" if row.factors else ""))
    return (*parted, *((said, "; ".join(titles)) for said, titles in alike.items()))


def _row(cells: Mapping[int, ProbeResult], machines: Sequence[MachineColumn]) -> MachineRow:
    places: dict[Verdict, list[str]] = {}
    for number, result in cells.items():
        places.setdefault(result.verdict, []).append(machines[number].label)
    told = {verdict: where for verdict, where in places.items() if verdict is not Verdict.UNDECIDED}
    title = next(iter(cells.values())).title
    whole = tuple(cells.get(number) for number in range(len(machines)))
    if len(cells) == 1:
        return MachineRow(title, whole, "alone", f"Measured on {next(iter(places.values()))[0]} alone")
    if not told:
        return MachineRow(title, whole, "open", "Not told apart on any of them yet")
    if len(told) == 1 and Verdict.UNDECIDED not in places:
        (verdict,) = told
        factors = "" if verdict is Verdict.EQUAL else _factors(list(cells.values()))
        return MachineRow(title, whole, "same", f"{_name(verdict)} everywhere", factors)
    agreement: Agreement = "partly" if len(told) == 1 else "parted"
    return MachineRow(title, whole, agreement, "; ".join(f"{_name(v)} on {_where(w)}" for v, w in places.items()))


def _factors(results: Sequence[ProbeResult]) -> str:
    """By how much a side leads, where machines' intervals leave no doubt that this differs."""
    factors = [found for result in results if (found := advantage(result))]
    if max(low for _, low, _ in factors) <= min(high for *_, high in factors):
        return ""
    least, *_, most = sorted(max(estimate, 1 / estimate) for estimate, *_ in factors)
    return f"{times(least)} to {times(most)}"


def _name(verdict: Verdict) -> str:
    titles: Mapping[Verdict, Framework] = {Verdict.PYTORCH: "pytorch", Verdict.TENSORFLOW: "tensorflow"}
    if verdict in titles:
        return TITLES[titles[verdict]]
    return "Equal" if verdict is Verdict.EQUAL else "Undecided"


def _where(labels: Sequence[str]) -> str:
    return ", ".join(labels) if len(labels) <= READABLE else counted(len(labels), "machine")


def kind_of(run: RunResult) -> str:
    """What a machine is called among others: "NVIDIA H200" of "NVIDIA H200, 140 GiB"; else the processor."""
    if run.on_gpu and run.machine.gpus:
        return run.machine.gpus[0].partition(",")[0]
    return run.machine.cpu
