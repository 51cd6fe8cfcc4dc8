"""What a browser may send, strictly typed: it comes from a stranger's machine."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError
from pydantic.config import ConfigDict
from pydantic_core import from_json

from probes.places import Framework
from probes.results import Order
from probes.system.mistakes import mistake

_STRICT: Final = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


def _seen(text: str) -> str:
    """Texts of a browser are shown: on one line, of nothing that isn't seen but spaces."""
    if not text.isprintable():
        raise ValueError("has characters that can't be shown")
    return text


_Shown = Annotated[str, Field(max_length=120), AfterValidator(_seen)]
_Reason = Annotated[str, Field(max_length=400)]
_Seconds = Annotated[float, Field(ge=0, le=600)]
_Call = Annotated[float, Field(gt=0, le=60)]
_CellId = Annotated[str, Field(max_length=64)]
_Base64 = Annotated[str, Field(max_length=120_000, pattern=r"^[A-Za-z0-9+/]*={0,2}$")]

LARGEST: Final = 256 * 1024  # bytes of a message


@dataclass(frozen=True)
class ToldConditions:
    """What a browser says of itself; ``user_agent`` names browser and system where nothing better does."""

    __pydantic_config__ = _STRICT

    user_agent: Annotated[str, Field(max_length=512)]
    brand: _Shown = ""
    system: _Shown = ""
    device: _Shown = ""
    mobile: bool = False
    cores: Annotated[int, Field(ge=0, le=1024)] = 0
    memory_gb: Annotated[float, Field(ge=0, le=4096)] = 0.0
    gpu: _Shown = ""
    isolated: bool = False
    secure: bool = False
    screen: _Shown = ""
    clock_us: Annotated[float, Field(ge=0, le=1e6)] = 0.0


@dataclass(frozen=True)
class ToldSuperblock:
    """Seconds a call of four blocks, in the order run."""

    __pydantic_config__ = _STRICT

    order: Order
    wall: Annotated[list[_Call], Field(min_length=4, max_length=4)]


@dataclass(frozen=True)
class ToldInstance:
    """One build of each side."""

    __pydantic_config__ = _STRICT

    superblocks: Annotated[list[ToldSuperblock], Field(max_length=32)]
    blocks: dict[Framework, Annotated[list[_Call], Field(max_length=128)]]
    steps: dict[Framework, Annotated[int, Field(ge=1, le=10_000_000)]]


@dataclass(frozen=True)
class ToldStart:
    """What one side took before it answered steadily."""

    __pydantic_config__ = _STRICT

    build_s: _Seconds
    first_s: _Seconds


@dataclass(frozen=True)
class ToldRound:
    """What one Worker made of a cell."""

    __pydantic_config__ = _STRICT

    load_s: _Seconds
    starts: dict[Framework, ToldStart]
    instances: Annotated[list[ToldInstance], Field(min_length=1, max_length=8)]
    answers: dict[Framework, _Base64]
    heap_bytes: Annotated[int, Field(ge=0, le=1 << 40)]


@dataclass(frozen=True)
class BeginMessage:
    """The visitor has chosen, and it begins."""

    __pydantic_config__ = _STRICT

    event: Literal["begin"]
    conditions: ToldConditions
    cells: Annotated[list[_CellId], Field(min_length=1, max_length=64)]
    train: bool = False


@dataclass(frozen=True)
class StartedMessage:
    """A Worker is about to start."""

    __pydantic_config__ = _STRICT

    event: Literal["started"]
    cell: _CellId
    round: Annotated[int, Field(ge=0, le=64)]


@dataclass(frozen=True)
class RoundMessage:
    """A Worker has come to its end. ``kit`` and ``runtimes`` are the digests of what it loaded."""

    __pydantic_config__ = _STRICT

    event: Literal["round"]
    cell: _CellId
    round: Annotated[int, Field(ge=0, le=64)]
    kit: Annotated[str, Field(max_length=64)]
    runtimes: Annotated[str, Field(max_length=64)]
    report: ToldRound


@dataclass(frozen=True)
class TrainedMessage:
    """TensorFlow.js has trained; ``step_s`` has a figure for each block of ``steps`` steps."""

    __pydantic_config__ = _STRICT

    event: Literal["trained"]
    backend: Literal["webgl", "cpu"]
    steps: Annotated[int, Field(ge=1, le=10_000)]
    step_s: Annotated[list[_Call], Field(min_length=2, max_length=32)]
    first_loss: Annotated[float, Field(ge=0, le=1000)]
    last_loss: Annotated[float, Field(ge=0, le=1000)]


@dataclass(frozen=True)
class EndMessage:
    """A cell goes no further, or one ``side`` of it: then the other is timed alone from here on."""

    __pydantic_config__ = _STRICT

    event: Literal["end"]
    cell: _CellId
    outcome: Literal["unsupported", "failed", "timed out", "out of memory", "too noisy"]
    reason: _Reason
    side: Framework | None = None


@dataclass(frozen=True)
class OverMessage:
    """The page does nothing any more: all is done, somebody closed it, or it failed itself."""

    __pydantic_config__ = _STRICT

    event: Literal["over"]
    why: Literal["done", "cancelled", "closed", "failed"]


BrowserMessage: TypeAlias = BeginMessage | StartedMessage | RoundMessage | TrainedMessage | EndMessage | OverMessage
_ByEvent = Annotated[BrowserMessage, Field(discriminator="event")]


@cache
def _adapter() -> TypeAdapter[Any]:
    return TypeAdapter(_ByEvent)


class RefusedMessageError(ValueError):
    """A message that no browser which keeps to the protocol sends. The text names field, value and what is allowed."""


def read(content: bytes) -> BrowserMessage:
    """A message as it comes over the wire. Raises RefusedMessageError."""
    if len(content) > LARGEST:
        raise RefusedMessageError(f"message: {len(content):,} bytes; allowed: at most {LARGEST:,}")
    try:
        message: BrowserMessage = _adapter().validate_json(content)
    except ValidationError as error:
        raise RefusedMessageError(mistake(error, _ByEvent, _parsed(content))[:300]) from None
    return message


def _parsed(content: bytes) -> object:
    """What was sent, below the name of its event as pydantic's paths have it; None for what is no JSON."""
    try:
        told = from_json(content)
    except ValueError:
        return None
    return {told["event"]: told} if isinstance(told, dict) and isinstance(told.get("event"), str) else told


# ------------------------------------------------------------------------------------------- who it is

_BROWSERS: Final = (
    ("Edge", r"Edg(?:A|iOS)?/(\d+)"),
    ("Samsung Internet", r"SamsungBrowser/(\d+)"),
    ("Opera", r"OPR/(\d+)"),
    ("Firefox", r"(?:Firefox|FxiOS)/(\d+)"),
    ("Chromium", r"(?:HeadlessChrome|Chromium)/(\d+)"),
    ("Chrome", r"(?:Chrome|CriOS)/(\d+)"),
    ("Safari", r"Version/(\d+)[\d.]* (?:Mobile/\w+ )?Safari/"),
)
_SYSTEMS: Final = (
    ("Android {}", r"Android (\d+)"),
    ("iOS {}", r"(?:iPhone|iPad).*? OS (\d+)"),
    ("Windows", r"Windows NT"),
    ("macOS", r"Mac OS X"),
    ("ChromeOS", r"CrOS"),
    ("Linux", r"Linux"),
)


def browser_of(user_agent: str) -> str:
    """``Firefox 140``; who has the most particular name is it, as every browser calls itself by the others' as well."""
    for name, pattern in _BROWSERS:
        if found := re.search(pattern, user_agent):
            return f"{name} {found[1]}"
    return "an unknown browser"


def system_of(user_agent: str) -> str:
    """``Android 16``."""
    for name, pattern in _SYSTEMS:
        if found := re.search(pattern, user_agent):
            return name.format(*found.groups())
    return "an unknown system"
