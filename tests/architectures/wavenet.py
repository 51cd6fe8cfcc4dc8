"""Gated dilated convolutions with residual and skip outputs, after WaveNet."""

SPEC = {"title": "WaveNet-ish"}
VALUES = 16


def inputs(rng, batch):
    wave = rng.integers(0, VALUES, (batch, 33))
    return wave[:, :-1], wave[:, 1:]


def pytorch():
    import torch
    from torch import nn
    from torch.nn import functional

    class Gated(nn.Module):
        def __init__(self, dilation):
            super().__init__()
            self.dilation = dilation
            self.both, self.residual = nn.Conv1d(8, 16, 2, dilation=dilation), nn.Conv1d(8, 8, 1)
            self.skip = nn.Conv1d(8, 8, 1)

        def forward(self, x):
            into, gate = self.both(functional.pad(x, (self.dilation, 0))).chunk(2, 1)
            y = torch.tanh(into) * torch.sigmoid(gate)
            return x + self.residual(y), self.skip(y)

    class WaveNet(nn.Module):
        def __init__(self):
            super().__init__()
            self.table, self.layers = nn.Embedding(VALUES, 8), nn.ModuleList(Gated(2**n) for n in range(3))
            self.head = nn.Sequential(nn.ReLU(), nn.Conv1d(8, 8, 1), nn.ReLU(), nn.Conv1d(8, VALUES, 1))

        def forward(self, wave):
            x, skips = self.table(wave).transpose(1, 2), 0
            for layer in self.layers:
                x, skip = layer(x)
                skips = skips + skip
            return self.head(skips).transpose(1, 2)

    return WaveNet()


def tensorflow():
    from keras import Input, Model, layers, ops

    wave = Input((32,), dtype="int64")
    x, skips = layers.Embedding(VALUES, 8)(wave), []
    for n in range(3):
        into, gate = ops.split(layers.Conv1D(16, 2, padding="causal", dilation_rate=2**n)(x), 2, -1)
        y = ops.tanh(into) * ops.sigmoid(gate)
        residual = layers.Conv1D(8, 1)
        x = layers.Add()([x, residual(y)])
        skips.append(layers.Conv1D(8, 1)(y))
    x = layers.Conv1D(8, 1, activation="relu")(layers.ReLU()(layers.Add()(skips)))
    return Model(wave, layers.Conv1D(VALUES, 1)(x))
