"""Time to accuracy: the article's whole training loop on scikit-learn's handwritten digits.

Both sides see the same split, the same order of the same batches and the same initial weights for a seed; only the
dropout masks differ, because each framework draws its own. Hence a fair pair must also end at the same accuracy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from probes.agreement import one_step
from probes.contracts import Bench, MeasureSpec, Settings, Single, Subject, UnsupportedError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from probes.contracts import Arrays

BATCH = 64
EPOCHS = 20
TARGET = 0.95  # validation accuracy
SIZES = {"inputs": 64, "classes": 10}  # of the data; the hidden layers stay the run's

SPEC = MeasureSpec(
    id="time_to_accuracy",
    title="Time to accuracy",
    question="How long does training on handwritten digits take, tracing included, until 95 % of new ones are right?",
    metric="time to 95 % validation accuracy",
    unit="s",
    better="lower",
    kind="paired",
    tracks={"default": "standard"},
    group="Learning",
    sizes=tuple(SIZES),
    seconds={"default": 8.0},
    must_agree={"accuracy": 0.02},  # final validation accuracy, averaged over the seeds
)


def check(bench: Bench) -> Arrays:
    """What both sides must agree on before they train: outputs, the loss of one step, and what that step changed."""
    return one_step(bench, BATCH, SIZES)


def measure(bench: Bench) -> Single:
    """Seconds until the first epoch's end at which validation reaches the target; tracing and validation count.

    Training goes on to the last epoch, so that ``accuracy`` is that of the full cosine schedule. ``first_epoch_s``
    holds all tracing, ``later_epochs_s`` is the mean of the others: a small data set is mostly start.
    Raises RuntimeError if the target is never reached.
    """
    import numpy as np

    rng = np.random.default_rng(bench.seed)
    (train_x, train_y), (test_x, test_y) = _digits(rng)
    orders = [rng.permutation(len(train_x)) for _ in range(EPOCHS)]
    batches = len(train_x) // BATCH
    subject = bench.build(batch=BATCH, settings=Settings(cosine_steps=EPOCHS * batches), sizes=SIZES)
    validation = subject.place(test_x, test_y)[0]
    accuracies: list[float] = []
    ends: list[float] = []
    start = bench.clock()
    for order in orders:
        _epoch(subject, train_x[order], train_y[order], batches)
        accuracies.append(float((subject.read(subject.predict_on(validation)).argmax(1) == test_y).mean()))
        ends.append(bench.clock() - start)
    epoch = next((number for number, accuracy in enumerate(accuracies) if accuracy >= TARGET), None)
    if epoch is None:
        raise RuntimeError(
            f"validation accuracy reached {max(accuracies):.1%} in {EPOCHS} epochs, not {TARGET:.0%}: "
            "try wider hidden layers"
        )
    details = {
        "accuracy": accuracies[-1],
        "epochs_to_target": float(epoch + 1),
        "first_epoch_s": ends[0],
        "later_epochs_s": (ends[-1] - ends[0]) / (EPOCHS - 1),
        "training_s": ends[-1],
    }
    return Single(ends[epoch], details)


def _epoch(subject: Subject, x: NDArray[Any], labels: NDArray[Any], batches: int) -> None:
    """Equal batches; what is left over waits for the next epoch's order, so that no other shape is traced."""
    x, labels = subject.place(x, labels)
    for start in range(0, batches * BATCH, BATCH):
        subject.train_on(x[start : start + BATCH], labels[start : start + BATCH])


def _digits(rng: Any) -> tuple[tuple[NDArray[Any], NDArray[Any]], tuple[NDArray[Any], NDArray[Any]]]:
    """1 797 images of 8 × 8 pixels, scaled to 0 … 1, split 80 : 20 by ``rng``."""
    import numpy as np

    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise UnsupportedError("scikit-learn, which brings the digits, is missing: pip install scikit-learn") from error
    data = load_digits()
    x, labels = (data.data / 16).astype(np.float32), data.target.astype(np.int64)
    order = rng.permutation(len(x))
    cut = len(x) * 4 // 5
    return (x[order[:cut]], labels[order[:cut]]), (x[order[cut:]], labels[order[cut:]])
