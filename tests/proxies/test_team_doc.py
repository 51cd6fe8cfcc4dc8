"""What docs/team.md tells people to copy is taken out of it, and serves, or is read by the program that it is for."""

from __future__ import annotations

import re
import shlex
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from websockets.exceptions import InvalidHandshake

from advisor import wiring
from advisor.__main__ import main
from advisor.answers import Answers
from scripts.driving import free_port, running_app
from tests.conftest import ROOT
from tests.processes import wait_until
from tests.proxies.conftest import DIRECT, PUBLIC, Running
from tests.proxies.servers import nginx, program
from tests.stores import the
from tests.streamlit_client import Visitor

pytestmark = pytest.mark.slow
TEAM = (ROOT / "docs" / "team.md").read_text(encoding="utf-8")


def snippet(language: str) -> str:
    """The page's one block in that language."""
    [found] = re.findall(rf"^```{language}\n(.*?)^```", TEAM, re.MULTILINE | re.DOTALL)
    return str(found)


def fitted(text: str, changes: Mapping[str, str]) -> str:
    """With what differs between a team's machine and this one; everything that is to be changed must be there."""
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    return text


@dataclass(frozen=True)
class Public:
    """A proxy with TLS: its ports, whom to trust, and where its logs are."""

    port: int
    plain: int | None
    trusted: ssl.SSLContext
    logs: Path

    def visitor(self, headers: Mapping[str, str] | None = None) -> Visitor:
        """A browser whose address bar shows the public name."""
        address = f"https://{PUBLIC}:{self.port}"
        return Visitor(address, ("127.0.0.1", self.port), headers or {}, origin=address, tls=self.trusted)


@contextmanager
def behind_nginx(folder: Path, upstream: int) -> Iterator[Public]:
    certificate, key = folder / "fullchain.pem", folder / "privkey.pem"
    making = f"req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN={PUBLIC}"
    making += f" -addext subjectAltName=DNS:{PUBLIC} -keyout {key} -out {certificate}"
    subprocess.run([program("openssl"), *shlex.split(making)], capture_output=True, check=True)
    plain, secure = free_port(), free_port()
    changes = {
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "listen [::]:80;": "",
        "listen 443 ssl http2;": f"listen 127.0.0.1:{secure} ssl http2;",
        "listen [::]:443 ssl http2;": "",
        "/etc/ssl/fulcrum/": f"{folder}/",
        "/var/log/nginx/": f"{folder}/",
        "127.0.0.1:8501": f"127.0.0.1:{upstream}",
    }
    with nginx(folder, fitted(snippet("nginx"), changes), [plain, secure]):
        yield Public(secure, plain, ssl.create_default_context(cafile=str(certificate)), folder)


@contextmanager
def behind_caddy(folder: Path, upstream: int) -> Iterator[Public]:
    secure = free_port()
    here = ["admin off", "local_certs", "skip_install_trust", "auto_https disable_redirects"]
    changes = {
        f"{PUBLIC} {{": f"{PUBLIC}:{secure} {{\n\tbind 127.0.0.1",
        "/var/log/caddy/": f"{folder}/",
        "127.0.0.1:8501": f"127.0.0.1:{upstream}",
    }
    options = "\n\t".join([*here, f"storage file_system {folder}"])
    (folder / "Caddyfile").write_text(f"{{\n\t{options}\n}}\n{fitted(snippet('caddy'), changes)}")
    command = [program("caddy"), "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]
    environment = {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "XDG_DATA_HOME": str(folder)}
    with (folder / "caddy.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
        try:
            root = folder / "pki" / "authorities" / "local" / "root.crt"
            wait_until(lambda: process.poll() is not None or _greets(secure, root), "Caddy to have its certificate")
            assert process.poll() is None, (folder / "caddy.log").read_text()
            yield Public(secure, None, ssl.create_default_context(cafile=str(root)), folder)
        finally:
            process.terminate()
            process.wait(20)


def _greets(port: int, root: Path) -> bool:
    """Whether a TLS handshake succeeds."""
    with suppress(OSError, ssl.SSLError), socket.create_connection(("127.0.0.1", port), timeout=2) as stream:
        ssl.create_default_context(cafile=str(root)).wrap_socket(stream, server_hostname=PUBLIC).close()
        return True
    return False


BEHIND = {"nginx": behind_nginx, "caddy": behind_caddy}


@pytest.fixture(scope="session", params=BEHIND)
def served(
    request: pytest.FixtureRequest, apps: Callable[[str], Running], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Public]:
    upstream = apps("127.0.0.1").ways[DIRECT][1]
    with BEHIND[request.param](tmp_path_factory.mktemp("public"), upstream) as found:
        yield found


def test_a_page_comes_over_tls_with_its_cookie_and_opens_its_socket(served: Public) -> None:
    visitor = served.visitor()
    page = visitor.ask("/")
    assert page.status == 200
    assert page.header("strict-transport-security").startswith("max-age=")
    [cookie] = [value for name, value in page.headers if name == "set-cookie"]
    assert cookie.startswith("__Host-fulcrum_browser=")
    assert {"Secure", "HttpOnly", "Path=/"} <= set(cookie.split("; "))
    with visitor.page() as tab:
        assert tab.run().widgets
    visitor.origin = "https://evil.example"
    with pytest.raises(InvalidHandshake), visitor.page():  # busy proxies may close without the app's 403
        pass


def test_both_kinds_of_links_are_exchanged_and_stay_out_of_the_logs(running: Running, served: Public) -> None:
    store = running.services.store
    decision = store.create_decision(Answers())
    editor = served.visitor({"Referer": f"https://{PUBLIC}/?decision={decision.id}&edit={decision.edit_key}"})
    answer = editor.ask(f"/brief?decision={decision.id}&edit={decision.edit_key}")
    assert (answer.status, answer.header("location")) == (303, f"./brief?decision={decision.id}")
    changed = the(store.decision(decision.id))
    assert len(changed.editors) == 1
    answer = editor.ask(f"/?operate={running.key}")
    assert (answer.status, answer.header("location")) == (303, "./")
    assert "__Host-fulcrum_operator" in editor.cookies
    with editor.page("trust") as tab:
        assert "start-check" in tab.run().widgets
    editor.ask("/_stcore/health")
    logs = sorted(served.logs.glob("fulcrum*.log"))
    wait_until(lambda: any("/_stcore/health" in log.read_text() for log in logs), "the requests to be logged", 20)
    for log in logs:
        for secret in (decision.id, decision.edit_key, running.key, *editor.cookies.values()):
            assert secret not in log.read_text(), log


@pytest.mark.parametrize(
    "path",
    ["/_stcore/metrics", "/_stcore/metrics/", "/_stcore%2Fmetrics", "//_stcore/metrics", "/_stcore/agent/openapi.json"],
)
def test_what_no_page_needs_is_closed(running: Running, served: Public, path: str) -> None:
    assert running.visitor(DIRECT).ask("/_stcore/metrics").status == 200
    answer = served.visitor().ask(path)
    assert b"cache_memory_bytes" not in answer.body
    assert answer.status == 404 or b"<!doctype html>" in answer.body.lower()


class Echo(BaseHTTPRequestHandler):
    """Answers with the request's headers, one a line."""

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.do_GET()

    def do_GET(self) -> None:
        body = "".join(f"{name.lower()}: {value}\n" for name, value in self.headers.items()).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        """To nobody."""


@pytest.mark.parametrize("proxy", BEHIND)
def test_a_proxy_says_itself_who_asks_and_takes_no_large_bodies(proxy: str, tmp_path: Path) -> None:
    spoofs = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "http", "Forwarded": "for=203.0.113.7"}
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as echo:
        threading.Thread(target=echo.serve_forever, daemon=True).start()
        with BEHIND[proxy](tmp_path, echo.server_port) as public:
            arrived = public.visitor(spoofs).ask("/?decision=1").body.decode().splitlines()
            assert public.visitor().ask(method="PUT", body=b"x" * 1_000_000).status == 200
            # Caddy 2.6 notices on the way, so that it takes its own refusal for the app's end.
            assert public.visitor().ask(method="PUT", body=b"x" * 3_000_000).status in (413, 502)
            if public.plain:
                asked = Visitor(f"http://{PUBLIC}", ("127.0.0.1", public.plain)).ask("/brief?decision=1")
                assert (asked.status, asked.header("location")) == (308, f"https://{PUBLIC}/brief?decision=1")
        echo.shutdown()
    who = {"host", "x-forwarded-for", "x-forwarded-proto", "forwarded"}
    assert sorted(line for line in arrived if line.partition(":")[0] in who) == [
        f"host: {PUBLIC}:{public.port}",
        "x-forwarded-for: 127.0.0.1",
        "x-forwarded-proto: https",
    ]


def test_an_ipv4_proxy_before_all_interfaces_has_to_be_named(tmp_path: Path) -> None:
    named = re.search(r"FORWARDED_ALLOW_IPS=(127[^`\s]*)`", TEAM)
    assert named is not None
    said = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"}
    with running_app(tmp_path / "data", bound="::", environment={"FORWARDED_ALLOW_IPS": named[1]}) as address:
        parts = urlsplit(address)
        visitor = Visitor(address, ("127.0.0.1", parts.port or 0), said)
        visitor.ask("/")
        assert list(visitor.cookies) == ["__Host-fulcrum_browser"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze isn't here")
def test_the_unit_is_one_that_systemd_reads(tmp_path: Path) -> None:
    streamlit = tmp_path / "streamlit"
    streamlit.write_text("#!/bin/sh\n")
    streamlit.chmod(0o755)
    unit = tmp_path / "fulcrum.service"
    unit.write_text(
        fitted(snippet("ini"), {"/opt/fulcrum/.venv/bin/streamlit": str(streamlit), "=/opt/fulcrum": f"={tmp_path}"})
    )
    seen = subprocess.run(["systemd-analyze", "verify", "--man=no", str(unit)], capture_output=True, text=True)
    assert (seen.returncode, [line for line in seen.stderr.splitlines() if str(unit.name) in line]) == (0, [])


def test_the_container_copies_what_there_is() -> None:
    lines = re.sub(r"\\\n\s*", "", snippet("dockerfile")).splitlines()
    words = [line.split() for line in lines]
    known = "FROM RUN WORKDIR COPY USER ENV VOLUME EXPOSE HEALTHCHECK ENTRYPOINT CMD"
    assert {line[0] for line in words} == set(known.split())
    sources = [part for line in words if line[0] == "COPY" for part in line[1:-1]]
    assert sources
    assert all((ROOT / source).exists() for source in sources)


def test_every_setting_of_ours_that_the_page_names_exists() -> None:
    named = set(re.findall(r"FULCRUM_[A-Z_]+", TEAM))
    assert named
    assert named <= {f"FULCRUM_{name.upper()}" for name in wiring.Settings.model_fields}


def test_a_backup_of_a_database_in_use_is_restored_as_the_page_says(tmp_path: Path) -> None:
    folder = wiring.Settings.from_environment().data_dir
    store = wiring.build().store
    kept = store.create_decision(Answers())
    copy = tmp_path / "copy.db"
    assert main(["backup", str(copy)]) == 0
    later = store.create_decision(Answers())

    copy.replace(folder / "fulcrum.db")
    for rest in ("fulcrum.db-wal", "fulcrum.db-shm"):
        assert rest in TEAM
        (folder / rest).unlink(missing_ok=True)
    restored = wiring.build().store
    assert restored.decision(kept.id) == kept
    assert restored.decision(later.id) is None
