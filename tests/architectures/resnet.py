"""Residual blocks with a projected shortcut, after ResNet-18."""

SPEC = {"title": "ResNet-ish"}


def inputs(rng, batch):
    return rng.normal(size=(batch, 3, 16, 16)), rng.integers(0, 5, batch)


def pytorch():
    from torch import nn
    from torch.nn import functional

    class Block(nn.Module):
        def __init__(self, into, out, stride):
            super().__init__()
            self.conv1 = nn.Conv2d(into, out, 3, stride, 1, bias=False)
            self.bn1 = nn.BatchNorm2d(out)
            self.conv2 = nn.Conv2d(out, out, 3, 1, 1, bias=False)
            self.bn2 = nn.BatchNorm2d(out)
            self.shortcut = None
            if stride > 1:
                self.shortcut = nn.Sequential(nn.Conv2d(into, out, 1, stride, bias=False), nn.BatchNorm2d(out))

        def forward(self, x):
            y = functional.relu(self.bn1(self.conv1(x)))
            y = self.bn2(self.conv2(y))
            return functional.relu(y + (x if self.shortcut is None else self.shortcut(x)))

    return nn.Sequential(
        nn.Conv2d(3, 8, 3, 1, 1, bias=False), nn.BatchNorm2d(8), nn.ReLU(),
        Block(8, 8, 1), Block(8, 16, 2), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 5),
    )  # fmt: skip


def tensorflow():
    from keras import Input, Model, layers

    def norm(x):
        return layers.BatchNormalization(momentum=0.9, epsilon=1e-5)(x)

    def conv(x, out, size, stride):
        if size > 1:
            x = layers.ZeroPadding2D(size // 2)(x)  # «same» pads a stride of 2 on one side only
        return norm(layers.Conv2D(out, size, stride, use_bias=False)(x))

    def block(x, out, stride):
        y = conv(layers.ReLU()(conv(x, out, 3, stride)), out, 3, 1)
        return layers.ReLU()(layers.Add()([y, conv(x, out, 1, stride) if stride > 1 else x]))

    x = image = Input((3, 16, 16))
    x = layers.Permute((2, 3, 1))(x)
    x = block(block(layers.ReLU()(conv(x, 8, 3, 1)), 8, 1), 16, 2)
    return Model(image, layers.Dense(5)(layers.GlobalAveragePooling2D()(x)))
