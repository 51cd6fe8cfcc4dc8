"""Inverted residuals with depthwise convolutions, after MobileNetV2."""

SPEC = {"title": "MobileNet-ish"}


def inputs(rng, batch):
    return rng.normal(size=(batch, 3, 16, 16)), rng.integers(0, 5, batch)


def pytorch():
    from torch import nn

    def conv(into, out, size, stride=1, groups=1):
        return [
            nn.Conv2d(into, out, size, stride, size // 2, groups=groups, bias=False),
            nn.BatchNorm2d(out),
            nn.ReLU6(),
        ]

    class Inverted(nn.Module):
        def __init__(self, into, out, stride):
            super().__init__()
            wide = into * 4
            self.conv = nn.Sequential(*conv(into, wide, 1), *conv(wide, wide, 3, stride, wide), *conv(wide, out, 1)[:2])
            self.adds = stride == 1 and into == out

        def forward(self, x):
            return x + self.conv(x) if self.adds else self.conv(x)

    return nn.Sequential(
        *conv(3, 8, 3, 2),
        Inverted(8, 8, 1),
        Inverted(8, 12, 2),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(12, 5),
    )


def tensorflow():
    from keras import Input, Model, layers

    def norm(x):
        return layers.BatchNormalization(momentum=0.9, epsilon=1e-5)(x)

    def padded(x):
        return layers.ZeroPadding2D(1)(x)

    def inverted(x, out, stride):
        into = x.shape[-1]
        y = layers.ReLU(6.0)(norm(layers.Conv2D(into * 4, 1, use_bias=False)(x)))
        y = layers.ReLU(6.0)(norm(layers.DepthwiseConv2D(3, stride, use_bias=False)(padded(y))))
        y = norm(layers.Conv2D(out, 1, use_bias=False)(y))
        return layers.Add()([x, y]) if stride == 1 and into == out else y

    x = image = Input((3, 16, 16))
    x = padded(layers.Permute((2, 3, 1))(x))
    x = layers.ReLU(6.0)(norm(layers.Conv2D(8, 3, 2, use_bias=False)(x)))
    x = layers.GlobalAveragePooling2D()(inverted(inverted(x, 8, 1), 12, 2))
    return Model(image, layers.Dense(5)(x))
