"""Carries weights from one side to the other, so that both compute the same.

What a layer keeps goes by its parts (kernel, bias, scale …), layers go by their order. Names don't count: nobody calls
them alike on both sides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby, zip_longest
from typing import Any

Parts = Sequence[tuple[str, Any]]  # («layer.part», array or variable), in the order of the network


class NotCarriedError(Exception):
    """The weights of the other side don't fit. The text says where."""


def matched(ours: Parts, theirs: Parts) -> dict[str, str]:
    """Our part for each of theirs, by name. Raises NotCarriedError at the first layer that doesn't fit."""
    pairs: dict[str, str] = {}
    for number, (own, other) in enumerate(zip_longest(_layers(ours), _layers(theirs)), start=1):
        if own is None or other is None:
            side = "the other side" if own is None else "this side"
            raise NotCarriedError(f"only {side} has a layer {number} with weights, {(own or other)[0]!r}")
        if own[1].keys() != other[1].keys():
            raise NotCarriedError(
                f"layer {number}: {own[0]!r} has {', '.join(own[1])}; {other[0]!r} has {', '.join(other[1])}"
            )
        for part, (name, array) in own[1].items():
            their_name, their_array = other[1][part]
            if tuple(array.shape) != tuple(their_array.shape):
                raise NotCarriedError(
                    f"layer {number}: the {part} of {own[0]!r} is {tuple(array.shape)}, that of {other[0]!r} "
                    f"{tuple(their_array.shape)}"
                )
            pairs[their_name] = name
    return pairs


def _layers(parts: Parts) -> list[tuple[str, Mapping[str, tuple[str, Any]]]]:
    """Each layer's name, and its parts as (whole name, array)."""
    grouped = groupby(parts, key=lambda part: part[0].rpartition(".")[0])
    return [(name, {whole.rpartition(".")[2]: (whole, array) for whole, array in of}) for name, of in grouped]
