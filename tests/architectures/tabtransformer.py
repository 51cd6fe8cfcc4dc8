"""Attention over embedded categories, beside normalised numbers, after TabTransformer."""

SPEC = {"title": "TabTransformer"}
FIELDS, VALUES, WIDTH, HEADS = 5, 8, 8, 2


def inputs(rng, batch):
    x = {"ids": rng.integers(0, VALUES, (batch, FIELDS)), "numbers": rng.normal(size=(batch, 3))}
    return x, rng.integers(0, 2, batch)


def pytorch():
    import torch
    from torch import nn

    class TabTransformer(nn.Module):
        def __init__(self):
            super().__init__()
            self.values, self.fields = nn.Embedding(VALUES, WIDTH), nn.Parameter(torch.randn(FIELDS, WIDTH))
            self.attention = nn.MultiheadAttention(WIDTH, HEADS, batch_first=True)
            self.norm, self.numbers = nn.LayerNorm(WIDTH), nn.BatchNorm1d(3, affine=False)
            self.head = nn.Sequential(nn.Linear(FIELDS * WIDTH + 3, 16), nn.SELU(), nn.Linear(16, 2))

        def forward(self, ids, numbers):
            x = self.values(ids) + self.fields
            x = self.norm(x + self.attention(x, x, x, need_weights=False)[0])
            return self.head(torch.cat([x.flatten(1), self.numbers(numbers)], -1))

    return TabTransformer()


def tensorflow():
    from keras import Input, Model, layers

    class Fields(layers.Layer):
        def build(self, shape):
            self.fields = self.add_weight(shape=(FIELDS, WIDTH))

        def call(self, x):
            return x + self.fields

    ids, numbers = Input((FIELDS,), dtype="int64", name="ids"), Input((3,), name="numbers")
    x = Fields()(layers.Embedding(VALUES, WIDTH)(ids))
    y = layers.MultiHeadAttention(HEADS, WIDTH // HEADS)(x, x)
    x = layers.LayerNormalization(epsilon=1e-5)(layers.Add()([x, y]))
    n = layers.BatchNormalization(momentum=0.9, epsilon=1e-5, center=False, scale=False)(numbers)
    x = layers.Dense(16, activation="selu")(layers.Concatenate()([layers.Flatten()(x), n]))
    return Model({"ids": ids, "numbers": numbers}, layers.Dense(2)(x))
