"""Requirements as pip writes and reads them."""

from __future__ import annotations

import re

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from packaging.version import InvalidVersion

from advisor.lifecycle.pins import LockFile, Pin, exact


def requirements(text: str) -> LockFile:
    pins, unread = [], []
    for line in re.sub(r"\\\r?\n", " ", text).splitlines():
        entry = re.sub(r"(^|\s)#.*$", "", line).strip()
        entry = re.sub(r"\s--?(hash|config-settings|global-option)[= ].*$", "", entry)
        if not entry or re.match(
            r"--?(i|f|index-url|extra-index-url|find-links|no-index|pre|only-binary|no-binary)\b", entry
        ):
            continue
        pin = pin_of(entry)
        (pins.append(pin) if pin else unread.append(entry[:200]))
    return LockFile("requirements", tuple(pins), unread=tuple(unread))


def pin_of(entry: str) -> Pin | None:
    """Of a requirement as pip writes it; None for what isn't one: another file, an editable folder, a bare URL."""
    try:
        requirement = Requirement(entry)
    except InvalidRequirement:
        return None
    markers = (str(requirement.marker),) if requirement.marker else ()
    if requirement.url:
        version = _version_of_wheel(requirement.url)
        return exact(requirement.name, version, markers) if version else None
    if only := re.fullmatch(r"={2,3}([^*,]+)", str(requirement.specifier)):
        return exact(requirement.name, only[1], markers)
    return Pin(canonicalize_name(requirement.name), str(requirement.specifier), markers=markers)


def _version_of_wheel(url: str) -> str:
    try:
        return str(parse_wheel_filename(url.partition("#")[0].rpartition("/")[2].replace("%2B", "+"))[1])
    except (InvalidWheelFilename, InvalidVersion):
        return ""
