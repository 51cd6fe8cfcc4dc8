"""What an options file may say, and what is refused with its path and what is allowed."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, get_args

import pytest

from advisor.answers import Answers, CodeFramework
from advisor.decision.decide import decide
from advisor.knowledge import FILES, DataError, criterion_ids, load, understand
from advisor.knowledge.options import OptionSpec
from probes.schema import FRAMEWORKS
from probes.system.data_files import DATA, parsed
from tests.places import ROOT

KNOWN = load()


def option(name: str) -> OptionSpec:
    return next(option for option in KNOWN.options if option.id == name)


def test_every_option_is_there_and_cites_facts_that_exist() -> None:
    assert [option.id for option in KNOWN.options] == [
        "pytorch", "tensorflow", "keras-pytorch", "keras-jax", "jax", "stay", "both", "runtime", "neither",
    ]  # fmt: skip
    for one in KNOWN.options:
        assert one.facts <= set(KNOWN.facts)


def test_every_kind_of_code_can_be_moved_to_every_way_that_is_open_to_it() -> None:
    """Else a way would cost nothing, or what another one costs, because somebody forgot a line."""
    everything = set(get_args(CodeFramework))
    for one in KNOWN.options:
        if one.id in FRAMEWORKS:
            continue
        opened_by = [line.values for when in one.open for line in when.lines if line.asks == "code.framework"]
        asked = frozenset.union(*opened_by) if opened_by else everything
        assert asked <= set(one.move), one.id


def test_a_way_that_did_not_exist_yet_is_not_open() -> None:
    keras = option("keras-pytorch")
    assert keras.is_open(Answers(), date(2023, 11, 1))
    assert not keras.is_open(Answers(), date(2023, 10, 31))


@pytest.fixture(scope="module")
def written() -> Mapping[str, object]:
    return {name: parsed(DATA, name) for name in FILES}


def _of(name: str, **changes: object) -> Callable[[Any], None]:
    return lambda content: next(one for one in content["options"] if one["id"] == name).update(changes)


def _value(name: str, criterion: str, *sources: Mapping[str, object]) -> Callable[[Any], None]:
    return lambda content: next(one for one in content["options"] if one["id"] == name)["values"].update(
        {criterion: list(sources)}
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_value("jax", "speed", {"as": "pytorch"}), r"jax\.values\.speed: no such criterion; allowed: .*skills"),
        (_of("keras-jax", otherwise=[{"as": "jax"}]), r"options\.[a-z-]+: it takes its value from itself.*jax → .*jax"),
        (_value("keras-jax", "exit", {"as": "jax"}), None),  # no circle: JAX has a value of its own there …
        (_value("keras-jax", "security", {"as": "jax"}), r"from itself on 'security'"),  # … and takes this one from it
        (_value("keras-jax", "memory", {"best": ["jax", "pytorch"]}), r"from itself on 'memory'"),
        (_value("jax", "exit", {"as": "theano"}), r"jax\.values\.exit: no option 'theano'; allowed: .*keras-jax"),
        (_value("jax", "exit", {"level": 3, "because": "x", "facts": ["nobody"]}), r"'nobody' doesn't exist"),
        (_value("jax", "exit", {"level": 3}), r"jax\.values\.exit\.0: a level needs because and facts"),
        (_value("jax", "exit", {"level": 6, "because": "x", "facts": ["keras3"]}), r"equal to 5 \(got 6\)"),
        (_value("jax", "exit", {"as": "pytorch", "skill": "jax"}), r"needs one of as, .*, not as and skill"),
        (_value("jax", "exit", {}), r"needs one of as, best, mix, skill, level, not none of them"),
        (_value("jax", "exit", {"mix": {"low": 0.5, "likely": 0.4, "high": 1}}), r"needs low ≤ likely ≤ high"),
        (_value("jax", "exit", {"mix": {"low": 0, "likely": 0.4, "high": 2}}), r"mix\.high: .*\(got 2\)"),
        (_of("jax", otherwise=[{"skill": "jax"}]), r"options\.jax: otherwise needs a source that always holds"),
        (_of("pytorch", otherwise=[{"as": "jax"}]), r"pytorch: what the two frameworks are worth is in"),
        (_of("jax", move={"keras3": [400, 150, 60]}), r"jax\.move\.keras3: needs three positive .*not 400, 150, 60"),
        (_of("jax", move={"keras3": [0, 1, 2]}), r"jax\.move\.keras3: needs three positive numbers, .*not 0, 1, 2"),
        (_of("jax", move={"keras3": [1, 2, float("inf")]}), r"jax\.move\.keras3: needs three positive .*not 1, 2, inf"),
        (_of("jax", move={"keras3": [1, 2]}), r"jax\.move\.keras3\.2: is missing"),
        (_value("jax", "exit", {"level": True, "because": "x", "facts": ["keras3"]}), r"level: .*\(got True\)"),
        (_value("jax", "exit", {"level": 2.3, "because": "x", "facts": ["keras3"]}), r"multiple of 0\.5 \(got 2\.3\)"),
        (
            _of("stay", until=[{"month": "2027-10", "because": "x", "facts": ["keras3"]}] * 2),
            r"options\.stay\.until: a case without «when» always fits, and none behind it",
        ),
        (_of("jax", move={"theano": None}), r"move: no code 'theano'; allowed: .*tensorflow1"),
        (_of("jax", open=[{"code.colour": "red"}]), r"jax\.open\.0: no answer 'code\.colour'; allowed: "),
        (_of("jax", id="Theano!"), r"Theano!\.id: .*got 'Theano!'"),
        (_of("jax", otherwise=[{"as": "theano"}]), r"options\.jax\.otherwise: no option 'theano'; allowed: pytorch, "),
        (_of("stay", until=[{"month": "2027-13", "because": "x", "facts": ["keras3"]}]), r"until\.0\.month: .*2027-13"),
        (lambda content: content["options"].pop(0), r"options: the option 'pytorch' is missing"),
        (lambda content: content["options"].append(content["options"][0]), r"options: 'pytorch' occurs twice"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_with_its_path(
    written: Mapping[str, object], change: Callable[[Any], None], message: str | None
) -> None:
    broken = copy.deepcopy(written["options.yaml"])
    change(broken)
    if message is None:
        assert understand({**written, "options.yaml": broken}).options
        return
    with pytest.raises(DataError, match=rf"^options\.yaml: (.|\n)*{message}"):
        understand({**written, "options.yaml": broken})


def test_a_target_alone_may_have_a_value_of_its_own() -> None:
    assert {name for one in KNOWN.options for name in one.values} <= set(criterion_ids(KNOWN))
    keras = option("keras-pytorch")
    server = keras.source("deployment.llm_serving", "deployment", Answers())
    other = keras.source("deployment.android", "deployment", Answers())
    assert server is not None
    assert server.level is not None
    assert other == keras.otherwise[0]


def test_a_new_way_is_one_new_entry_and_is_ranked_with_the_others(tmp_path: Path) -> None:
    shutil.copytree(DATA, tmp_path / "data")
    with (tmp_path / "data" / "options.yaml").open("a", encoding="utf-8") as file:
        file.write((ROOT / "docs" / "examples" / "option.yaml").read_text(encoding="utf-8"))
    known = load(tmp_path / "data")
    (new,) = {one.id for one in known.options} - {one.id for one in KNOWN.options}
    answers = Answers.model_validate({"schema": 2, "hardware": {"serve": ["intel"]}, "code": {"framework": "keras3"}})
    found = {one.id: one for one in decide(answers, known, samples=200).options}
    assert found[new].share is not None
    assert found[new].days == found["keras-pytorch"].days
    differ = {name for name, part in found[new].parts.items() if part != found["keras-pytorch"].parts[name]}
    assert differ == {"inference_latency"}
    assert new not in {one.id for one in decide(Answers(), known, samples=200).options}
