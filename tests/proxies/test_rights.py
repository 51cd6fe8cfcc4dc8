"""Whatever stands before the app and whatever a visitor says of itself: rights come from links alone.

Each row is a set-up that once made strangers pass for somebody at the machine.
"""

from __future__ import annotations

from functools import cache

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.exceptions import InvalidStatus

from advisor.queue.kinds import CHECK
from tests.processes import wait_until
from tests.proxies.conftest import BARE, DIRECT, ELSEWHERE, PROXIES, RELAY, SETTING, Running
from tests.stores import the
from tests.streamlit_client import Drawn, clicked
from ui.session.rights import HOW

pytestmark = pytest.mark.slow

SPOOFS = {
    "nothing said": {},
    "X-Forwarded-For: 127.0.0.1": {"X-Forwarded-For": "127.0.0.1"},
    "X-Forwarded-For: ::1": {"X-Forwarded-For": "::1"},
    "X-Forwarded-For: ::ffff:127.0.0.1": {"X-Forwarded-For": "::ffff:127.0.0.1"},
    "X-Forwarded-For twice local": {"X-Forwarded-For": "127.0.0.1, 127.0.0.1"},
    "X-Forwarded-For empty": {"X-Forwarded-For": ""},
    "X-Forwarded-For: unknown": {"X-Forwarded-For": "unknown"},
    "Forwarded: for=127.0.0.1": {"Forwarded": "for=127.0.0.1;proto=https"},
    "X-Real-IP: 127.0.0.1": {"X-Real-IP": "127.0.0.1"},
    "X-Forwarded-Proto: https": {"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "https"},
}
LOCAL = "X-Forwarded-For: 127.0.0.1"
#: On loopback everything that a proxy may say; on all interfaces what the form of addresses may change.
WAYS = {"127.0.0.1": (*PROXIES, RELAY, DIRECT), "::": (BARE, SETTING, RELAY, DIRECT, ELSEWHERE)}
REACHED = [(bound, way) for bound, ways in WAYS.items() for way in ways]
ROWS = [
    (bound, way, spoof)
    for bound, way in REACHED
    for spoof in (SPOOFS if (bound, way) == ("127.0.0.1", BARE) else ("nothing said", LOCAL))
]
reached = pytest.mark.parametrize(("running", "way"), REACHED, indirect=["running"], ids=lambda part: part)
OPERATORS = (
    "make-",
    "remove-",
    "unpoint-",
    "cancel-",
    "start-serving",
    "start-check",
    "check-form",
    "point-",
    "own-",
    "use-litserve",
)
#: What pages once had for whoever was taken for local. The middle of an id is a hash that a stranger can make up.
FORMER = [
    WidgetState(id=f"$$ID-{'0' * 32}-{key}", **state)
    for key, state in {
        "point-litserve": {"string_value": "/bin/echo"},
        "use-litserve": {"trigger_value": True},
        "tfs-rest": {"string_value": "127.0.0.1:9099"},
        "tfs-grpc": {"string_value": "127.0.0.1:9099"},
        "start-serving": {"trigger_value": True},
        "make-litserve": {"trigger_value": True},
        "start-check": {"trigger_value": True},
    }.items()
]


def of_operators(page: Drawn) -> dict[str, str]:
    """The widgets that only operators have, by key."""
    return {key: id_ for key, id_ in page.widgets.items() if key.startswith(OPERATORS)}


@cache
def operators_clicks(running: Running) -> list[WidgetState]:
    """The states of the operator's own buttons, as if just pressed: better forgeries than anybody could guess."""
    operator = running.operator(DIRECT)
    found: list[WidgetState] = []
    for path in ("routes", "trust"):
        with operator.page(path) as tab:
            found += [clicked(id_) for key, id_ in of_operators(tab.run()).items() if key != "check-form"]
    return found


@pytest.mark.parametrize(("running", "way", "spoof"), ROWS, indirect=["running"], ids=lambda part: part)
def test_a_stranger_operates_nothing(running: Running, way: str, spoof: str) -> None:
    before = running.work()
    stranger = running.visitor(way, headers=SPOOFS[spoof])
    for path in ("routes", "trust"):
        with stranger.page(path) as tab:
            drawn = tab.run()
            assert HOW in drawn.text
            assert of_operators(drawn) == {}
            forged = tab.run(*operators_clicks(running), *FORMER)
            assert of_operators(forged) == {}
    assert running.work() == before


@reached
def test_the_operators_link_gives_the_buttons_by_the_same_way(running: Running, way: str) -> None:
    operator = running.operator(way, headers=SPOOFS[LOCAL])
    with operator.page("routes") as tab:
        assert {"start-serving"} <= of_operators(tab.run()).keys()
    with operator.page("trust") as tab:
        assert {"start-check"} <= of_operators(tab.run()).keys()
    stranger = running.visitor(way)
    assert stranger.ask("/?operate=not-the-key").status == 303
    with stranger.page("trust") as tab:
        assert of_operators(tab.run()) == {}


def test_what_strangers_send_in_vain_is_done_for_an_operator(running: Running) -> None:
    """The control of the table above. The executor is held still, so that the work can be called back in time."""
    check = next(state for state in operators_clicks(running) if state.id.endswith("-start-check"))
    with running.operator(BARE).page("trust") as tab:
        tab.run()
        tab.run(check)
    job = the(running.services.store.latest(CHECK))
    assert job.status == "queued"
    running.services.store.request_cancel(job.id)
    wait_until(lambda: not running.services.store.queue(), "the waiting work to be called back")


@reached
def test_a_page_of_another_port_opens_no_socket_even_with_an_operators_cookies(running: Running, way: str) -> None:
    operator = running.operator(way)
    for origin in ("http://127.0.0.1:1", "http://localhost:1", "https://evil.example", "null"):
        operator.origin = origin
        with pytest.raises(InvalidStatus) as refused, operator.page("trust"):
            pass
        assert refused.value.response.status_code == 403
    operator.origin = None
    with operator.page("trust") as tab:
        assert of_operators(tab.run())


@pytest.mark.parametrize("way", [SETTING, RELAY, DIRECT])
def test_the_apps_own_page_opens_its_socket(running: Running, way: str) -> None:
    visitor = running.visitor(way)
    visitor.origin = visitor.address
    with visitor.page() as tab:
        assert tab.run().widgets
