"""Two apps, one bound to loopback and one to everything, and before each of them what a team may put there."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

from advisor import wiring
from advisor.adapters.operator_key import OperatorKeyFile
from advisor.ports import Services
from advisor.queue.kinds import KINDS
from scripts.driving import running_app
from tests.processes import wait_until
from tests.proxies.servers import neighbour, plain_proxies, relay
from tests.streamlit_client import Visitor

#: By what a proxy says of its visitor. The app can't tell the first three from its own machine's users by addresses.
PROXIES: Mapping[str, str] = {
    "nginx, bare": "",
    "nginx, Forwarded only": 'proxy_set_header Forwarded "for=$remote_addr";',
    "nginx, X-Real-IP only": "proxy_set_header X-Real-IP $remote_addr;",
    "nginx, appending": (
        "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header Host $http_host;"
    ),
    "nginx, setting": (
        "proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Proto $scheme; "
        "proxy_set_header Host $http_host;"
    ),
}
PUBLIC = "fulcrum.example.org"
BARE, SETTING, RELAY, DIRECT, ELSEWHERE = "nginx, bare", "nginx, setting", "bare TCP", "direct", "another machine"


@dataclass(frozen=True, eq=False)
class Running:
    """An app whose executor is held still, so that work which was queued stays so, and ways to reach it."""

    services: Services
    process: psutil.Process
    ways: Mapping[str, tuple[str, int]]
    key: str

    def visitor(self, way: str, **named: object) -> Visitor:
        """A new browser that comes by ``way``."""
        if way not in self.ways:
            pytest.skip("a network namespace takes root, ip and socat")
        host, port = self.ways[way]
        return Visitor(f"http://{host}:{port}", (host, port), **named)  # type: ignore[arg-type]

    def operator(self, way: str, **named: object) -> Visitor:
        """One that has opened the operator's link by ``way``."""
        visitor = self.visitor(way, **named)
        answer = visitor.ask(f"/?operate={self.key}")
        assert answer.status == 303
        assert self.key not in str(answer)
        return visitor

    def work(self) -> object:
        """The newest work of each kind in its version, and the programs below the server."""
        jobs = {name: self.services.store.version(kind) for name, kind in KINDS.items()}
        return jobs, [(child.pid, child.cmdline()[1:4]) for child in self.process.children(recursive=True)]


@pytest.fixture(scope="session")
def apps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Running]]:
    """The app that is bound to an address, started when it is first asked for."""
    with ExitStack() as stack:
        yield cache(lambda bound: _started(stack, tmp_path_factory.mktemp("proxies"), bound))


@pytest.fixture
def running(request: pytest.FixtureRequest, apps: Callable[[str], Running]) -> Running:
    """The app that is bound to the parameter, loopback without one."""
    return apps(getattr(request, "param", "127.0.0.1"))


def _started(stack: ExitStack, folder: Path, bound: str) -> Running:
    data = folder / "data"
    patch = stack.enter_context(pytest.MonkeyPatch.context())
    for ours in ("FULCRUM_DATABASE_URL", "FORWARDED_ALLOW_IPS"):
        patch.delenv(ours, raising=False)
    # A public name on any port, so that proxies with TLS can stand before it, too.
    names = {"FULCRUM_ALLOWED_HOSTS": f"{PUBLIC}:*"}
    address = stack.enter_context(running_app(data, bound=bound, environment=names))
    port = urlsplit(address).port
    assert port is not None
    services = wiring.build(wiring.Settings(data_dir=data))
    wait_until(lambda: services.store.executor().alive, "the executor")
    [executor] = [process for process in psutil.process_iter() if _is_executor(process, data)]
    wait_until(lambda: _held_still(executor, data / "fulcrum.db"), "the executor to stand still")
    stack.callback(executor.resume)  # it must hear that the server ends
    proxies = stack.enter_context(plain_proxies(folder, f"http://127.0.0.1:{port}", PROXIES))
    ways = {name: ("127.0.0.1", own) for name, own in proxies.items()}
    ways[RELAY] = ("127.0.0.1", stack.enter_context(relay(("127.0.0.1", port))))
    ways[DIRECT] = ("127.0.0.1", port)
    if bound == "::" and (at := stack.enter_context(neighbour(port))):
        ways[ELSEWHERE] = at
    return Running(services, executor.parent() or executor, ways, OperatorKeyFile(data).read())


def _held_still(executor: psutil.Process, database: Path) -> bool:
    """Stop it in a moment in which it doesn't hold the database's lock: then nothing could be queued in any case."""
    executor.suspend()
    with closing(sqlite3.connect(database, timeout=0, isolation_level=None)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            executor.resume()
            return False
        connection.execute("ROLLBACK")
    return True


def _is_executor(process: psutil.Process, data: Path) -> bool:
    try:
        mine = process.cmdline()[1:4] == ["-m", "advisor", "agent"]
        return mine and process.environ().get("FULCRUM_DATA_DIR") == str(data)
    except (psutil.NoSuchProcess, psutil.AccessDenied, OSError):
        return False
