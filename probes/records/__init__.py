"""Reads recorded runs, self-checks and plans, and refuses what can't be trusted, with one clear reason.

What has to judge (``trusting``, ``plan_files``) brings the engine along and is imported where it is needed.
"""

from __future__ import annotations

from probes.records.files import RecordError, read, read_check, read_routes, read_serving
from probes.records.sealing import sealed

__all__ = ["RecordError", "read", "read_check", "read_routes", "read_serving", "sealed"]
