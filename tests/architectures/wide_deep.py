"""A linear part over categories beside a deep part over embeddings and numbers; one logit, a loss of its own."""

SPEC = {"title": "Wide and deep"}
SIZES = (10, 7, 5)


def inputs(rng, batch):
    x = {"ids": rng.integers(0, SIZES, (batch, 3)), "numbers": rng.normal(size=(batch, 4))}
    return x, rng.integers(0, 2, (batch, 1)).astype("float32")


def pytorch():
    import torch
    from torch import nn

    class WideDeep(nn.Module):
        def __init__(self):
            super().__init__()
            self.wide = nn.ModuleList(nn.Embedding(size, 1) for size in SIZES)
            self.tables = nn.ModuleList(nn.Embedding(size, 6) for size in SIZES)
            self.deep = nn.Sequential(
                nn.Linear(22, 16), nn.ReLU(), nn.Dropout(0.1), nn.Linear(16, 8), nn.ReLU(), nn.Linear(8, 1)
            )

        def forward(self, ids, numbers):
            wide = sum(table(ids[:, n]) for n, table in enumerate(self.wide))
            deep = [table(ids[:, n]) for n, table in enumerate(self.tables)]
            return wide + self.deep(torch.cat([*deep, numbers], -1))

    return WideDeep()


def tensorflow():
    from keras import Input, Model, layers

    ids, numbers = Input((3,), dtype="int64", name="ids"), Input((4,), name="numbers")
    wide = layers.Add()([layers.Embedding(size, 1)(ids[:, n]) for n, size in enumerate(SIZES)])
    deep = [layers.Embedding(size, 6)(ids[:, n]) for n, size in enumerate(SIZES)]
    x = layers.Dense(16, activation="relu")(layers.Concatenate()([*deep, numbers]))
    x = layers.Dense(1)(layers.Dense(8, activation="relu")(layers.Dropout(0.1)(x)))
    return Model({"ids": ids, "numbers": numbers}, layers.Add()([wide, x]))


def _torch_loss(logits, labels):
    from torch.nn.functional import binary_cross_entropy_with_logits

    return binary_cross_entropy_with_logits(logits, labels)


def _keras_loss(logits, labels):
    import keras

    return keras.ops.mean(keras.losses.binary_crossentropy(labels, logits, from_logits=True))


loss = {"pytorch": _torch_loss, "tensorflow": _keras_loss}
