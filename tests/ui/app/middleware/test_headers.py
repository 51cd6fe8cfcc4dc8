"""What every answer carries, whatever it is."""

from __future__ import annotations

import base64
import hashlib

from tests import fakes
from tests.ui.app.middleware.client import LOCAL, client
from ui.app.middleware import stack
from ui.app.middleware.headers import content_security_policy


def test_websockets_pass_through_everything() -> None:
    whole = client(*stack(fakes.services(), allowed_hosts=()))
    with whole as app, app.websocket_connect("/stream", headers=LOCAL) as websocket:
        assert websocket.receive_text() == "hello"


def test_every_answer_carries_the_security_headers_refusals_too() -> None:
    with client(*stack(fakes.services(), allowed_hosts=())) as app:
        answers = [app.get(path) for path in ("/", "/static/index.js", "/nothing-here", "/brief?edit=x&decision=y")]
        answers += [app.get("/", headers={"host": "evil.example"}), app.put("/", headers={"origin": "null"})]
        assert sorted({answer.status_code for answer in answers}) == [200, 400, 403, 404]
        for answer in answers:
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["referrer-policy"] == "same-origin"
            assert answer.headers["cross-origin-opener-policy"] == "same-origin"
            policy = dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))
            assert policy["default-src"] == policy["connect-src"] == "'self'"
            assert policy["frame-ancestors"] == "'none'"


def test_the_policy_takes_the_pages_own_inline_scripts_and_no_other() -> None:
    script = b"\n window.ready = false\n"
    digest = base64.b64encode(hashlib.sha256(script).digest()).decode()
    policy = content_security_policy(b"<script>" + script + b'</script><script src="./a.js"></script>')
    assert f"script-src 'self' 'wasm-unsafe-eval' blob: 'sha256-{digest}';" in policy
    assert "unsafe" not in policy.replace("style-src 'self' 'unsafe-inline'", "").replace("'wasm-unsafe-eval'", "")
