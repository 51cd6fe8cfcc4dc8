"""The article's whole training loop on a small task: how long until what was never seen is told apart well enough.

Both sides see the same split, the same order of the same batches and the same initial weights for a seed; only the
dropout masks differ, because each framework draws its own. Hence a fair pair must also end at the same accuracy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from probes.contracts import Bench, MeasureSpec, SingleValue, TrainingSettings
from probes.system.quantities import percent
from probes.workloads.agreement import trained

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from probes.contracts import Arrays

TEST_SHARE = 5  # one in five samples is for validation

#: (x, labels) of all samples, drawn or ordered by a NumPy generator.
LoadData = Callable[[Any], "tuple[NDArray[Any], NDArray[Any]]"]


@dataclass(frozen=True, slots=True)
class Task:
    """What is learned, and when it is learned well enough. ``sizes`` of a model are what the data fix."""

    data: LoadData
    sizes: Mapping[str, int]
    target: float  # validation accuracy
    epochs: int = 20
    batch: int = 64

    def check(self, bench: Bench) -> Arrays:
        """What both sides must agree on before they train."""
        return trained(bench, self.batch, self.sizes)

    def learn(self, bench: Bench) -> SingleValue:
        """Seconds until the first epoch's end at which validation reaches the target; tracing and validation count.

        Training goes on to the last epoch, so that ``accuracy`` is that of the full cosine schedule. ``first_epoch_s``
        holds all tracing, ``later_epochs_s`` is the mean of the others: a small data set is mostly start.
        Raises RuntimeError if the target is never reached.
        """
        import numpy as np

        rng = np.random.default_rng(bench.seed)
        (train_x, train_y), (test_x, test_y) = _split(*self.data(rng), rng)
        orders = [rng.permutation(len(train_x)) for _ in range(self.epochs)]
        batches = len(train_x) // self.batch
        settings = TrainingSettings(cosine_steps=self.epochs * batches)
        subject = bench.build(batch=self.batch, settings=settings, sizes=self.sizes)
        validation = subject.place(test_x, test_y)[0]
        accuracies: list[float] = []
        ends: list[float] = []
        start = bench.clock()
        for order in orders:
            # Equal batches; what is left over waits for the next epoch's order, so that no other shape is traced.
            for x, labels in subject.split(*subject.place(train_x[order], train_y[order]), self.batch):
                subject.train_on(x, labels)
            accuracies.append(float((subject.read(subject.predict_on(validation)).argmax(1) == test_y).mean()))
            ends.append(bench.clock() - start)
        epoch = next((number for number, accuracy in enumerate(accuracies) if accuracy >= self.target), None)
        if epoch is None:
            raise RuntimeError(
                f"validation accuracy reached {percent(max(accuracies), 1)} in {self.epochs} epochs, "
                f"not {percent(self.target)}: try a wider network"
            )
        details = {
            "accuracy": accuracies[-1],
            "epochs_to_target": float(epoch + 1),
            "first_epoch_s": ends[0],
            "later_epochs_s": (ends[-1] - ends[0]) / (self.epochs - 1),
            "training_s": ends[-1],
        }
        return SingleValue(ends[epoch], details)


def spec(
    name: str,
    title: str,
    question: str,
    task: Task,
    *,
    budget: Any,
    seconds: float,
    packages: tuple[str, ...] = (),
) -> MeasureSpec:
    """A task's description. ``packages``: that bring its data."""
    return MeasureSpec(
        id=name,
        title=title,
        question=question,
        metric=f"time to {task.target:.0%} validation accuracy",
        unit="s",
        better="lower",
        kind="paired",
        tracks={"careful": budget, "default": "thorough"},
        group="Learning",
        sizes=tuple(task.sizes),
        packages=packages,
        seconds={"careful": seconds, "default": seconds},
        must_agree={"accuracy": 0.02},  # final validation accuracy, averaged over the seeds
    )


def _split(
    x: NDArray[Any], labels: NDArray[Any], rng: Any
) -> tuple[tuple[NDArray[Any], NDArray[Any]], tuple[NDArray[Any], NDArray[Any]]]:
    """Training and validation, 80 : 20, by ``rng``."""
    order = rng.permutation(len(x))
    cut = len(x) * (TEST_SHARE - 1) // TEST_SHARE
    return (x[order[:cut]], labels[order[:cut]]), (x[order[cut:]], labels[order[cut:]])
