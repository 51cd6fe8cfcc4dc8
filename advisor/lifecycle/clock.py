"""The support clock: what of a project's pins installs and runs on a machine, and until when one can stay with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from advisor.lifecycle import findings, together
from advisor.lifecycle.code_bounds import CodeBound, within
from advisor.lifecycle.dates import Lifecycle
from advisor.lifecycle.findings import LifecycleFinding, Resolved, Situation
from advisor.lifecycle.machine import InstallTarget, in_images
from advisor.lifecycle.pins import LockFile, holds
from advisor.lifecycle.wheels import PackageWheels
from advisor.wording.moments import last_day


@dataclass(frozen=True, slots=True)
class Stay:
    """Until when the pins can stay as they are, moving to the newest Python that all of them have wheels for.

    Where no wheels are known of any, with the machine's own Python. ``until``: ISO, or as much of it as is known; ""
    where something blocks today, or nothing has an end. ``python``: that newest Python. ``ended``: whether the day has
    passed.
    """

    until: str
    python: str
    ended: bool


@dataclass(frozen=True, slots=True)
class SupportClock:
    """What was found, worst first.

    ``code``: below which versions the project's own code keeps its pins.
    ``pins``: what is known of each that the machine wants. ``others``: how many pins there is no table for.
    ``gpu_unknown``: pins of which it isn't known on which GPUs they run. ``first``: the first blocker, None if nothing
    blocks and nothing has an end.
    """

    day: date
    machine: InstallTarget
    lock: LockFile
    pins: tuple[Resolved, ...]
    others: int
    gpu_unknown: tuple[Resolved, ...]
    findings: tuple[LifecycleFinding, ...]
    first: LifecycleFinding | None
    stay: Stay
    code: tuple[CodeBound, ...] = ()


def support_clock(
    lock: LockFile,
    machine: InstallTarget,
    known: Lifecycle,
    wheels: Mapping[str, PackageWheels],
    day: date,
    *,
    code: Sequence[CodeBound] = (),
) -> SupportClock:
    """Everything that the tables say on that day of the pins, and of the code that they are for, where it is known."""
    machine = in_images(machine, lock.images, known)
    at = Situation(machine, known, day.isoformat())
    environment = machine.environment()
    wanted, bounds = within([pin for pin in lock.pins if holds(pin, environment, machine.system)], code, wheels)
    pins = [findings.resolved(pin, wheels.get(pin.package), at) for pin in wanted]
    looked = [pin for pin in pins if pin.pin.package in wheels]
    found = [one for pin in looked for one in findings.of_pin(pin, wheels[pin.pin.package], at)]
    found += together.of_pins(pins, known)
    found += [*findings.of_machine(machine, known), *findings.of_images(lock.images, known)]
    once = {(one.kind, one.subject, one.version): one for one in found}  # locks may hold a package once a marker
    ordered = tuple(sorted(once.values(), key=lambda one: _order(one, day)))
    pythons = findings.common_pythons(looked, known) or (machine.python,)
    return SupportClock(
        day=day,
        machine=machine,
        lock=lock,
        pins=tuple(looked),
        others=len(pins) - len(looked),
        gpu_unknown=tuple(pin for pin in looked if machine.gpu and findings.build_unknown(pin, at)),
        findings=ordered,
        first=ordered[0] if ordered else None,
        stay=_stay(ordered, pythons, known, day),
        code=bounds,
    )


def _order(one: LifecycleFinding, day: date) -> tuple[int, int, str]:
    """What blocks, as one runs into it; then what may; then what ends next; then what has ended, the oldest first."""
    kinds = list(findings.BEARINGS)
    if one.bearing != "ends":
        return (0 if one.bearing == "blocks" else 1), kinds.index(one.kind), one.day
    return (3 if passed(one, day) else 2), 0, one.day


def passed(one: LifecycleFinding, day: date) -> bool:
    """Whether its day is over."""
    return bool(one.day) and last_day(one.day) < day


def _stay(found: tuple[LifecycleFinding, ...], pythons: tuple[str, ...], known: Lifecycle, day: date) -> Stay:
    newest = pythons[-1]
    if any(one.bearing == "blocks" for one in found):
        return Stay("", newest, ended=False)
    ends = [one.day for one in found if one.kind == "gpu_ended"]
    if line := known.python(newest):
        ends.append(line.ends)
    until = min(ends, key=last_day, default="")
    return Stay(until, newest, ended=bool(until) and last_day(until) < day)
