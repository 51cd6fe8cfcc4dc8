"""Pins that install one by one and not, or for nothing, together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

from advisor.lifecycle.dates import Clash, DatedEntry, Lifecycle, Siblings
from advisor.lifecycle.findings import FindingKind, LifecycleFinding, Resolved


def of_pins(pins: Sequence[Resolved], known: Lifecycle) -> Iterator[LifecycleFinding]:
    """What two of the pins do to each other.

    What wheels say themselves, pip looks at: there only versions that are pinned exactly can meet. What they don't say,
    it doesn't see, and takes the newest that each pin allows.
    """
    exact = {pin.pin.package: version for pin in pins if (version := _exact(pin)) is not None}
    taken = {pin.pin.package: pin.release.version for pin in pins if pin.release is not None} | exact
    for clash in known.clashes:
        yield from _clash(clash, exact if clash.declared else taken, known)
    for siblings in known.siblings:
        yield from _siblings(siblings, exact, known)


def _exact(pin: Resolved) -> Version | None:
    """The one version that a pin allows, None if it allows several or asks for what is none («===custom»)."""
    pinned = [one.version for one in SpecifierSet(pin.pin.versions) if one.operator in ("==", "===")]
    try:
        return Version(pinned[0]) if len(pinned) == 1 else None
    except InvalidVersion:  # «2.*» among them
        return None


def _clash(clash: Clash, versions: Mapping[str, Version], known: Lifecycle) -> Iterator[LifecycleFinding]:
    other = versions.get(clash.other)
    if other is None or other not in SpecifierSet(clash.others):
        return
    for package in clash.packages:
        version = versions.get(package)
        if version is not None and version in SpecifierSet(clash.versions):
            values = {"because": clash.because, "other": f"{clash.other} {other}", "instead": clash.instead}
            yield _finding(package, version, clash, known, values, installs=not clash.declared)


def _siblings(siblings: Siblings, versions: Mapping[str, Version], known: Lifecycle) -> Iterator[LifecycleFinding]:
    """A package of which each minor release is built against one of another package."""
    version, other = versions.get(siblings.id), versions.get(siblings.of)
    if version is None or other is None:
        return
    wanted = siblings.pairs.get(_minor(version))
    if wanted is None or wanted == _minor(other):
        return
    fitting = next((mine for mine, theirs in siblings.pairs.items() if theirs == _minor(other)), "")
    values = {
        "because": f"{siblings.id} {_minor(version)} is built against {siblings.of} {wanted}",
        "other": f"{siblings.of} {other}",
        "instead": f"take {siblings.id} {fitting}" if fitting else f"take {siblings.of} {wanted}",
    }
    yield _finding(siblings.id, version, siblings, known, values, installs=False)


def _minor(version: Version) -> str:
    return f"{version.major}.{version.minor}"


def _finding(
    package: str, version: Version, entry: DatedEntry, known: Lifecycle, values: Mapping[str, str], *, installs: bool
) -> LifecycleFinding:
    kind: FindingKind = "not_running_together" if installs else "not_installing_together"
    source = known.source(entry)
    return LifecycleFinding(kind, package, str(version), "", source, entry.as_of, entry.confidence, values)
