"""A network for tables: numbers in, one of four classes out.

    python -m probes run --model-file examples/models/tabular_mlp.py --budget 60

Both halves list the same layers, so that the weights go across by themselves. What differs by default is written out:
the momentum and the epsilon of batch normalisation.
"""

import numpy as np

SPEC = {"title": "Tabular MLP"}
COLUMNS, CLASSES = 32, 4


def inputs(rng: np.random.Generator, batch: int):
    """Normalised columns, and the class of each row."""
    return rng.normal(size=(batch, COLUMNS)), rng.integers(0, CLASSES, batch)


def pytorch():
    from torch import nn

    return nn.Sequential(
        nn.Linear(COLUMNS, 128),
        nn.BatchNorm1d(128),
        nn.ReLU(),
        nn.Dropout(0.2),
        nn.Linear(128, 64),
        nn.ReLU(),
        nn.Linear(64, CLASSES),
    )


def tensorflow():
    from keras import Input, Sequential, layers

    return Sequential(
        [
            Input((COLUMNS,)),
            layers.Dense(128),
            layers.BatchNormalization(momentum=0.9, epsilon=1e-5),
            layers.ReLU(),
            layers.Dropout(0.2),
            layers.Dense(64, activation="relu"),
            layers.Dense(CLASSES),
        ]
    )
