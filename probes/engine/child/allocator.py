"""The C library's allocator in the state that a longer-lived process leaves it in.

glibc starts out careful: it maps blocks of 128 KiB and more apart, and gives the free end of its heap back to the
system from 128 KiB on. With every mapped block that is freed, up to 32 MiB, it learns to keep as much (``mallopt(3)``,
M_MMAP_THRESHOLD). A process that has freed only small ones asks the system for the same pages at every training step,
a thousand page faults each; whether it does is a matter of chance, and stays so for as long as the instance lives.
"""

from __future__ import annotations

import os

#: The largest block that glibc still learns from, its own header left out.
LARGEST = 32 * 2**20 - 2**16


def settle() -> str:
    """Free one block of the largest size that counts. Its pages are never touched; elsewhere nothing comes of it.

    What a record says of it: "glibc 2.36, settled", or "not glibc".
    """
    import numpy as np

    np.empty(LARGEST, np.uint8)
    library = _c_library()
    return f"{library}, settled" if library.startswith("glibc") else "not glibc"


def _c_library() -> str:
    try:
        return os.confstr("CS_GNU_LIBC_VERSION") or ""
    except (AttributeError, ValueError, OSError):  # Windows, macOS and musl, which don't know the name
        return ""
