"""A large depthwise kernel, a norm of its own, and a learned scale on the residual, after ConvNeXt."""

SPEC = {"title": "ConvNeXt-ish"}


def inputs(rng, batch):
    return rng.normal(size=(batch, 16, 16, 3)), rng.integers(0, 4, batch)


def pytorch():
    import torch
    from torch import nn
    from torch.nn import functional

    class ChannelNorm(nn.Module):
        def __init__(self, width):
            super().__init__()
            self.weight, self.bias = nn.Parameter(torch.rand(width)), nn.Parameter(torch.rand(width))

        def forward(self, x):
            return functional.layer_norm(x.permute(0, 2, 3, 1), self.weight.shape, self.weight, self.bias, 1e-6)

    class ConvNext(nn.Module):
        def __init__(self):
            super().__init__()
            self.stem, self.depthwise = nn.Conv2d(3, 8, 4, 4), nn.Conv2d(8, 8, 7, 1, 3, groups=8)
            self.norm, self.wide, self.narrow = ChannelNorm(8), nn.Linear(8, 32), nn.Linear(32, 8)
            self.scale, self.head = nn.Parameter(torch.full((8,), 0.5)), nn.Linear(8, 4)

        def forward(self, x):
            x = self.stem(x.permute(0, 3, 1, 2))
            y = self.scale * self.narrow(functional.gelu(self.wide(self.norm(self.depthwise(x)))))
            return self.head((x + y.permute(0, 3, 1, 2)).mean((2, 3)))

    return ConvNext()


def tensorflow():
    from keras import Input, Model, activations, layers

    class Scale(layers.Layer):
        def build(self, shape):
            self.scale = self.add_weight(shape=shape[-1:])

        def call(self, x):
            return x * self.scale

    image = Input((16, 16, 3))
    x = layers.Conv2D(8, 4, 4)(image)
    y = layers.LayerNormalization(epsilon=1e-6)(layers.DepthwiseConv2D(7, padding="same")(x))
    y = Scale()(layers.Dense(8)(layers.Dense(32, activation=activations.gelu)(y)))
    return Model(image, layers.Dense(4)(layers.GlobalAveragePooling2D()(layers.Add()([x, y]))))
