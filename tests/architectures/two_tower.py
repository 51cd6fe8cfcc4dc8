"""A tower for people and one for things, a shared table of words; scores within the batch, a loss of its own."""

SPEC = {"title": "Two towers"}
WORDS = 30


def inputs(rng, batch):
    x = {"person": rng.integers(0, WORDS, (batch, 5)), "thing": rng.integers(0, WORDS, (batch, 3))}
    return x, rng.uniform(0.5, 1.0, batch)  # how much each pair counts


def pytorch():
    from torch import nn
    from torch.nn import functional

    def tower():
        return nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 8))

    class TwoTower(nn.Module):
        def __init__(self):
            super().__init__()
            self.words, self.person, self.thing = nn.Embedding(WORDS, 8), tower(), tower()

        def forward(self, person, thing):
            one, other = self.person(self.words(person).mean(1)), self.thing(self.words(thing).mean(1))
            return functional.normalize(one, dim=-1, eps=1e-6), functional.normalize(other, dim=-1, eps=1e-6)

    return TwoTower()


def tensorflow():
    import keras
    from keras import Input, Model, layers, ops

    def tower():
        return keras.Sequential([layers.Dense(16, activation="relu"), layers.Dense(8), layers.UnitNormalization()])

    person, thing = Input((5,), dtype="int64", name="person"), Input((3,), dtype="int64", name="thing")
    words = layers.Embedding(WORDS, 8)
    one, other = (side(ops.mean(words(ids), 1)) for side, ids in ((tower(), person), (tower(), thing)))
    return Model({"person": person, "thing": thing}, [one, other])


def _torch_loss(outputs, weights):
    import torch
    from torch.nn.functional import cross_entropy

    scores = outputs[0] @ outputs[1].T / 0.1
    return (cross_entropy(scores, torch.arange(len(scores), device=scores.device), reduction="none") * weights).mean()


def _keras_loss(outputs, weights):
    from keras import ops

    scores = ops.matmul(outputs[0], ops.transpose(outputs[1])) / 0.1
    losses = ops.sparse_categorical_crossentropy(ops.arange(ops.shape(scores)[0]), scores, from_logits=True)
    return ops.mean(losses * weights)


loss = {"pytorch": _torch_loss, "tensorflow": _keras_loss}
