"""A server for tests that answers with the first two features of each row, or misbehaves: ``… MODE PORT``."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

DIES_AFTER = 300  # questions


class Handler(BaseHTTPRequestHandler):
    """HTTP/1.1 with keep-alive."""

    protocol_version = "HTTP/1.1"
    wbufsize = 65_536  # head and body leave together: two writes would wait for each other 40 ms
    mode = "right"
    asked = 0
    token = ""
    lock = threading.Lock()

    def do_POST(self) -> None:
        if self.token and self.headers["Authorization"] != f"Bearer {self.token}":
            self.rfile.read(int(self.headers["Content-Length"]))
            self._say(401, {"message": "who are you?"})
            return
        rows = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["instances"]
        with Handler.lock:
            Handler.asked += 1
        if self.mode == "dies" and Handler.asked > DIES_AFTER:
            sys.stderr.write("out of ideas\n")
            sys.stderr.flush()
            os._exit(3)
        if self.mode == "slow":
            with Handler.lock:
                time.sleep(0.01)
        off = 0.5 if self.mode == "wrong" or (self.mode == "wrong under load" and Handler.asked > DIES_AFTER) else 0.0
        self._say(200, {"predictions": [[row[0] + off, row[1]] for row in rows]})

    def _say(self, status: int, content: Any) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Silence."""


class Server(ThreadingHTTPServer):
    """Many connections at once."""

    request_queue_size = 128
    daemon_threads = True


def main() -> None:
    """Until it is ended."""
    mode, port = sys.argv[1], int(sys.argv[2])
    if mode == "silent":
        sys.stderr.write("still loading the model\n")
        sys.stderr.flush()
        with socket.create_server(("127.0.0.1", port)):
            threading.Event().wait()
    if mode == "family":  # a child that ignores polite requests, in a group of its own
        code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
        subprocess.Popen([sys.executable, "-c", code], process_group=0)
    if mode == "token":
        Handler.token = secrets.token_hex(8)
        Path("keys.json").write_text(json.dumps({"inference": {"key": Handler.token}}), encoding="utf-8")
    Handler.mode = mode
    Server(("0.0.0.0" if mode == "exposed" else "127.0.0.1", port), Handler).serve_forever()  # noqa: S104 - it must be refused


if __name__ == "__main__":
    main()
