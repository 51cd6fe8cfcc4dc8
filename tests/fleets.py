"""Ray clusters of several machines: network namespaces with addresses of their own stand for hosts, a core each."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.places import ROOT
from tests.processes import wait_until

#: A Python with requirements.txt and requirements-fleet.txt; Ray stays out of the house's own environment.
PYTHON = os.environ.get("FULCRUM_TEST_RAY", "")
#: A cluster notices within seconds what takes it a minute otherwise.
QUICK = {"RAY_health_check_period_ms": "1000", "RAY_health_check_timeout_ms": "2000",
         "RAY_health_check_failure_threshold": "3", "RAY_gcs_rpc_server_reconnect_timeout_s": "8"}  # fmt: skip


def why_not() -> str:
    """Why there can be no such cluster here, "" if there can."""
    if not PYTHON:
        return "FULCRUM_TEST_RAY names no Python with requirements-fleet.txt"
    if os.name != "posix" or os.geteuid() != 0 or shutil.which("ip") is None:
        return "hosts are network namespaces: needs root and ip (iproute2)"
    made = subprocess.run(["ip", "netns", "add", "fulcrum-try"], capture_output=True, text=True, check=False)
    subprocess.run(["ip", "netns", "del", "fulcrum-try"], capture_output=True, check=False)
    return "" if made.returncode == 0 else f"no network namespace can be made: {made.stderr.strip()}"


@dataclass
class Host:
    """A machine of the cluster: its namespace, and what runs in that."""

    name: str
    namespace: str
    address: str
    outside: str  # the end of its cable

    def processes(self) -> list[psutil.Process]:
        """All that run there."""
        pids = subprocess.run(["ip", "netns", "pids", self.namespace], capture_output=True, text=True, check=False)
        found = []
        for pid in map(int, pids.stdout.split()):
            with contextlib.suppress(psutil.NoSuchProcess):
                found.append(psutil.Process(pid))
        return found

    def measured(self) -> list[psutil.Process]:
        """Children of a measurement that run there now."""
        return [process for process in self.processes() if "probes.engine.child.worker" in _command(process)]

    def kill(self) -> None:
        """As when the power goes."""
        found = self.processes()
        for process in found:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(found, timeout=10)

    def cut(self, *, back: bool = False) -> None:
        """Pull the cable, or put it back."""
        subprocess.run(["ip", "link", "set", self.outside, "up" if back else "down"], check=True)


@dataclass
class Fleet:
    """A head on this machine, which takes no part, and hosts that do."""

    address: str
    folder: Path
    variables: Mapping[str, str]
    network: str
    hosts: dict[str, Host] = field(default_factory=dict)

    def start(self, name: str, python: str = PYTHON, **variables: str) -> Host:
        """Ray on this host: anew, if it was killed."""
        host, number = self.hosts[name], list(self.hosts).index(name)
        own = self.folder / name
        if not own.exists():  # each host has a disk of its own, and with it a lock
            own.mkdir()
            subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", name, str(own)], check=True)
        # Its object store is small; its cores are one, and always the same.
        command = [
            *("ip", "netns", "exec", host.namespace, "taskset", "-c", str(number % (os.cpu_count() or 1))),
            *(python, "-m", "ray.scripts.scripts", "start", f"--address={self.address}", "--num-cpus=1"),
            *(f"--node-ip-address={host.address}", f"--node-name={name}", '--resources={"fulcrum": 1}'),
            *("--disable-usage-stats", "--object-store-memory=80000000"),
        ]
        _started(command, {**self.variables, **variables, "TMPDIR": str(own)})
        return host

    def fill(self, host: Host) -> Callable[[], None]:
        """No byte more goes onto the disk of a host, until what is returned is called."""
        file = self.folder / host.name / "full"
        with contextlib.suppress(OSError), file.open("wb", buffering=0) as full:
            while True:
                full.write(bytes(1 << 16))
        return lambda: file.unlink(missing_ok=True)

    def head_again(self) -> None:
        """A head in the place of one that was killed, at the same address, which knows nothing of before."""
        for process in head_processes(self, "raylet"):
            process.kill()
        _head(self, int(self.address.rpartition(":")[2]))


@contextmanager
def fleet(*names: str) -> Iterator[Fleet]:
    """A cluster whose hosts have these names. Its head and driver's variables are in this process while it lasts."""
    word = secrets.token_hex(2)
    network = f"10.{secrets.randbelow(100) + 100}.{secrets.randbelow(250)}"
    folder = Path(f"/tmp/fulcrum-{word}")  # noqa: S108 - sockets need a short path
    folder.mkdir()
    (folder / "token").write_text(secrets.token_hex(32), encoding="ascii")
    own = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN_PATH": str(folder / "token"), "PYTHONPATH": str(ROOT), **QUICK}
    with ExitStack() as undo:
        undo.callback(shutil.rmtree, folder, ignore_errors=True)
        for name in names:
            undo.callback(subprocess.run, ["umount", "-l", str(folder / name)], capture_output=True, check=False)
        bridge = f"fb{word}"
        _ip(f"link add {bridge} type bridge")
        undo.callback(_ip, f"link del {bridge}", check=False)
        _ip(f"addr add {network}.1/24 dev {bridge}")
        _ip(f"link set {bridge} up")
        made = Fleet("", folder, {**os.environ, **own}, network)
        for number, name in enumerate(names, start=2):
            host = Host(name, f"f{word}{number}", f"{network}.{number}", f"fo{word}{number}")
            _ip(f"netns add {host.namespace}")
            undo.callback(_ip, f"netns del {host.namespace}", check=False)
            undo.callback(host.kill)
            _ip(f"link add {host.outside} type veth peer name eth0 netns {host.namespace}")
            _ip(f"link set {host.outside} master {bridge} up")
            _ip(f"-n {host.namespace} addr add {host.address}/24 dev eth0")
            _ip(f"-n {host.namespace} link set eth0 up")
            _ip(f"-n {host.namespace} link set lo up")
            _ip(f"-n {host.namespace} route add default via {network}.1")
            made.hosts[name] = host
        undo.callback(_kill_all, folder)
        made.address = _head(made)
        for variable_, value in own.items():
            undo.enter_context(variable(variable_, value))
        for name in names:
            made.start(name)
        yield made


def _head(made: Fleet, port: int = 0) -> str:
    if not port:
        with socket.socket() as free:
            free.bind((f"{made.network}.1", 0))
            port = free.getsockname()[1]
    command = [
        *(PYTHON, "-m", "ray.scripts.scripts", "start", "--head", f"--port={port}", "--num-cpus=0"),
        *(f"--node-ip-address={made.network}.1", "--node-name=head", "--include-dashboard=false"),
        *("--disable-usage-stats", f"--temp-dir={made.folder}/r", "--object-store-memory=80000000"),
    ]
    _started(command, made.variables)
    return f"{made.network}.1:{port}"


@contextmanager
def variable(name: str, value: str) -> Iterator[None]:
    """This process' own, while it lasts."""
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        os.environ.pop(name)
        if before is not None:
            os.environ[name] = before


def head_processes(made: Fleet, name: str = "gcs_server") -> list[psutil.Process]:
    """The head's own processes of that name."""
    on_hosts = {process.pid for host in made.hosts.values() for process in host.processes()}
    return [p for p in _of(made.folder) if name in " ".join(_command(p)) and p.pid not in on_hosts]


def _started(command: list[str], variables: Mapping[str, str]) -> None:
    done = subprocess.run(command, cwd=ROOT, env=dict(variables), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stdout[-2000:]}{done.stderr[-2000:]}")


def _of(folder: Path) -> list[psutil.Process]:
    return [process for process in psutil.process_iter() if str(folder) in " ".join(_command(process))]


def _kill_all(folder: Path) -> None:
    for process in _of(folder):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    wait_until(lambda: not _of(folder), "the end of the cluster")


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def _ip(line: str, *, check: bool = True) -> None:
    subprocess.run(["ip", *line.split()], capture_output=not check, check=check)
