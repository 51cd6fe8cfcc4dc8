"""A model file to begin with, filled from the answers: it runs as it is, until a team puts its own network into it."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from advisor.answers import Answers, Domain
from advisor.wording.quantities import count

if TYPE_CHECKING:
    from jinja2 import Environment

#: Which halves it is written with: one for each framework, one for both (Keras 3), or a single one.
Halves = Literal["both", "once", "pytorch", "tensorflow"]
DEFAULT_NAME: Final = "our_network.py"
#: Widths are multiples of this: attention has four heads.
_STEP: Final = 8
_NARROWEST: Final = 8
#: What a file can't be called, because importing it would find the file.
_TAKEN: Final = frozenset({"torch", "tensorflow", "keras", "jax", "numpy", "probes", "advisor", "ui"})
_LONGEST_NAME: Final = 40


@dataclass(frozen=True, slots=True)
class FileTemplate:
    """A network that can be made wider. ``parameters``: how many weights it has at a width."""

    file: str
    width: int  # where the answers don't say how large it is to be
    most: int  # weights at most: a step of 64 samples has to stay well under a second on two cores
    parameters: Callable[[int], int]
    settings: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FilledTemplate:
    """The file: what to call it, and what is in it."""

    name: str
    text: str
    width: int
    parameters: int


def _images(channels: int) -> Callable[[int], int]:
    return lambda w: 90 * w * w + (9 * channels + 21 + 4 * 10) * w + 10


def _tokens(head: int) -> Callable[[int], int]:
    return lambda w: 1032 * w + 2 * (12 * w * w + 13 * w) + 2 * w + head * w + head


def _series(head: int) -> Callable[[int], int]:
    return lambda w: 3 * (8 * w + w * w + 2 * w) + head * w + head


def _fields(channels: int, head: int) -> Callable[[int], int]:
    return lambda w: 45 * w * w + (9 * channels + 4 + head) * w + head


_TABLE: Final = FileTemplate("table", 128, 2_000_000, lambda w: w * w + (32 + 4 + 4) * w + 4)
#: By what a project works on; rows of numbers stand for all that isn't named.
_TEMPLATES: Final[Mapping[Domain, FileTemplate]] = {
    "vision": FileTemplate("images", 16, 200_000, _images(3), {"spectrograms": False}),
    "audio": FileTemplate("images", 16, 60_000, _images(1), {"spectrograms": True}),
    "language": FileTemplate("tokens", 64, 1_000_000, _tokens(4), {"causal": False}),
    "generative": FileTemplate("tokens", 64, 1_000_000, _tokens(1000), {"causal": True}),
    "time-series": FileTemplate("series", 64, 400_000, _series(5), {"forecast": False}),
    "forecasting": FileTemplate("series", 64, 400_000, _series(12), {"forecast": True}),
    "recommendation": FileTemplate("recommendation", 32, 5_000_000, lambda w: 2 * w * w + (3000 + 8 + 1 + 2) * w + 2),
    "medical-imaging": FileTemplate("fields", 16, 100_000, _fields(1, 3), {"segments": True}),
    "scientific": FileTemplate("fields", 16, 100_000, _fields(3, 3), {"segments": False}),
    "weather": FileTemplate("fields", 16, 100_000, _fields(3, 3), {"segments": False}),
    "graphs": FileTemplate("graph", 64, 1_000_000, lambda w: w * w + (16 + 1 + 1 + 3) * w + 3),
}


def filled(answers: Answers, halves: Halves = "both") -> FilledTemplate:
    """The file for what the project works on, called after it, as wide as the answers say or as can be measured."""
    template = _TEMPLATES.get(answers.project.domain or "other", _TABLE)
    wanted = answers.project.parameters
    width = template.width if wanted is None else _width(template, wanted)
    number = template.parameters(width)
    name = file_name(answers.project.name)
    text = (
        _environment()
        .get_template(f"{template.file}.py.jinja")
        .render(
            name=name,
            title=json.dumps(answers.project.name or "Our network", ensure_ascii=False),
            halves=halves,
            width=width,
            about_size=_about_size(template, wanted, number),
            **template.settings,
        )
    )
    spaced = re.sub(r"\n+(?=^def )", "\n\n\n", text.strip(), flags=re.MULTILINE)
    return FilledTemplate(name, f"{spaced}\n", width, number)


def file_name(project: str) -> str:
    """What a file for a project of that name is called: «Shelf scanner» → ``shelf_scanner.py``."""
    plain = unicodedata.normalize("NFKD", project).encode("ascii", "ignore").decode("ascii").lower()
    words = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:_LONGEST_NAME].strip("_")
    return DEFAULT_NAME if not words or words[0].isdigit() or words in _TAKEN else f"{words}.py"


def _width(template: FileTemplate, wanted: int) -> int:
    """The one that comes nearest to so many weights, of those that can be measured."""
    widths = [_NARROWEST]
    while template.parameters(widths[-1] + _STEP) <= template.most:
        widths.append(widths[-1] + _STEP)
    return min(widths, key=lambda width: abs(template.parameters(width) - wanted))


def _about_size(template: FileTemplate, wanted: int | None, number: int) -> str:
    has = f"WIDTH says how large it is: about {count(number)} weights as it stands."
    if wanted is None or wanted <= template.most:
        return has
    return (
        f"{has}\nYour brief says {count(wanted)}, which is too many to be timed step by step here:\n"
        "ratios hold for networks of this kind and size."
    )


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # late: a page needs none of it at first

    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "model_files"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
        autoescape=False,  # noqa: S701 - it writes Python, and what a user said is quoted as JSON is
    )
