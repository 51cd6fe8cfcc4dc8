"""What the documents say is held against the code."""

from __future__ import annotations

import importlib
import re

import pytest
import yaml

from advisor import wiring
from probes import catalog
from probes.contracts import MeasureSpec
from probes.schema import Outcome
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


SETTINGS = {f"FULCRUM_{name.upper()}": field for name, field in wiring.Settings.model_fields.items()}


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_is_in_the_readme(name: str) -> None:
    default, meaning = SETTINGS[name].title or "", SETTINGS[name].description or ""
    assert meaning
    row = rf"\| `{name}` \|\s*{re.escape(default)}\s*\| {re.escape(meaning)} \|"
    assert re.search(row, README), f"the README's table of settings lacks: {name}"


def test_the_readme_names_no_setting_that_is_not_read() -> None:
    assert set(re.findall(r"FULCRUM_[A-Z_]+", README)) <= set(SETTINGS)


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_is_in_the_readme(outcome: Outcome) -> None:
    assert outcome.value in README


@pytest.mark.parametrize(
    "measure",
    {one.measure_spec.id: one.measure_spec for one in catalog.probes_by_id().values()}.values(),
    ids=lambda spec: spec.id,
)
def test_every_measure_is_in_the_readme(measure: MeasureSpec) -> None:
    (row,) = re.findall(rf"\| {measure.group} \| (.+) \|", README)
    named = [re.sub(r" \(.*\)$", "", entry) for entry in row.split(" · ")]
    assert measure.title.lower() in [name.lower() for name in named]


@pytest.mark.parametrize("line", re.findall(r"^python -m (\w+ \w+[^#\n]*)", README, re.MULTILINE))
def test_the_readmes_commands_exist(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    package, command, *rest = line.split()
    with pytest.raises(SystemExit) as ended:
        importlib.import_module(f"{package}.__main__").main([command, "--help"])
    assert ended.value.code == 0
    known = capsys.readouterr().out
    assert [option for option in rest if option.startswith("--") and option not in known] == []


def test_the_readmes_links_lead_somewhere() -> None:
    paths = re.findall(r"!?\[[^\]]*\]\(([^)#:]+)\)", README)
    assert len(paths) > 10
    assert [path for path in paths if not (ROOT / path).exists()] == []


def places() -> list[tuple[str, str]]:
    """Files and folders of the house that documents of today name; records of the past keep their names."""
    documents = [ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
    named = re.compile(r"`((?:probes|advisor|data|ui|tests|scripts|docs)/[\w/]*(?:\.\w+)?)`")
    return [(path.name, place) for path in documents for place in sorted(set(named.findall(path.read_text("utf-8"))))]


def test_the_places_that_documents_send_people_to_exist() -> None:
    """``x.py`` and ``ID.py`` stand for a new one."""
    assert len(places()) > 50
    lost = [one for one in places() if not (ROOT / re.sub(r"(?<=/)(x|ID)\.py$|(?<=/)NAME/$", "", one[1])).exists()]
    assert lost == []


def test_what_runs_before_a_commit_is_what_make_check_runs() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"][0]["hooks"]
    check = re.search(r"^check:.*\n((?:\t.+\n)+)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert check
    assert [hook["entry"] for hook in hooks] == [line.strip() for line in check[1].splitlines()]


def test_requirements_are_exact_pins() -> None:
    for file in ("requirements.txt", "requirements-dev.txt"):
        lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
        pins = [line for line in lines if line and not line.startswith("#")]
        assert pins
        assert all(re.fullmatch(r"[\w.-]+(\[\w+\])?==[\w.]+", pin) for pin in pins), file
