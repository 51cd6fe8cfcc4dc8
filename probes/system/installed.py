"""What packages put on the disk, with everything that they bring along, as the installer recorded it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from fnmatch import fnmatch
from importlib.metadata import Distribution, PackageNotFoundError, distribution, version
from pathlib import Path


def version_of(package: str) -> str:
    """Its version from the metadata, without an import; "" if it isn't installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def closure(names: Iterable[str]) -> dict[str, Distribution]:
    """Every installed package that ``names`` lead to, extras left out, by normalised name."""
    by_name: dict[str, Distribution] = {}
    ahead = list(names)
    while ahead:
        name = re.sub(r"[-_.]+", "-", ahead.pop()).lower()
        if name in by_name:
            continue
        try:
            by_name[name] = distribution(name)
        except PackageNotFoundError:
            continue  # a requirement of another system or Python version
        wanted = [text for text in by_name[name].requires or () if "extra ==" not in text]
        ahead += [re.split(r"[^A-Za-z0-9._-]", text.strip(), maxsplit=1)[0] for text in wanted]
    return by_name


def sizes(of: Distribution, only: Sequence[str] = ("*",)) -> list[int]:
    """Bytes of each file of a package whose path, as the installer recorded it, fits a pattern in ``only``."""
    files = [file for file in of.files or () if any(fnmatch(str(file), pattern) for pattern in only)]
    paths = [Path(str(of.locate_file(file))) for file in files]
    return [path.stat().st_size for path in paths if path.is_file()]
