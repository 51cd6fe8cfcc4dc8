"""What a rehearsal says, in words that a page and a terminal share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from probes.rehearsal.schema import RehearsalOutcome, RehearsedWay

OUTCOMES: Final[Mapping[RehearsalOutcome, str]] = {
    "same": "answers and learns alike",
    "answers only": "answers alike, but doesn't learn alike",
    "different": "answers otherwise",
    "refused": "a call fails",
    "failed": "broke down",
    "missing": "not tried",
    "no half": "not tried",
}


def lines(way: RehearsedWay) -> Iterator[str]:
    """What there is to say of one way besides its outcome, the most important first."""
    if way.failure is not None:
        failure = way.failure
        stage = {"model": "in the model", "export": "on its way to ONNX", "move": "where it went"}[failure.stage]
        at = f"{failure.file}, line {failure.line}" if failure.file else "nobody says where"
        called = f", calling {failure.call}" if failure.call else ""
        yield f"{stage}, {'' if failure.own or not failure.file else 'in the package '}{at}{called}"
    if way.reason:
        yield way.reason
    if way.deviation is not None:
        yield f"outputs: largest deviation {way.deviation:.1e} of the largest value"
    if (parting := way.parting) is not None:
        after = f"; alike up to {parting.last_alike}" if parting.last_alike else ""
        yield f"both part at {parting.layer or 'no layer that can be told'}{after}"
    if (learning := way.learning) is not None:
        yield f"weights that are trained there too: {learning.kept} of {learning.weights}"
        if learning.deviation is not None:
            yield f"their gradients: at most {learning.deviation:.1e} of their length apart, at {learning.worst}"
    if way.adapted:
        yield f"spelled otherwise to get so far: {', '.join(way.adapted)}"
    if way.versions:
        yield ", ".join(f"{name} {version}" for name, version in way.versions.items())
