"""Words are put together as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes import catalog
from probes.system.sentences import listed, lower_first, sentence, upper_first


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
        ("Jacobian–vector product", "Jacobian–vector product"),
        ("Model.fit has it.", "Model.fit has it."),
        ("", ""),
    ],
)
def test_only_common_words_lose_their_capital(text: str, inside: str) -> None:
    assert lower_first(text) == inside


def test_of_the_probes_titles_two_begin_with_a_name() -> None:
    kept = {spec.title.partition("–")[0] for spec in catalog.probes() if lower_first(spec.title) == spec.title}
    assert kept == {"Hessian", "Jacobian"}


@pytest.mark.parametrize(
    ("text", "beginning"),
    [
        ("a Session", "A Session"),
        ("tf.contrib", "tf.contrib"),
        ("fit_generator is gone", "fit_generator is gone"),
        ("often. Or not", "Often. Or not"),
        ("", ""),
    ],
)
def test_names_of_code_begin_as_they_are_written(text: str, beginning: str) -> None:
    assert upper_first(text) == beginning


@given(st.text())
def test_what_begins_a_sentence_differs_in_its_first_letter_alone(text: str) -> None:
    assert upper_first(text).endswith(text[1:])
    assert upper_first(upper_first(text)) == upper_first(text)


@pytest.mark.parametrize("text", ["It works", "It works.", "It works. ", "It works .."])
def test_a_sentence_has_one_full_stop(text: str) -> None:
    assert sentence(text) == "It works."


@pytest.mark.parametrize(
    ("items", "words"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_the_last_of_a_list_is_joined_by_a_word(items: list[str], words: str) -> None:
    assert listed(items) == words
    assert listed(items, "or") == words.replace(" and ", " or ")
