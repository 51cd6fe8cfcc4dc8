"""Time to accuracy on texts: sentences of a made-up language, whose topic is to be told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from probes.workloads import training

if TYPE_CHECKING:
    from numpy.typing import NDArray

SENTENCES, LENGTH, WORDS, TOPICS = 2_000, 16, 500, 4
ON_TOPIC = 0.3  # of a sentence's words; the others are the language's

SPREAD = 1.2  # exponent of Zipf's law, about what natural languages have


def sentences(rng: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    """2 000 sentences of 16 words out of 500, whose frequencies follow Zipf's law; three in ten come from the words of
    one of four topics, which have their own order of frequencies."""
    import numpy as np

    frequency = 1.0 / np.arange(1, WORDS + 1) ** SPREAD
    frequency /= frequency.sum()
    language = np.random.default_rng(0)  # one for all seeds: some are harder than others
    orders = [language.permutation(WORDS) for _ in range(TOPICS + 1)]  # its own order of words last
    topics = rng.integers(0, TOPICS, SENTENCES, dtype=np.int64)
    ranks = rng.choice(WORDS, (SENTENCES, LENGTH), p=frequency)
    of = np.where(rng.random((SENTENCES, LENGTH)) < ON_TOPIC, topics[:, None], TOPICS)
    return np.stack(orders)[of, ranks].astype(np.int64), topics


TASK = training.Task(
    sentences, {"vocabulary": WORDS, "length": LENGTH, "classes": TOPICS}, target=0.80, epochs=8, batch=64
)

SPEC = training.spec(
    "time_to_accuracy_text",
    "Time to accuracy, text",
    "How long does training on sentences take, tracing included, until the topic of 80 % of new ones is right?",
    TASK,
    budget="thorough",
    seconds=18.0,
)

check, measure = TASK.check, TASK.learn
