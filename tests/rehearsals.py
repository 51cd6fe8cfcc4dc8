"""Rehearsals that nobody has to wait for: of a file's bytes, with the outcomes that a test wants."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from probes.rehearsal.schema import (
    Learning,
    Parting,
    RanFile,
    Rehearsal,
    RehearsalFailure,
    RehearsalOutcome,
    RehearsalStage,
    RehearsedWay,
)
from probes.rehearsal.ways import find
from probes.schema import Framework
from probes.team_files import ModelFile


def way(
    name: str, outcome: RehearsalOutcome = "same", *, stage: RehearsalStage = "move", file: str = "m.py", line: int = 3
) -> RehearsedWay:
    """As ``run.rehearse`` tells it."""
    known = find(name)
    blank = RehearsedWay(name, known.title, known.begins_with, outcome)
    match outcome:
        case "same":
            return replace(blank, deviation=1e-7, learning=Learning(4, 4, 1e-5, "w"))
        case "answers only":
            return replace(blank, reason="constants", deviation=1e-7, learning=Learning(4, 1, 1e-5, "w"))
        case "different":
            return replace(blank, reason="otherwise", deviation=0.5, parting=Parting(stage, "tilted", "first", 0.5))
        case "refused":
            failure = RehearsalFailure(stage, "no such name", file, line, "tensorflow.image.resize")
            return replace(blank, reason="no such name", failure=failure)
        case "failed" | "missing" | "no half":
            return replace(blank, reason="it isn't installed here")


def rehearsal(
    content: bytes | str,
    ways: Sequence[RehearsedWay],
    *,
    name: str = "m.py",
    lines: int = 10,
    ran: int = 10,
    side: Framework = "tensorflow",
) -> Rehearsal:
    """Of a file of this content, of which so many of its lines ran."""
    sha256 = hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()
    file = ModelFile(name, sha256, "Ours", (side,), trains=True)
    return Rehearsal(file, tuple(ways), {side: (RanFile(name, sha256, lines, ran),)})
