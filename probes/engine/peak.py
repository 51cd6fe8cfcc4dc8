"""The peak of this process' memory, by the system's own high-water mark: a poll would miss a short spike."""

from __future__ import annotations

import sys
from pathlib import Path

WHOLE_LIFE = "the system can't restart its high-water mark: the peak covers the process' whole life, imports included"


def reset() -> None:
    """Start the high-water mark anew (Linux; elsewhere it can't be)."""
    if sys.platform == "linux":
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def held() -> float:
    """Bytes of this process that are in memory now."""
    import psutil

    return float(psutil.Process().memory_info().rss)


def read() -> tuple[float, str]:
    """Bytes, and a note where they are not exactly «since reset»."""
    if sys.platform == "linux":
        for line in Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return float(line.split()[1]) * 1024, ""
    if sys.platform == "win32":
        import psutil

        return float(psutil.Process().memory_info().peak_wset), WHOLE_LIFE
    import resource

    unit = 1 if sys.platform == "darwin" else 1024  # macOS counts bytes, others KiB
    return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) * unit, WHOLE_LIFE
