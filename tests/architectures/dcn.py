"""Explicit feature crosses beside a deep part, after DCN-v2."""

SPEC = {"title": "DCN"}
WIDTH = 10


def inputs(rng, batch):
    return rng.normal(size=(batch, WIDTH)), rng.integers(0, 2, batch)


def pytorch():
    import torch
    from torch import nn

    class Dcn(nn.Module):
        def __init__(self):
            super().__init__()
            self.cross = nn.ModuleList(nn.Linear(WIDTH, WIDTH) for _ in range(3))
            self.deep = nn.Sequential(nn.Linear(WIDTH, 16), nn.ReLU(), nn.Linear(16, 8), nn.ReLU())
            self.head = nn.Linear(WIDTH + 8, 2)

        def forward(self, first):
            x = first
            for layer in self.cross:
                x = first * layer(x) + x
            return self.head(torch.cat([x, self.deep(first)], -1))

    return Dcn()


def tensorflow():
    import keras
    from keras import layers, ops

    class Dcn(keras.Model):
        def __init__(self):
            super().__init__()
            self.head = layers.Dense(2)
            self.deep = keras.Sequential([layers.Dense(16, activation="relu"), layers.Dense(8, activation="relu")])
            self.cross = [layers.Dense(WIDTH) for _ in range(3)]

        def call(self, first):
            x = first
            for layer in self.cross:
                x = first * layer(x) + x
            return self.head(ops.concatenate([x, self.deep(first)], -1))

    return Dcn()
