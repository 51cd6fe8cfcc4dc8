"""The composition root: one frozen Settings from the environment, real parts behind the ports."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import secrets
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final

from pydantic import AfterValidator, Field, ValidationError, field_validator
from pydantic_core import PydanticUseDefault
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from advisor import storage
from advisor.adapters.clock import SystemClock
from advisor.adapters.code_scanner import ProcessScanner
from advisor.adapters.data_folder import DataFolder
from advisor.adapters.local_deployment import LocalDeployment
from advisor.adapters.local_runner import LocalRunner
from advisor.adapters.model_folder import ModelFolder
from advisor.adapters.operator_key import OperatorKeyFile
from advisor.ports import Deployment, ProbeRunner, Services
from probes.deploy import side_pythons
from probes.engine.running.interpreters import InterpreterError, SidePython
from probes.schema import Framework
from probes.system import file_modes, folders

_OWN_FILES: Final = re.compile(
    r"fulcrum\.db(-wal|-shm|-journal|-lock)?$|executor\.log$|executor-[0-9a-f]{8}\.(lock|id)$|operator\.key$"
    r"|(cache|interpreters|uploads)$"
)


_ALLOWED_URL: Final = "not a URL; allowed: sqlite:///FILE, postgresql+psycopg://…"
_ALLOWED: Final = {"FULCRUM_RAY_ADDRESS": "not an address; allowed: HOST:PORT, as 10.0.0.1:6379"}


class SettingsError(Exception):
    """A setting can't be used. The text names the variable, its value and what is allowed."""


class Settings(BaseSettings):
    """What the environment decides: ``data_dir`` is ``FULCRUM_DATA_DIR``. One that is blank is not set."""

    model_config = SettingsConfigDict(env_prefix="FULCRUM_", frozen=True)

    data_dir: Annotated[Path, AfterValidator(Path.expanduser)] = Field(
        default_factory=folders.data,
        title="the user's data directory",
        description="where the database, the operator's key, the executor's lock and its log are kept",
    )
    cache_dir: Annotated[Path, AfterValidator(Path.expanduser)] = Field(
        default_factory=folders.cache,
        title="FULCRUM_DATA_DIR/cache if that is set, else the user's cache directory",
        description="where environments, exported models and compiled code are kept, several GB; "
        "all of it can be made anew",
    )
    database_url: Annotated[str, Field(pattern="://")] = Field(
        default_factory=lambda others: f"sqlite:///{others['data_dir'] / 'fulcrum.db'}",
        title="SQLite in FULCRUM_DATA_DIR",
        description="another SQLite file, or PostgreSQL (postgresql+psycopg://…)",
    )
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), title="", description="more host names to answer to, separated by commas; *.example.org works"
    )

    pytorch_python: str | None = Field(
        default=None,
        title="the app's own",
        description="what PyTorch runs in: an environment of `python -m probes env list`, a program or a path; "
        "[docs/gpu.md](docs/gpu.md)",
    )
    tensorflow_python: str | None = Field(default=None, title="the app's own", description="the same for TensorFlow")
    own_models: Annotated[Path, AfterValidator(Path.expanduser)] | None = Field(
        default=None,
        title="",
        description="a folder with model files of your own that operators may have measured from the pages; only where "
        "nobody but this machine reaches those",
    )

    ray_address: Annotated[str, Field(pattern=r"^[^:\s/]+:\d{1,5}$")] | None = Field(
        default=None,
        title="",
        description="HOST:PORT of a Ray cluster whose machines runs can be sent to; [docs/fleet.md](docs/fleet.md)",
    )

    @field_validator("*", mode="before")
    @classmethod
    def _blank_is_not_set(cls, value: object) -> object:
        if isinstance(value, str) and not value.strip():
            raise PydanticUseDefault
        return value.strip() if isinstance(value, str) else value

    @field_validator("allowed_hosts", mode="before")
    @classmethod
    def _separated(cls, value: object) -> object:
        return [host.strip() for host in value.lower().split(",") if host.strip()] if isinstance(value, str) else value

    @classmethod
    def from_environment(cls) -> Settings:
        """Raises ``SettingsError``."""
        try:
            return cls()
        except ValidationError as error:
            name = f"FULCRUM_{str(error.errors()[0]['loc'][0]).upper()}"
            raise SettingsError(f"{name}: {_ALLOWED.get(name, _ALLOWED_URL)}") from None

    @property
    def executor_lock(self) -> Path:
        """The file that an executor holds: one for each database, so that another database's runs don't wait for it."""
        database = hashlib.sha256(self.database_url.encode()).hexdigest()[:8]
        return self.data_dir / f"executor-{database}.lock"

    @property
    def worker(self) -> str:
        """What the holder of that lock is called in the store: no two executors at a time have the same name.

        Containers often share a host name and a path. So a random word is kept beside the lock: it is the same after a
        restart, another one in another directory, and whoever shares it shares the lock. Raises ``SettingsError``.
        """
        return f"{platform.node()[:64] or 'localhost'}-{self._installation()}"

    def _installation(self) -> str:
        self.prepare()
        file = self.executor_lock.with_suffix(".id")
        try:
            if not file.exists():
                made, name = tempfile.mkstemp(dir=self.data_dir)
                with os.fdopen(made, "w", encoding="ascii") as output:
                    output.write(secrets.token_hex(8))
                try:
                    os.link(name, file)  # whole or not at all, and only the first of several that start at once
                except FileExistsError:
                    os.unlink(name)
                except OSError:  # a file system without links
                    os.replace(name, file)
                else:
                    os.unlink(name)
            return file.read_text("ascii").strip()[:32]
        except (OSError, ValueError) as error:
            raise SettingsError(f"FULCRUM_DATA_DIR: {file} can't be made or read: {error}") from error

    def pythons(self) -> dict[Framework, SidePython]:
        """The interpreters of sides that don't run in the app's own, looked at. Raises ``SettingsError``."""
        asked: Mapping[Framework, str | None] = {"pytorch": self.pytorch_python, "tensorflow": self.tensorflow_python}
        try:
            return {
                side: side_pythons.found(side, text, side_pythons.VARIABLES[side])
                for side, text in asked.items()
                if text
            }
        except InterpreterError as error:
            raise SettingsError(str(error)) from error

    def prepare(self) -> None:
        """Make the data directory, for its owner alone, and take everybody else's rights to what is in it already.

        A directory that holds other things too keeps its own rights: it may be meant for others. Raises
        ``SettingsError``.
        """
        try:
            folders.made(self.data_dir)
            inside = list(self.data_dir.iterdir())
        except OSError as error:
            raise SettingsError(f"FULCRUM_DATA_DIR: {self.data_dir} can't be made or used: {error}") from error
        own = [path for path in inside if _OWN_FILES.match(path.name)]
        for path in [*own, self.data_dir] if len(own) == len(inside) else own:
            file_modes.tighten(path)


def build(settings: Settings | None = None, *, opens_folders: bool = False) -> Services:
    """Real parts. ``opens_folders``: as ``CodeScanner`` has it. Raises ``SettingsError`` with one clear sentence."""
    settings = settings or Settings.from_environment()
    settings.prepare()
    clock = SystemClock()
    try:
        engine_ = storage.open_database(settings.database_url)
    except storage.StoreError as error:
        raise SettingsError(str(error)) from error
    pythons = settings.pythons()
    models, data = ModelFolder(settings.own_models, pythons), DataFolder(settings.own_models)
    store = storage.SqlStore(engine_)
    runner, deployment = _measuring(settings, models, data, pythons)
    scanner = ProcessScanner(settings.data_dir / "uploads", opens_folders=opens_folders)
    return Services(store, runner, clock, deployment, operator_key(settings), models, scanner, data)


def _measuring(
    settings: Settings, models: ModelFolder, data: DataFolder, pythons: Mapping[Framework, SidePython]
) -> tuple[ProbeRunner, Deployment]:
    """Late imports: without an address nothing of a cluster is read."""
    if not settings.ray_address:
        return LocalRunner(models, pythons, data), LocalDeployment(pythons, models, data)
    from advisor.adapters.ray_deployment import RayDeployment
    from advisor.adapters.ray_runner import RayRunner

    runner = RayRunner(settings.ray_address, models, pythons, own_data=data)
    return runner, RayDeployment(runner, pythons, models, data)


def operator_key(settings: Settings) -> OperatorKeyFile:
    """The key of whoever operates this installation."""
    return OperatorKeyFile(settings.data_dir)


def back_up(settings: Settings, target: Path) -> int:
    """A copy of the database at ``target``; its size in bytes. Raises ``SettingsError`` with one clear sentence."""
    try:
        return storage.back_up(storage.open_database(settings.database_url), target)
    except storage.StoreError as error:
        raise SettingsError(str(error)) from error
