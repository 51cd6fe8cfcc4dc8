"""What modes are made of, and that it is what the adapters do."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from advisor.knowledge import DataError
from advisor.knowledge.modes import ModeChoice, Modes, choices, concerning
from probes.schema import FRAMEWORKS, Framework, Track
from probes.system.data_files import DATA, parsed
from probes.tracks import MODES, WITHOUT_KERAS

ALL = [choice for found in choices().values() for choice in found]


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("track", ["careful", "tuned", *WITHOUT_KERAS])
def test_each_mode_that_was_written_with_care_says_what_it_is_made_of(framework: Framework, track: Track) -> None:
    mode = MODES[track][framework]
    assert mode == "eager" or choices()[framework, mode]


@pytest.mark.parametrize("choice", ALL, ids=lambda choice: choice.title)
def test_every_choice_has_its_source_in_the_frameworks_own_documentation(choice: ModeChoice) -> None:
    home = {"pytorch": "https://docs.pytorch.org/", "tensorflow": "https://www.tensorflow.org/"}
    assert choice.source.url.startswith(home[choice.framework])
    assert len(choice.quote.split()) >= 3


@pytest.mark.parametrize(
    ("words", "where"),
    [
        ("fused=True", "frameworks"),
        ("memory_format=torch.channels_last", "frameworks"),
        ("get_concrete_function", "frameworks"),
        ("ResourceApplyAdam", "frameworks"),
        ("make_callable", "frameworks"),
        ("non_blocking=", "frameworks"),
        ("pin_memory=", "workloads"),
        ("tf.one_hot(labels, ", "workloads"),
        ('prefetch_to_device("/GPU:0")', "workloads"),
    ],
)
def test_what_is_said_to_be_done_is_done(words: str, where: str) -> None:
    assert any(words in choice.code for choice in ALL)
    files = (DATA.parent / "probes" / where).glob("*.py")
    assert any(words in file.read_text(encoding="utf-8") for file in files)


@pytest.mark.parametrize(("framework", "mode"), choices())
def test_under_a_heading_a_mode_is_made_of_what_can_show_there(framework: Framework, mode: str) -> None:
    def kinds(group: str) -> set[str]:
        return {choice.helps for choice in concerning(framework, mode, group)}

    own = {choice.helps for choice in choices()[framework, mode]}
    assert kinds("Data") == own
    assert kinds("Training") == own - {"data loading"}
    assert kinds("Answering") == own - {"data loading", "training"}
    assert kinds("") == kinds("Training")


def test_a_mode_that_nothing_was_chosen_for_is_made_of_nothing() -> None:
    assert concerning("pytorch", "eager", "Training") == ()


def test_a_mode_that_does_not_exist_is_refused() -> None:
    content: Any = copy.deepcopy(parsed(DATA, Modes.file))
    content["choices"][0]["mode"] = "fast"
    with pytest.raises(DataError, match=r"modes\.yaml: choices\.0.*'fast'; allowed for PyTorch: eager, "):
        Modes.understood(content)
