"""Causal attention with one matrix for query, key and value, and an output tied to the embedding, after GPT-2."""

SPEC = {"title": "GPT-ish"}
WORDS, LONG, WIDTH, HEADS = 40, 10, 16, 2


def inputs(rng, batch):
    ids = rng.integers(0, WORDS, (batch, LONG + 1))
    return ids[:, :-1], ids[:, 1:]


def pytorch():
    import torch
    from torch import nn
    from torch.nn import functional

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.norm1, self.qkv = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, 3 * WIDTH)
            self.out, self.norm2 = nn.Linear(WIDTH, WIDTH), nn.LayerNorm(WIDTH)
            self.wide, self.narrow = nn.Linear(WIDTH, 64), nn.Linear(64, WIDTH)

        def forward(self, x):
            parts = self.qkv(self.norm1(x)).unflatten(-1, (3, HEADS, -1)).permute(2, 0, 3, 1, 4)
            y = functional.scaled_dot_product_attention(*parts, is_causal=True)
            x = x + self.out(y.transpose(1, 2).flatten(2))
            return x + self.narrow(functional.gelu(self.wide(self.norm2(x)), approximate="tanh"))

    class Gpt(nn.Module):
        def __init__(self):
            super().__init__()
            self.words, self.places = nn.Embedding(WORDS, WIDTH), nn.Parameter(torch.randn(LONG, WIDTH) * 0.1)
            self.blocks, self.norm = nn.ModuleList(Block() for _ in range(2)), nn.LayerNorm(WIDTH)
            self.head = nn.Linear(WIDTH, WORDS, bias=False)
            self.head.weight = self.words.weight

        def forward(self, ids):
            x = self.words(ids) + self.places
            for block in self.blocks:
                x = block(x)
            return self.head(self.norm(x))

    return Gpt()


def tensorflow():
    import keras
    from keras import layers, ops

    class Block(layers.Layer):
        def __init__(self):
            super().__init__()
            self.norm1, self.qkv = layers.LayerNormalization(epsilon=1e-5), layers.Dense(3 * WIDTH)
            self.out, self.norm2 = layers.Dense(WIDTH), layers.LayerNormalization(epsilon=1e-5)
            self.wide, self.narrow = layers.Dense(64), layers.Dense(WIDTH)

        def call(self, x):
            parts = ops.reshape(self.qkv(self.norm1(x)), (-1, LONG, 3, HEADS, WIDTH // HEADS))
            y = ops.dot_product_attention(parts[:, :, 0], parts[:, :, 1], parts[:, :, 2], is_causal=True)
            x = x + self.out(ops.reshape(y, (-1, LONG, WIDTH)))
            return x + self.narrow(keras.activations.gelu(self.wide(self.norm2(x)), approximate=True))

    class Gpt(keras.Model):
        def __init__(self):
            super().__init__()
            self.words, self.places = layers.Embedding(WORDS, WIDTH), self.add_weight(shape=(LONG, WIDTH))
            self.blocks, self.norm = [Block() for _ in range(2)], layers.LayerNormalization(epsilon=1e-5)

        def call(self, ids):
            x = self.words(ids) + self.places
            for block in self.blocks:
                x = block(x)
            return ops.matmul(self.norm(x), ops.transpose(self.words.embeddings))

    return Gpt()
