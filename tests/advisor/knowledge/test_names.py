"""Names in a team's own words: found however they are spelt, with what is known of them, or that nothing is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.knowledge import load
from advisor.knowledge.names import mentions

KNOWLEDGE = load()


def known(text: str) -> dict[str, set[str]]:
    found = mentions(text, KNOWLEDGE)
    return {one.name: {fact.id for fact in one.facts} | {route.tool for route in one.routes} for one in found}


@pytest.mark.parametrize(
    "spelt", ["TensorFlow Probability", "tensorflow-probability", "tfp", "TFP", "tensorflow_probability"]
)
def test_spellings_make_no_difference(spelt: str) -> None:
    assert "tfp" in known(f"we use {spelt} everywhere")[spelt]


def test_tools_of_routes_are_names_and_so_are_their_parts() -> None:
    found = known("Triton and KServe are given")
    assert "NVIDIA Triton Inference Server" in found["Triton"]
    assert "KServe" in found["KServe"]
    assert list(found) == ["Triton", "KServe"]


def test_packages_in_sources_are_names() -> None:
    named = {fact.id for fact in KNOWLEDGE.facts.values() if "tensorflow-metal" in fact.source.title}
    assert named
    assert named <= known("the plugin tensorflow-metal")["tensorflow-metal"]


def test_the_newest_fact_comes_first() -> None:
    (hugging_face,) = mentions("Hugging Face", KNOWLEDGE)
    days = [fact.as_of for fact in hugging_face.facts]
    assert len(days) > 1
    assert days == sorted(days, reverse=True)


def test_of_a_word_that_looks_like_a_name_it_says_that_nothing_is_known() -> None:
    assert known("Zorblax, our Foo Bar toolkit; frobnicate2") == {
        "Zorblax": set(),
        "Foo Bar": set(),
        "frobnicate2": set(),
    }
    assert known("zorblax") == {"zorblax": set()}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "The models must be signed, and nobody may change them.",
        "We work on Windows and Linux, with PyTorch, since November.",
        "3.5, 2026, 100 %",
        "training has to end on a GPU by March",
    ],
)
def test_ordinary_words_and_what_everybody_has_are_no_names(text: str) -> None:
    assert known(text) == {}


def test_a_version_makes_no_other_name() -> None:
    assert known("KServe 0.15 and Triton2")["Triton2"] == known("Triton")["Triton"]
    assert known("Zorblax-8") == {"Zorblax-8": set()}


def test_each_name_once() -> None:
    assert list(known("Triton, triton and TRITON")) == ["Triton"]


@given(st.text(max_size=300))
def test_any_text_is_read_and_names_are_parts_of_it(text: str) -> None:
    words = "".join(text.split())
    for one in mentions(text, KNOWLEDGE):
        assert "".join(one.name.split())[:1] in words
        assert one.is_known == bool(one.facts or one.routes)


ROUTES = [route for sides in KNOWLEDGE.routes.values() for routes in sides.values() for route in routes]


@pytest.mark.parametrize("tool", sorted({r.tool for r in ROUTES if r.tool.isalnum() and r.maturity != "none"}))
def test_every_tool_of_one_word_is_found_by_its_name(tool: str) -> None:
    assert any(route.tool == tool for one in mentions(f"We need {tool}.", KNOWLEDGE) for route in one.routes)


@pytest.mark.parametrize("name", ["MONAI", "nnU-Net", "Darts", "GluonTS", "PyG", "SB3", "Ultralytics", "peft"])
def test_packages_that_facts_write_small_are_known_by_the_names_that_people_write(name: str) -> None:
    (found,) = mentions(f"we need {name}", KNOWLEDGE)
    assert found.is_known


def test_ordinary_words_that_stand_before_a_number_in_facts_are_no_names() -> None:
    assert mentions("we got past what the capability of this stable release was", KNOWLEDGE) == ()
