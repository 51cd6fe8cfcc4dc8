"""Which network of the catalog a team's own model is most like: a figure means more beside one that is known."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from probes.compare.schema import ModelReport

#: (what it is known by, kinds of layers that it must have, the network), the most telling first.
_LIKE: Final[tuple[tuple[str, frozenset[str], str], ...]] = (
    ("both are recurrent", frozenset({"recurrent"}), "lstm"),
    ("both embed tokens and normalise each of them", frozenset({"embedding", "layer_norm"}), "transformer"),
    ("both look things up in tables", frozenset({"embedding"}), "recommender"),
    ("both shrink what they see and enlarge it again", frozenset({"conv", "resize"}), "unet"),
    ("both shrink what they see and enlarge it again", frozenset({"conv", "conv_transpose"}), "unet"),
    ("both are convolutional", frozenset({"conv"}), "cnn"),
    ("both are fully connected", frozenset({"dense"}), "mlp"),
)


@dataclass(frozen=True, slots=True)
class Nearest:
    """The network's id, and why it is the one."""

    network: str
    because: str


def nearest(report: ModelReport, otherwise: str, known: Collection[str]) -> Nearest:
    """By the kinds of its layers, one of ``known``; ``otherwise``: the network that stands for the project."""
    kinds = (layer.kind for outline in report.outlines.values() for layer in outline.layers)
    return _by_kinds(kinds, known) or Nearest(otherwise, "it stands for what your project works on")


def _by_kinds(kinds: Iterable[str], known: Collection[str]) -> Nearest | None:
    seen = set(kinds)
    found = (Nearest(network, because) for because, needed, network in _LIKE if needed <= seen and network in known)
    return next(found, None)
