"""No page contradicts itself: a critical reader goes over every case in the repository and over answers that nobody
chose. Each of its detectors is shown what it catches."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, settings

from advisor.answers import Answers
from advisor.decision.decide import decide
from advisor.knowledge import load
from advisor.model.decision import Flip
from advisor.questionnaire import Example, examples, parse
from tests.advisor.decision import reader
from tests.advisor.decision.reader import Detector, Page
from tests.advisor.decision.test_decide_written_cases import WRITTEN, decided, read
from tests.advisor.given_answers import answers_

KNOWLEDGE: Final = load()


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.stem)
def test_no_written_case_contradicts_itself(path: Path) -> None:
    case = read(path)
    assert reader.contradictions(reader.page(_answers(case.answers), decided(case))) == []


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.id)
def test_no_worked_example_contradicts_itself(example: Example) -> None:
    assert reader.contradictions(reader.page(example.answers, decide(example.answers, KNOWLEDGE))) == []


@settings(max_examples=60, deadline=None)
@given(answers_)
def test_no_answers_at_all_make_a_page_that_contradicts_itself(answers: Answers) -> None:
    answers = answers.model_copy(update={"project": answers.project.model_copy(update={"name": "ours"})})
    assert reader.contradictions(reader.page(answers, decide(answers, KNOWLEDGE, samples=500))) == []


def _answers(content: Any) -> Answers:
    import yaml

    return parse(yaml.safe_dump(dict(content)))


# ------------------------------------------------------------------- what each detector is there to catch

CLEAN: Final = Page(
    answers=Answers.model_validate({"targets": [{"id": "server_batch"}], "code": {"framework": "tensorflow2"}}),
    leads="pytorch",
    unmeasured=frozenset({"Training speed"}),
    ahead={"Models and libraries": "pytorch", "Way out": "tensorflow"},
    flips=(Flip("exit", "Way out", 0.05, 0.2, "If «Way out» weighed more than 20 %, TensorFlow would lead."),),
    sentences={
        "headline": "For ours, PyTorch is the better bet: its chance of coming out ahead is about four in five (81 %).",
        "advice": "That is a bet. Keep the other way open: a model exported to ONNX runs without either.",
        "for 0": "On «Models and libraries», PyTorch is ahead: 2 of the 4 facts behind it are stale.",
        "central 0": "PyTorch suits those who care more about «Models and libraries».",
        "next 0": "Measure: training speed: Measuring training speed could turn the answer.",
    },
    report="",
)


def with_(page: Page = CLEAN, /, **changes: Any) -> Page:
    """The clean page with other sentences (``advice=…``), and others of its parts."""
    parts = {name: changes.pop(name) for name in list(changes) if name in Page.__dataclass_fields__}
    said = {name.replace("_", " "): text for name, text in changes.items()}
    return replace(page, **parts, sentences={**page.sentences, **said})


def told(**content: Any) -> Answers:
    return Answers.model_validate(content)


CAUGHT: Final[tuple[tuple[Detector, Page], ...]] = (
    (
        reader.stays_while_the_other_side_leads,
        with_(advice="Stay with what you have (TensorFlow): a move would cost more than it is known to bring."),
    ),
    (
        reader.says_that_a_move_does_not_pay_though_it_leads,
        with_(advice="PyTorch is slightly ahead, but a move would cost more than it is known to bring."),
    ),
    (reader.names_what_nobody_measured, with_(central_0="PyTorch suits those who care more about «Training speed».")),
    (reader.names_what_nobody_measured, with_(for_0="On «Training speed», PyTorch is ahead: it is.")),
    (
        reader.suits_for_what_the_other_does_better,
        with_(central_0="PyTorch suits those who care more about «Way out»."),
    ),
    (
        reader.says_if_not_of_who_leads_already,
        with_(advice="This assumes that TensorFlow meets «Trains on AMD GPUs». If not, the answer is PyTorch."),
    ),
    (reader.offers_a_weight_far_from_ours, with_(flips=(Flip("exit", "Way out", 0.02, 0.9, "x"),))),
    (reader.offers_a_weight_far_from_ours, with_(flips=(Flip("exit", "Way out", 0.2, 0.001, "x"),))),
    (
        reader.moves_code_that_stays,
        with_(
            answers=told(code={"framework": "mixed", "plan": "keep"}),
            summary_0="Your 20,000 lines of mixed code would have to be moved either way.",
        ),
    ),
    (
        reader.moves_code_that_stays,
        with_(answers=told(code={"framework": "jax", "plan": "keep"}), advice="A move is needed either way."),
    ),
    (
        reader.counts_what_rounds_to_nothing,
        with_(advice="A move to PyTorch takes about under 1 person-days (under 1 to under 1)."),
    ),
    (reader.counts_what_rounds_to_nothing, with_(advice="It takes about 0 weeks.")),
    (reader.lets_number_and_noun_or_verb_disagree, with_(for_0="1 of the 4 facts behind it are stale.")),
    (reader.lets_number_and_noun_or_verb_disagree, with_(advice="1 facts were set by your team.")),
    (reader.lets_number_and_noun_or_verb_disagree, with_(advice="It takes about 1 person-days.")),
    (reader.lets_number_and_noun_or_verb_disagree, with_(advice="3 facts is stale.")),
    (reader.lets_number_and_noun_or_verb_disagree, with_(advice="It takes about 3 week.")),
    (
        reader.leaves_out_the_verb,
        with_(headline="For spark, PyTorch: no maintained way from TensorFlow to LLM serving is known."),
    ),
    (reader.leaves_out_the_verb, with_(advice="That is a bet. Not under native Windows since 2.10.")),
    (
        reader.speaks_the_language_of_tables,
        with_(headline="For ours, take PyTorch: move the weights and use the PyTorch row."),
    ),
    (reader.speaks_the_language_of_tables, with_(requirement_0="It has ExecuTorch (rating is this report estimate).")),
    (
        reader.promises_a_way_out_that_there_is_not,
        with_(answers=told(targets=[{"id": "microcontroller"}])),
    ),
    (reader.promises_a_way_out_that_there_is_not, with_(answers=told(code={"framework": "jax"}))),
    (
        reader.promises_a_way_out_that_there_is_not,
        with_(advice="Keep the other way open: Keras 3 code runs on both, an export to ONNX runs without either."),
    ),
    (reader.says_it_twice, with_(headline="For this project, PyTorch is ahead; for this project it is.")),
    (reader.says_it_twice, with_(advice="That is a bet. It is one thing. That is a bet. It is another.")),
    (reader.calls_it_settled_and_open, with_(advice="This is settled: nothing changes it.")),
    (
        reader.calls_it_settled_and_open,
        with_(advice="This is settled. This assumes that it runs. If not, the answer is TensorFlow.", next_0=""),
    ),
    (
        reader.settles_beside_what_nothing_is_known_of,
        with_(
            advice="This is settled: nothing that is still unknown is likely to turn it round.",
            report="- Rasa: nothing is known of it here.",
        ),
    ),
    (
        reader.settles_between_two_and_forgets_a_third,
        with_(
            advice="This is settled: nothing that is still unknown is likely to turn it round.",
            thirds={"Keras 3 on JAX": 0.35},
        ),
    ),
    (
        reader.says_first_what_it_does_not_recommend,
        with_(advice="This is settled. For tables try boosted trees first: they were ahead."),
    ),
    (
        reader.repeats_a_reason_that_is_none,
        with_(
            for_0="On «Your accelerators», PyTorch is ahead: on Linux both use NVIDIA GPUs from the standard package. "
            "Facts as of 2026-11-28."
        ),
    ),
    (
        reader.recommends_one_of_two_behind_a_third,
        with_(headline="For ours, JAX comes before either of the two.", advice="Either will do."),
    ),
    (reader.is_not_fit_to_print, with_(advice="It takes None days..")),
    (reader.is_not_fit_to_print, with_(advice="It is ahead , by (): ['x']")),
    (
        reader.gives_chances_as_figures_alone,
        with_(headline="For ours, take PyTorch: it comes out ahead with a probability of 81 %."),
    ),
)


@pytest.mark.parametrize(
    ("detector", "page"), CAUGHT, ids=[f"{detector.__name__}-{i}" for i, (detector, _) in enumerate(CAUGHT)]
)
def test_a_detector_catches_what_it_is_there_for(detector: Detector, page: Page) -> None:
    assert detector(page)


def test_every_detector_has_an_example_that_it_catches() -> None:
    assert {detector for detector, _ in CAUGHT} == set(reader.DETECTORS)


def test_a_clean_page_is_left_alone() -> None:
    assert reader.contradictions(CLEAN) == []
