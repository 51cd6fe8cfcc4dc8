"""What ``python -m advisor scan`` prints."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from advisor.scan import engine, output, sarif
from advisor.scan.limits import ScanError

FORMATS: Final = {
    "text": output.to_text,
    "json": output.to_json,
    "sarif": sarif.to_sarif,
    "markdown": output.to_markdown,
}

__all__ = ["ScanError", "shown"]


def shown(path: Path, form: str) -> str:
    """A scan in one of ``FORMATS``. Raises ScanError."""
    return FORMATS[form](engine.scan(path))
