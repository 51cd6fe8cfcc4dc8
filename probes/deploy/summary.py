"""From records to the figures that are shown. Pure functions: whoever has the record can recompute every number."""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from probes.deploy.schema import BATCHES, Logits, Played, Reference, RouteRecord, RoutesRun, Way
from probes.engine.judging.statistics import TIME_FLOOR, Estimate, nested
from probes.engine.planning.significance import STATED_FREEDOM
from probes.system.quantities import percent

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: A rounded or quantised form must still decide alike on so many of its inputs; below, what came out is garbage.
LEAST_AGREEMENT = 0.5
#: And it may move a team's own model's outputs by so much of what another input moves them by (root mean squares).
LARGEST_ROUNDING = 0.5


@dataclass(frozen=True, slots=True)
class Span:
    """A figure with its 95 % interval."""

    middle: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class RouteFigures:
    """What is shown of one way of one model. None: not seen."""

    export_s: float
    artefact_bytes: int
    deviation: float | None = None  # largest absolute difference of any logit from the source's
    agreement: float | None = None  # share of inputs with the source's most likely class
    accuracy: float | None = None  # share of right answers, where the inputs have labels
    source_accuracy: float | None = None
    cold_s: float | None = None
    latency: Mapping[int, Span] = field(default_factory=dict)  # seconds a call, by batch size
    throughput: Span | None = None  # inputs a second, in the largest batch
    peak_bytes: int | None = None
    runtime_bytes: int | None = None
    dynamic_batch: bool | None = None

    @property
    def lost_accuracy(self) -> float | None:
        """Share of answers that are right at the source and no longer here, net; negative if it gained."""
        if self.accuracy is None or self.source_accuracy is None:
            return None
        return self.source_accuracy - self.accuracy


def pack(logits: NDArray[Any]) -> Logits:
    """Logits (n, classes) as they are kept."""
    rows, columns = logits.shape
    return Logits(rows, columns, base64.b64encode(np.ascontiguousarray(logits, "<f4").tobytes()).decode("ascii"))


def told(reply: Mapping[str, Any]) -> Logits:
    """As they come from another process, or from a manifest of before that names no outputs."""
    return Logits(**{**reply, "outputs": tuple(reply.get("outputs", ()))})


def unpack(answers: Logits) -> NDArray[np.float32]:
    """Logits (n, classes). Raises ValueError if the text doesn't hold so many."""
    flat = np.frombuffer(base64.b64decode(answers.base64, validate=True), "<f4")
    if answers.rows * answers.columns != len(flat):  # the product of two that are too large or negative for NumPy, too
        raise ValueError(f"{answers.rows} x {answers.columns} logits are announced, {len(flat)} are there")
    return flat.reshape(answers.rows, answers.columns)


def reference(record: RouteRecord, run: RoutesRun) -> Reference | None:
    """What the record's network answers in its own framework."""
    return next((entry for entry in run.references if entry.model == record.model), None)


def deviation(answers: Logits, source: Logits) -> float:
    """Largest absolute difference; infinite where something isn't a number. Raises ValueError for unequal shapes."""
    ours, theirs = unpack(answers), unpack(source)
    if ours.shape != theirs.shape:
        raise ValueError(f"it answers with {ours.shape} logits, its source with {theirs.shape}")
    largest = float(np.abs(ours.astype(float) - theirs).max())
    return largest if math.isfinite(largest) else math.inf


def largest(answers: Logits) -> float:
    """The largest absolute value, 0 without any."""
    return float(np.abs(unpack(answers)).max(initial=0.0))


def agreement(answers: Logits, source: Logits) -> float:
    """Share of inputs for which both find the same class most likely (top-1)."""
    return float((unpack(answers).argmax(1) == unpack(source).argmax(1)).mean())


def accuracy(answers: Logits, labels: Sequence[int]) -> float | None:
    """Share of right answers, None without labels."""
    return float((unpack(answers).argmax(1) == np.asarray(labels)).mean()) if labels else None


def _share(right: int | None, source: Reference) -> float | None:
    """Of a team's own samples. Raises ValueError for more right answers than there are samples."""
    if right is None:
        return None
    if not 0 <= right <= source.scored:
        raise ValueError(f"right: {right}; allowed: 0 to the {source.scored} samples that were asked")
    return right / source.scored


def first(answers: Logits, rows: int) -> Logits:
    """Those of the first inputs."""
    return replace(pack(unpack(answers)[:rows]), outputs=answers.outputs)


def unfaithful(way: Way, tolerance: float, answers: Logits, source: Logits) -> str:
    """Why what came out isn't the network that went in; "" if it is.

    float32 has to reproduce every logit. The other forms round by design: they must still decide alike on most inputs,
    and what that costs in accuracy is a figure of its own. A team's own model may answer with anything: its outputs
    are looked at one by one, each in its own scale.
    """
    try:
        largest = deviation(answers, source)
    except ValueError as error:
        return f"The export reported success, but {error}."
    if not math.isfinite(largest):
        return "The export reported success, but what came out answers with something that is not a number."
    if source.outputs:
        return _unlike(way, tolerance, answers, source)
    if way.form == "float32" and largest > tolerance:
        return (
            f"The export reported success, but its answers differ from the source's by up to {largest:.2g}; "
            f"allowed: {tolerance:g}."
        )
    share = agreement(answers, source)
    if share < LEAST_AGREEMENT:
        return f"The export reported success, but it agrees with its source on {percent(share)} of the inputs only."
    return ""


def _unlike(way: Way, tolerance: float, answers: Logits, source: Logits) -> str:
    """As ``unfaithful``, of as many finite numbers from a model whose outputs need not be classes' scores."""
    ends = np.cumsum(source.outputs)[:-1]
    pairs = zip(np.split(unpack(answers), ends, axis=1), np.split(unpack(source), ends, axis=1), strict=True)
    for number, (ours, theirs) in enumerate(pairs, 1):
        called = f" in output {number}" if len(source.outputs) > 1 else ""
        off, scale = ours.astype(float) - theirs, float(np.abs(theirs).max(initial=0.0))
        if way.form == "float32" and np.abs(off).max(initial=0.0) > tolerance * scale:
            return (
                f"The export reported success, but its answers{called} differ from the source's by up to "
                f"{np.abs(off).max():.2g}; allowed: {tolerance:g} of the largest, {scale:.3g}."
            )
        # Between a rounding and garbage lies what inputs change: who is off by more can't tell one from another.
        spread = float(theirs.astype(float).std(axis=0).max(initial=0.0))
        if way.form != "float32" and np.sqrt((off**2).mean()) > LARGEST_ROUNDING * max(spread, tolerance * scale):
            return (
                f"The export reported success, but rounding moves its answers{called} by {np.sqrt((off**2).mean()):.2g}"
                f", while another input moves them by {spread:.2g}."
            )
    return ""


def figures(record: RouteRecord, run: RoutesRun) -> RouteFigures | None:
    """All figures of a record; None if nothing was exported."""
    if record.exported is None:
        return None
    kept = RouteFigures(record.exported.seconds, record.exported.bytes)
    played, source = record.played, reference(record, run)
    if played is None or source is None:
        return kept
    expected = source.answers[record.way.framework]
    spans = {batch: span for batch in BATCHES if (span := latency(played, batch))}
    slowest = spans.get(BATCHES[-1])
    return replace(
        kept,
        deviation=deviation(played.answers, expected),
        agreement=agreement(played.answers, expected) if source.classes else None,
        accuracy=_share(played.right, source) if source.scored else accuracy(played.answers, source.labels),
        source_accuracy=(
            _share(source.right.get(record.way.framework), source)
            if source.scored
            else accuracy(expected, source.labels)
        ),
        cold_s=played.cold_s,
        latency=spans,
        throughput=_per_second(slowest, BATCHES[-1]) if slowest else None,
        peak_bytes=played.peak_bytes,
        runtime_bytes=played.runtime_bytes,
        dynamic_batch=played.dynamic_batch,
    )


def latency(played: Played, batch: int) -> Span | None:
    """Seconds a call, from the passes of each process and the spread that is stated between processes (docs/adr/0025).

    Records of before had one process, whose stated spread was taken as certain: theirs are as narrow as they were.
    """
    logs = np.log(played.blocks.get(str(batch), ()))
    if not logs.size:
        return None
    processes = [part.tolist() for part in np.array_split(logs, played.processes)]
    if len(processes) == 1:
        return _exp(nested(processes, TIME_FLOOR))
    return _exp(nested(processes, TIME_FLOOR, STATED_FREEDOM, satterthwaite=True))


def _exp(estimate: Estimate) -> Span:
    return Span(math.exp(estimate.log), math.exp(estimate.low), math.exp(estimate.high))


def _per_second(span: Span, batch: int) -> Span:
    return Span(batch / span.middle, batch / span.high, batch / span.low)
