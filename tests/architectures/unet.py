"""Down, up by a transposed convolution, and a skip between, after U-Net; a class for each pixel."""

SPEC = {"title": "U-Net-ish"}


def inputs(rng, batch):
    return rng.normal(size=(batch, 16, 16, 3)), rng.integers(0, 2, (batch, 16, 16))


def pytorch():
    import torch
    from torch import nn

    def double(into, out):
        return nn.Sequential(
            nn.Conv2d(into, out, 3, 1, 1), nn.ReLU(), nn.Conv2d(out, out, 3, 1, 1), nn.GroupNorm(4, out), nn.ReLU()
        )

    class UNet(nn.Module):
        def __init__(self):
            super().__init__()
            self.down, self.bottom = double(3, 8), double(8, 16)
            self.pool, self.up = nn.MaxPool2d(2), nn.ConvTranspose2d(16, 8, 2, 2)
            self.join, self.head = double(16, 8), nn.Conv2d(8, 2, 1)

        def forward(self, x):
            skip = self.down(x.permute(0, 3, 1, 2))
            x = self.up(self.bottom(self.pool(skip)))
            return self.head(self.join(torch.cat([skip, x], 1))).permute(0, 2, 3, 1)

    return UNet()


def tensorflow():
    from keras import Input, Model, layers

    def double(x, out):
        x = layers.Conv2D(out, 3, padding="same", activation="relu")(x)
        x = layers.GroupNormalization(4, epsilon=1e-5)(layers.Conv2D(out, 3, padding="same")(x))
        return layers.ReLU()(x)

    image = Input((16, 16, 3))
    skip = double(image, 8)
    x = layers.Conv2DTranspose(8, 2, 2)(double(layers.MaxPooling2D()(skip), 16))
    x = double(layers.Concatenate()([skip, x]), 8)
    return Model(image, layers.Conv2D(2, 1)(x))
