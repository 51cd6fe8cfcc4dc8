"""A tag for each word by a bidirectional LSTM. PyTorch trains two biases where Keras has one, so one is frozen."""

SPEC = {"title": "LSTM tagger"}
WORDS, LONG, TAGS = 40, 9, 6


def inputs(rng, batch):
    return rng.integers(0, WORDS, (batch, LONG)), rng.integers(0, TAGS, (batch, LONG))


def pytorch():
    from torch import nn

    class Tagger(nn.Module):
        def __init__(self):
            super().__init__()
            self.words = nn.Embedding(WORDS, 8)
            self.lstm = nn.LSTM(8, 12, batch_first=True, bidirectional=True)
            self.head = nn.Linear(24, TAGS)
            for name, bias in self.lstm.named_parameters():
                if "bias_hh" in name:
                    nn.init.zeros_(bias)
                    bias.requires_grad = False

        def forward(self, ids):
            return self.head(self.lstm(self.words(ids))[0])

    return Tagger()


def tensorflow():
    from keras import Input, Sequential, layers

    return Sequential(
        [
            Input((LONG,), dtype="int64"),
            layers.Embedding(WORDS, 8),
            layers.Bidirectional(layers.LSTM(12, return_sequences=True)),
            layers.Dense(TAGS),
        ]
    )
