"""What modes are made of, and that it is what the adapters do."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from advisor.knowledge import DataError
from advisor.knowledge.modes import ModeChoice, Modes, choices
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
    "words",
    ["fused=True", "memory_format=torch.channels_last", "get_concrete_function", "ResourceApplyAdam", "make_callable"],
)
def test_what_is_said_to_be_done_is_done(words: str) -> None:
    assert any(words in choice.code for choice in ALL)
    adapters = (DATA.parent / "probes" / "frameworks").glob("*.py")
    assert any(words in file.read_text(encoding="utf-8") for file in adapters)


def test_a_mode_that_does_not_exist_is_refused() -> None:
    content: Any = copy.deepcopy(parsed(DATA, Modes.file))
    content["choices"][0]["mode"] = "fast"
    with pytest.raises(DataError, match=r"modes\.yaml: choices\.0.*'fast'; allowed for PyTorch: eager, "):
        Modes.understood(content)
