"""One runtime, its folders, and installers that are told how to behave."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from probes.deploy import environments, installing
from probes.deploy.installing import InstallStep
from probes.deploy.runtimes import Runtime
from probes.system import folders

OWN = f"{sys.version_info.major}.{sys.version_info.minor}"
THING = Runtime(
    id="thing", title="Thing", purpose="For tests.", pins=("thing==1.0",), modules=("thing",),
    python=(OWN,), app_packages=True, megabytes=1,
)  # fmt: skip
posix = pytest.mark.skipif(os.name != "posix", reason="signals and process groups are POSIX")


class House:
    """The folders and the one runtime that a test sees."""

    def __init__(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(folders.CACHE, str(tmp_path))
        self.home = folders.environments()
        self.told: list[tuple[str, float]] = []
        self._patch = monkeypatch
        self.knows(THING)

    def knows(self, runtime: Runtime) -> None:
        self._patch.setattr(environments, "find", lambda _: runtime)

    def installs(self, code: str) -> None:
        """Instead of venv and pip: a program, with ``folder`` and ``base`` as the folder and an interpreter."""
        patch = self._patch

        def steps(_: Runtime, folder: Path, base: Path) -> tuple[InstallStep, ...]:
            start = f"from pathlib import Path\nfolder, base = Path({str(folder)!r}), {str(base)!r}\n"
            return (InstallStep((sys.executable, "-I", "-u", "-c", start + code), 0.9),)

        patch.setattr(installing, "steps", steps)

    def create(self, cancelled: Callable[[], bool] = lambda: False) -> Path:
        return environments.create("thing", tell=lambda *said: self.told.append(said), cancelled=cancelled)

    @property
    def left(self) -> list[str]:
        """What lies there besides the lock."""
        return [path.name for path in self.home.glob("*") if path.suffix != ".lock"]


#: A made environment without an installer, and the module that was asked for.
MAKES = """
import venv
venv.create(folder, symlinks=True)
(next(folder.glob("lib/python*")) / "site-packages" / "thing.py").touch()
print("Collecting thing==1.0")
print("  Downloading thing-1.0.whl (1 kB)")
print("Installing collected packages: thing")
print("Successfully installed thing-1.0")
"""
SECRETS = {
    "FULCRUM_DATABASE_URL": "postgresql+psycopg://me:secret@db/fulcrum", "AWS_SECRET_ACCESS_KEY": "secret",
    "HF_TOKEN": "secret", "FULCRUM_OPERATE_KEY": "secret",
}  # fmt: skip
