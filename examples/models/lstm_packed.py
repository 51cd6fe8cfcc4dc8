"""Texts of different lengths through an LSTM: packed in PyTorch, masked in Keras.

    python -m probes run --model-file examples/models/lstm_packed.py --budget 60

PyTorch's LSTM has two biases that are added to each other, Keras' has one. If both were trained, their sum would move
twice as far: the second one is frozen at zero, which takes nothing away.
"""

import numpy as np

SPEC = {"title": "LSTM with packed input"}
WORDS, LONGEST, CLASSES = 500, 20, 5


def inputs(rng: np.random.Generator, batch: int):
    """Ids with zeros behind the end of each text, the lengths, and the class of each."""
    lengths = rng.integers(3, LONGEST + 1, batch)
    ids = rng.integers(1, WORDS, (batch, LONGEST)) * (lengths[:, None] > np.arange(LONGEST))
    return {"ids": ids, "lengths": lengths}, rng.integers(0, CLASSES, batch)


def pytorch():
    from torch import nn
    from torch.nn.utils.rnn import pack_padded_sequence

    class Tagger(nn.Module):
        def __init__(self):
            super().__init__()
            self.words, self.lstm = nn.Embedding(WORDS, 32), nn.LSTM(32, 48, batch_first=True)
            self.head = nn.Linear(48, CLASSES)
            nn.init.zeros_(self.lstm.bias_hh_l0)
            self.lstm.bias_hh_l0.requires_grad = False

        def forward(self, ids, lengths):
            packed = pack_padded_sequence(self.words(ids), lengths.cpu(), batch_first=True, enforce_sorted=False)
            return self.head(self.lstm(packed)[1][0][-1])

    return Tagger()


def tensorflow():
    from keras import Input, Model, layers, ops

    ids, lengths = Input((LONGEST,), dtype="int64", name="ids"), Input((), dtype="int64", name="lengths")
    mask = ops.expand_dims(lengths, 1) > ops.arange(LONGEST, dtype="int64")
    x = layers.LSTM(48)(layers.Embedding(WORDS, 32)(ids), mask=mask)
    return Model({"ids": ids, "lengths": lengths}, layers.Dense(CLASSES)(x))
