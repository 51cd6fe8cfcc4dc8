"""What may stand between a visitor and the app, as real processes on loopback: nginx, and a bare TCP relay."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final

import pytest

from scripts.driving import free_port
from tests.processes import wait_until

_SKELETON: Final = """{user}
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
daemon off;
events {{ worker_connections 512; }}
http {{
    default_type application/octet-stream;
    {temporary}
    access_log {folder}/access.log;
    map $http_upgrade $fulcrum_test_connection {{ default upgrade; "" close; }}
{blocks}
}}
"""
_BLOCK: Final = """    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass {upstream};
            proxy_http_version 1.1;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $fulcrum_test_connection;
            {lines}
        }}
    }}
"""


def program(name: str) -> str:
    """Where it is; without it the test is skipped, or fails where FULCRUM_REQUIRE_PROXIES=1."""
    found = shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"]))
    if found is None:
        missing = f"{name} isn't installed; Debian: apt install {name}"
        if os.environ.get("FULCRUM_REQUIRE_PROXIES") == "1":
            pytest.fail(missing)
        pytest.skip(missing)
    return found


def accepts(port: int, host: str = "127.0.0.1") -> bool:
    """Whether somebody listens there."""
    with suppress(OSError), socket.create_connection((host, port), timeout=2):
        return True
    return False


def configuration(folder: Path, blocks: str) -> Path:
    """A whole nginx configuration around what stands inside ``http { }``, with all that nginx writes in ``folder``."""
    temporary = " ".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    file = folder / "nginx.conf"
    user = "user root;" if os.name == "posix" and os.geteuid() == 0 else ""  # the folder is its owner's alone
    file.write_text(_SKELETON.format(user=user, folder=folder, temporary=temporary, blocks=blocks))
    return file


@contextmanager
def nginx(folder: Path, blocks: str, ports: list[int]) -> Iterator[None]:
    """nginx with these blocks, until it listens on all ``ports``."""
    command = [program("nginx"), "-p", str(folder), "-e", str(folder / "error.log"), "-c"]
    command.append(str(configuration(folder, blocks)))
    with (folder / "nginx.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            wait_until(
                lambda: process.poll() is not None or all(accepts(port) for port in ports), "nginx to listen", 20
            )
            assert process.poll() is None, (folder / "nginx.log").read_text()
            yield
        finally:
            process.terminate()
            process.wait(20)


@contextmanager
def plain_proxies(folder: Path, upstream: str, lines: Mapping[str, str]) -> Iterator[Mapping[str, int]]:
    """One nginx with a port for each name: it passes on to ``upstream`` with these lines in its ``location``."""
    ports = {name: free_port() for name in lines}
    blocks = "".join(_BLOCK.format(port=ports[name], upstream=upstream, lines=lines[name]) for name in lines)
    with nginx(folder, blocks, list(ports.values())):
        yield ports


@contextmanager
def relay(at: tuple[str, int]) -> Iterator[int]:
    """A port that passes bytes on to ``at`` and knows no HTTP, as socat and ``ssh -R`` do."""
    loop = asyncio.new_event_loop()
    ready = threading.Event()
    port = free_port()

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        writer.close()

    async def serve() -> None:
        async def both(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            onward_reader, onward_writer = await asyncio.open_connection(*at)
            await asyncio.gather(pump(reader, onward_writer), pump(onward_reader, writer))

        async with await asyncio.start_server(both, "127.0.0.1", port):
            ready.set()
            with suppress(asyncio.CancelledError):
                await asyncio.Event().wait()

    task = loop.create_task(serve())
    thread = threading.Thread(target=loop.run_until_complete, args=(task,), daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield port
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(10)


@contextmanager
def neighbour(port: int) -> Iterator[tuple[str, int] | None]:
    """Another machine, as a network namespace with a relay to our ``port``: where to reach it. None if not allowed.

    The app sees the address of that namespace. It needs root, ``ip`` and socat.
    """
    if shutil.which("ip") is None or shutil.which("socat") is None or os.name != "posix" or os.geteuid() != 0:
        yield None
        return
    name, subnet = f"fulcrum{os.getpid()}", f"10.213.{os.getpid() % 250}"
    inside = ["ip", "netns", "exec", name]
    steps = [
        ["ip", "netns", "add", name],
        ["ip", "link", "add", f"fa{os.getpid()}", "type", "veth", "peer", "name", f"fb{os.getpid()}"],
        ["ip", "link", "set", f"fb{os.getpid()}", "netns", name],
        ["ip", "addr", "add", f"{subnet}.1/24", "dev", f"fa{os.getpid()}"],
        ["ip", "link", "set", f"fa{os.getpid()}", "up"],
        [*inside, "ip", "addr", "add", f"{subnet}.2/24", "dev", f"fb{os.getpid()}"],
        [*inside, "ip", "link", "set", f"fb{os.getpid()}", "up"],
    ]
    with ExitStack() as undo:
        undo.callback(subprocess.run, ["ip", "netns", "del", name], capture_output=True, check=False)
        for step in steps:
            if subprocess.run(step, capture_output=True, check=False).returncode:
                yield None
                return
        own = free_port()
        command = [*inside, "socat", f"TCP-LISTEN:{own},fork,reuseaddr,bind={subnet}.2", f"TCP:{subnet}.1:{port}"]
        process = subprocess.Popen(command)
        undo.callback(process.wait, 20)
        undo.callback(process.terminate)
        wait_until(lambda: accepts(own, f"{subnet}.2"), "the neighbour to listen", 20)
        yield f"{subnet}.2", own
