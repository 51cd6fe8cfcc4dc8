"""Token, position and segment embeddings, attention under a padding mask, post-norm, after BERT."""

SPEC = {"title": "BERT-ish"}
WORDS, LONG, WIDTH, HEADS = 50, 12, 16, 2


def inputs(rng, batch):
    lengths = rng.integers(4, LONG + 1, batch)
    x = {
        "ids": rng.integers(0, WORDS, (batch, LONG)),
        "segments": rng.integers(0, 2, (batch, LONG)),
        "mask": lengths[:, None] > range(LONG),
    }
    return x, rng.integers(0, 3, batch)


def pytorch():
    import torch
    from torch import nn

    class Bert(nn.Module):
        def __init__(self):
            super().__init__()
            self.words, self.places = nn.Embedding(WORDS, WIDTH), nn.Embedding(LONG, WIDTH)
            self.segments, self.norm = nn.Embedding(2, WIDTH), nn.LayerNorm(WIDTH, eps=1e-12)
            self.layer = nn.TransformerEncoderLayer(WIDTH, HEADS, 32, 0.1, "gelu", 1e-12, batch_first=True)
            self.pooler, self.head = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, 3)

        def forward(self, ids, segments, mask):
            places = torch.arange(LONG, device=ids.device)
            x = self.norm(self.words(ids) + self.segments(segments) + self.places(places))
            x = self.layer(x, src_key_padding_mask=~mask)
            return self.head(torch.tanh(self.pooler(x[:, 0])))

    return Bert()


def tensorflow():
    import keras
    from keras import layers, ops

    class Bert(keras.Model):
        def __init__(self):
            super().__init__()
            self.words, self.places = layers.Embedding(WORDS, WIDTH), layers.Embedding(LONG, WIDTH)
            self.segments, self.norm = layers.Embedding(2, WIDTH), layers.LayerNormalization(epsilon=1e-12)
            self.attention = layers.MultiHeadAttention(HEADS, WIDTH // HEADS, dropout=0.1)
            self.wide, self.narrow = layers.Dense(32, activation="gelu"), layers.Dense(WIDTH)
            self.norms = [layers.LayerNormalization(epsilon=1e-12) for _ in range(2)]
            self.drops = [layers.Dropout(0.1) for _ in range(3)]
            self.pooler, self.head = layers.Dense(WIDTH, activation="tanh"), layers.Dense(3)

        def call(self, x, training=False):
            places = self.places(ops.arange(LONG))
            h = self.norm(self.words(x["ids"]) + self.segments(x["segments"]) + places)
            y = self.attention(h, h, attention_mask=x["mask"][:, None, :], training=training)
            h = self.norms[0](h + self.drops[0](y, training=training))
            y = self.narrow(self.drops[1](self.wide(h), training=training))
            h = self.norms[1](h + self.drops[2](y, training=training))
            return self.head(self.pooler(h[:, 0]))

    return Bert()
