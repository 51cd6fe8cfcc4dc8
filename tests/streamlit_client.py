"""A visitor without a browser: asks for pages, keeps cookies, and speaks Streamlit's protocol over a websocket.

It sends what a test tells it to, forged messages included, and may claim another address than it connects to.
"""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Final
from urllib.parse import urlsplit

from google.protobuf.message import Message
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

PATIENCE: Final = 60.0  # seconds for a page to be drawn


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer; header names are in lower case, and a name may come more than once."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str:
        """The first of that name, "" without one."""
        return next((value for found, value in self.headers if found == name), "")


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a script run put on the page: element ids by the widgets' keys, and every text that it sent."""

    widgets: Mapping[str, str]
    text: str


@dataclass
class Visitor:
    """One browser. ``address`` is what its address bar says, ``at`` where its connections really go.

    ``headers`` go with every request. ``origin``: what it names as its page's origin; None names none, as programs do.
    """

    address: str
    at: tuple[str, int]
    headers: Mapping[str, str] = field(default_factory=dict)
    origin: str | None = None
    tls: ssl.SSLContext | None = None
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, path: str = "/", *, method: str = "GET", body: bytes = b"") -> Answer:
        """One request; cookies are sent and kept, redirections not followed."""
        with self._connection() as stream:
            asking = http.client.HTTPConnection(self._host)
            asking.sock = stream
            asking.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            length = {"Content-Length": str(len(body))} if body else {}
            for name, value in {"Host": self._host, **length, **self._cookie(), **self.headers}.items():
                asking.putheader(name, value)
            asking.endheaders()
            with suppress(ConnectionError):  # refused before it was sent: the answer is there to read
                asking.send(body)
            found = asking.getresponse()
            answer = Answer(found.status, tuple((n.lower(), v) for n, v in found.getheaders()), found.read())
        for name, value in answer.headers:
            if name == "set-cookie":
                self.cookies |= {key: morsel.value for key, morsel in SimpleCookie(value).items() if morsel.value}
        return answer

    @contextmanager
    def page(self, path: str = "", query: str = "") -> Iterator[Tab]:
        """A tab on that page; its script has not run yet. Raises ``websockets.exceptions.InvalidStatus`` if refused."""
        url = f"{'wss' if self.tls else 'ws'}://{self._host}/_stcore/stream"
        with (
            self._connection(wrap=False) as stream,
            connect(
                url,
                sock=stream,
                ssl=self.tls,
                server_hostname=urlsplit(self.address).hostname if self.tls else None,
                origin=Origin(self.origin) if self.origin is not None else None,
                subprotocols=[Subprotocol("streamlit")],
                additional_headers={**self._cookie(), **self.headers},
                compression=None,
                max_size=None,
                proxy=None,
                open_timeout=PATIENCE,
            ) as connection,
        ):
            yield Tab(connection, f"{self.address}/{path}", path, query)

    @property
    def _host(self) -> str:
        return urlsplit(self.address).netloc

    def _cookie(self) -> Mapping[str, str]:
        return {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())} if self.cookies else {}

    @contextmanager
    def _connection(self, *, wrap: bool = True) -> Iterator[socket.socket]:
        with socket.create_connection(self.at, timeout=PATIENCE) as stream:
            if self.tls and wrap:
                with self.tls.wrap_socket(stream, server_hostname=urlsplit(self.address).hostname) as secure:
                    yield secure
            else:
                yield stream


@dataclass
class Tab:
    """An open websocket of a page."""

    connection: ClientConnection
    url: str
    page: str
    query: str
    _hash: str = ""

    def run(self, *states: WidgetState, fragment: str = "") -> Drawn:
        """Have the script run with these widgets, as a click does; returns when it has ended."""
        message = BackMsg()
        asked = message.rerun_script
        asked.query_string, asked.fragment_id, asked.page_script_hash = self.query, fragment, self._hash
        asked.page_name = "" if self._hash else self.page
        asked.context_info.url = self.url
        asked.widget_states.widgets.extend(states)
        self.send(message)
        widgets: dict[str, str] = {}
        texts: list[str] = []
        while True:
            data = self.connection.recv(timeout=PATIENCE)
            assert isinstance(data, bytes)
            forward = ForwardMsg.FromString(data)
            kind = forward.WhichOneof("type")
            if kind == "navigation":
                self._hash = forward.navigation.page_script_hash
            elif kind == "delta":
                texts += strings(forward.delta)
                widgets |= {name.split("-", 2)[-1]: name for name in strings(forward.delta) if name.startswith("$$ID")}
            elif kind == "script_finished" and forward.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                return Drawn(widgets, "\n".join(texts))

    def send(self, message: BackMsg) -> None:
        """Send it as it is."""
        self.connection.send(message.SerializeToString())


def clicked(id_: str) -> WidgetState:
    """The state of a button that was just pressed."""
    return WidgetState(id=id_, trigger_value=True)


def strings(message: Message) -> Iterator[str]:
    """Every text in a message, at any depth."""
    for descriptor, value in message.ListFields():
        for one in value if descriptor.is_repeated and not isinstance(value, Mapping) else (value,):
            if isinstance(one, str):
                yield one
            elif isinstance(one, Message):
                yield from strings(one)
