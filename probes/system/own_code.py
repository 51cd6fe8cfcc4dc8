"""Which Fulcrum this is: a digest of what measures and judges, the same on every machine that has the same files."""

from __future__ import annotations

import hashlib
from functools import cache

from probes.system.data_files import DATA
from probes.system.folders import PACKAGES

_PROBES = PACKAGES / "probes"
_DIGITS = 12


@cache
def digest() -> str:
    """12 hex digits over the files of ``probes`` and ``data``, by name and content; whatever ends its lines."""
    found = hashlib.sha256()
    for root, pattern in ((_PROBES, "*.py"), (DATA, "*.yaml")):
        for path in sorted(root.rglob(pattern), key=lambda path: path.relative_to(root).as_posix()):
            content = path.read_bytes().replace(b"\r\n", b"\n")
            found.update(f"{path.relative_to(root).as_posix()}\0{len(content)}\0".encode())
            found.update(content)
    return found.hexdigest()[:_DIGITS]
