"""What the input pipelines share: the same sources for both sides, and a pass over them that is clocked."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from probes.contracts import Bench, MeasureSpec, SingleValue
from probes.team_files import DataKind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from probes.contracts import Arrays

BATCH = 64
SAME = 1e-5  # a column that scatters by less of its mean is the same number, differently rounded
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
    """The same of a team's own arrays, whose scales and labels are anything: of every column, the labels among them,
    the mean and the standard deviation, as logarithms, and the correlation with the label; and how many rows there are.
    """
    import numpy as np

    delivered = [[np.asarray(part, np.float64).reshape(len(part), -1) for part in batch] for batch in batches()]
    table = np.concatenate([np.concatenate(parts, axis=1) for parts in delivered])
    labels = table[:, -delivered[0][-1].shape[1]]
    mean = table.mean(axis=0)
    apart, by = table - mean, labels - labels.mean()
    spread = apart.std(axis=0)
    spread[spread < SAME * np.abs(mean)] = 0.0
    lengths = spread * by.std()
    correlation = np.divide((apart * by[:, None]).mean(axis=0), lengths, out=np.zeros_like(mean), where=lengths > 0)
    return {
        "outputs": np.concatenate([np.sign(mean) * np.log1p(np.abs(mean)), np.log1p(spread), correlation]),
        "result/count": np.array([float(len(table))]),
    }


def agreed_on_images(batches: Batches) -> Arrays:
    """The same of a team's own images, which come in order: every label, every image's mean colour, the mean image."""
    import numpy as np

    colours, labels = [], []
    total: Any = 0.0
    for x, given in batches():
        pixels = np.asarray(x, np.float64)
        colours.append(pixels.mean(axis=(1, 2)))
        labels.append(np.asarray(given, np.float64))
        total = total + pixels.sum(axis=0)
    every = np.concatenate(labels)
    return {"outputs": every, "result/colours": np.concatenate(colours), "result/pixels": total / len(every)}


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
