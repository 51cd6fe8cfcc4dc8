"""A depthwise block with squeeze and excitation and SiLU, after EfficientNet."""

SPEC = {"title": "EfficientNet-ish"}


def inputs(rng, batch):
    return rng.normal(size=(batch, 12, 12, 3)), rng.integers(0, 4, batch)


def pytorch():
    from torch import nn
    from torch.nn import functional

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.stem = nn.Conv2d(3, 8, 3, 1, 1, bias=False)
            self.stem_norm = nn.BatchNorm2d(8, eps=1e-3)
            self.depthwise = nn.Conv2d(8, 8, 5, 1, 2, groups=8, bias=False)
            self.depthwise_norm = nn.BatchNorm2d(8, eps=1e-3)
            self.reduce, self.expand = nn.Conv2d(8, 2, 1), nn.Conv2d(2, 8, 1)
            self.project = nn.Conv2d(8, 8, 1, bias=False)
            self.project_norm = nn.BatchNorm2d(8, eps=1e-3)
            self.head = nn.Linear(8, 4)

        def forward(self, x):
            x = functional.silu(self.stem_norm(self.stem(x.permute(0, 3, 1, 2))))
            y = functional.silu(self.depthwise_norm(self.depthwise(x)))
            gate = self.expand(functional.silu(self.reduce(y.mean((2, 3), keepdim=True)))).sigmoid()
            return self.head((x + self.project_norm(self.project(y * gate))).mean((2, 3)))

    return Net()


def tensorflow():
    from keras import Input, Model, layers

    def norm(x):
        return layers.BatchNormalization(momentum=0.9)(x)

    image = Input((12, 12, 3))
    x = norm(layers.Conv2D(8, 3, padding="same", use_bias=False)(image))
    x = layers.Activation("silu")(x)
    y = layers.Activation("silu")(norm(layers.DepthwiseConv2D(5, padding="same", use_bias=False)(x)))
    gate = layers.GlobalAveragePooling2D(keepdims=True)(y)
    gate = layers.Conv2D(8, 1, activation="sigmoid")(layers.Conv2D(2, 1, activation="silu")(gate))
    y = norm(layers.Conv2D(8, 1, use_bias=False)(layers.Multiply()([y, gate])))
    return Model(image, layers.Dense(4)(layers.GlobalAveragePooling2D()(layers.Add()([x, y]))))
