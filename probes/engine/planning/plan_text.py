"""A plan in words: what is measured, in which order, how often it is looked at, and why."""

from __future__ import annotations

from probes.engine.planning.memory_estimate import gib, needed
from probes.engine.planning.plan import MOST_INSTANCES, Plan, gain_rate, plan, spread
from probes.engine.planning.significance import ALPHA, share
from probes.schema import Calibration, Priority, RunRequest, RunSetup
from probes.system.quantities import lasting, percent
from probes.system.sentences import listed, lower_first


def explain(setup: RunSetup) -> tuple[str, ...]:
    """Sentences for people, the most telling first. Raises ValueError for a request that can't be planned."""
    planned = plan(setup)
    return (
        *_order(setup.priority, planned),
        _looks(planned),
        _rounds(planned),
        *_first_time(setup.calibration, planned),
        *_left_out(planned),
        _beforehand(setup.calibration, planned),
        *_settled(planned),
        _memory(setup.request, planned),
    )


def _order(priority: Priority, planned: Plan) -> list[str]:
    if not priority.gains:
        return ["No recommendation waits for it: every probe counts alike, in the order of the list."]
    said = []
    first = planned.probes[0]
    if gain_rate(priority, first) > 0:
        said.append(f"{first.spec.title} comes first: it can move the recommendation most for each second it takes.")
    idle = [probe.spec.title for probe in planned.probes if probe.spec.id in planned.idle]
    if idle and len(planned.looks) > 1:
        said.append(f"One look only at {listed(idle)}: nothing they could say would change the recommendation.")
    return said


def _looks(planned: Plan) -> str:
    alpha = ALPHA * share(1) / len(planned.looks)
    later = f"Later runs like it go on from there; all of them together are wrong in at most {percent(ALPHA)} of cases."
    if len(planned.looks) == 1:
        return f"Verdicts are reached once, after round {planned.rounds}, at {percent(1 - alpha)} confidence. {later}"
    when = listed([str(look) for look in planned.looks])
    return (
        f"Verdicts may be reached after rounds {when}, each at {percent(1 - alpha, 1)} confidence. What is decided "
        f"isn't measured again; a run ends early when nothing is open. {later}"
    )


def _rounds(planned: Plan) -> str:
    number = "up to " if len(planned.looks) > 1 else ""
    builds = f"{planned.instances}"
    if planned.instances < MOST_INSTANCES:
        builds += f" to {MOST_INSTANCES}"
    return (
        f"About {lasting(planned.budget_seconds)}: {len(planned.probes)} probes in {number}{planned.rounds} rounds, "
        f"each a fresh process of either framework with {builds} new builds of every network, as time allows."
    )


def _first_time(calibration: Calibration, planned: Plan) -> list[str]:
    """What makes a run longer that is the first one here."""
    said = []
    if planned.check_seconds >= 1:
        said.append(
            f"The first time here about {lasting(planned.check_seconds)} more: both sides are compared first, to see "
            "that they compute the same."
        )
    if calibration.pace == 1.0:
        said.append(
            "How fast this machine starts processes isn't known yet: its first run may take up to twice as long."
        )
    return said


def _left_out(planned: Plan) -> list[str]:
    if not planned.left_out:
        return []
    modes = ("" if p.spec.track == "default" else f" ({p.spec.track})" for p in planned.left_out)
    titles = listed([p.spec.title + mode for p, mode in zip(planned.left_out, modes, strict=True)])
    return [f"Left out, since there is no time for it: {titles}. Tick what you want anyway, or take a larger budget."]


def _beforehand(calibration: Calibration, planned: Plan) -> str:
    return (
        f"Fixed before any clock: both count as equal within {percent(calibration.margin)}, and fresh processes are "
        f"reckoned to differ by at least {_spreads(calibration, planned)}, whatever a few of them show."
    )


def _settled(planned: Plan) -> list[str]:
    if all(probe.measure_spec.unit == "B" for probe in planned.probes):
        return []
    return [
        "Before anything is timed, either process frees one large block of memory, as longer jobs usually have. On "
        "Linux it would otherwise be chance whether a training step hands its memory back and asks for it again. "
        "PyTorch gains by it."
    ]


def _memory(request: RunRequest, planned: Plan) -> str:
    """The largest network's, whose sizes may have been changed."""
    bytes_ = max(needed(probe.model, probe.model.SPEC.sized(request.sizes)) for probe in planned.probes)
    return f"With the sizes that are set, a process needs about {gib(bytes_)} of memory."


def _spreads(calibration: Calibration, planned: Plan) -> str:
    """«1.5 % (3.0 %: training step, gradient; 10.0 %: start-up)»: what most have, and who has another."""
    of_probes = [(probe, spread(calibration, probe)) for probe in planned.probes]
    values = [value for _, value in of_probes]
    usual = min(values, key=lambda value: (-values.count(value), value))
    others: dict[float, list[str]] = {}
    for probe, value in sorted(of_probes, key=lambda pair: pair[1]):
        own = {value for other, value in of_probes if other.spec.measure == probe.spec.measure}
        title = probe.measure_spec.title if len(own) == 1 else probe.spec.title
        others.setdefault(value, []).append(lower_first(title))
    others.pop(usual)
    told = [f"{percent(value, 1)}: {', '.join(dict.fromkeys(titles))}" for value, titles in others.items()]
    return percent(usual, 1) + (f" ({'; '.join(told)})" if told else "")
