"""The support clock for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from advisor.lifecycle.clock import SupportClock, passed
from advisor.lifecycle.code_bounds import CodeBound
from advisor.lifecycle.findings import LifecycleFinding, Resolved
from advisor.lifecycle.machine import SYSTEM_TITLES
from advisor.wording.moments import month_words
from advisor.wording.quantities import counted

_UNKNOWN: Final = {
    "": "",
    "package": "nothing is known of its wheels",
    "version": "no release that the file allows is in the table of wheels",
    "channel": "comes from a conda channel, whose builds weren't looked at",
    "system": "PyPI has no wheel for this machine; the index that the build comes from wasn't looked at",
}


def to_text(clock: SupportClock) -> str:
    """The answer, the first blocker with what to do, then all that was found, each with its source."""
    machine = clock.machine
    where = [f"Python {machine.python}", SYSTEM_TITLES[machine.system]]
    where += [f"a GPU of the generation {machine.gpu}"] if machine.gpu else []
    where += [f"a driver for CUDA {machine.cuda}"] if machine.cuda else []
    lines = [f"On {clock.day}, with {', '.join(where)}:", "", f"Until when can we stay? {answer(clock)}"]
    lines += [code_sentence(bound) for bound in clock.code]
    if clock.first:
        head = "What ends first" if clock.first.bearing == "ends" else "First blocker"
        lines += ["", f"{head}: {sentence(clock.first, clock)}", f"What to do: {advice(clock.first, clock)}"]
    for title, found in groups(clock):
        lines += ["", f"{title}:", *(f"  {line}" for line in found)]
    return "\n".join([*lines, "", *limits(clock)])


def groups(clock: SupportClock) -> Iterator[tuple[str, list[str]]]:
    """Headings, and what is said below each."""
    stops = [one for one in clock.findings if one.bearing != "ends"]
    to_come = [one for one in clock.findings if one.bearing == "ends" and not passed(one, clock.day)]
    over = [one for one in clock.findings if one.bearing == "ends" and passed(one, clock.day)]
    if clock.pins:
        yield "What installs today", [f"{_name(pin)}: {state(pin)}" for pin in clock.pins]
    for title, found in (("What stops now", stops), ("What ends", to_come), ("What has ended", over)):
        if found:
            yield title, [f"{sentence(one, clock)} [{_source(one)}]" for one in found]


def limits(clock: SupportClock) -> list[str]:
    """What wasn't looked at, and what was supposed."""
    lines = [f"Not looked at: {counted(clock.others, 'other package')} of the file."] if clock.others else []
    if clock.lock.unread:
        entries = counted(len(clock.lock.unread), "line")
        lines.append(f"Not understood: {entries}, the first is {clock.lock.unread[0]!r}.")
    known = {one.subject for one in clock.findings if one.kind == "image_ended"}
    lines += [
        f"What the image {image} stands on isn't known by its name."
        for image in clock.lock.images
        if image not in known
    ]
    if not clock.pins:
        lines.append("The file names no package that is in the table of wheels, so nothing is said of any.")
    lines += [
        f"{_name(pin)} wants macOS {floor} or newer."
        for pin in clock.pins
        if pin.state == "installs" and pin.release and (floor := pin.release.row.floors.get(clock.machine.system))
        if clock.machine.system.startswith("macos")
    ]
    lines += [f"Nothing is known of the GPUs that {_name(pin)} runs on here." for pin in clock.gpu_unknown]
    if not clock.machine.gpu:
        lines.append("No GPU was named (--gpu), so nothing is said of GPUs.")
    elif not clock.machine.cuda:
        lines.append("No CUDA version of the driver was named (--cuda), so nothing is said of drivers.")
    if clock.machine.supposed:
        said = {"python": f"Python {clock.machine.python}, which the file asks for", "os": "Linux (--os)"}
        lines.append(f"Supposed: {' and '.join(said[name] for name in clock.machine.supposed)}.")
    return lines


def answer(clock: SupportClock) -> str:
    """Until when the pins can stay, in a sentence or two."""
    stay, first = clock.stay, clock.first
    if first and first.bearing == "blocks":
        since = f", since {month_words(first.day)}" if first.day else ""
        as_is = "as it is pinned and written" if clock.code else "as it is pinned"
        return f"It can't: {as_is}, it doesn't {_does(first)} on this machine{since}."
    doubt = " Whether it runs is doubtful, see below." if first and first.bearing == "doubtful" else ""
    if not stay.until:
        return f"No end is known.{doubt}"
    gpu = next((one for one in clock.findings if one.kind == "gpu_ended" and one.day == stay.until), None)
    python = f"Python {stay.python}" + (
        "" if stay.python == clock.machine.python else ", the newest that the pins have wheels for,"
    )
    what = f"drivers for {gpu.values['title']}" if gpu else python
    if stay.ended:
        return f"On borrowed time: {what} got the last fixes in {month_words(stay.until)}.{doubt}"
    return f"Until {month_words(stay.until)}, when {what} {'get' if gpu else 'gets'} the last fixes.{doubt}"


def code_sentence(bound: CodeBound) -> str:
    """Why the code asks for old releases, whatever its pins say."""
    return (
        f"The code needs {bound.package} below {bound.below}: {counted(bound.places, 'place')} "
        f"{'uses' if bound.places == 1 else 'use'} what {bound.below} no longer has, the first in {bound.first}."
    )


def _does(first: LifecycleFinding) -> str:
    if first.kind == "not_running_together":
        return "run"
    no_gpu = first.kind in ("no_gpu_on_system", "gpu_generation", "image_cuda", "driver")
    return "use the GPU" if no_gpu else "install"


def state(pin: Resolved) -> str:
    """Whether it installs, and which release."""
    match pin.state:
        case "installs":
            return f"installs ({pin.release.version})" if pin.release else "installs"
        case "source":
            return "no wheel, only its source, which has to be built"
        case "blocked":
            return "doesn't install: no wheel"
        case "unknown":
            return f"not known: {_UNKNOWN[pin.why]}"


def _name(pin: Resolved) -> str:
    label = f"+{pin.pin.label}" if pin.pin.label else ""
    return f"{pin.pin.package}{pin.pin.versions}{label}"


def _source(one: LifecycleFinding) -> str:
    sure = "" if one.confidence == "high" else f", confidence {one.confidence}"
    return f"{one.source.url or one.source.title}, seen {one.seen}{sure}"


def sentence(one: LifecycleFinding, clock: SupportClock) -> str:
    """What is so, with its day."""
    values, package = one.values, f"{one.subject} {one.version}".strip()
    since = f" since {month_words(one.day)}" if one.day else ""
    when = f"{'ended in' if passed(one, clock.day) else 'end in'} {month_words(one.day)}" if one.day else ""
    system, python = SYSTEM_TITLES[clock.machine.system], clock.machine.python
    match one.kind:
        case "no_wheel_for_system":
            last = f"; {values['last']} was the last with one" if "last" in values else ""
            return f"{package} has no wheel for {system}{since}{last}."
        case "python_too_new" | "python_too_old":
            return f"{package} has no wheel for Python {python} on {system}{since}; {_range(one)}."
        case "source_only":
            return f"{package} has no wheel for Python {python} on {system}{since}, and has to be built from source."
        case "glibc_too_old":
            has = f"has glibc {values['glibc']}" if values["glibc"] != "0" else "has musl in its place (Alpine)"
            return f"{package} has wheels for glibc {values['needs']} and newer; the project's image {has}."
        case "not_installing_together":
            return f"{package} and {values['other']} don't install together: {values['because']}."
        case "not_running_together":
            return f"{package} installs beside {values['other']} and doesn't run with it: {values['because']}."
        case "image_cuda":
            return (
                f"{package} wants CUDA {values['cuda']} installed beside it; the project's image has CUDA "
                f"{values['toolkit']}, which has no {values['opens']}, so it uses no GPU there."
            )
        case "no_gpu_on_system":
            return f"{package} from PyPI uses no NVIDIA GPU on {system}{since}."
        case "gpu_generation":
            return f"{package} is built for CUDA {values['cuda']} and doesn't run on {values['title']}{since}."
        case "driver":
            return (
                f"{package} is built for CUDA {values['cuda']}; the driver knows CUDA {values['driver_cuda']} at most."
            )
        case "own_cuda":
            beside = f"CUDA {values['cuda']} and cuDNN {values['cudnn']}"
            return (
                f"{package} finds no GPU without {beside} installed beside it, which are older than {values['title']}: "
                f"that came with CUDA {values['first_cuda']}."
            )
        case "python_ended":
            return f"Fixes of Python {one.version} {when}."
        case "image_ended":
            return f"Fixes of {values['title']}, on which the image {one.subject} stands, {when}."
        case "gpu_ended":
            return f"Fixes of drivers for {values['title']} {when}."
        case "package_ended":
            ended = "ended" if passed(one, clock.day) else "ends"
            return f"{one.subject} {ended} in {month_words(one.day)}: {values['because']}."
        case "release_ended":
            return f"{package} gets no fixes{since}, when {values['next']} came; the newest is {values['newest']}."


def _range(one: LifecycleFinding) -> str:
    low, high = one.values["lowest"], one.values["highest"]
    return f"only {low} has one" if low == high else f"{low} to {high} have one"


def advice(one: LifecycleFinding, clock: SupportClock) -> str:
    """What to do about it."""
    values, python = one.values, clock.machine.python
    first = " once the code is changed for it" if any(bound.of(one.subject) for bound in clock.code) else ""
    instead = f"{one.subject} {values['instead']}{first}" if "instead" in values else ""
    match one.kind:
        case "python_too_new":
            other = f", or take {instead}, which has a wheel for {python}" if instead else ""
            return f"stay on Python {values['highest']}{other}."
        case "python_too_old":
            other = f", or take {instead}, the newest for {python}" if instead else ""
            return f"move to Python {values['lowest']} or newer{other}."
        case "no_wheel_for_system" | "source_only":
            elsewhere = "run it on another system; Linux has a wheel."
            return f"take {instead}, the newest with a wheel here." if instead else elsewhere
        case "glibc_too_old":
            other = f", or take {instead}, the newest that installs there" if instead else ""
            return f"build on an image with glibc {values['needs']} or newer{other}."
        case "not_installing_together" | "not_running_together":
            return f"{values['instead']}."
        case "image_cuda":
            return f"build on an image with CUDA {values['cuda']}, or take a newer release that brings its own."
        case "no_gpu_on_system":
            other = (
                f"stay at {instead}, the newest that uses it here"
                if instead
                else "take a build from the framework's own index, if it has one"
            )
            return f"{other}, or run it on Linux, as in WSL2."
        case "gpu_generation":
            other = (
                f"take {instead}, the newest that runs on it"
                if instead
                else "no release on PyPI runs on it here; take another GPU, or the other framework"
            )
            return f"{other}."
        case "driver":
            oldest = values.get("windows" if clock.machine.system.startswith("windows") else "linux")
            driver = f"install a driver from {oldest} on" if oldest else "install a newer driver"
            return f"{driver}, or take a build for an older CUDA."
        case "own_cuda":
            beside = f"CUDA {values['cuda']} and cuDNN {values['cudnn']}"
            return f"install {beside} and try, or take a newer release that brings its own."
        case "python_ended":
            newer = clock.stay.python
            return (
                f"move to Python {newer}, the newest that all pins have wheels for."
                if newer and newer != python
                else "move to newer releases of what is pinned, which have wheels for a newer Python."
            )
        case "image_ended":
            return "build on an image of a newer system; what is installed into it may ask for a newer Python then."
        case "gpu_ended":
            return "plan for another GPU."
        case "package_ended":
            return f"replace {one.subject}."
        case "release_ended":
            return f"{'take' if first else 'try'} {one.subject} {values['newest']}{first}."


def to_json(clock: SupportClock) -> str:
    """Schema 1. Days are ISO, or as much of it as is known; "" and null are not known."""
    return json.dumps(as_data(clock), ensure_ascii=False, indent=2, allow_nan=False)


def as_data(clock: SupportClock) -> dict[str, object]:
    """The JSON of a clock as plain data."""
    machine, stay = clock.machine, clock.stay
    return {
        "schema": 1,
        "day": clock.day.isoformat(),
        "file": {"kind": clock.lock.kind, "pins": len(clock.lock.pins), "unread": list(clock.lock.unread)},
        "machine": {
            "python": machine.python,
            "os": machine.system,
            "gpu": machine.gpu,
            "cuda": machine.cuda,
            "supposed": list(machine.supposed),
        },
        "answer": answer(clock),
        "stay": {"until": stay.until, "python": stay.python, "ended": stay.ended},
        "first": _finding(clock.first, clock) if clock.first else None,
        "packages": [
            {
                "package": pin.pin.package,
                "pinned": pin.pin.versions,
                "build": pin.pin.label,
                "state": pin.state,
                "release": str(pin.release.version) if pin.release else None,
                "pythons": list(pin.pythons),
                "why": pin.why,
            }
            for pin in clock.pins
        ],
        "code": [
            {"package": one.package, "below": one.below, "places": one.places, "first": one.first} for one in clock.code
        ],
        "not_looked_at": clock.others,
        "gpu_unknown": [pin.pin.package for pin in clock.gpu_unknown],
        "findings": [_finding(one, clock) for one in clock.findings],
    }


def _finding(one: LifecycleFinding, clock: SupportClock) -> dict[str, object]:
    return {
        "kind": one.kind,
        "bearing": one.bearing,
        "subject": one.subject,
        "version": one.version,
        "day": one.day,
        "says": sentence(one, clock),
        "do": advice(one, clock),
        "values": dict(one.values),
        "source": {"title": one.source.title, "url": one.source.url},
        "as_of": one.seen,
        "confidence": one.confidence,
    }
