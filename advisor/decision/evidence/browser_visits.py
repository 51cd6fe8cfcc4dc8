"""What a visitor's browser measured says of the ways to the browser: it goes before a judgement, for that device.

One visit counts, whole: the figures of two devices are never put side by side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal

from advisor.answers import TargetId
from advisor.knowledge import Knowledge
from advisor.model.routes import Route, Tried
from advisor.records import BrowserVisit
from advisor.wording.quantities import quantity
from probes.in_browser.runtimes import BACKENDS
from probes.places import Framework
from probes.schema import Outcome

if TYPE_CHECKING:
    from probes.in_browser.judging import BrowserFigures

TARGET: Final[TargetId] = "browser"
#: Tried to the end, and no use in that browser.
_FAILED: Final = frozenset({Outcome.FAILED, Outcome.TIMED_OUT, Outcome.OUT_OF_MEMORY, Outcome.NOT_COMPARABLE})


def in_browsers(knowledge: Knowledge, visits: Sequence[BrowserVisit]) -> Knowledge:
    """The same knowledge, the rows of the target «browser» with what counts of ``visits``, newest first: of each
    network the newest visit in which something was measured to its end."""
    counting = counted(visits)
    if not counting:
        return knowledge
    sides = {
        side: tuple(_beside(route, side, counting) for route in rows) for side, rows in knowledge.routes[TARGET].items()
    }
    return replace(knowledge, routes={**knowledge.routes, TARGET: sides})


def counted(visits: Sequence[BrowserVisit]) -> dict[str, BrowserVisit]:
    """By network, the visit that counts."""
    found: dict[str, BrowserVisit] = {}
    for one in visits:
        if one.visit.plan.kit.model not in found and any(row.outcome is Outcome.OK for row in _figures(one)):
            found[one.visit.plan.kit.model] = one
    return found


def _figures(one: BrowserVisit) -> tuple[BrowserFigures, ...]:
    from probes.in_browser.judging import figures  # late: it needs statistics, and who has no visit needs none

    return figures(one.visit)


def _beside(route: Route, side: Framework, counting: Mapping[str, BrowserVisit]) -> Route:
    if not route.in_browser:
        return route
    tried = {model: seen for model, one in counting.items() if (seen := _seen(route, side, one)) is not None}
    return replace(route, tried={**route.tried, **tried}) if tried else route


def _seen(route: Route, side: Framework, one: BrowserVisit) -> Tried | None:
    """None if the row's runtime was not in the visit."""
    rows = [
        row for row in _figures(one)
        if row.cell.runtime == route.in_browser and (side in row.cell.sides or side in row.ended)
    ]  # fmt: skip
    single = [row for row in rows if row.cell.batch == 1 and row.end(side).outcome is Outcome.OK]
    if single:
        return _works(min(single, key=lambda row: row.latency[side].middle), side, route, one)
    tried = [row for row in rows if row.end(side).outcome is not Outcome.UNSUPPORTED]  # what isn't there says nothing
    if tried and all(row.end(side).outcome in _FAILED for row in tried):
        reasons = "; ".join(dict.fromkeys(f"{BACKENDS[row.cell.backend]}: {row.end(side).reason}" for row in tried))
        return replace(
            _tried("fails", tried[0], f"Tried {_where(one)}, and it doesn't work. {reasons}", one), reasons=reasons
        )
    return None


def _works(row: BrowserFigures, side: Framework, route: Route, one: BrowserVisit) -> Tried:
    span = row.latency[side]
    off = f", largest deviation {row.deviation[side]:.1g}" if side in row.deviation else ""
    said = (
        f"Measured {_where(one)} with the network «{one.visit.plan.kit.model}»: {route.tool} by "
        f"{BACKENDS[row.cell.backend]}, {quantity(span.middle, 's')} ({quantity(span.low, 's')} to "
        f"{quantity(span.high, 's')}) a call at batch 1{off}. It holds for that device and browser."
    )
    works = _tried("works", row, said, one)
    return replace(works, latency_s=span.middle, low_s=span.low, high_s=span.high)


def _tried(state: Literal["works", "fails"], row: BrowserFigures, said: str, one: BrowserVisit) -> Tried:
    return Tried(
        state=state,
        network=one.visit.plan.kit.model,
        way=f"{row.cell.runtime}.{row.cell.backend}",
        title=BACKENDS[row.cell.backend],
        said=said,
        machine=_name(one),
        date=one.updated_at.isoformat(timespec="seconds"),
        where=_where(one),
    )


def _name(one: BrowserVisit) -> str:
    return one.visit.conditions.name if one.visit.conditions else "an unknown browser"


def _where(one: BrowserVisit) -> str:
    return f"in {_name(one)}"
