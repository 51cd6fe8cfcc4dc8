"""Sentences inside sentences."""

from __future__ import annotations

import pytest

from advisor.decision.explain.words import lower_first


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("Counts of 2020 put PyTorch ahead.", "counts of 2020 put PyTorch ahead."),
        ("A way leads there.", "a way leads there."),
        ("Hugging Face Transformers 5 removed it.", "Hugging Face Transformers 5 removed it."),
        ("Keras' own way.", "Keras' own way."),
        ("PyTorch is ahead.", "PyTorch is ahead."),
        ("AMD's ROCm is part of it.", "AMD's ROCm is part of it."),
        ("TF-Agents rests.", "TF-Agents rests."),
        ("", ""),
    ],
)
def test_only_common_words_lose_their_capital(text: str, inside: str) -> None:
    assert lower_first(text) == inside
