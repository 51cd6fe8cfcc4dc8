"""What becomes of what both sides say of a published model. The children are fakes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pytest

from probes import catalog
from probes.contracts import DataPlace
from probes.engine.running.model_files import ModelFileError, describe
from probes.schema import FRAMEWORKS, Framework
from probes.team_files import Lack, TeamData

CONFIG = {"model_type": "bert", "architectures": ["BertLMHeadModel"], "vocab_size": 100, "hidden_size": 16}
NONE = Lack("no implementation", "KerasHub", "0.32.0", "bert as decoder", "2026-11-29")
HALF = {
    "model": {
        "title": "Bert", "packages": ["transformers"], "sides": [*FRAMEWORKS], "trains": True, "parameters": 7,
        "generates": True,
    },
    "sides": [*FRAMEWORKS],
}  # fmt: skip


def without(side: Framework, lack: Lack) -> dict[str, Any]:
    return {"model": None, "sides": [other for other in FRAMEWORKS if other != side], "lack": asdict(lack)}


@dataclass
class Saying:
    """Children that say this of the model."""

    answers: Mapping[Framework, Mapping[str, Any]]
    asked: list[Framework]
    told: list[Any] = field(default_factory=list)  # of a team's own data

    def __call__(self, framework: Framework, environment: dict[str, str], cancelled: Callable[[], bool]) -> Any:
        self.framework = framework
        self.asked.append(framework)
        return self

    def ask(self, do: str, *, timeout: float, **arguments: Any) -> dict[str, Any]:
        self.told += [arguments["data"]] if do == "data" else []
        said = {"describe": self.answers[self.framework], "try_step": {"step_s": 0.5, "bytes": 9}}
        return dict(said.get(do, {}))

    def close(self) -> None: ...


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(catalog, "not_installed", lambda *_: "")
    (tmp_path / "config.json").write_text(json.dumps(CONFIG), encoding="utf-8")
    return tmp_path / "config.json"


def test_a_side_without_an_implementation_leaves_the_other_to_be_measured(path: Path) -> None:
    file = describe(path, launcher=Saying({"pytorch": HALF, "tensorflow": without("tensorflow", NONE)}, []))
    assert file.sides == ("pytorch",)
    assert file.lacks == {"tensorflow": NONE}
    reason = "no implementation of bert as decoder in KerasHub 0.32.0, as of 2026-11-29"
    probe = catalog.find(f"{file.id}.train_step")
    assert catalog.why_not(probe, "tensorflow") == reason
    assert catalog.why_not(probe, "pytorch") == ""


def test_both_sides_have_it_whichever_was_asked_first(path: Path) -> None:
    file = describe(path, launcher=Saying({"pytorch": HALF, "tensorflow": HALF}, []))
    assert (file.sides, file.lacks) == (FRAMEWORKS, {})
    assert file.step_seconds == {"pytorch": 0.5, "tensorflow": 0.5}


def test_the_second_side_alone(path: Path) -> None:
    lack = Lack("not installed", "Transformers", what="transformers")
    file = describe(path, launcher=Saying({"pytorch": without("pytorch", lack), "tensorflow": HALF}, []))
    assert file.sides == ("tensorflow",)
    assert file.lacks["pytorch"].reason == "Transformers isn't here: python -m probes env create transformers"


def test_no_side_at_all_is_refused_with_both_reasons(path: Path) -> None:
    refusal = Lack("refused", "Transformers", "5.24.0", "config.json: Transformers refuses the configuration: no")
    both = Saying({"pytorch": without("pytorch", refusal), "tensorflow": without("tensorflow", NONE)}, [])
    with pytest.raises(ModelFileError) as caught:
        describe(path, launcher=both)
    assert f"PyTorch: {refusal.reason}; TensorFlow: {NONE.reason}" in str(caught.value)


def test_what_is_none_is_told_before_a_child_is_started(path: Path) -> None:
    path.write_text(json.dumps(CONFIG | {"vocab_size": "many"}), encoding="utf-8")
    children = Saying({}, [])
    with pytest.raises(ModelFileError, match=r'config\.json: vocab_size is "many"; allowed: a number'):
        describe(path, launcher=children)
    assert not children.asked


def test_only_a_model_that_writes_is_asked_how_fast_it_writes(path: Path) -> None:
    file = describe(path, launcher=Saying({"pytorch": HALF, "tensorflow": HALF}, []))
    writing = {"generation_first_token", "generation_tokens"}
    assert writing <= {probe.spec.measure for probe in catalog.probes_of(file.id).values()}
    silent = HALF | {"model": HALF["model"] | {"generates": False}}  # type: ignore[operator]
    path.write_text(json.dumps(CONFIG | {"hidden_size": 8}), encoding="utf-8")
    other = describe(path, launcher=Saying({"pytorch": silent, "tensorflow": silent}, []))
    assert not writing & {probe.spec.measure for probe in catalog.probes_of(other.id).values()}
    assert not writing & {probe.spec.measure for probe in catalog.probes_by_id().values()}, "stock networks write none"


def test_a_teams_own_data_are_told_to_its_children_first(path: Path) -> None:
    data = DataPlace(TeamData("sample.npz", "c" * 64, "npz", 10, {"x": (4,)}, "y", 3, 10), path)
    children = Saying({"pytorch": HALF, "tensorflow": HALF}, [])
    assert describe(path, launcher=children, data=data).data == data.data
    assert children.told == [asdict(data.data)] * 2
