"""The real app on loopback for the stress scripts: to be killed, refused a disk, and looked at from outside."""

from __future__ import annotations

import os
import platform
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import quote

import psutil
from streamlit.proto.WidgetStates_pb2 import WidgetState

from advisor import wiring
from advisor.ports import Services
from advisor.records import DecisionRecord
from scripts.driving import ROOT, free_port
from tests.processes import over, wait_until
from tests.streamlit_client import Drawn, Tab, Visitor

NAME: Final = "answer-project.name"


@dataclass
class App:
    """One app with its data and its temporary files below ``folder``; nothing of it is outside."""

    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: psutil.Popen | None = None

    def __post_init__(self) -> None:
        for place in (self.data, self.temporary):
            place.mkdir(parents=True, exist_ok=True)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def temporary(self) -> Path:
        return self.folder / "tmp"

    @property
    def settings(self) -> Mapping[str, str]:
        """What its environment says besides this process's."""
        return {"FULCRUM_DATA_DIR": str(self.data), "TMPDIR": str(self.temporary), **self.environment}

    def services(self) -> Services:
        """The parts that it stands on, from this process."""
        url = self.settings.get("FULCRUM_DATABASE_URL", "")
        return wiring.build(wiring.Settings(data_dir=self.data, database_url=url))

    def start(self) -> None:
        """Returns when it answers. Raises AssertionError with its last words if it doesn't."""
        self.launch()
        wait_until(lambda: not self.alive() or self.healthy(), "the app to come up", 120)
        assert self.alive(), self.said()[-2000:]

    def launch(self) -> psutil.Popen:
        """Start it and wait for nothing."""
        command = [sys.executable, "-m", "streamlit", "run", "app.py"]
        command += [f"--server.port={self.port}", "--server.address=127.0.0.1"]
        environment = {**os.environ, **self.settings}
        with (self.folder / "server.log").open("ab") as log:
            self.process = psutil.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
        return self.process

    def alive(self) -> bool:
        """Whether the server's process is there."""
        return self.process is not None and self.process.poll() is None

    def healthy(self) -> bool:
        """Whether it answers."""
        try:
            return self.visitor().ask("/_stcore/health").status == 200
        except OSError:
            return False

    def stop(self) -> list[str]:
        """As a service manager does. Kills what is left after half a minute, and returns its command lines."""
        if self.process is not None and self.alive():
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except psutil.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        with suppress(AssertionError):
            wait_until(lambda: not self.family(), "all that was below it to follow", 30)
        left = self.family()
        names = [" ".join(_command(process)[:5]) for process in left]
        for process in left:
            process.kill()
        return names

    def said(self) -> str:
        """All that the server printed."""
        return (self.folder / "server.log").read_text(errors="replace")

    def family(self) -> list[psutil.Process]:
        """Every living process that was told of our folder, whoever is its parent; without the server."""
        found = []
        for process in psutil.process_iter():
            try:
                told = any(str(self.folder) in value for value in process.environ().values())
            except (psutil.NoSuchProcess, psutil.AccessDenied, OSError):
                continue
            own = self.process is not None and process.pid == self.process.pid
            if told and not own and process.pid != os.getpid() and not over(process):
                found.append(process)
        return found

    def executor(self) -> psutil.Process | None:
        """The one that holds the lock: the oldest."""
        found = [process for process in self.family() if _command(process)[1:4] == ["-m", "advisor", "agent"]]
        return min(found, key=lambda process: process.create_time(), default=None)

    def visitor(self) -> Visitor:
        """A new browser."""
        address = f"http://127.0.0.1:{self.port}"
        return Visitor(address, ("127.0.0.1", self.port), origin=address)

    def editor(self, record: DecisionRecord) -> Visitor:
        """A browser that has opened the link to edit."""
        visitor = self.visitor()
        visitor.ask(f"/?decision={record.id}&edit={quote(record.edit_key)}")
        return visitor


def renamed(tab: Tab, drawn: Drawn, name: str) -> Drawn:
    """Type another project name; returns when its script run has ended."""
    return tab.run(WidgetState(id=drawn.widgets[NAME], string_value=name))


def said_because(drawn: Drawn) -> str:
    """The page's sentences that give a reason, in one line."""
    return " / ".join(dict.fromkeys(line for line in drawn.text.splitlines() if re.search(r"\bbecause\b", line)))


def machine() -> str:
    """What this was tried on, in a line."""
    parts = f"{psutil.cpu_count()} cores", f"{psutil.virtual_memory().total / 2**30:.0f} GiB", platform.platform()
    return f"{', '.join(parts)}, Python {platform.python_version()}, load {psutil.getloadavg()[0]:.1f}"


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []
