"""Convolutions down and transposed ones up; what goes in is what should come out."""

SPEC = {"title": "Autoencoder"}


def inputs(rng, batch):
    image = rng.normal(size=(batch, 16, 16, 1)).astype("float32")
    return image, image


def pytorch():
    from torch import nn

    class Autoencoder(nn.Module):
        def __init__(self):
            super().__init__()
            self.down = nn.Sequential(nn.Conv2d(1, 6, 2, 2), nn.PReLU(6), nn.Conv2d(6, 12, 2, 2), nn.PReLU(12))
            self.up = nn.Sequential(nn.ConvTranspose2d(12, 6, 2, 2), nn.PReLU(6), nn.ConvTranspose2d(6, 1, 2, 2))

        def forward(self, x):
            return self.up(self.down(x.permute(0, 3, 1, 2))).permute(0, 2, 3, 1)

    return Autoencoder()


def tensorflow():
    from keras import Input, Sequential, layers

    def prelu():
        return layers.PReLU(shared_axes=(1, 2))

    return Sequential(
        [
            Input((16, 16, 1)),
            layers.Conv2D(6, 2, 2),
            prelu(),
            layers.Conv2D(12, 2, 2),
            prelu(),
            layers.Conv2DTranspose(6, 2, 2),
            prelu(),
            layers.Conv2DTranspose(1, 2, 2),
        ]
    )
