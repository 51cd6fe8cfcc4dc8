"""The addresses that measuring pages use: what they hand out, what they take, what they refuse."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
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


@pytest.mark.parametrize("path", ["open", "say"])
def test_ten_megabytes_in_pieces_are_not_read_to_their_end(client: TestClient, token: str, path: str) -> None:
    """A body without a length, as a forger may send it: what is too much is known when it is too much."""
    sent = 0

    def pieces() -> Iterator[bytes]:
        nonlocal sent
        for _ in range(160):
            sent += 1
            yield b"x" * 65_536

    key = {**opened(client, token), "content-type": "application/json"}
    answer = client.post(f"/in-browser/{path}", content=pieces(), headers=key)
    assert answer.status_code == 413
    assert "allowed: at most" in answer.json()["reason"]


def test_a_link_that_has_run_out_says_what_to_do(client: TestClient, services: Services, token: str) -> None:
    assert isinstance(services.clock, fakes.FixedClock)
    services.clock.time += timedelta(minutes=16)
    answer = client.post("/in-browser/open", json={"token": token})
    assert answer.status_code == 403
    assert "may be opened for a quarter of an hour. Ask for a new one." in answer.json()["reason"]


def test_a_key_writes_to_its_own_visit_alone(client: TestClient, services: Services, token: str) -> None:
    """What another visit's browser measured isn't this one's: its order of turns is another."""
    decision = services.store.create_decision(Answers())
    _, other = services.store.invite(decision.id, planning.plan(visits.kit(), visits.RUNTIMES, 2))
    keys = [{**opened(client, one), "content-type": "application/json"} for one in (token, other)]
    for key in keys:
        for content in (visits.begin(CELL), visits.message(event="started", cell=CELL, round=0)):
            assert client.post("/in-browser/say", content=content, headers=key).status_code == 200
    assert isinstance(services.clock, fakes.FixedClock)
    services.clock.time += timedelta(seconds=60)
    (mine,) = services.store.visits(decision.id)
    cell = next(cell for cell in mine.visit.plan.cells if cell.id == CELL)
    told = visits.report(mine.visit, cell, 0, times={"pytorch": 0.001, "tensorflow": 0.001})
    stranger = client.post("/in-browser/say", json=told, headers=keys[0])
    assert (stranger.status_code, "superblocks:" in stranger.json()["reason"]) == (422, True)
    assert client.post("/in-browser/say", json=told, headers=keys[1]).status_code == 200


def test_one_side_that_fails_is_answered_with_who_plays_on(client: TestClient, token: str) -> None:
    key = {**opened(client, token), "content-type": "application/json"}
    client.post("/in-browser/say", content=visits.begin(CELL), headers=key)
    end = visits.message(event="end", cell=CELL, side="tensorflow", outcome="failed", reason="No kernel for Erf.")
    told = client.post("/in-browser/say", content=end, headers=key).json()["figures"][CELL]
    assert (told["ended"], told["playing"]) == (False, ["pytorch"])
    assert told["sides"] == {"TensorFlow": "failed: No kernel for Erf."}
    plan = client.get("/in-browser/plan", headers=key).json()
    (cell,) = [cell for cell in plan["cells"] if cell["id"] == CELL]
    assert list(cell["exports"]) == ["pytorch"], "a page that is loaded anew plays without it too"


def test_below_a_proxys_path_everything_is_where_the_app_is(services: Services) -> None:
    client = TestClient(Starlette(routes=routes(services, "team/fulcrum/")))
    assert client.get("/team/fulcrum/in-browser/").status_code == 200
