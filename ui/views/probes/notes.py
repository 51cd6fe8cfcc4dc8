"""What belongs beside figures, in as few lines as it takes."""

from __future__ import annotations

from collections.abc import Sequence

from probes.results import ProbeResult
from ui.kit import components


def lines(results: Sequence[ProbeResult]) -> list[str]:
    """Their notes as Markdown. What several share is said once, and what begins alike («Not quiet: …») stands
    together."""
    named: dict[str, list[str]] = {}
    for result in results:
        for note in result.notes:
            named.setdefault(note, []).append(result.title)
    together: dict[tuple[str, str], list[str]] = {}
    for note, titles in named.items():
        subject, _, rest = note.partition(": ")
        of = "" if len(titles) == len(results) else f"{', '.join(titles)}: "
        together.setdefault((of, subject), []).append(rest)
    return [
        components.escape(of + (f"{subject}: {'; '.join(rests)}" if any(rests) else subject))
        for (of, subject), rests in together.items()
    ]
