"""Every file to begin with runs as it is: described and compared in one child of each framework."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from advisor.answers import Answers, Domain
from advisor.output.model_file import Halves, filled
from probes.compare.report import reported
from probes.compare.run import start_worker
from probes.compare.schema import ModelReport
from probes.schema import FRAMEWORKS
from tests.probes.model_file.both_sides import BothSides, both_sides

pytestmark = [pytest.mark.framework, pytest.mark.timeout(300)]

#: Of domains whose files differ in nothing but their names, one.
DOMAINS = tuple({filled(Answers.model_validate({"project": {"domain": d}})).text: d for d in get_args(Domain)}.values())


@pytest.fixture(scope="module")
def sides() -> Iterator[BothSides]:
    with both_sides(start_worker) as found:
        yield found


def looked_at(sides: BothSides, folder: Path, domain: Domain, halves: Halves) -> tuple[ModelReport, int]:
    template = filled(Answers.model_validate({"project": {"domain": domain}}), halves)
    path = folder / template.name
    path.write_text(template.text, encoding="utf-8")
    return reported(sides.children, folder, path, sides.described(path)), template.parameters


@pytest.mark.parametrize("domain", DOMAINS)
def test_both_halves_are_shown_to_compute_the_same(sides: BothSides, tmp_path: Path, domain: Domain) -> None:
    report, parameters = looked_at(sides, tmp_path, domain, "both")
    assert (report.level, report.reason, report.carrying) == ("same", "", "order")
    assert report.file.trains
    assert report.file.parameters == {"pytorch": parameters}
    for side in FRAMEWORKS:
        assert sum(layer.parameters for layer in report.outlines[side].layers) == parameters
        assert report.outlines[side].flops == report.outlines["pytorch"].flops
        assert report.outlines[side].uncounted == ()


@pytest.mark.parametrize("domain", ["vision", "generative", "forecasting", "weather", "graphs"])
def test_written_once_it_runs_on_both_backends(sides: BothSides, tmp_path: Path, domain: Domain) -> None:
    """After the others: Keras is there from here on in PyTorch's child."""
    report, _ = looked_at(sides, tmp_path, domain, "once")
    assert (report.level, report.reason) == ("once", "")
