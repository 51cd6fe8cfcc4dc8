"""Dense layers over places and over channels in turns, after MLP-Mixer."""

SPEC = {"title": "MLP-Mixer"}
PATCHES, WIDTH = 16, 8


def inputs(rng, batch):
    return rng.normal(size=(batch, 16, 16, 3)), rng.integers(0, 4, batch)


def pytorch():
    from torch import nn

    def mlp(width):
        return nn.Sequential(nn.Linear(width, 12), nn.GELU(), nn.Linear(12, width))

    class Mixer(nn.Module):
        def __init__(self):
            super().__init__()
            self.patches = nn.Conv2d(3, WIDTH, 4, 4)
            self.norms = nn.ModuleList(nn.LayerNorm(WIDTH) for _ in range(3))
            self.places, self.channels, self.head = mlp(PATCHES), mlp(WIDTH), nn.Linear(WIDTH, 4)

        def forward(self, x):
            x = self.patches(x.permute(0, 3, 1, 2)).flatten(2).transpose(1, 2)
            x = x + self.places(self.norms[0](x).transpose(1, 2)).transpose(1, 2)
            x = x + self.channels(self.norms[1](x))
            return self.head(self.norms[2](x).mean(1))

    return Mixer()


def tensorflow():
    from keras import Input, Model, activations, layers

    def mlp(x, width):
        return layers.Dense(width)(layers.Dense(12, activation=activations.gelu)(x))

    def norm(x):
        return layers.LayerNormalization(epsilon=1e-5)(x)

    image = Input((16, 16, 3))
    x = layers.Reshape((PATCHES, WIDTH))(layers.Conv2D(WIDTH, 4, 4)(image))
    turned = layers.Permute((2, 1))(norm(x))
    x = layers.Add()([x, layers.Permute((2, 1))(mlp(turned, PATCHES))])
    x = layers.Add()([x, mlp(norm(x), WIDTH)])
    return Model(image, layers.Dense(4)(layers.GlobalAveragePooling1D()(norm(x))))
