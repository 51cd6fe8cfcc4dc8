"""Patches, a class token and learned positions before a standard encoder layer, after ViT."""

SPEC = {"title": "ViT-ish"}
WIDTH, HEADS = 16, 4


def inputs(rng, batch):
    return rng.normal(size=(batch, 16, 16, 3)), rng.integers(0, 5, batch)


def pytorch():
    import torch
    from torch import nn

    class ViT(nn.Module):
        def __init__(self):
            super().__init__()
            self.token = nn.Parameter(torch.randn(1, 1, WIDTH))
            self.positions = nn.Parameter(torch.randn(1, 17, WIDTH))
            self.patches = nn.Conv2d(3, WIDTH, 4, 4)
            self.encoder = nn.TransformerEncoderLayer(
                WIDTH, HEADS, 32, dropout=0.1, activation="gelu", batch_first=True, norm_first=True
            )
            self.norm = nn.LayerNorm(WIDTH)
            self.head = nn.Linear(WIDTH, 5)

        def forward(self, x):
            x = self.patches(x.permute(0, 3, 1, 2)).flatten(2).transpose(1, 2)
            x = torch.cat([self.token.expand(len(x), -1, -1), x], 1) + self.positions
            return self.head(self.norm(self.encoder(x)[:, 0]))

    return ViT()


def tensorflow():
    import keras
    from keras import layers, ops

    class Encoder(layers.Layer):
        def __init__(self):
            super().__init__()
            self.norm1, self.norm2 = (layers.LayerNormalization(epsilon=1e-5) for _ in range(2))
            self.attention = layers.MultiHeadAttention(HEADS, WIDTH // HEADS, dropout=0.1)
            self.wide, self.narrow = layers.Dense(32, activation=keras.activations.gelu), layers.Dense(WIDTH)
            self.drops = [layers.Dropout(0.1) for _ in range(3)]

        def call(self, x, training=False):
            y = self.norm1(x)
            x = x + self.drops[0](self.attention(y, y, training=training), training=training)
            y = self.drops[1](self.wide(self.norm2(x)), training=training)
            return x + self.drops[2](self.narrow(y), training=training)

    class ViT(keras.Model):
        def __init__(self):
            super().__init__()
            self.token = self.add_weight(shape=(1, 1, WIDTH))
            self.positions = self.add_weight(shape=(1, 17, WIDTH))
            self.patches = layers.Conv2D(WIDTH, 4, 4)
            self.encoder, self.norm = Encoder(), layers.LayerNormalization(epsilon=1e-5)
            self.head = layers.Dense(5)

        def call(self, x, training=False):
            x = ops.reshape(self.patches(x), (-1, 16, WIDTH))
            token = ops.broadcast_to(self.token, (ops.shape(x)[0], 1, WIDTH))
            x = ops.concatenate([token, x], 1) + self.positions
            return self.head(self.norm(self.encoder(x, training=training)[:, 0]))

    return ViT()
