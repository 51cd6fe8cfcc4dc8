"""Where things lie in the repository, for tests at any depth."""

from __future__ import annotations

from pathlib import Path
from typing import Final

TESTS: Final = Path(__file__).parent
ROOT: Final = TESTS.parent
GOLDEN: Final = TESTS / "golden"
CASES: Final = TESTS / "cases"
MEASUREMENTS: Final = ROOT / "docs" / "measurements"
SHELL: Final = ROOT / "ui" / "app" / "shell.py"
