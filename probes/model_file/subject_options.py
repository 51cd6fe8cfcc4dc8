"""What a subject of a team's own model is made with, besides its network; the same on both sides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from probes.contracts import TrainingSettings
from probes.model_file import trees


@dataclass(frozen=True, slots=True)
class SubjectOptions:
    """``inputs``: a tree of NumPy arrays, and labels, or None for a subject that only predicts; ``mode`` as
    ``tracks.MODES`` names it; ``loss``: the file's own, or None."""

    inputs: tuple[Any, Any]
    mode: str
    device: str
    settings: TrainingSettings
    loss: trees.Loss | None
