"""Settings from the environment, and the real parts."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from advisor import wiring
from advisor.answers import Answers
from advisor.wiring import Settings, SettingsError
from probes.engine.running.interpreters import SidePython
from probes.schema import Framework, Interpreter, RunRequest, RunSetup
from probes.system import folders


@pytest.mark.parametrize("blank", [None, "", " "])
def test_defaults_are_a_file_in_the_users_data_directory(monkeypatch: pytest.MonkeyPatch, blank: str | None) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"FULCRUM_{name.upper()}", raising=False)
        if blank is not None:
            monkeypatch.setenv(f"FULCRUM_{name.upper()}", blank)
    settings = Settings.from_environment()
    assert (settings.data_dir, settings.cache_dir) == (folders.data(), folders.cache())
    assert settings.database_url == f"sqlite:///{settings.data_dir / 'fulcrum.db'}"
    assert settings.allowed_hosts == ()


def test_each_variable_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FULCRUM_DATA_DIR", "~/data ")
    monkeypatch.setenv("FULCRUM_DATABASE_URL", "postgresql+psycopg://db/fulcrum")
    monkeypatch.setenv("FULCRUM_ALLOWED_HOSTS", " Tools.Example.org , *.lab ")
    settings = Settings.from_environment()
    assert settings.data_dir == folders.data() == Path.home() / "data"
    assert (settings.database_url, settings.allowed_hosts) == (
        "postgresql+psycopg://db/fulcrum", ("tools.example.org", "*.lab"),
    )  # fmt: skip


def test_executors_share_a_lock_and_a_name_only_if_they_share_a_database(tmp_path: Path) -> None:
    one, same = Settings(data_dir=tmp_path / "a"), Settings(data_dir=tmp_path / "a")
    other_database = Settings(data_dir=tmp_path / "a", database_url="postgresql+psycopg://db/fulcrum")
    elsewhere = Settings(data_dir=tmp_path / "b", database_url=other_database.database_url)
    assert (one.executor_lock, one.worker) == (same.executor_lock, same.worker)
    assert other_database.executor_lock != one.executor_lock
    assert len({one.worker, other_database.worker, elsewhere.worker}) == 3


def test_containers_of_one_host_name_and_path_have_names_of_their_own(tmp_path: Path) -> None:
    """What both see as /data is another folder each; the name survives a restart, not a new folder."""
    seen, names = tmp_path / "data", []
    for volume in ("one", "other", "one"):
        (tmp_path / volume).mkdir(exist_ok=True)
        seen.unlink(missing_ok=True)
        seen.symlink_to(tmp_path / volume)
        names.append(Settings(data_dir=seen, database_url="postgresql+psycopg://db/fulcrum").worker)
    assert names[0] == names[2] != names[1]
    assert max(map(len, names)) <= 128


def test_many_that_start_at_once_agree_on_their_name(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data", database_url="sqlite:///x.db")
    with ThreadPoolExecutor(8) as pool:
        names = set(pool.map(lambda _: settings.worker, range(32)))
    assert len(names) == 1
    assert [path.name for path in settings.data_dir.iterdir()] == [settings.executor_lock.with_suffix(".id").name]


@pytest.mark.skipif(os.name != "posix", reason="file modes")
def test_what_is_kept_is_its_owners_alone_also_what_was_there_before(tmp_path: Path) -> None:
    data = tmp_path / "data"
    settings = Settings(data_dir=data)

    def modes() -> dict[str, str]:
        return {path.name: oct(path.stat().st_mode & 0o777) for path in (data, *data.iterdir())}

    data.mkdir(mode=0o755)
    for name in ("fulcrum.db", "executor.log", settings.executor_lock.name):
        (data / name).touch(mode=0o644)
    assert settings.worker
    wiring.build(settings)
    assert set(modes().values()) == {"0o700", "0o600"}
    assert modes()["data"] == "0o700"
    (data / "team.csv").touch(mode=0o644)
    data.chmod(0o755)
    settings.prepare()
    assert (modes()["data"], modes()["team.csv"]) == ("0o755", "0o644"), "others keep things here"


def test_a_url_that_is_none_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FULCRUM_DATABASE_URL", "fulcrum.db")
    with pytest.raises(SettingsError, match=r"FULCRUM_DATABASE_URL.*allowed"):
        Settings.from_environment()


def test_a_data_directory_that_cannot_be_made_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SettingsError, match="FULCRUM_DATA_DIR"):
        wiring.build(Settings(data_dir=tmp_path / "file" / "below"))


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
        "import sys, advisor.wiring, advisor.queue.executor, advisor.__main__, ui.app.server\n"
        "import probes.engine, probes.catalog\n"
        "advisor.wiring.build().runner.catalog()\n"
        "print([name for name in ('torch', 'tensorflow', 'keras', 'jax') if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_sides_run_in_the_interpreters_that_the_variables_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    told = Interpreter("pytorch", "pytorch==2.12.0", "3.12.4", {"torch": "2.12.0"})
    asked: list[tuple[str, str, str]] = []

    def found(side: Framework, text: str, setting: str) -> SidePython:
        asked.append((side, text, setting))
        return SidePython(told, tmp_path / "python", {}, frozenset({"torch"}))

    monkeypatch.setattr("advisor.wiring.side_pythons.found", found)
    monkeypatch.setenv("FULCRUM_PYTORCH_PYTHON", "pytorch==2.12.0")
    monkeypatch.setenv("FULCRUM_TENSORFLOW_PYTHON", " ")
    services = wiring.build()
    assert asked == [("pytorch", "pytorch==2.12.0", "FULCRUM_PYTORCH_PYTHON")]
    assert services.runner.interpreters() == {"pytorch": told}
    assert services.runner.machine().versions["torch"] == "2.12.0"
    ways = {one.way.id: one.reason for one in services.deployment.ways()}
    assert "PyTorch's interpreter lacks" in ways["pytorch_onnxruntime"]
    with pytest.raises(ValueError, match="interpreters: a side has another one than when this run began"):
        services.runner.run(RunSetup(), on_round=lambda _: None, on_progress=lambda _: None, cancelled=lambda: False)


def test_an_interpreter_that_cannot_be_used_is_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FULCRUM_TENSORFLOW_PYTHON", "/nosuch/python")
    with pytest.raises(
        SettingsError, match=r"^FULCRUM_TENSORFLOW_PYTHON: /nosuch/python doesn't exist; name an interp"
    ):
        wiring.build()


@pytest.mark.parametrize("address", ["desk", "ray://desk:10001", "desk:port", "desk:6379/x"])
def test_an_address_of_another_form_is_refused(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("FULCRUM_RAY_ADDRESS", address)
    with pytest.raises(SettingsError, match="FULCRUM_RAY_ADDRESS: not an address; allowed: HOST:PORT, as "):
        Settings.from_environment()


@pytest.mark.parametrize("address", ["", "10.0.0.1:6379"])
def test_nothing_of_a_cluster_is_imported_without_its_address_and_ray_never(tmp_path: Path, address: str) -> None:
    code = (
        "import sys; from advisor import wiring; wiring.build()\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & {'ray'}), "
        "'advisor.adapters.ray_runner' in sys.modules)"
    )
    variables = os.environ | {"FULCRUM_DATA_DIR": str(tmp_path), "FULCRUM_RAY_ADDRESS": address}
    found = subprocess.run([sys.executable, "-c", code], env=variables, capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["[]", str(bool(address))]
