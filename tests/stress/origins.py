"""Foreign pages at the app's socket, and every page once: ``python -m tests.stress.origins``.

Starts the app by the README's command, visits each page, tries each origin that isn't the app's own several times, and
asks after each try whether the server is alive. ``tests/contracts/test_outgoing.py`` runs it where every attempt to
reach the outside is counted.
"""

from __future__ import annotations

import json
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from websockets.exceptions import InvalidStatus

from scripts import driving
from tests.pages import PATHS
from tests.streamlit_client import Visitor

TRIES: Final = 20  # of each origin
FOREIGN: Final = (
    "http://evil.example", "https://evil.example", "http://evil.localhost:{port}", "http://localhost", "http://127.0.0.1",
    "http://localhost:8799", "https://localhost:{port}", "http://0.0.0.0:{port}", "http://192.0.2.1:{port}",
    "http://evil.example@localhost:{port}", "http://localhost:{port}@evil.example", "http://[::1]:{port}", "null", "file://",
)  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """0 if every foreign origin was refused."""
    as_json = "--json" in (sys.argv[1:] if arguments is None else arguments)
    with tempfile.TemporaryDirectory() as folder, driving.running_app(Path(folder), bound="") as address:
        port = urlsplit(address).port or 0
        own = f"http://localhost:{port}"
        for page in PATHS:
            with Visitor(own, ("127.0.0.1", port), origin=own).page(page) as tab:
                tab.run()
        taken, waits, refusals = [], [], []
        for origin in (pattern.format(port=port) for pattern in FOREIGN):
            for _ in range(TRIES):
                start = time.perf_counter()
                if _is_taken(Visitor(own, ("127.0.0.1", port), origin=origin)):
                    taken.append(origin)
                between = time.perf_counter()
                Visitor(own, ("127.0.0.1", port)).ask("/_stcore/health")
                refusals.append(1000 * (between - start))
                waits.append(1000 * (time.perf_counter() - between))
    found = {
        "origins": len(FOREIGN),
        "taken": sorted(set(taken)),
        "refusal_ms": [round(statistics.median(refusals), 1), round(max(refusals), 1)],
        "health_ms": [round(statistics.median(waits), 1), round(max(waits), 1)],
    }
    if as_json:
        print(json.dumps(found))
    else:
        print(f"{platform.platform()}, Python {platform.python_version()}")
        print("\n".join(f"{name}: {value}" for name, value in found.items()))
    return bool(taken)


def _is_taken(visitor: Visitor) -> bool:
    try:
        with visitor.page("recommendation") as tab:
            tab.run()
    except InvalidStatus:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
