"""What other programs said, made fit for messages, terminals and pages: short, and every character visible."""

from __future__ import annotations

import os

QUOTED = 100  # characters


def quoted(text: str, most: int = QUOTED) -> str:
    """One line of at most ``most`` characters."""
    return _cut(" ".join(_visible(text[: 10 * most]).split()), most)


def line(text: str, most: int = 1000) -> str:
    """The same for a line whose indentation says something."""
    return _cut(_visible(text[: most + 1]).rstrip(), most)


def error(raised: BaseException) -> str:
    """What an error says, without the folders of this machine: Python's own name the whole path of a file."""
    if isinstance(raised, OSError) and isinstance(raised.filename, str | bytes | os.PathLike):
        name = os.path.basename(os.fsdecode(raised.filename))
        return f"{type(raised).__name__}: {raised.strerror or 'no reason given'}: {name!r}"
    return f"{type(raised).__name__}: {raised}"


def _visible(text: str) -> str:
    """Escapes that move a terminal's cursor, and marks that turn the order of letters, become spaces."""
    return "".join(c if c.isprintable() else " " for c in text)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
