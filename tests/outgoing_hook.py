"""Notes where a Python process wants to go beyond this machine. Copied as ``sitecustomize.py`` into a folder on
PYTHONPATH, which every child inherits; what it notes lies beside it. Without a network of its own it also refuses.
"""

from __future__ import annotations

import os
import socket
import sys
from typing import Any

HERE = os.path.dirname(os.path.abspath(__file__))
REFUSE = os.path.exists(os.path.join(HERE, "refuse"))
NAMES = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}
SENDS = {"socket.connect", "socket.sendto", "socket.sendmsg"}


def beyond(host: object) -> bool:
    """Whether a host is another machine, or a name that must be asked for."""
    text = host.decode() if isinstance(host, bytes) else host
    if not isinstance(text, str) or text in ("", "localhost", "::1", "0.0.0.0", "::"):  # noqa: S104 - nothing is bound
        return False
    return not (text.startswith(("127.", "::ffff:127.")))


def note(kind: str, what: str) -> None:
    line = f"{os.getpid()}\t{kind}\t{what}\n".encode()
    file = os.open(os.path.join(HERE, "noted"), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(file, line)
    os.close(file)


def hook(event: str, arguments: tuple[Any, ...]) -> None:
    if event in NAMES:
        host = arguments[0]
    elif event in SENDS and arguments[0].family in (socket.AF_INET, socket.AF_INET6) and arguments[1]:
        host = arguments[1][0]
    else:
        return
    if beyond(host):
        note("attempt", f"{event.removeprefix('socket.')} {host!r}")
        if REFUSE:
            raise OSError(f"{event} to {host!r} is refused: nothing goes out")


if os.path.basename(__file__) == "sitecustomize.py":
    note("started", " ".join(" ".join(sys.orig_argv[1:5]).split()))
    sys.addaudithook(hook)
