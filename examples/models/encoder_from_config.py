"""An encoder for texts, built from a configuration as published models are.

    python -m probes run --model-file examples/models/encoder_from_config.py --budget 90

Inputs are a dictionary: PyTorch's half takes it by name, Keras' as it is. Attention is query, key, value and output
on both sides, so that the weights go across by themselves.
"""

import numpy as np

SPEC = {"title": "Encoder from a config"}
CONFIG = {"vocab": 1000, "length": 32, "hidden": 64, "heads": 4, "intermediate": 128, "layers": 2, "labels": 3}


def inputs(rng: np.random.Generator, batch: int):
    """Token ids, which of them are no padding, and the label of each text."""
    length = rng.integers(4, CONFIG["length"] + 1, batch)
    x = {
        "input_ids": rng.integers(0, CONFIG["vocab"], (batch, CONFIG["length"])),
        "attention_mask": length[:, None] > np.arange(CONFIG["length"]),
    }
    return x, rng.integers(0, CONFIG["labels"], batch)


def pytorch():
    import torch
    from torch import nn

    class Encoder(nn.Module):
        def __init__(self, vocab, length, hidden, heads, intermediate, layers, labels):
            super().__init__()
            self.words, self.places = nn.Embedding(vocab, hidden), nn.Embedding(length, hidden)
            self.layers = nn.ModuleList(
                nn.TransformerEncoderLayer(hidden, heads, intermediate, 0.1, "gelu", batch_first=True)
                for _ in range(layers)
            )
            self.head = nn.Linear(hidden, labels)

        def forward(self, input_ids, attention_mask):
            x = self.words(input_ids) + self.places(torch.arange(input_ids.shape[1], device=input_ids.device))
            for layer in self.layers:
                x = layer(x, src_key_padding_mask=~attention_mask)
            return self.head(x[:, 0])

    return Encoder(**CONFIG)


def tensorflow():
    import keras
    from keras import layers as kl

    class Layer(kl.Layer):
        def __init__(self, hidden, heads, intermediate):
            super().__init__()
            self.attention = kl.MultiHeadAttention(heads, hidden // heads, dropout=0.1)
            self.wide, self.narrow = kl.Dense(intermediate, activation="gelu"), kl.Dense(hidden)
            self.norms = [kl.LayerNormalization(epsilon=1e-5) for _ in range(2)]
            self.drops = [kl.Dropout(0.1) for _ in range(3)]

        def call(self, x, mask, training=False):
            y = self.attention(x, x, attention_mask=mask[:, None, :], training=training)
            x = self.norms[0](x + self.drops[0](y, training=training))
            y = self.narrow(self.drops[1](self.wide(x), training=training))
            return self.norms[1](x + self.drops[2](y, training=training))

    class Encoder(keras.Model):
        def __init__(self, vocab, length, hidden, heads, intermediate, layers, labels):
            super().__init__()
            self.words, self.places = kl.Embedding(vocab, hidden), kl.Embedding(length, hidden)
            self.encoders = [Layer(hidden, heads, intermediate) for _ in range(layers)]
            self.head = kl.Dense(labels)

        def call(self, x, training=False):
            h = self.words(x["input_ids"]) + self.places(keras.ops.arange(x["input_ids"].shape[1]))
            for layer in self.encoders:
                h = layer(h, x["attention_mask"], training=training)
            return self.head(h[:, 0])

    return Encoder(**CONFIG)
