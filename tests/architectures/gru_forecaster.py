"""The next values of a series by two GRU layers."""

SPEC = {"title": "GRU forecaster"}


def inputs(rng, batch):
    return rng.normal(size=(batch, 20, 3)), rng.normal(size=(batch, 4))


def pytorch():
    from torch import nn

    class Forecaster(nn.Module):
        def __init__(self):
            super().__init__()
            self.gru, self.head = nn.GRU(3, 12, num_layers=2, batch_first=True), nn.Linear(12, 4)

        def forward(self, x):
            return self.head(self.gru(x)[0][:, -1])

    return Forecaster()


def tensorflow():
    from keras import Input, Sequential, layers

    return Sequential([Input((20, 3)), layers.GRU(12, return_sequences=True), layers.GRU(12), layers.Dense(4)])
