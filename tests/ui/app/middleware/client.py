"""A small app behind middleware, with Starlette's own client."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket
from streamlit.proto.BackMsg_pb2 import BackMsg

TOKEN = "a" * 32
SCRIPT = "console.log('fulcrum');" * 500
LOCAL = {"host": "localhost:8501"}  # the client asks sockets of a host of its own otherwise


def client(*parts: Any, host: str = "localhost:8501", served: list[str] | None = None) -> TestClient:
    async def page(_: Request) -> Response:
        return HTMLResponse("<p>hello</p>")

    async def asset(request: Request) -> Response:
        (served if served is not None else []).append(request.url.path)
        if request.url.path.endswith(".png"):
            return Response(b"\x89PNG" * 1000, media_type="image/png")
        return PlainTextResponse(SCRIPT, media_type="text/javascript", headers={"cache-control": "public, immutable"})

    async def echo(websocket: WebSocket) -> None:
        await websocket.accept()
        async for data in websocket.iter_bytes():
            await websocket.send_text(BackMsg.FromString(data).WhichOneof("type") or "")

    async def stream(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text("hello")
        await websocket.close()

    async def change(request: Request) -> Response:
        return PlainTextResponse(request.headers.get("origin", "none"))

    async def taken(request: Request) -> Response:
        return PlainTextResponse(str(len(await request.body())))

    routes: Sequence[Any] = (
        Route("/", page),
        Route("/brief", page),
        Route("/change", change, methods=["GET", "PUT"]),
        Route("/static/{name}", asset),
        Route("/_stcore/upload_file/{session}/{file}", taken, methods=["PUT"]),
        WebSocketRoute("/stream", stream),
        WebSocketRoute("/echo", echo),
    )
    return TestClient(Starlette(routes=routes, middleware=list(parts)), base_url=f"http://{host}")
