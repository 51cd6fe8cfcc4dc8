"""A checksum in a file that travels: whether it holds what was written, whatever happened to it on the way.

It isn't a signature. Who means to deceive can make a new one; what gives that away is that verdicts are recomputed
(``trusting``).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from probes.json_form import to_dict
from probes.records.files import RecordError
from probes.results import RunResult
from probes.system.own_code import digest

CHECKSUM: Final = "sha256"
WRITER: Final = "fulcrum"


def sealed(value: Any, *, indent: int | None = None) -> str:
    """A run or a plan as JSON text, with its checksum and by which Fulcrum it was written. What is worked out when a
    run is read (its best modes, the file that it came in) isn't part of it."""
    kept = replace(value, best=(), file="") if isinstance(value, RunResult) else value
    fields = to_dict(kept) | {WRITER: digest()}
    return json.dumps(fields | {CHECKSUM: checksum(fields)}, indent=indent, ensure_ascii=False, allow_nan=False)


def checksum(fields: Mapping[str, Any]) -> str:
    """SHA-256 over all fields but the checksum itself; neither their order nor white space counts."""
    content = {name: value for name, value in fields.items() if name != CHECKSUM}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def look_at_checksum(name: str, fields: Mapping[str, Any]) -> None:
    """Raises RecordError where it isn't that of the content. Files of before there were any have neither a checksum
    nor a writer; ``name`` is what the file is called."""
    stated = fields.get(CHECKSUM)
    if stated is None and WRITER in fields:
        raise RecordError(f"{name}: its checksum is missing: the file was edited; hand over the one that was written")
    if stated is not None and stated != checksum(fields):
        raise RecordError(
            f"{name}: its checksum isn't that of its content: the file was edited, or damaged on the way; hand over "
            "the one that was written"
        )
