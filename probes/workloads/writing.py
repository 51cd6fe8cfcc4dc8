"""What measures of a model that writes text share: an answer to a prompt, the likeliest token each time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, cast

from probes.contracts import Bench, Subject, Timed

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Writer(Subject, Protocol):
    """A subject whose network writes text."""

    def generated(self, number: int) -> Any:
        """The prompt and ``number`` tokens more, (1, tokens + number), perhaps not computed yet."""
        ...


def written(bench: Bench, number: int) -> Timed:
    """The step that writes so many tokens; each answer is read before the next one is asked for."""
    writer = _writer(bench)
    return Timed(writer, lambda: writer.read(writer.generated(number)), lambda _: None)


def generated(bench: Bench, number: int) -> NDArray[Any]:
    """Tokens of an answer, (number,)."""
    writer = _writer(bench)
    tokens = writer.read(writer.generated(number))
    return tokens[0, -number:]


def _writer(bench: Bench) -> Writer:
    return cast(Writer, bench.build(batch=1))
