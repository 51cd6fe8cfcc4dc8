"""The addresses that measuring pages use: what they hand out, what they take, what they refuse."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from advisor.answers import Answers
from advisor.ports import Services
from probes.deploy import store as artefacts
from probes.in_browser import planning
from probes.system import folders
from tests import fakes, visits
from ui.app.in_browser.routes import PAGE, routes

CELL = "onnxruntime-web.wasm.1"


@pytest.fixture
def services() -> Services:
    return fakes.services()


@pytest.fixture
def client(services: Services) -> TestClient:
    return TestClient(Starlette(routes=routes(services)))


@pytest.fixture
def token(services: Services) -> str:
    decision = services.store.create_decision(Answers())
    return services.store.invite(decision.id, planning.plan(visits.kit(), visits.RUNTIMES, 1))[1]


def opened(client: TestClient, token: str) -> dict[str, str]:
    answer = client.post("/in-browser/open", json={"token": token})
    assert answer.status_code == 200
    return {"authorization": f"Bearer {answer.json()['key']}"}


def test_the_page_and_all_its_parts_are_isolated(client: TestClient) -> None:
    names = [path.relative_to(PAGE).as_posix() for path in PAGE.rglob("*.*")]
    assert len(names) > 6
    for path in ("", *(f"code/{name}" for name in names)):
        answer = client.get(f"/in-browser/{path}")
        assert answer.status_code == 200, path
        assert answer.headers["cross-origin-embedder-policy"] == "require-corp"


@pytest.mark.parametrize(
    "path",
    ["code/../routes.py", "code/%2e%2e/routes.py", "code/.hidden", "code//etc/passwd", "runtimes/x/y/z",
     "kits/../../x", "kits/" + "0" * 24 + "/inputs.bin", "kits/" + "0" * 24 + "/..%2fmanifest.json"],
)  # fmt: skip
def test_there_is_nothing_else_to_be_had(client: TestClient, path: str) -> None:
    assert client.get(f"/in-browser/{path}").status_code == 404


def test_only_a_kit_is_handed_out_of_what_was_exported(
    client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(folders.CACHE, str(tmp_path))

    def fill(folder: Path) -> dict[str, str]:
        (folder / "weights.npz").write_bytes(b"a team's own")
        return {}

    name = artefacts.key(kind="artefact")
    artefacts.make(name, fill)
    assert client.get(f"/in-browser/kits/{name}/weights.npz").status_code == 404


def test_a_link_gives_the_plan_to_one_browser_and_nothing_of_the_decision(client: TestClient, token: str) -> None:
    key = opened(client, token)
    answer = client.get("/in-browser/plan", headers=key)
    plan = answer.json()
    assert plan["network"] == "Multilayer perceptron"
    assert {cell["runtime"] for cell in plan["cells"]} == {"onnxruntime-web", "litertjs", "tfjs"}
    assert "decision" not in answer.text
    assert answer.headers["cache-control"] == "no-store"
    again = client.post("/in-browser/open", json={"token": token})
    assert again.status_code == 403
    assert "was used already" in again.json()["reason"]


def test_what_is_no_longer_there_is_said(client: TestClient, services: Services, token: str) -> None:
    key = opened(client, token)
    assert isinstance(services.deployment, fakes.FakeDeployment)
    services.deployment.fetched = False
    answer = client.get("/in-browser/plan", headers=key)
    assert (answer.status_code, "no longer on the server" in answer.json()["reason"]) == (403, True)


def test_strangers_can_post_nothing(client: TestClient, token: str) -> None:
    for headers in (
        {},
        {"authorization": "Bearer x"},
        {"authorization": f"Bearer {token}"},
        {"authorization": "Basic x"},
    ):
        answer = client.post(
            "/in-browser/say", content=visits.begin(CELL), headers={"content-type": "application/json"} | headers
        )
        assert answer.status_code == 403
        assert "reason" in answer.json()


def test_a_message_is_answered_with_what_is_known_now(client: TestClient, token: str) -> None:
    key = {**opened(client, token), "content-type": "application/json"}
    assert client.post("/in-browser/say", content=visits.begin(CELL), headers=key).json()["state"] == "running"
    end = visits.message(event="end", cell=CELL, outcome="unsupported", reason="No WebAssembly.")
    told = client.post("/in-browser/say", content=end, headers=key).json()["figures"][CELL]
    assert (told["ended"], told["outcome"], told["reason"]) == (True, "unsupported", "No WebAssembly.")


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [(b"x" * 10_000_000, "application/json", 413), (b"{}", "text/plain", 415), (b"{}", "application/json", 422)],
)
def test_what_is_no_message_is_refused(client: TestClient, token: str, content: bytes, kind: str, status: int) -> None:
    key = {**opened(client, token), "content-type": kind}
    answer = client.post("/in-browser/say", content=content, headers=key)
    assert answer.status_code == status
    assert answer.json()["reason"]


def test_below_a_proxys_path_everything_is_where_the_app_is(services: Services) -> None:
    client = TestClient(Starlette(routes=routes(services, "team/fulcrum/")))
    assert client.get("/team/fulcrum/in-browser/").status_code == 200
