"""Ways from a framework to where a model is to run, and what they did when they were tried."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from advisor.answers import Microcontroller, TargetId
from advisor.model.facts import Age, AsOf, FactId, Since
from probes.schema import Framework


@dataclass(frozen=True, slots=True)
class Tried:
    """What a way did on a machine, with one network."""

    state: Literal["works", "exported", "fails", "not tried"]  # exported: written, but nothing here can run it
    network: str
    way: str  # the one that counts: the fastest in full precision that works
    title: str
    said: str  # one sentence or two, with the figures or the reasons
    machine: str
    date: str  # ISO 8601, UTC
    latency_s: float | None = None  # seconds a call at batch 1, with its 95 % interval
    low_s: float | None = None
    high_s: float | None = None
    where: str = "here"  # as in «1 ms a call here»: on this machine, or in a browser
    reasons: str = ""  # of a way that fails: what stood in the way of each of its forms


@dataclass(frozen=True)
class WrittenRoute:
    """A way to a deployment target, as ``data/routes.yaml`` has it below the target and the framework."""

    tool: str
    version: str
    month: AsOf
    maturity: Literal["production", "beta", "experimental", "maintenance", "archived", "none"]
    constraints: str
    facts: tuple[FactId, ...] = ()
    sources: tuple[str, ...] = ()
    conversion: str = ""
    scope: Literal["any model", "part", "other framework"] = "any model"  # only the first is a framework's own way
    background: tuple[FactId, ...] = ()  # facts that count in another criterion: shown, not counted
    tried_by: tuple[str, ...] = ()  # files of probes/routes that export and compute as it does
    in_browser: str = ""  # the runtime of data/browser_runtimes.yaml by which a visitor's browser tries it
    microcontrollers: tuple[Microcontroller, ...] = ()  # families that it runs on; () is all
    since: Since = ""  # when it came to be as mature as it is; "" where that isn't known: then from ``month`` on


@dataclass(frozen=True, kw_only=True)
class Route(WrittenRoute):
    """A way from one framework to a deployment target on a day."""

    target: TargetId
    framework: Framework
    topic: str  # whose half-life it ages by
    as_of: str  # when its maturity was judged; ``month`` is that of the release
    age: Age = field(default_factory=Age)
    known: bool = True  # whether it was known to be so on that day
    tried: Mapping[str, Tried] = field(default_factory=dict)  # by network; what is known of this machine


@dataclass(frozen=True, slots=True)
class RouteChoice:
    """The best route of one framework to one target, chosen by expected value before the comparison."""

    route: Route | None
    value: float  # expected value, 0 to 1
    alternatives: tuple[Route, ...] = ()
    tried: Tried | None = None  # what the route did with the project's kind of network
    broken: tuple[Tried, ...] = ()  # those that were tried with it and don't work
