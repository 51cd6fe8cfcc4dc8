"""What the frameworks' defaults differ in: the usual suspects when two halves don't compute the same.

A rule with a setting compares it between paired steps. One without is a suspect where both sides part at such a step.
A rule without kinds can't be seen in a model: it names what to look at in the loop that trains it. Every rule is
executed on both sides by a test: as the defaults are, and mended.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

#: Where a difference shows: in what the model answers, in a training step only, or in how training from scratch begins.
Shows = Literal["outputs", "training", "start"]


@dataclass(frozen=True, slots=True)
class LintRule:
    """``kinds`` and ``setting`` as steps tell them; ``pytorch`` and ``keras``: what each does unless it is told."""

    id: str
    what: str
    pytorch: str
    keras: str
    equal: str  # how to make both sides the same
    shows: Shows
    kinds: tuple[str, ...] = ()
    setting: str = ""
    tolerance: float = 0.0  # by which numbers may differ, as a share of the larger


#: By which spreads differ that aren't chance: an orthogonal kernel's is 13 % below a uniform one's.
_SPREAD: Final = 0.1
_DRAWN: Final = ("dense", "conv", "conv_transpose", "recurrent")


def _epsilon(norm: str, kind: str) -> LintRule:
    """Of a layer that PyTorch calls ``BatchNorm`` and Keras ``BatchNormalization``."""
    return LintRule(
        f"{norm.lower()}-epsilon", f"{norm} adds another number below the root", "eps=1e-5", "epsilon=1e-3",
        f"{norm}alization(epsilon=1e-5)", "outputs", (kind,), "epsilon", 1e-6,
    )  # fmt: skip


RULES: Final[tuple[LintRule, ...]] = (
    _epsilon("BatchNorm", "batch_norm"),
    LintRule(
        "batchnorm-momentum", "BatchNorm moves its statistics at another pace (told as the share of the new batch)",
        "momentum=0.1: a tenth of each new batch", "momentum=0.99: a hundredth of it",
        "BatchNormalization(momentum=0.9), which is 1 - 0.1", "training", ("batch_norm",), "momentum", 1e-6,
    ),
    _epsilon("LayerNorm", "layer_norm"),
    _epsilon("GroupNorm", "group_norm"),
    LintRule(
        "rmsnorm-epsilon", "RMSNorm adds another number below the root",
        "the smallest step of the type, 1.2e-7 for float32", "epsilon=1e-6",
        "nn.RMSNorm(width, eps=1e-6)", "outputs", ("rms_norm",), "epsilon", 1e-6,
    ),
    LintRule(
        "strided-padding", "A convolution with a stride is padded at another end",
        "padding=1 adds a place before and one after", "padding=\"same\" with a stride of 2 adds one after only",
        "ZeroPadding2D(1) before Conv2D(…, padding=\"valid\")", "outputs", ("conv",), "padding",
    ),
    LintRule(
        "pool-padding", "Pooling is padded at another end, or not at all", "padding=1 adds places before and after",
        "padding=\"same\" adds what is missing, the odd place after",
        "the same window without padding, on an input that is padded first", "outputs",
        ("max_pool", "avg_pool"), "padding",
    ),
    LintRule(
        "pool-counts-padding", "Average pooling counts padded places as zeros, or leaves them out",
        "count_include_pad=True", "leaves them out, always", "nn.AvgPool2d(…, count_include_pad=False)", "outputs",
        ("avg_pool",), "counts_padding",
    ),
    LintRule(
        "gelu-form", "GELU is exact, or approximated by tanh", "approximate=\"none\"",
        "exact in keras.activations.gelu, by tanh in keras.ops.gelu", "ops.gelu(x, approximate=False)", "outputs",
        ("gelu",), "approximate",
    ),
    LintRule(
        "leakyrelu-slope", "LeakyReLU has another slope below zero", "negative_slope=0.01",
        "0.3 as a layer, 0.2 as an activation", "LeakyReLU(negative_slope=0.01)", "outputs",
        ("leaky_relu",), "slope", 1e-6,
    ),
    LintRule(
        "softmax-axis", "Softmax sums over another axis (told with channels last)",
        "dim=None takes the first axis of three, else the second", "axis=-1", "nn.Softmax(dim=-1)", "outputs",
        ("softmax",), "axis",
    ),
    LintRule(
        "resize-form", "Images are resized by another interpolation", "nn.Upsample(mode=\"nearest\")",
        "UpSampling2D(interpolation=\"nearest\"); cubic ones have another coefficient",
        "the same mode on both sides, and not cubic", "outputs", ("resize",), "interpolation",
    ),
    LintRule(
        "resize-corners", "Resizing puts the corners on the corners, or the edges on the edges",
        "align_corners=False", "can't align corners", "nn.Upsample(…, align_corners=False)", "outputs",
        ("resize",), "aligned",
    ),
    LintRule(
        "flatten-order", "Flattened channel by channel, or place by place", "channels first", "channels last",
        "x.permute(0, 2, 3, 1) before nn.Flatten()", "outputs", ("flatten",),
    ),
    LintRule(
        "dropout-rate", "Dropout drops another share; what is kept is scaled up by both", "p=0.5", "no default",
        "the same share on both sides", "training", ("dropout",), "rate", 1e-6,
    ),
    LintRule(
        "initial-kernel", "Kernels begin with another spread (told as their standard deviation)",
        "uniform up to 1/√(inputs)", "Glorot: uniform up to √(6/(inputs + outputs))",
        "carry the weights over, as is done here, or name an initialiser on both sides", "start",
        _DRAWN, "initial_kernel", _SPREAD,
    ),
    LintRule(
        "initial-recurrent", "Recurrent kernels begin with another spread (told as their standard deviation)",
        "uniform up to 1/√(units)", "orthogonal", "recurrent_initializer on Keras' side, nn.init on PyTorch's", "start",
        ("recurrent",), "initial_recurrent", _SPREAD,
    ),
    LintRule(
        "initial-bias", "Biases begin drawn, or as zeros", "uniform up to 1/√(inputs)", "zeros",
        "nn.init.zeros_(layer.bias)", "start", ("dense", "conv", "conv_transpose"), "initial_bias", _SPREAD,
    ),
    LintRule(
        "initial-table", "Embeddings begin with another spread (told as their standard deviation)",
        "normal with deviation 1", "uniform up to 0.05",
        "Embedding(…, embeddings_initializer=RandomNormal(stddev=1.0))", "start",
        ("embedding",), "initial_table", _SPREAD,
    ),
    LintRule(
        "adam-epsilon", "Adam adds another number to the root of the second moment", "eps=1e-8", "epsilon=1e-7",
        "Adam(epsilon=1e-8); only in its first steps Keras' counts for more", "training",
    ),
    LintRule(
        "decoupled-decay", "Adam's weight_decay is added to the gradient, or taken off the weights",
        "torch.optim.Adam adds it to the gradient", "keras.optimizers.Adam takes it off the weights, as AdamW does",
        "torch.optim.AdamW", "training",
    ),
    LintRule(
        "adamw-decay", "AdamW decays by another share", "weight_decay=0.01", "weight_decay=0.004",
        "AdamW(weight_decay=0.01)", "training",
    ),
    LintRule(
        "cross-entropy-input", "Cross entropy takes logits, or probabilities", "logits", "probabilities",
        "SparseCategoricalCrossentropy(from_logits=True)", "training",
    ),
    LintRule(
        "label-smoothing", "Labels are smoothed on one side",
        "CrossEntropyLoss(label_smoothing=…) with integer labels", "for one-hot labels only: CategoricalCrossentropy",
        "one-hot labels and CategoricalCrossentropy(label_smoothing=…)", "training",
    ),
)  # fmt: skip

BY_ID: Final = {rule.id: rule for rule in RULES}
