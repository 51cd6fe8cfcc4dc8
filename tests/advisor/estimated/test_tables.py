"""What is stated of machines, and that steps are those on record."""

from __future__ import annotations

from advisor.estimated.tables import peaks, steps
from benchmarks.roofline import BATCHES, recorded
from probes.catalog import modules


def test_every_stock_network_has_every_step() -> None:
    assert {step.id for step in steps()} == {f"{name}.{measure}" for name in modules() for measure in BATCHES}


def test_seconds_are_those_on_record() -> None:
    """``python -m scripts.steps`` after a new record in docs/measurements."""
    stated = {
        step.id: {machine: dict(sides) for machine, sides in step.seconds.items()} for step in steps() if step.seconds
    }
    assert stated == recorded()


def test_every_machine_on_record_has_a_row_and_a_source() -> None:
    measured = {machine for step in steps() for machine in step.seconds}
    assert measured <= peaks().keys()
    assert all(peaks()[name].seen_as for name in measured)
    assert all(row.source.url.startswith("https://") for row in peaks().values())
