"""A recommender with two towers: a dictionary goes in, two outputs come out, and the loss is its own.

    python -m probes run --model-file examples/models/two_tower.py --budget 60

Every other person's thing in the batch is a negative example. With several outputs the file has to say its loss; it is
written for each side here, and could be one function if it used Keras' operations or plain arithmetic only.
"""

import numpy as np

SPEC = {"title": "Two-tower recommender"}
PEOPLE, THINGS, WIDTH = 1000, 400, 32


def inputs(rng: np.random.Generator, batch: int):
    """Who, when, what; and how much each pair counts."""
    x = {
        "person": rng.integers(0, PEOPLE, batch),
        "hour": rng.integers(0, 24, batch),
        "thing": rng.integers(0, THINGS, batch),
    }
    return x, rng.uniform(0.5, 1.0, batch)


def pytorch():
    import torch
    from torch import nn

    class TwoTower(nn.Module):
        def __init__(self):
            super().__init__()
            self.people, self.hours = nn.Embedding(PEOPLE, WIDTH), nn.Embedding(24, 8)
            self.things = nn.Embedding(THINGS, WIDTH)
            self.query = nn.Sequential(nn.Linear(WIDTH + 8, 64), nn.ReLU(), nn.Linear(64, WIDTH))
            self.item = nn.Sequential(nn.Linear(WIDTH, 64), nn.ReLU(), nn.Linear(64, WIDTH))

        def forward(self, person, hour, thing):
            query = self.query(torch.cat([self.people(person), self.hours(hour)], -1))
            return query, self.item(self.things(thing))

    return TwoTower()


def tensorflow():
    from keras import Input, Model, layers

    person, hour, thing = (Input((), dtype="int64", name=name) for name in ("person", "hour", "thing"))
    x = layers.Concatenate()([layers.Embedding(PEOPLE, WIDTH)(person), layers.Embedding(24, 8)(hour)])
    query = layers.Dense(WIDTH)(layers.Dense(64, activation="relu")(x))
    item = layers.Dense(WIDTH)(layers.Dense(64, activation="relu")(layers.Embedding(THINGS, WIDTH)(thing)))
    return Model({"person": person, "hour": hour, "thing": thing}, [query, item])


def _torch_loss(outputs, weights):
    import torch
    from torch.nn.functional import cross_entropy

    scores = outputs[0] @ outputs[1].T
    return (cross_entropy(scores, torch.arange(len(scores), device=scores.device), reduction="none") * weights).mean()


def _keras_loss(outputs, weights):
    from keras import ops

    scores = ops.matmul(outputs[0], ops.transpose(outputs[1]))
    own = ops.arange(ops.shape(scores)[0])
    return ops.mean(ops.sparse_categorical_crossentropy(own, scores, from_logits=True) * weights)


loss = {"pytorch": _torch_loss, "tensorflow": _keras_loss}
