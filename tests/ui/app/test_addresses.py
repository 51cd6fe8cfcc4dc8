"""A server that other machines reach doesn't start with a folder of model files."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit import config

from advisor.wiring import Settings
from ui.app import addresses, server


@pytest.fixture
def bound(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """To the address of the parameter; None is Streamlit's default, everywhere."""
    options = {"server.address": request.param}
    monkeypatch.setattr(config, "get_option", lambda name: options.get(name))


@pytest.mark.parametrize("bound", ["127.0.0.1", "127.0.1.1", "::1", "localhost"], indirect=True)
@pytest.mark.usefixtures("bound")
def test_where_nobody_else_reaches_the_pages_a_folder_is_allowed(tmp_path: Path) -> None:
    assert addresses.why_no_own_models(Settings(own_models=tmp_path)) == ""


REACHED = (None, "", "0.0.0.0", "::", "192.0.2.7", "fulcrum.example.org")  # noqa: S104 - read, not bound to


@pytest.mark.parametrize("bound", REACHED, indirect=True)
@pytest.mark.usefixtures("bound")
def test_where_others_may_reach_them_the_server_does_not_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FULCRUM_OWN_MODELS", str(tmp_path))
    with pytest.raises(SystemExit, match=r"Fulcrum can't start\. FULCRUM_OWN_MODELS: not where other machines"):
        server.checked_services()
    assert addresses.why_no_own_models(Settings(own_models=None)) == "", "without a folder there is nothing to refuse"


@pytest.mark.parametrize("bound", ["127.0.0.1"], indirect=True)
@pytest.mark.usefixtures("bound")
def test_behind_a_proxy_neither(tmp_path: Path) -> None:
    settings = Settings(own_models=tmp_path, allowed_hosts=("fulcrum.example.org",))
    assert "not together with FULCRUM_ALLOWED_HOSTS" in addresses.why_no_own_models(settings)
