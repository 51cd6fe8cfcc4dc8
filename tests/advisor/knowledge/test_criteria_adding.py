"""A new criterion is one new entry: the example of ``docs`` in a copy of the data is weighed with the others."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from advisor.answers import Answers
from advisor.decision.evidence import assess
from advisor.knowledge import load
from tests.advisor import runs
from tests.places import ROOT

EXAMPLE = (ROOT / "docs" / "examples" / "criterion.yaml").read_text(encoding="utf-8")


def test_the_example_is_weighed_by_what_its_measure_found(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "data", tmp_path / "data")
    with (tmp_path / "data" / "criteria.yaml").open("a", encoding="utf-8") as written:
        written.write(EXAMPLE)
    known = load(tmp_path / "data")
    (new,) = {spec.id for spec in known.criteria} - {spec.id for spec in load().criteria}
    measured = replace(runs.result("inference_b1", 0.4), probe="mlp.inference_b2", measure="inference_b2")
    rows = {row.id: row for row in assess(Answers(), known, runs.run(measured))}
    assert measured.probe in {item.id for item in rows[new].evidence}
    pytorch, tensorflow = rows[new].values.mean()
    assert tensorflow > pytorch, "it took 0.4 times as long"
    assert rows.keys() - {new} == {row.id for row in assess(Answers(), load(), runs.run(measured))}
