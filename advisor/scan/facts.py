"""What one source holds: names of frameworks, where they come from, and what couldn't be read."""

from __future__ import annotations

from dataclasses import dataclass, field

from advisor.scan.report import BlindKind


@dataclass(frozen=True, slots=True)
class NameUse:
    """A framework's name in code. ``names``: what it may stand for, more than one where imports are conditional."""

    names: tuple[str, ...]
    line: int
    call: bool
    base: bool = False
    keywords: tuple[str, ...] | None = None  # of a call that a rule asks about, as «name» or «name=literal»


@dataclass(frozen=True, slots=True)
class ImportUse:
    """An import of a framework. ``name`` as ``NameUse.names``, with «.*» for everything."""

    name: str
    line: int
    lazy: bool
    conditional: bool


@dataclass(slots=True)
class FileFacts:
    """What one source holds."""

    path: str
    lines: int
    imports: list[ImportUse] = field(default_factory=list)
    uses: list[NameUse] = field(default_factory=list)
    methods: list[tuple[str, int]] = field(default_factory=list)  # called on whatever object
    blind: list[tuple[BlindKind, str, int]] = field(default_factory=list)
    unparsed: int = 0  # lines
    guarded: list[tuple[int, int]] = field(default_factory=list)  # first and last line of what asks for a version

    def is_guarded(self, line: int) -> bool:
        """Whether a line stands where old and new versions are told apart."""
        return any(first <= line <= last for first, last in self.guarded)


class TooLongError(Exception):
    """The time was over before the source was parsed."""
