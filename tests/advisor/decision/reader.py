"""A critical reader of a recommendation: looks for sentences that the rest of the page contradicts, or that are broken.

Each detector takes a ``Page`` and returns what it found, nothing if all is well.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Final

from advisor.answers import Answers
from advisor.decision.explain.verdict import failing
from advisor.model.decision import Decision, Flip
from advisor.output.report import to_markdown
from probes.schema import FRAMEWORKS, TITLES, Framework

#: Beyond this factor a weight is nobody's who has today's.
FAR: Final = 8.0
#: A difference of values that can be seen.
SHOWS: Final = 0.02
#: What is said of an option; its evidence is facts.
_OF_OPTIONS: Final = ("call", "reason", "cost", "until", "right_when", "keeps_open", "closed")
_ESCAPED: Final = re.compile(r"\\([\\`*_{}\[\]()<>#+!|~$&.=-])")


@dataclass(frozen=True)
class Page:
    """A recommendation as it is read: who leads and what is known, and every sentence by where it stands."""

    answers: Answers
    leads: Framework | None  # who is ahead, weights or requirement; None where nobody is
    unmeasured: frozenset[str]  # titles of criteria that nothing is known of
    ahead: Mapping[str, Framework]  # who is ahead on a criterion, by its title, where it shows
    flips: tuple[Flip, ...]
    sentences: Mapping[str, str]  # by place: headline, advice, «for 0», «flip 3», …
    report: str  # the Markdown, as it is read
    thirds: Mapping[str, float] = field(default_factory=dict)  # ways that are neither framework: how often first

    @property
    def own(self) -> str:
        """All that is said beside tables and evidence."""
        return "\n".join(self.sentences.values())


def page(answers: Answers, decision: Decision) -> Page:
    """What a reader sees of a decision."""
    return Page(
        answers,
        _leads(decision),
        frozenset(row.criterion.title for row in decision.criteria if row.status == "unknown"),
        {
            row.criterion.title: "pytorch" if row.difference > 0 else "tensorflow"
            for row in decision.criteria
            if abs(row.difference) > SHOWS
        },
        decision.flips,
        dict(_sentences(decision)),
        _ESCAPED.sub(r"\1", unescape(to_markdown(decision, answers))),
        {way.title: way.share or 0.0 for way in decision.options if not way.closed and way.id not in FRAMEWORKS},
    )


def _leads(decision: Decision) -> Framework | None:
    verdict = decision.verdict
    if verdict.strength == "veto":
        return None if len(failing(decision.vetoes)) > 1 else verdict.framework
    return max(verdict.probability, key=lambda side: verdict.probability[side])


def _sentences(decision: Decision) -> Iterator[tuple[str, str]]:
    yield "headline", decision.verdict.headline
    yield "advice", decision.verdict.advice
    voices = decision.group.voices if decision.group else ()
    lists = {
        "for": [reason.sentence for reason in decision.reasons_for],
        "against": [reason.sentence for reason in decision.reasons_against],
        "central": list(decision.central_sentences.values()),
        "flip": [flip.sentence for flip in decision.flips],
        "next": [f"{step.title}: {step.sentence}" for step in decision.next_steps],
        "summary": [row.summary for row in decision.criteria],
        "weight": [because for row in decision.criteria for because in row.because],
        "requirement": [veto.text for veto in decision.vetoes],
        "group": [decision.group.sentence if decision.group else "", *(voice.sentence for voice in voices)],
        "option": [getattr(option, name) for option in decision.options for name in _OF_OPTIONS],
    }  # fmt: skip
    for name, texts in lists.items():
        yield from ((f"{name} {i}", text) for i, text in enumerate(texts) if text)


# --------------------------------------------------------------------------------------------- detectors

Detector = Callable[[Page], list[str]]


def stays_while_the_other_side_leads(page: Page) -> list[str]:
    """«Stay with what you have (TensorFlow)», though PyTorch leads with the move counted."""
    stays = re.findall(r"[Ss]tay with (?:what you have \()?(PyTorch|TensorFlow)", page.sentences["advice"])
    leader = page.leads and TITLES[page.leads]
    return [f"stay with {side}, while {leader} leads" for side in stays if leader not in (None, side)]


def says_that_a_move_does_not_pay_though_it_leads(page: Page) -> list[str]:
    """«A move would cost more than it is known to bring», without a side to stay with that leads."""
    says = "a move would cost more" in page.own
    return ["no move pays, yet nobody is told to stay"] if says and "tay with what you have" not in page.own else []


def names_what_nobody_measured(page: Page) -> list[str]:
    """Unknown criteria as reasons, as what somebody cares about, or as what people part on."""
    places = ("headline", "advice", "for", "against", "central", "group", "option")
    return [
        f"{place} names «{title}», which is unknown"
        for place, text in page.sentences.items()
        if place.split()[0] in places
        for title in page.unmeasured
        if f"«{title}»" in text
    ]


def suits_for_what_the_other_does_better(page: Page) -> list[str]:
    """«TensorFlow suits those who care more about «Way to Browser»», though PyTorch is ahead on it."""
    suits = re.findall(r"(PyTorch|TensorFlow) suits those who care more about ([^.]+)", page.own)
    return [
        f"{side} for «{title}»"
        for side, named in suits
        for title, ahead in page.ahead.items()
        if f"«{title}»" in named and TITLES[ahead] != side
    ]


def says_if_not_of_who_leads_already(page: Page) -> list[str]:
    """«If not, the answer is PyTorch», where PyTorch leads."""
    named = re.findall(r"[Ii]f not, the answer is (PyTorch|TensorFlow)", page.own)
    return [f"if not, {side}: it leads already" for side in named if page.leads and TITLES[page.leads] == side]


def offers_a_weight_far_from_ours(page: Page) -> list[str]:
    """A weight more than eight times today's, or less than an eighth, as what would turn the answer."""
    return [
        f"{flip.title}: {flip.weight:.4f} to {flip.flips_at:.4f}"
        for flip in page.flips
        if flip.flips_at is not None and not flip.weight / FAR <= flip.flips_at <= flip.weight * FAR
    ]


def moves_code_that_stays(page: Page) -> list[str]:
    """«Either way» a move, though the code is to be kept or both backends are complete."""
    code = page.answers.code
    stays = code.framework == "both" or (code.framework in ("mixed", "jax") and code.plan == "keep")
    return re.findall(r"would have to be moved|either way|a move to \w+ takes", page.own) if stays else []


def counts_what_rounds_to_nothing(page: Page) -> list[str]:
    """«About under 1 person-days (under 1 to under 1)», «about 0 weeks»."""
    return re.findall(r"about under|under 1 to under 1|(?:about|under) 0 \w+|\(0 to 0\)", page.own)


_MANY: Final = r"(?:are|were|have|don't|do)"
_ONE: Final = r"(?:is|was|has|doesn't|does)"


def lets_number_and_noun_or_verb_disagree(page: Page) -> list[str]:
    """«1 of the 4 facts … are stale», «1 days», «3 facts is»."""
    one = r"(?<![\d.,–×=-])(?<!to )(?<!and )1 "
    units = "days|weeks|months|years|facts|lines|people|persons|person-days|points|draws|answers|decisions|members"
    patterns = (
        rf"{one}(?:{units})\b",
        rf"{one}of the \d+ [\w ]+? {_MANY}\b",
        rf"{one}\w+ (?:that [\w ]+ )?{_MANY}\b",
        rf"\b(?:[2-9]|[1-9]\d+) (?:facts|lines|weeks|days) {_ONE}\b",
        r"\b(?:[2-9]|[1-9]\d+) (?:fact|line|week|day|person-day|month)\b(?!-)",
    )
    return [found[0] for pattern in patterns for found in re.finditer(pattern, page.own)]


#: Finite verbs of our own sentences. One that is missing here is a new one: add it.
_VERBS: Final = re.compile(
    r"\b(?:is|are|was|were|has|have|had|does|do|doesn't|don't|isn't|aren't|can|could|may|might|must|will|would|needs?|"
    r"takes?|leads?|comes?|came|goes|gets?|meets?|misses|decides?|depends|rests?|runs?|ran|stays?|suits?|weighs?|"
    r"weighed|changes?|speaks?|costs?|knows?|brings?|keeps?|kept|leaves?|left|lies|counts?|assumes|supposes|means|"
    r"follows?|looks?|prefer|take|stay|let|keep|move|try|start|ask|measure|answer|allow|relax|stopped|ended|moved|"
    r"removed|retired|dropped|deprecated|released|ships?|supports?|uses?|installs?|carries|belongs|names?|lists?|"
    r"hold|holds|puts?|documents|patches|exports?|converts?|refuses|works?|appears?|reads?|writes?|turns?|matters?|"
    r"wins?|offers?|covers?|fits?|allows?|requires?|lacks?|makes?|gives?|serves?|trains?)\b"
)  # fmt: skip
_END: Final = re.compile(r"(?<=[a-zé»)%\d])[.!?] (?=[A-Z«])")


def leaves_out_the_verb(page: Page) -> list[str]:
    """«For spark, PyTorch: no maintained way …»: the headline, the advice or what turns it without a verb."""
    broken = re.findall(r"For [^,.:]+, (?:PyTorch|TensorFlow): .*", page.sentences["headline"])
    told = [
        text for place, text in page.sentences.items() if place.split()[0] in ("headline", "advice", "central", "flip")
    ]
    return broken + [part for text in told for part in _END.split(text) if not _VERBS.search(part)]  # fmt: skip


def speaks_the_language_of_tables(page: Page) -> list[str]:
    """Words that mean something in our files alone."""
    words = r"use the \w+ row|this report|rating is|maturity is|\bthe row\b|\b(?:route|target)_\w+|\bas_of\b"
    return re.findall(words, page.own)


_NO_ONNX: Final = ("microcontroller", "coral", "core_ml", "llm_serving", "llm_device", "tpu")


def promises_a_way_out_that_there_is_not(page: Page) -> list[str]:
    """ONNX where nothing runs it, Keras 3 on both for code that isn't Keras."""
    code, advice = page.answers.code.framework, page.sentences["advice"]
    found = []
    if re.search(r"ONNX runs without either", advice) and (
        code == "jax" or any(target.id in _NO_ONNX for target in page.answers.targets)
    ):
        found.append("nothing runs an ONNX model there")
    if "Keras 3 code runs on both" in advice and code not in ("keras", "keras3"):
        found.append(f"the code is {code}, not Keras 3")
    return found


def says_it_twice(page: Page) -> list[str]:
    """«For this project» twice in a headline, a sentence of the advice twice."""
    parts = _END.split(page.sentences["advice"])
    doubled = sorted({part for part in parts if parts.count(part) > 1})
    return doubled + ["For this project"] * (page.sentences["headline"].count("or this project") > 1)


def calls_it_settled_and_open(page: Page) -> list[str]:
    """«This is settled» beside something that is said to be able to turn it."""
    if not re.search(r"[Tt]his is settled", page.sentences["advice"]):
        return []
    otherwise = re.findall(r"[Ii]f not, the answer is \w+", page.own)
    turning = re.compile(r"(?:could|would) turn|would make the \w+ clear")
    return otherwise + [text for text in page.sentences.values() if turning.search(text) and "Nothing" not in text]


def settles_beside_what_nothing_is_known_of(page: Page) -> list[str]:
    """«Nothing that is still unknown is likely to turn it round», and below «Rasa: nothing is known of it here»."""
    if "nothing that is still unknown" not in page.sentences["advice"]:
        return []
    return re.findall(r"- (.+): nothing is known of it here", page.report)


def settles_between_two_and_forgets_a_third(page: Page) -> list[str]:
    """«This is settled», though a way that is neither of the two comes first in a quarter of the draws or more."""
    if "This is settled: nothing" not in page.sentences["advice"]:
        return []
    return [f"{title} comes first in {share:.0%}" for title, share in page.thirds.items() if share >= 0.25]


def says_first_what_it_does_not_recommend(page: Page) -> list[str]:
    """«Take TensorFlow. … Try boosted trees first»: the headline is what to do first."""
    third = re.search(r"comes before either|take boosted trees", page.sentences["headline"])
    return [] if third else re.findall(r"\btry (?!it\b)[\w ]+ first\b", page.sentences["advice"])


def repeats_a_reason_that_is_none(page: Page) -> list[str]:
    """«On «Your accelerators», PyTorch is ahead: on Linux both use NVIDIA GPUs», of which nothing puts a side ahead."""
    reasons = (text for place, text in page.sentences.items() if place.split()[0] in ("for", "against"))
    only_alike = re.compile(
        r"is ahead: (?:[^.;]*\bboth\b[^.;]*|[^.;]*calls either framework[^.;]*)\.(?: Facts as of| From)"
    )
    return [text for text in reasons if only_alike.search(text)]


def recommends_one_of_two_behind_a_third(page: Page) -> list[str]:
    """«JAX comes before either», and then «either will do»."""
    third = "comes before either" in page.sentences["headline"]
    return (
        re.findall(r"Either will do|is ahead, but not by enough|Stay with|That is a bet", page.sentences["advice"])
        if third
        else []
    )


def is_not_fit_to_print(page: Page) -> list[str]:
    """Values of Python, doubled or lonely punctuation, empty brackets."""
    broken = r"\bNone\b|\bnan\b|\binf\b|\bTrue\b|\bFalse\b|\(\)|\['|\.\.(?!\.)| [.,;:](?![\w.])|,\.|:\.|;\.|  +(?=\S)"
    return [f"{place}: {found[0]!r}" for place, text in page.sentences.items() for found in re.finditer(broken, text)]


def gives_chances_as_figures_alone(page: Page) -> list[str]:
    """A probability of judgements without words before it."""
    places = ("headline", "group")
    return [
        text
        for place, text in page.sentences.items()
        if place.split()[0] in places and re.search(r"(?:probability|chance)\D*\d", text)
        if not re.search(r" in \w+ \(", text)
    ]


DETECTORS: Final[tuple[Detector, ...]] = (
    stays_while_the_other_side_leads,
    says_that_a_move_does_not_pay_though_it_leads,
    names_what_nobody_measured,
    suits_for_what_the_other_does_better,
    says_if_not_of_who_leads_already,
    offers_a_weight_far_from_ours,
    moves_code_that_stays,
    counts_what_rounds_to_nothing,
    lets_number_and_noun_or_verb_disagree,
    leaves_out_the_verb,
    speaks_the_language_of_tables,
    promises_a_way_out_that_there_is_not,
    says_it_twice,
    calls_it_settled_and_open,
    settles_beside_what_nothing_is_known_of,
    settles_between_two_and_forgets_a_third,
    says_first_what_it_does_not_recommend,
    repeats_a_reason_that_is_none,
    recommends_one_of_two_behind_a_third,
    is_not_fit_to_print,
    gives_chances_as_figures_alone,
)


def contradictions(page: Page) -> list[str]:
    """All that any detector finds, each with the detector's name."""
    return [f"{detector.__name__}: {found}" for detector in DETECTORS for found in detector(page)]
