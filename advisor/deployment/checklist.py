"""What would ship: the best way to a target as a list to work through before anything goes out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from advisor.answers import TargetId
from advisor.deployment.targets import BestWay, TargetRow, TriedRoute
from advisor.model.routes import Route
from advisor.wording.markdown import for_github as escape
from advisor.wording.quantities import quantity
from probes.deploy.schema import RoutesRun
from probes.schema import FRAMEWORKS, TITLES, Framework

_WARNINGS: Final = 5  # that are written out; one export may raise dozens of the same kind
_ADDRESS: Final = re.compile(r"\s+at 0x[0-9a-f]+")

_ON_SERVER: Final = (
    "The largest rate at which p99 stays under your limit, with the real batching and the real network",
    "Start and warm-up of a new replica under load",
)
_ON_BOARD: Final = (
    "Latency and temperature on the board itself, under its power limit",
    "Which operators its accelerator takes, and what is left to the processor",
)
#: What can't be seen on this machine, for every target.
ON_TARGET: Final[Mapping[TargetId, tuple[str, ...]]] = {
    "server_rest_grpc": _ON_SERVER,
    "server_batch": (
        "A whole batch job on the real data: its time, and what it costs",
        "What happens to the rest of a job when one part of it fails",
    ),
    "llm_serving": _ON_SERVER,
    "android": (
        "Latency and memory on the slowest phone that you support, warm and after ten minutes of use",
        "The size of the app with the runtime for each processor type that you build for",
    ),
    "ios": (
        "Latency and memory on the oldest phone that you support, warm and after ten minutes of use",
        "Which operators the Neural Engine takes, and what is left to the CPU",
    ),
    "core_ml": (
        "Latency and memory on the oldest device that you support, warm and after ten minutes of use",
        "Which operators the Neural Engine takes, and what is left to the CPU",
    ),
    "llm_device": (
        "Memory and tokens a second on the weakest device that you support, warm and after ten minutes of use",
        "The answers of the quantised model against those of the full one, on questions of your own",
    ),
    "browser": (
        "Download and first answer over a slow connection, without a cache",
        "The browsers that you support, with WebGPU and without it",
    ),
    "edge_linux": (
        "Latency and temperature on the board itself, under its power limit",
        "That the runtime has a build for the board's processor",
    ),
    "embedded_gpu_jetson": _ON_BOARD,
    "coral": _ON_BOARD,
    "hailo": _ON_BOARD,
    "rockchip": _ON_BOARD,
    "microcontroller": (
        "Flash and working memory with everything else that the firmware holds",
        "Latency and energy for one prediction on the chip itself",
    ),
    "desktop_cpp": (
        "A clean machine without Python and without a compiler: does it start?",
        "Every operating system and processor type that you support",
    ),
    "library": (
        "Installing it beside the packages that your users have, on every Python that you support",
        "What of it works where no framework is installed",
    ),
    "tpu": (
        "Steps a second on the TPU itself, with your input pipeline feeding it",
        "How often it compiles anew when shapes change",
    ),
    "serverless": (
        "Cold start with the memory size that you pay for",
        "The size of the image or package against the provider's limit",
    ),
    "spark": (
        "The packages in every worker, and the memory of as many models as a worker has tasks",
        "A whole job on the real tables: its time, and what it costs",
    ),
    "bigquery": (
        "The import itself: which operators and sizes the service takes",
        "A whole query on the real tables: its time, and what it costs",
    ),
}
_EVERYWHERE: Final = (
    "The answers for a few hundred inputs of your own against those of the trained model",
    "The pins: freeze the versions that you tested with",
)


@dataclass(frozen=True, slots=True)
class Checklist:
    """Headings, each with its lines; ``note`` says how much of it was seen here."""

    target: str
    framework: Framework
    tool: str
    note: str
    parts: Mapping[str, Sequence[str]]


def checklist(line: TargetRow, side: Framework, run: RoutesRun | None) -> Checklist | None:
    """For one side of a target; None where it has no way."""
    best = line.sides[side]
    route = best.choice.route
    if route is None:
        return None
    seen = best.seen
    note = (
        f"Seen on {run.machine.name} with the network «{seen.record.model}»; yours may differ."
        if seen is not None and run is not None
        else "Nothing of this was tried here; it is what is known of this way."
    )
    parts = {
        "Steps": _steps(route, seen),
        "Files": _files(seen),
        "Runtime": _runtime(route, seen),
        "Inputs": _inputs(seen),
        "Beware": _beware(best),
        "Test on the target": (*ON_TARGET[line.target], *_EVERYWHERE),
    }
    return Checklist(line.title, side, route.tool, note, {name: rows for name, rows in parts.items() if rows})


def markdown(lines: Sequence[TargetRow], run: RoutesRun | None) -> str:
    """All checklists as one document, with boxes to tick."""
    parts = ["# What would ship"]
    for line in lines:
        for side in FRAMEWORKS:
            shipping = checklist(line, side, run)
            if shipping is None:
                continue
            parts += [f"## {escape(line.title)}: {TITLES[side]} by {escape(shipping.tool)}", escape(shipping.note)]
            for heading, rows in shipping.parts.items():
                parts += [f"### {heading}", "\n".join(f"- [ ] {escape(row)}" for row in rows)]
    return "\n\n".join(parts) + "\n"


def _steps(route: Route, seen: TriedRoute | None) -> list[str]:
    if seen is not None:
        return [step.strip() for step in seen.record.way.steps.split("→")]
    return [route.conversion] if route.conversion else []


def _files(seen: TriedRoute | None) -> list[str]:
    if seen is None or seen.record.exported is None:
        return []
    exported = seen.record.exported
    files = "1 file" if exported.files == 1 else f"{exported.files} files"
    return [
        f"{files}, {quantity(exported.bytes, 'B')}, numbers kept as {seen.record.way.form}",
        f"Written in {quantity(exported.seconds, 's')}",
    ]


def _runtime(route: Route, seen: TriedRoute | None) -> list[str]:
    version = f" {route.version}" if route.version else ""
    known = f"{route.tool}{version}, {route.maturity}, newest release {route.month}: {route.constraints}"
    if seen is None or seen.record.played is None:
        return [known]
    played = seen.record.played
    pins = ", ".join(f"{name} {number}" for name, number in played.versions.items())
    size = f"{quantity(played.runtime_bytes, 'B')} installed, with what it brings along"
    return [f"Tested with {pins}" if pins else "", size, known] if pins else [size, known]


def _inputs(seen: TriedRoute | None) -> list[str]:
    if seen is None or seen.record.played is None:
        return []
    played = seen.record.played
    why = f" ({played.batch_reason})" if played.batch_reason else ""
    batch = (
        "Any batch size: it took one that it was not exported for"
        if played.dynamic_batch
        else f"Fixed batch size, so one file for each that you need{why}"
    )
    return [batch, "Types as in training; some converters narrow 64-bit integers to 32: check tokens and indices"]


def _beware(best: BestWay) -> list[str]:
    warned: list[str] = []
    seen = best.seen
    if seen is not None:
        way, figures = seen.record.way, seen.figures
        if way.deprecated:
            warned.append(f"Deprecated: {way.deprecated}")
        if way.elsewhere:
            warned.append(f"Exported here and never run: {way.elsewhere}")
        if figures is not None and figures.lost_accuracy:
            warned.append(f"Loses {figures.lost_accuracy * 100:.1f} points of accuracy on the inputs that it was asked")
        warnings = dict.fromkeys(
            _ADDRESS.sub("", text) for text in (seen.record.exported.warnings if seen.record.exported else ())
        )
        warned += list(warnings)[:_WARNINGS]
    warned += [f"Doesn't work here: {broken.said}" for broken in best.choice.broken]
    return warned
