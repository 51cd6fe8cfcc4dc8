"""A variational autoencoder. Its noise is an input: what each framework draws for itself no comparison can follow."""

SPEC = {"title": "VAE"}


def inputs(rng, batch):
    x = rng.normal(size=(batch, 20)).astype("float32")
    return (x, rng.normal(size=(batch, 4)).astype("float32")), x


def pytorch():
    from torch import nn

    class Vae(nn.Module):
        def __init__(self):
            super().__init__()
            self.encode, self.mean, self.log_variance = nn.Linear(20, 16), nn.Linear(16, 4), nn.Linear(16, 4)
            self.decode = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 20))

        def forward(self, x, noise):
            h = self.encode(x).relu()
            mean, log_variance = self.mean(h), self.log_variance(h)
            return self.decode(mean + noise * (log_variance / 2).exp()), mean, log_variance

    return Vae()


def tensorflow():
    from keras import Input, Model, layers, ops

    x, noise = Input((20,)), Input((4,))
    h = layers.Dense(16, activation="relu")(x)
    mean, log_variance = layers.Dense(4)(h), layers.Dense(4)(h)
    drawn = mean + noise * ops.exp(log_variance / 2)
    decoded = layers.Dense(20)(layers.Dense(16, activation="relu")(drawn))
    return Model((x, noise), (decoded, mean, log_variance))


def _torch_loss(outputs, x):
    decoded, mean, log_variance = outputs
    divergence = (mean**2 + log_variance.exp() - log_variance - 1).sum(-1).mean() / 2
    return ((decoded - x) ** 2).sum(-1).mean() + divergence


def _keras_loss(outputs, x):
    from keras import ops

    decoded, mean, log_variance = outputs
    divergence = ops.mean(ops.sum(mean**2 + ops.exp(log_variance) - log_variance - 1, -1)) / 2
    return ops.mean(ops.sum((decoded - x) ** 2, -1)) + divergence


loss = {"pytorch": _torch_loss, "tensorflow": _keras_loss}
