"""What the input pipelines share: the same sources for both sides, and a pass over them that is clocked."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from probes.contracts import Bench, MeasureSpec, SingleValue
from probes.schema import DataKind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from probes.contracts import Arrays

BATCH = 64
GROUP = "Data"

#: A pass over the source: batches of one or more inputs and, last, the labels, as the framework hands them to its
#: training loop.
Batches = Callable[[], Iterable[Sequence[Any]]]


def passed(bench: Bench, batches: Batches, samples: int, passes: int = 1) -> SingleValue:
    """Samples a second of whole passes, after one that isn't clocked: files are in memory then, workers have started.
    ``pass_s`` is one pass, ``cpu_share`` CPU time over wall time, all processes of this side together."""
    _drain(batches())
    cpu, start = _cpu(), bench.clock()
    count = sum(_drain(batches()) for _ in range(passes))
    seconds = bench.clock() - start
    if count != passes * samples:
        raise RuntimeError(f"the pipeline delivered {count} samples of {passes * samples}")
    return SingleValue(count / seconds, {"pass_s": seconds / passes, "cpu_share": (_cpu() - cpu) / seconds})


def agreed(batches: Batches) -> Arrays:
    """What both sides must agree on, whatever the order of the samples: the mean of every feature, by label."""
    import numpy as np

    sums: dict[int, NDArray[Any]] = {}
    counts: dict[int, int] = {}
    for x, labels in batches():
        for sample, label in zip(np.asarray(x, np.float64), np.asarray(labels), strict=True):
            sums[int(label)] = sums.get(int(label), 0.0) + sample
            counts[int(label)] = counts.get(int(label), 0) + 1
    return {
        "outputs": np.stack([sums[label] / counts[label] for label in sorted(sums)]),
        "result/counts": np.array([counts[label] for label in sorted(counts)], np.float64),
    }


def agreed_on_own(batches: Batches) -> Arrays:
    """The same of a team's own data, whose scales and labels are anything: of every array, the labels among them, the
    mean, the mean square and the mean product with the label over all samples; and how many these are.

    As logarithms, because what is compared is compared by length: a column of millions would hide all others.
    """
    import numpy as np

    sums: list[NDArray[Any]] = []
    count = 0
    for batch in batches():
        arrays = [np.asarray(part, np.float64).reshape(len(part), -1) for part in batch]
        labels = arrays[-1][:, :1]
        parts = [term.sum(axis=0) for array in arrays for term in (array, np.square(array), array * labels)]
        sums = [before + part for before, part in zip(sums, parts, strict=True)] if sums else parts
        count += len(labels)
    means = {f"result/{at}": part / count for at, part in enumerate(sums)}
    found: dict[str, NDArray[Any]] = {name: np.sign(mean) * np.log1p(np.abs(mean)) for name, mean in means.items()}
    return {**found, "result/count": np.array([float(count)])}


def spec(
    name: str, title: str, question: str, *, size: str, data: DataKind, every_core: bool = False,
    packages: tuple[str, ...] = (),
) -> MeasureSpec:  # fmt: skip
    """A pipeline's description. ``size`` is the size that a model must have to be fed so, ``data`` the kind of a team's
    own data that it reads; ``packages`` write and read its files."""
    return MeasureSpec(
        id=name,
        title=title,
        question=question,
        metric="samples per second delivered",
        unit="samples/s",
        better="higher",
        kind="fresh" if every_core else "paired",
        tracks={"default": "thorough"},
        group=GROUP,
        sizes=(size,),
        packages=packages,
        data=data,
        every_core=every_core,
        seconds={"default": 6.0},
        # Files are more of the system than of the framework; what takes every core comes in two speeds on small shared
        # machines, as training on all cores does.
        spread=0.2 if every_core else 0.1,
    )


def _drain(batches: Iterable[Sequence[Any]]) -> int:
    return sum(len(batch[-1]) for batch in batches)


def _cpu() -> float:
    """CPU seconds of this process and of its workers, those that have ended among them."""
    import psutil

    times, living = os.times(), (child.cpu_times() for child in psutil.Process().children())
    ended = times.children_user + times.children_system
    return time.process_time() + ended + sum(child.user + child.system for child in living)
