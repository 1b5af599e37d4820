"""A body is read up to a limit, and is a form, a fact or a sentence."""

import anyio
import pytest
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.testclient import TestClient
from starlette.types import Message

from healer.web.body import MAX_BODY_BYTES, MAX_FIELDS, TooLargeError, read_form, read_json
from healer.web.repairs import RefusedError


@pytest.mark.parametrize(
    "body", [b"\xff\xfe", b"a=" + b"x" * 70_000, b"&".join(b"a=b" for _ in range(60))]
)
def test_a_body_that_is_no_form_is_refused(browser: TestClient, body: bytes) -> None:
    kind = {"content-type": "application/x-www-form-urlencoded"}
    assert browser.post("/repairs", content=body, headers=kind).status_code in (409, 413)


class Wish(BaseModel, extra="forbid"):
    name: str
    count: int = 1


def request(body: bytes, *, pieces: int = 1) -> Request:
    size = max(1, -(-len(body) // pieces))
    chunks = [body[start : start + size] for start in range(0, len(body), size)] or [b""]

    async def receive() -> Message:
        chunk = chunks.pop(0)
        return {"type": "http.request", "body": chunk, "more_body": bool(chunks)}

    return Request({"type": "http", "method": "POST", "path": "/", "headers": []}, receive)


def form(body: bytes) -> dict[str, str]:
    return anyio.run(read_form, request(body))


def json_of(body: bytes, pieces: int = 1) -> Wish:
    return anyio.run(read_json, request(body, pieces=pieces), Wish)


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (b"", {}),
        (b"a=1&b=2", {"a": "1", "b": "2"}),
        (b"a=1&a=2", {"a": "2"}),
        (b"a=&b", {"a": "", "b": ""}),
        (b"a=%C3%A9+x", {"a": "é x"}),
    ],
)
def test_a_form_is_its_fields(body: bytes, fields: dict[str, str]) -> None:
    assert form(body) == fields


@pytest.mark.parametrize("body", [b"\xff", b"&".join([b"a=b"] * (MAX_FIELDS + 1))])
def test_what_is_no_form_is_refused(body: bytes) -> None:
    with pytest.raises(RefusedError, match="send it again"):
        form(body)


@pytest.mark.parametrize("pieces", [1, 2, 7])
def test_json_is_a_fact_however_it_arrives(pieces: int) -> None:
    assert json_of(b'{"name": "x", "count": 3}', pieces) == Wish(name="x", count=3)


@pytest.mark.parametrize(
    ("body", "says"), [(b"{", "not JSON"), (b"[]", "not a JSON object"), (b"\xff", "not JSON")]
)
def test_what_is_no_object_is_refused(body: bytes, says: str) -> None:
    with pytest.raises(RefusedError, match=says):
        json_of(body)


@pytest.mark.parametrize(
    ("body", "says"),
    [(b"", "name: Field required"), (b'{"name": 3}', "name: Input"), (b'{"name":"","x":1}', "x:")],
)
def test_wrong_fields_are_named(body: bytes, says: str) -> None:
    with pytest.raises(HTTPException) as error:
        json_of(body)
    assert error.value.status_code == 422
    assert error.value.detail.startswith(says)


@pytest.mark.parametrize("extra", [0, 1])
def test_no_more_than_the_limit_is_kept(extra: int) -> None:
    body = b'{"name": "' + b"x" * (MAX_BODY_BYTES - 12 + extra) + b'"}'
    if extra:
        with pytest.raises(TooLargeError, match="send less"):
            json_of(body, pieces=9)
    else:
        assert len(json_of(body, pieces=9).name) == MAX_BODY_BYTES - 12
