"""A probe's id and its text."""

from __future__ import annotations

import pytest

from probes import catalog
from probes.schema import ProbeId


def test_every_probes_id_is_read_as_it_is_written() -> None:
    for spec in catalog.probes():
        assert ProbeId.parse(spec.id) == ProbeId(spec.model, spec.measure, spec.track)
        assert str(ProbeId.parse(spec.id)) == spec.id
    assert len(catalog.probes()) > 100


@pytest.mark.parametrize("text", ["", "mlp", "mlp.", ".train_step", "mlp.train_step.default", "mlp.train_step.tuned.x"])
def test_another_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"allowed: MODEL\.MEASURE, MODEL\.MEASURE\.eager or"):
        ProbeId.parse(text)
