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


def read(process: int | None = None) -> tuple[float, str]:
    """Bytes, and a note where they are not exactly «since reset». ``process``: of another one than this, by its id."""
    if sys.platform == "linux":
        status = Path(f"/proc/{process or 'self'}/status")
        for line in status.read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return float(line.split()[1]) * 1024, ""
    if process or sys.platform == "win32":
        import psutil

        memory = psutil.Process(process).memory_info()
        return float(getattr(memory, "peak_wset", memory.rss)), WHOLE_LIFE
    import resource

    unit = 1 if sys.platform == "darwin" else 1024  # macOS counts bytes, others KiB
    return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) * unit, WHOLE_LIFE
