"""Below which versions a project's own code keeps its pins: what later releases dropped stands in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from packaging.specifiers import SpecifierSet

from advisor.lifecycle.pins import Pin
from advisor.lifecycle.wheels import PackageWheels

_TENSORFLOW: Final = re.compile(r"tensorflow(-cpu|-gpu|-macos|-intel)?")


@dataclass(frozen=True, slots=True)
class CodeBound:
    """``places`` of the code use what ``package`` dropped by version ``below``; ``first`` is one, as «model.py:12»."""

    package: str
    below: str
    places: int
    first: str

    def of(self, package: str) -> bool:
        """Whether it holds for a package."""
        return package == self.package or (self.package == "tensorflow" and is_tensorflow(package))


def is_tensorflow(package: str) -> bool:
    """Whether a distribution is TensorFlow under one of its names."""
    return _TENSORFLOW.fullmatch(package) is not None


def within(
    pins: Sequence[Pin], bounds: Iterable[CodeBound], known: Mapping[str, PackageWheels]
) -> tuple[tuple[Pin, ...], tuple[CodeBound, ...]]:
    """The pins with what the code adds to them, and the bounds that hold.

    The tightest bound of a package that leaves it a release holds: where pins allow newer ones alone, the project runs
    on those, and the places are left to what has to change.
    """
    tightest = sorted(bounds, key=lambda bound: [int(part) for part in bound.below.split(".")])
    found, holding = [], []
    for pin in pins:
        bound, kept = next(
            ((one, kept) for one in tightest if one.of(pin.package) and (kept := _below(pin, one, known))), (None, pin)
        )
        found.append(kept)
        holding += [bound] if bound else []
    return tuple(found), tuple(dict.fromkeys(holding))


def _below(pin: Pin, bound: CodeBound, known: Mapping[str, PackageWheels]) -> Pin | None:
    """The pin with the bound; as it is where that changes nothing, None where nothing would be left."""
    package = known.get(pin.package)
    if package is None or pin.channel == "conda":
        return None
    allowed = [release.version for release in package.all if release.version in SpecifierSet(pin.versions)]
    kept = [version for version in allowed if version in SpecifierSet(f"<{bound.below}")]
    if not kept:
        return None
    if len(kept) == len(allowed):
        return pin
    return replace(pin, versions=",".join(filter(None, (pin.versions, f"<{bound.below}"))))
