"""Dilated causal convolutions with residuals, after the temporal convolutional network."""

SPEC = {"title": "TCN"}


def inputs(rng, batch):
    return rng.normal(size=(batch, 24, 4)), rng.normal(size=(batch, 1)).astype("float32")


def pytorch():
    from torch import nn
    from torch.nn import functional

    class Causal(nn.Module):
        def __init__(self, into, out, dilation):
            super().__init__()
            self.past = 2 * dilation
            self.conv, self.match = nn.Conv1d(into, out, 3, dilation=dilation), nn.Conv1d(into, out, 1)
            self.drop = nn.Dropout(0.1)

        def forward(self, x):
            return self.match(x) + self.drop(functional.relu(self.conv(functional.pad(x, (self.past, 0)))))

    class Tcn(nn.Module):
        def __init__(self):
            super().__init__()
            self.body, self.head = (
                nn.Sequential(*(Causal(4 if d == 1 else 8, 8, d) for d in (1, 2, 4))),
                nn.Linear(8, 1),
            )

        def forward(self, x):
            return self.head(self.body(x.transpose(1, 2))[:, :, -1])

    return Tcn()


def tensorflow():
    from keras import Input, Model, layers

    x = series = Input((24, 4))
    for dilation in (1, 2, 4):
        y = layers.Conv1D(8, 3, padding="causal", dilation_rate=dilation, activation="relu")(x)
        x = layers.Add()([layers.Conv1D(8, 1)(x), layers.Dropout(0.1)(y)])
    return Model(series, layers.Dense(1)(x[:, -1]))
