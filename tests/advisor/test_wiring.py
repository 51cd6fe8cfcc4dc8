"""Settings from the environment, and the real parts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from advisor import wiring
from advisor.answers import Answers
from advisor.wiring import Settings, SettingsError
from probes.schema import RunRequest


def test_defaults_are_a_file_in_the_users_data_directory() -> None:
    settings = Settings.from_environment({})
    assert settings.database_url == f"sqlite:///{settings.data_dir / 'fulcrum.db'}"
    assert settings.allowed_hosts == ()


def test_each_variable_is_read(tmp_path: Path) -> None:
    settings = Settings.from_environment(
        {
            "FULCRUM_DATA_DIR": str(tmp_path),
            "FULCRUM_DATABASE_URL": "postgresql+psycopg://db/fulcrum",
            "FULCRUM_ALLOWED_HOSTS": " Tools.Example.org , *.lab ",
        }
    )
    assert settings == Settings(tmp_path, "postgresql+psycopg://db/fulcrum", ("tools.example.org", "*.lab"))


def test_executors_share_a_lock_and_a_name_only_if_they_share_a_database(tmp_path: Path) -> None:
    here = {"FULCRUM_DATA_DIR": str(tmp_path / "a")}
    one, same = Settings.from_environment(here), Settings.from_environment(here)
    other_database = Settings.from_environment(here | {"FULCRUM_DATABASE_URL": "postgresql+psycopg://db/fulcrum"})
    elsewhere = Settings(tmp_path / "b", other_database.database_url)
    assert (one.executor_lock, one.worker) == (same.executor_lock, same.worker)
    assert other_database.executor_lock != one.executor_lock
    assert len({one.worker, other_database.worker, elsewhere.worker}) == 3


def test_a_url_that_is_none_is_refused_by_name() -> None:
    with pytest.raises(SettingsError, match=r"FULCRUM_DATABASE_URL.*allowed"):
        Settings.from_environment({"FULCRUM_DATABASE_URL": "fulcrum.db"})


def test_a_data_directory_that_cannot_be_made_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SettingsError, match="FULCRUM_DATA_DIR"):
        wiring.build(Settings.from_environment({"FULCRUM_DATA_DIR": str(tmp_path / "file" / "below")}))


def test_the_real_parts_fit_together() -> None:
    services = wiring.build()
    assert services.store.create_decision(Answers()).version == 1
    assert {offer.probe.model for offer in services.runner.catalog()} <= {m.id for m in services.runner.models()}
    assert services.runner.machine().logical_cores >= 1
    services.runner.validate(RunRequest())
    with pytest.raises(ValueError, match="nosuch"):
        services.runner.validate(RunRequest(probes=("nosuch",)))
    assert services.clock.now().utcoffset() is not None


def test_no_framework_is_imported_by_the_server_or_the_executor() -> None:
    code = (
        "import sys, advisor.wiring, advisor.agent, advisor.__main__, ui.server, probes.engine, probes.catalog\n"
        "advisor.wiring.build().runner.catalog()\n"
        "print([name for name in ('torch', 'tensorflow', 'keras', 'jax') if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
