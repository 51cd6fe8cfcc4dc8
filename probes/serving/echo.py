"""A server that does nothing, to see what of a latency is the client's own: ``… echo rest|grpc HOST:PORT BYTES``.

It reads a question to its end and answers with as many bytes as real answers have.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any


async def rest(host: str, port: int, size: int) -> None:
    """HTTP/1.1 with keep-alive."""
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size + b" " * size
    server = await asyncio.start_server(lambda reader, writer: _serve(reader, writer, answer), host, port)
    async with server:
        await server.serve_forever()


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: bytes) -> None:
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
            await reader.readexactly(int(lengths[0].partition(b":")[2]))
            writer.write(answer)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()  # the client has what it wanted


def grpc(target: str, size: int) -> None:
    """Any method of any service."""
    import grpc

    answer = b" " * size

    class Everything(grpc.GenericRpcHandler):  # type: ignore[misc]  # grpc has no types
        def service(self, _: Any) -> Any:
            return grpc.unary_unary_rpc_method_handler(lambda *_: answer)

    server = grpc.server(ThreadPoolExecutor(4), options=(("grpc.so_reuseport", 0),))
    server.add_generic_rpc_handlers((Everything(),))
    server.add_insecure_port(target)
    server.start()
    threading.Event().wait()


if __name__ == "__main__":
    protocol, target, size = sys.argv[1:4]
    if protocol == "grpc":
        grpc(target, int(size))
    else:
        host, _, port = target.rpartition(":")
        asyncio.run(rest(host, int(port), int(size)))
