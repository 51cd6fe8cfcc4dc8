"""A small network for images with a layer of its own: a learned scale for every channel.

    python -m probes run --model-file examples/models/cnn_custom_layer.py --budget 60

Images come as (batch, height, width, channels); PyTorch's half turns them itself. Flattened in another order, the same
pixels meet other weights of the last layer: ``transfer`` says which belong together.
"""

import numpy as np

SPEC = {"title": "CNN with a custom layer"}
SIZE, CHANNELS, CLASSES = 16, 8, 10


def inputs(rng: np.random.Generator, batch: int):
    """Images and the class of each."""
    return rng.normal(size=(batch, SIZE, SIZE, 3)), rng.integers(0, CLASSES, batch)


def pytorch():
    import torch
    from torch import nn

    class ChannelScale(nn.Module):
        def __init__(self):
            super().__init__()
            self.scale = nn.Parameter(torch.ones(CHANNELS))

        def forward(self, x):
            return x * self.scale[:, None, None]

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1 = nn.Conv2d(3, CHANNELS, 3, padding=1)
            self.channels = ChannelScale()
            self.conv2 = nn.Conv2d(CHANNELS, CHANNELS, 3, padding=1)
            self.pool, self.head = nn.MaxPool2d(4), nn.Linear(CHANNELS * (SIZE // 4) ** 2, CLASSES)

        def forward(self, x):
            x = self.channels(self.conv1(x.permute(0, 3, 1, 2)).relu())
            return self.head(self.pool(self.conv2(x).relu()).flatten(1))

    return Net()


def tensorflow():
    from keras import Input, Sequential, layers

    class ChannelScale(layers.Layer):
        def build(self, shape):
            self.scale = self.add_weight(shape=(shape[-1],), initializer="ones", name="scale")

        def call(self, x):
            return x * self.scale

    return Sequential(
        [
            Input((SIZE, SIZE, 3)),
            layers.Conv2D(CHANNELS, 3, padding="same", activation="relu", name="conv1"),
            ChannelScale(name="channels"),
            layers.Conv2D(CHANNELS, 3, padding="same", activation="relu", name="conv2"),
            layers.MaxPooling2D(4),
            layers.Flatten(),
            layers.Dense(CLASSES, name="head"),
        ]
    )


def transfer(state):
    """PyTorch's ``state_dict`` as NumPy arrays -> Keras' weights by path."""
    side = SIZE // 4
    head = state["head.weight"].reshape(CLASSES, CHANNELS, side, side).transpose(2, 3, 1, 0)
    found = {"head/kernel": head.reshape(-1, CLASSES), "head/bias": state["head.bias"]}
    for name in ("conv1", "conv2"):
        found[f"{name}/kernel"] = state[f"{name}.weight"].transpose(2, 3, 1, 0)
        found[f"{name}/bias"] = state[f"{name}.bias"]
    return found | {"channels/scale": state["channels.scale"]}
