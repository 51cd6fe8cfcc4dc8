"""What packages put on the disk, with everything that they bring along, as the installer recorded it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from fnmatch import fnmatch
from importlib.metadata import Distribution, PackageNotFoundError, distribution, version
from pathlib import Path

_REQUIREMENT = re.compile(r"\s*([A-Za-z0-9._-]+)\s*(?:\[([^\]]*)\])?")  # its package and extras
_TOP = re.compile(r"^([^/,\n]+)", re.M)  # a path's first part, in RECORD
_IMPORTABLE = (".py", ".so", ".pyd")


def version_of(package: str) -> str:
    """Its version from the metadata, without an import; "" if it isn't installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def closure(requirements: Iterable[str]) -> dict[str, Distribution]:
    """Every installed package that ``requirements`` ("torch", "tensorflow[and-cuda]") lead to, by normalised name.

    Markers are honoured, and of extras those that are asked for (https://peps.python.org/pep-0508/).
    """
    by_name: dict[str, Distribution] = {}
    seen: set[tuple[str, str]] = set()
    certain, conditional = [(text, "", "") for text in requirements], list[tuple[str, str, str]]()
    while certain or conditional:  # conditions last: most are about what is required without one as well
        text, marker, for_extra = certain.pop() if certain else conditional.pop()
        name, extras = parsed(text)
        new = [extra for extra in ("", *extras) if (name, extra) not in seen]
        if not new or not (package := _find(name)) or not _holds(marker, for_extra):
            continue
        by_name[name] = package
        seen.update((name, extra) for extra in new)
        for needed in package.requires or ():
            text, _, marker = needed.partition(";")
            for extra in new:
                if bool(extra) == ("extra" in marker) and extra in marker:
                    (conditional if marker else certain).append((text, marker, extra))
    return by_name


def normalised(name: str) -> str:
    """A package's name as all its spellings have in common (https://peps.python.org/pep-0503/)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def name_of(package: Distribution) -> str:
    """Its normalised name: from that of its folder, where the metadata would have to be read otherwise."""
    return normalised(getattr(package, "_normalized_name", None) or package.name)


def modules(package: Distribution) -> set[str]:
    """Names of its modules and packages at the top, as ``importlib.metadata.packages_distributions`` knows them; that
    one takes seconds."""
    if declared := package.read_text("top_level.txt"):
        return set(declared.split())
    files = package.read_text("RECORD") or ""
    tops = (top.partition(".")[0] if top.endswith(_IMPORTABLE) else top for top in set(_TOP.findall(files)))
    return {top for top in tops if top.isidentifier()} - {"__pycache__"}


def parsed(requirement: str) -> tuple[str, tuple[str, ...]]:
    """The package, normalised, and its extras: "uvicorn[standard]>=0.29" -> ("uvicorn", ("standard",)).

    Raises ValueError for a text that doesn't begin with a package.
    """
    found = _REQUIREMENT.match(requirement)
    if found is None:
        raise ValueError(f"requirement: {requirement!r}; allowed: a package's name with its extras, then versions")
    return normalised(found[1]), tuple(re.findall(r"[^,\s]+", found[2] or ""))


def _find(name: str) -> Distribution | None:
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None  # a requirement of another system or Python version


def _holds(marker: str, extra: str) -> bool:
    """Whether a marker's condition is met here. Without ``packaging`` it is taken to be."""
    if not marker:
        return True
    try:
        from packaging.markers import Marker  # late: it takes longer than all the rest, and is hardly ever needed
    except ImportError:
        return True
    return Marker(marker).evaluate({"extra": extra})


def sizes(of: Distribution, only: Sequence[str] = ("*",)) -> list[int]:
    """Bytes of each file of a package whose path, as the installer recorded it, fits a pattern in ``only``."""
    files = [file for file in of.files or () if any(fnmatch(str(file), pattern) for pattern in only)]
    paths = [Path(str(of.locate_file(file))) for file in files]
    return [path.stat().st_size for path in paths if path.is_file()]
