"""Bytes on the wire against recorded and documented exchanges; the sources stand in the golden files."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np
import pytest

from probes.serving.wire import predict, rest
from probes.serving.wire.connections import read_answer
from tests.places import GOLDEN

REST: dict[str, Any] = json.loads((GOLDEN / "tensorflow_serving_rest.json").read_text(encoding="utf-8"))
GRPC: dict[str, Any] = json.loads((GOLDEN / "tensorflow_serving_grpc.json").read_text(encoding="utf-8"))


def raw(name: str) -> bytes:
    return base64.b64decode(GRPC[name])


def test_rows_and_columns_are_those_of_the_documentation() -> None:
    x = np.array(REST["rows"]["x"], np.float32)
    assert json.loads(rest.encode(x)) == REST["rows"]["request"]
    assert json.loads(rest.encode(x, columns=["x"])) == REST["columns"]["request"]
    assert rest.path("half_plus_three") == REST["path"]
    for form in ("rows", "columns"):
        assert rest.decode(REST[form]["response"].encode()).tolist() == [[3.5, 4.0], [5.5, np.float32(3.05)]]


def test_several_arrays_go_by_their_names_and_come_back_side_by_side() -> None:
    ids, dense = np.array([[1, 2]], np.int64), np.array([[0.5]], np.float32)
    assert json.loads(rest.encode(ids, dense, columns=["x0", "x1"])) == {"inputs": {"x0": [[1, 2]], "x1": [[0.5]]}}
    columns = {"output_10": [9.0], "output_2": [[[1.0], [2.0]]]}
    assert rest.decode(json.dumps({"outputs": columns}).encode()).tolist() == [[1.0, 2.0, 9.0]]
    rows = {"predictions": [{"output_10": 9.0, "output_2": [[1.0], [2.0]]}]}
    assert rest.decode(json.dumps(rows).encode()).tolist() == [[1.0, 2.0, 9.0]]
    assert rest.decode(REST["flat"].encode()).ndim == 2, "a number each is a column"


def test_every_float32_survives_its_text() -> None:
    bits = np.random.default_rng(0).integers(0, 2**32, 4000, dtype=np.uint32)
    x = bits.view(np.float32)
    x = x[np.isfinite(x)].reshape(-1, 1)
    assert np.array(json.loads(rest.encode(x))["instances"], np.float32).tobytes() == x.tobytes()


def test_tokens_stay_whole_numbers() -> None:
    assert rest.encode(np.array([[1, 2]], np.int64)) == b'{"instances":[[1,2]]}'


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"<html>", "no JSON"),
        (b'{"error": "x"}', "no predictions"),
        (b"[1]", "no predictions"),
        (b'{"predictions": [["a"]]}', "no table of numbers"),
        (b'{"outputs": {"a": [[1]], "b": [[1], [2]]}}', "no table of numbers"),
    ],
)
def test_what_is_no_answer_is_refused_with_the_servers_words(body: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        rest.decode(body)


@pytest.mark.parametrize(("case", "dtype"), [("predict", np.float32), ("predict_int64", np.int64)])
def test_requests_are_byte_for_byte_those_of_the_official_messages(case: str, dtype: Any) -> None:
    said = GRPC[case]
    assert predict.encode({said["input"]: np.array(said["x"], dtype)}, said["model"]) == base64.b64decode(
        said["request"]
    )


def test_answers_of_the_official_messages_are_read_in_every_form() -> None:
    expected = np.array(GRPC["answers"], np.float32)
    assert predict.decode(raw("response_content")).tolist() == expected.tolist()
    assert predict.decode(raw("response_values")).tolist() == expected.tolist()
    assert predict.decode(raw("response_constant")).tolist() == [[0.5, 0.5], [0.5, 0.5]]


def test_the_input_is_found_in_the_metadata() -> None:
    assert predict.ask_metadata("mlp") == raw("metadata_request")
    assert predict.input_names(raw("metadata_response")) == [GRPC["input_name"]]


@pytest.mark.parametrize("body", [b"\xff\xff", b"", b"garbage"])
def test_what_is_no_response_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match="the answer"):
        predict.decode(body)


def test_types_that_cannot_be_sent_are_named() -> None:
    with pytest.raises(ValueError, match="float16 can't be sent; allowed: float32"):
        predict.encode({"x": np.zeros((1, 1), np.float16)}, "m")


def test_http_answers_are_read_whole_or_not_yet() -> None:
    whole = REST["missing"].encode()
    status, body, keep = read_answer(whole) or (0, b"", False)
    assert (status, json.loads(body)["error"], keep) == (404, "Servable not found for request: Latest(half)", True)
    assert all(read_answer(whole[:cut]) is None for cut in range(len(whole)))


def test_chunks_are_put_together() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    whole = head + b"3\r\nabc\r\n2;x=1\r\nde\r\n0\r\n\r\n"
    assert read_answer(whole) == (200, b"abcde", False)
    assert all(read_answer(whole[:cut]) is None for cut in range(len(whole)))


@pytest.mark.parametrize("data", [b"SSH-2.0-x\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_what_speaks_no_http_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"no HTTP/1.1 server|how long"):
        read_answer(data)
