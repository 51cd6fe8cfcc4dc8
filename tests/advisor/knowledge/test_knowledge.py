"""What is in data/, and what is refused at its door."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from advisor.answers import TARGET_IDS, Answers
from advisor.decision.evidence import assess
from advisor.knowledge import FILES, DataError, Knowledge, load, understand
from advisor.knowledge.conditions import condition
from advisor.knowledge.criteria import JudgementSpec, RatioSpec, RatiosSpec
from probes.catalog import models, probes_by_id
from probes.schema import ProbeId
from probes.system.data_files import DATA, parsed
from tests.advisor import runs


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load()


def test_everything_that_was_collected_is_there(knowledge: Knowledge) -> None:
    assert len(knowledge.facts) == 265
    assert len(knowledge.claims) == 52
    assert sum(len(routes) for sides in knowledge.routes.values() for routes in sides.values()) == 127
    assert len(knowledge.not_found) == 21
    assert set(knowledge.routes) == set(knowledge.target_titles) == set(TARGET_IDS)


def test_the_facts_file_says_how_many_favour_whom(knowledge: Knowledge) -> None:
    favoured = Counter(fact.favours for fact in knowledge.facts.values())
    said = "{pytorch} facts favour PyTorch, {tensorflow} TensorFlow, {neither} neither".format(**favoured)
    assert said in (DATA / "facts.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("file", sorted(DATA.glob("*.yaml")), ids=lambda file: file.name)
def test_files_stay_small(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8")) < 1_000_000


def test_every_fact_has_a_source_and_a_date(knowledge: Knowledge) -> None:
    assert all(fact.source.title and fact.as_of[:4].isdigit() for fact in knowledge.facts.values())


def test_facts_of_low_confidence_carry_their_note(knowledge: Knowledge) -> None:
    low = [fact for fact in knowledge.facts.values() if fact.confidence == "low"]
    assert low
    assert [fact.id for fact in low if not fact.note and not fact.source.note] == []


def test_every_probe_of_a_criterion_exists(knowledge: Knowledge) -> None:
    ratios = [spec.value for spec in knowledge.criteria if isinstance(spec.value, RatioSpec)]
    assert ratios
    for network in knowledge.networks.values():
        wanted = {str(ProbeId(network, ratio.measure, ratio.track)) for ratio in ratios if ratio.track != "careful"}
        assert {f"{network}.{ratio.measure}" for ratio in ratios if ratio.track != "tuned"} | wanted <= set(
            probes_by_id()
        )
    fixed = {probe for spec in knowledge.criteria if isinstance(spec.value, RatiosSpec) for probe in spec.value.probes}
    assert fixed
    assert fixed <= set(probes_by_id())


def test_every_network_stands_for_some_kind_of_project(knowledge: Knowledge) -> None:
    assert set(knowledge.networks.values()) == {model.id for model in models()}


def test_a_fact_or_probe_counts_in_one_criterion_only(knowledge: Knowledge) -> None:
    """By provenance, over everything that criteria and routes may cite; targets share one criterion's swing."""
    owners: dict[str, set[str]] = {}
    for spec in knowledge.criteria:
        for evidence in (*spec.facts, *spec.measures):
            owners.setdefault(evidence, set()).add(spec.id)
    for sides in knowledge.routes.values():
        for route in (route for routes in sides.values() for route in routes):
            for fact in route.facts:
                owners.setdefault(fact, set()).add("deployment")
    assert [(evidence, ids) for evidence, ids in owners.items() if len(ids) > 1] == []


@pytest.mark.parametrize("hardware", ["cpu", "nvidia", "amd", "apple", "tpu"])
@pytest.mark.parametrize("target", TARGET_IDS)
def test_no_row_of_a_decision_repeats_what_another_rests_on(knowledge: Knowledge, target: str, hardware: str) -> None:
    answers = Answers.model_validate(
        {"schema": 1, "targets": [{"id": target}], "hardware": {"train": hardware}, "code": {"framework": "keras"}}
    )
    rows = assess(answers, knowledge, runs.quick())
    seen: dict[str, str] = {}
    for row in rows:
        for item in {evidence.id for evidence in row.evidence if evidence.kind in ("fact", "probe")}:
            assert seen.setdefault(item, row.family) == row.family, item
    assert len(seen) > len(rows)


def test_every_judgement_says_why_and_has_five_anchors(knowledge: Knowledge) -> None:
    judgements = {spec.id: spec.value for spec in knowledge.criteria if isinstance(spec.value, JudgementSpec)}
    assert judgements
    for name, judgement in judgements.items():
        assert len(set(judgement.anchors)) == 5, name
        assert judgement.cases, name
        assert all(case.because.endswith(".") and case.facts for case in judgement.cases), name


def test_no_rule_takes_a_side(knowledge: Knowledge) -> None:
    """What moves a swing may name the code that exists, but PyTorch's and TensorFlow's alike."""
    rules = [(spec.id, rule) for spec in knowledge.criteria for rule in spec.rules]
    assert rules
    for name, rule in rules:
        named = {line.asks: line.values for line in rule.when.lines}
        code = named.get("code.framework", frozenset())
        assert ("pytorch" in code) == ("tensorflow2" in code), name
        assert not [path for path in named if path in ("team.skills.pytorch", "team.skills.tensorflow")], name


def test_claims_cite_facts_that_exist(knowledge: Knowledge) -> None:
    assert all(fact in knowledge.facts for claim in knowledge.claims for fact in claim.facts)


def test_each_of_the_articles_55_statements_has_one_claim(knowledge: Knowledge) -> None:
    answered = sorted(number for claim in knowledge.claims for number in claim.statements)
    assert answered == list(range(1, 56))


def test_a_way_that_is_ready_for_production_rests_on_a_fact_or_a_run(knowledge: Knowledge) -> None:
    ready = [
        way
        for sides in knowledge.routes.values()
        for ways in sides.values()
        for way in ways
        if way.maturity == "production"
    ]
    assert ready
    assert not [way.tool for way in ready if not (way.facts or way.background or way.tried_by)]


def test_every_fact_is_used_or_says_why_it_is_only_shown(knowledge: Knowledge) -> None:
    routes = [route for sides in knowledge.routes.values() for rows in sides.values() for route in rows]
    used = {
        *(fact for spec in knowledge.criteria for fact in spec.facts),
        *(fact for claim in knowledge.claims for fact in claim.facts),
        *(
            fact
            for item in knowledge.requirements
            for case in item.cases
            for side in case.findings.values()
            for fact in side.facts
        ),
        *(fact for hint in knowledge.hints for fact in hint.facts),
        *(fact for option in knowledge.options for fact in option.facts),
        *(fact for route in routes for fact in (*route.facts, *route.background)),
    }
    shown = {fact.id for fact in knowledge.facts.values() if fact.background}
    assert sorted(knowledge.facts.keys() - used - shown) == []
    assert sorted(shown & used) == []


# ------------------------------------------------------------------------------------ what is refused

Change = Callable[[Any], None]


@pytest.fixture(scope="module")
def written() -> Mapping[str, object]:
    return {name: parsed(DATA, name) for name in FILES}


def _set(*path: str | int, to: object) -> Change:
    def change(content: Any) -> None:
        for key in path[:-1]:
            content = content[key]
        content[path[-1]] = to

    return change


def _drop(*path: str | int) -> Change:
    def change(content: Any) -> None:
        for key in path[:-1]:
            content = content[key]
        del content[path[-1]]

    return change


def _twice(key: str) -> Change:
    return lambda content: content[key].append(content[key][0])


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("facts.yaml", _drop("facts", 0, "source"), r"facts\.pt-latest\.source: is missing"),
        ("facts.yaml", _drop("facts", 0, "as_of"), r"facts\.pt-latest\.as_of: is missing"),
        ("facts.yaml", _set("facts", 0, "as_of", to="last year"), "pt-latest.as_of: .*got 'last year'"),
        ("facts.yaml", _set("facts", 0, "confidence", to="sure"), "pt-latest.confidence: .*got 'sure'"),
        ("facts.yaml", _set("facts", 0, "source", "url", to="javascript:x"), "pt-latest.source.url: "),
        ("facts.yaml", _set("facts", 0, "colour", to="red"), r"pt-latest\.colour: no such key; allowed: id, subject"),
        ("facts.yaml", _twice("facts"), "'pt-latest' occurs twice"),
        ("facts.yaml", _set("schema", to=2), r"schema: Input should be 1 \(got 2\)"),
        ("facts.yaml", _set("schema", to=True), "schema: true is not allowed; allowed: 1"),
        ("facts.yaml", _set("schema", to=1.0), r"schema: 1\.0 is not allowed; allowed: 1"),
        (
            "facts.yaml",
            _set("facts", 0, "as_of", to="2062-11"),
            r"pt-latest\.as_of: '2062-11'; allowed: up to",
        ),
        (
            "facts.yaml",
            _set("facts", 0, "since", to="2062-11"),
            r"pt-latest\.since: '2062-11'; allowed: up to",
        ),
        ("claims.yaml", _set("claims", 0, "facts", to=["nobody"]), r"c01\.facts\.0: the fact 'nobody' doesn't exist"),
        ("claims.yaml", _twice("claims"), "'c01' occurs twice"),
        ("claims.yaml", _set("claims", 0, "verdict", to="true"), r"c01\.verdict: .*got 'true'"),
        ("claims.yaml", _set("claims", 11, "facts", to=[]), "c12: .*neither facts nor a measure, and not an opinion"),
        ("facts.yaml", _set("facts", 0, "look", 0, "what", to="size"), r"pt-latest\.look\.0\.what: .*got 'size'"),
        ("routes.yaml", _drop("targets", "ios"), "no routes for the target 'ios'"),
        ("routes.yaml", _set("targets", "ios", "pytorch", 0, "maturity", to="great"), "coremltools.maturity: "),
        ("routes.yaml", _set("targets", "ios", "pytorch", 0, "facts", to=["hf-v5"]), "counts in 'ecosystem' already"),
        ("criteria.yaml", _twice("criteria"), "'training_speed' occurs twice"),
        ("criteria.yaml", _set("criteria", 0, "swing", to=400), "training_speed.swing: .*got 400"),
        (
            "criteria.yaml",
            _set("criteria", 0, "value", "kind", to="guess"),
            r"training_speed\.value: .*'guess' .*expected tags: 'ratio', ",
        ),
        ("criteria.yaml", _set("criteria", 0, "rules", 0, "when", to={"mood": "good"}), "no answer 'mood'; allowed"),
        (
            "criteria.yaml",
            _set("criteria", 0, "rules", 0, "factor", to=9),
            r"rules\.0\.factor: .*less than or equal to 5 \(got 9\)",
        ),
        ("criteria.yaml", _set("criteria", 1, "value", "measure", to="train_step"), "'train_step' counts in"),
        (
            "criteria.yaml",
            _set("criteria", 6, "value", "cases", 0, "facts", to=[]),
            r"cases\.0\.facts: .*at least 1 item",
        ),
        ("criteria.yaml", _set("criteria", 6, "value", "cases", 0, "facts", to=["hf-v5"]), "'hf-v5' counts in"),
        ("criteria.yaml", _set("criteria", 6, "value", "cases", 0, "pytorch", to=6), "pytorch: .*got 6"),
        ("criteria.yaml", _drop("criteria", 6, "value", "anchors", 0), r"platforms\.value\.anchors\.4: is missing"),
        (
            "criteria.yaml",
            _drop("criteria", 6, "value", "cases", 0, "when"),
            r"platforms\.value\.cases: a case without",
        ),
        (
            "requirements.yaml",
            _drop("requirements", 3, "cases", 0, "when"),
            r"windows_gpu\.cases: a case without",
        ),
        ("criteria.yaml", _set("transfer", to={"same": 1}), r"transfer: \['same'\]; needs level, network, "),
        (
            "requirements.yaml",
            _set("requirements", 0, "cases", 0, "pytorch", "facts", to=["nobody"]),
            "'nobody' doesn't exist",
        ),
    ],
)
def test_broken_knowledge_is_refused(written: Mapping[str, object], name: str, change: Change, message: str) -> None:
    broken = copy.deepcopy(written[name])
    change(broken)
    with pytest.raises(DataError, match=message) as caught:
        understand({**written, name: broken})
    assert str(caught.value).startswith(name)


def test_missing_and_unreadable_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"facts.yaml: can't be read"):
        load(tmp_path)
    (tmp_path / "facts.yaml").write_text("{", encoding="utf-8")
    with pytest.raises(DataError, match=r"facts.yaml: is not YAML"):
        load(tmp_path / ".")


# ---------------------------------------------------------------------------------------- conditions


@pytest.mark.parametrize(
    ("written", "holds"),
    [
        ({}, True),
        (None, True),
        ({"stage": "scaling"}, True),
        ({"stage": ["exploring", "scaling"]}, True),
        ({"stage": "exploring"}, False),
        ({"targets": ["ios"]}, True),
        ({"targets.only": ["ios"]}, False),
        ({"targets.only": ["ios", "browser", "tpu"]}, True),
        ({"team.size": {"min": 4, "max": 4}}, True),
        ({"team.size": {"max": 3}}, False),
        ({"team.skills.jax": {"min": 0}}, False),  # not answered: nothing follows
        ({"hardware.serve": "cpu"}, False),
        ({"hardware.train": "tpu"}, True),
        ({"hardware.train": ["cpu", "nvidia"]}, True),
        ({"hardware.train": "amd"}, False),
        ({"hardware.train.only": ["nvidia"]}, False),
        ({"hardware.train.only": ["nvidia", "tpu", "cpu"]}, True),
        ({"hardware.serve.only": ["cpu"]}, False),
        ({"constraints.offline": False}, True),
        ({"constraints.offline": True}, False),
        ({"constraints.offline": [True, False]}, True),
        ({"constraints.wsl": False}, False),
        ({"project.data_gb": {"max": 0.5}}, True),
        ({"stage": "scaling", "project.domain": "audio"}, False),
    ],
)
def test_conditions(written: object, holds: bool) -> None:
    answers = Answers.model_validate(
        {
            "schema": 2,
            "stage": "scaling",
            "project": {"data_gb": 0.5},
            "targets": [{"id": "ios"}, {"id": "browser"}],
            "team": {"size": 4},
            "hardware": {"train": ["nvidia", "tpu"]},
            "constraints": {"offline": False},
        }
    )
    assert condition(written).holds(answers) is holds


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ({"stage": "done"}, "'done' is not an answer; allowed: exploring"),
        ({"targets": "moon"}, "'moon' is not an answer; allowed: server_rest_grpc"),
        ({"team.size": 5}, "a number is asked as"),
        ({"team.size": {"over": 5}}, "a number is asked as"),
        ({"team.size": {"min": "five"}}, "must be numbers"),
        ({"stage.only": "scaling"}, "no answer 'stage.only'; allowed: .*hardware.train.only"),
        ({"hardware.train.only": "moon"}, "hardware.train.only: 'moon' is not an answer; allowed: cpu"),
        ({"constraints.offline": "yes"}, "'yes' is not an answer; allowed: true, false"),
        ({"constraints.offline": 1}, "1 is not an answer; allowed: true, false"),
        ({"stage": True}, "True is not an answer; allowed: exploring"),
        (["stage"], "a condition is a mapping"),
    ],
)
def test_bad_conditions_are_refused(written: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        condition(written)
