"""Runs a command where nothing can go out, and counts what wanted to: in Python and, where strace is there, natively.

A network namespace alone would hide attempts, and Python's audit events don't see what native code does (ONNX Runtime's
telemetry is native). So: a namespace with nothing but loopback where one may be made, strace in it, and the hook in
every Python process; the hook refuses where there is no namespace.
"""

from __future__ import annotations

import functools
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from probes.system import folders
from tests.conftest import ROOT

HOOK = Path(__file__).with_name("outgoing_hook.py")
_STRACE = ("strace", "-f", "-qq", "--seccomp-bpf", "-e", "trace=connect,sendto,sendmsg,sendmmsg", "-e", "signal=none")
_ALONE = ("unshare", "-n", "sh", "-c", 'ip link set lo up && exec "$@"', "sh")
_TO = re.compile(
    r"sa_family=AF_INET6?, sin6?_port=htons\((?P<port>\d+)\).*?"
    r'(?:inet_addr\("(?P<v4>[^"]+)"\)|inet_pton\(AF_INET6, "(?P<v6>[^"]+)")'
)
DNS = 53


@dataclass(frozen=True)
class Watched:
    """What a command did."""

    code: int
    output: str
    native: tuple[str, ...] | None  # "ADDRESS:PORT" a system call; None without strace
    python: tuple[str, ...]  # "getaddrinfo 'host'"
    started: tuple[str, ...]  # the arguments of every Python process that had the hook
    home: tuple[str, ...]  # files that it left in the user's home

    @property
    def attempts(self) -> tuple[str, ...]:
        """All of them. Where a namespace lets Python try, the kernel sees the same attempt again."""
        return (*self.python, *(self.native or ()))


def watch(command: Sequence[str], folder: Path, *, cache: Path | None = None) -> Watched:
    """Run it in the repository, with a home, data and cache below ``folder``; ``cache`` is one to share.

    The environments that were made for whoever runs the tests are seen there. Temporary files, and with them the lock
    of the machine, are the command's own: no other test waits for it.
    """
    hook, home, log = folder / "hook", folder / "home", folder / "strace.log"
    cache = cache or folder / "cache"
    for made in (hook, home, cache):
        made.mkdir(parents=True, exist_ok=made == cache)
    if folders.environments().is_dir() and not (cache / "environments").exists():
        (cache / "environments").symlink_to(folders.environments())
    shutil.copy2(HOOK, hook / "sitecustomize.py")
    if not alone():
        (hook / "refuse").touch()
    given = {name: value for name, value in os.environ.items() if name not in ("CI", "XDG_CACHE_HOME")} | {
        "HOME": str(home), "PYTHONPATH": str(hook), "FULCRUM_DATA_DIR": str(folder / "data"),
        "FULCRUM_CACHE_DIR": str(cache),
    }  # fmt: skip
    prefix = (*(_ALONE if alone() else ()), *((*_STRACE, "-o", str(log)) if traced() else ()))
    with tempfile.TemporaryDirectory(prefix="watched-") as temporary:  # a short path: sockets lie in it
        done = subprocess.run(
            (*prefix, *command), cwd=ROOT, env=given | {"TMPDIR": temporary}, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors="replace", check=False,
        )  # fmt: skip
    noted = [line.split("\t", 2) for line in (hook / "noted").read_text(encoding="utf-8").splitlines()]
    return Watched(
        done.returncode,
        done.stdout,
        native(log.read_text(encoding="utf-8", errors="replace")) if traced() else None,
        tuple(what for _, kind, what in noted if kind == "attempt"),
        tuple(what for _, kind, what in noted if kind == "started"),
        tuple(sorted(str(path.relative_to(home)) for path in home.rglob("*") if path.is_file())),
    )


def assert_silent(found: Watched, out: Path) -> None:
    """A command of ``probes`` that wrote ``out`` did all it was asked for, tried to reach nobody, and left nothing."""
    assert found.code == 0, found.output[-2000:]
    assert {*outcomes(out)} <= {"ok", "too noisy"}, out.read_text(encoding="utf-8")[-2000:]
    assert found.attempts == (), found.attempts
    assert found.home == (), f"an identifier of the machine or of the user may be among them: {found.home}"


def outcomes(out: Path) -> tuple[str, ...]:
    """Of what ``probes routes``, ``serve`` and ``run`` wrote to ``--out``: what never ran kept silent for nothing."""
    content = json.loads(out.read_text(encoding="utf-8"))
    return tuple(sorted({row["outcome"] for row in content.get("records", content.get("results"))}))


def native(log: str) -> tuple[str, ...]:
    """Addresses beyond loopback in strace's log; questions for names count wherever the server of names is."""
    found = []
    for match in map(_TO.search, log.splitlines()):
        if match is None:
            continue
        address, port = match["v4"] or match["v6"], int(match["port"])
        near = address == "::1" or address.startswith(("127.", "::ffff:127."))
        if not near or port == DNS:
            found.append(f"{address}:{port}")
    return tuple(found)


@functools.cache
def traced() -> bool:
    """Whether system calls can be watched here."""
    return shutil.which("strace") is not None and _works((*_STRACE, "-o", os.devnull, "true"))


@functools.cache
def alone() -> bool:
    """Whether a process can be given a network of its own here."""
    return _works((*_ALONE, "true"))


def _works(command: Sequence[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False, timeout=60).returncode == 0
    except OSError:
        return False
