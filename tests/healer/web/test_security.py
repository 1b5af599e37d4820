"""The page lets in nobody else, and no form, cookie or host of another site."""

import pytest
from starlette.requests import Request
from starlette.testclient import TestClient

from healer.web.security import HEADERS, Guard, is_same_origin
from tests.healer.web.conftest import PAGES, TOKEN, form_token
from tests.support.web_backend import MemoryBackend


def test_the_printed_address_opens_a_session_and_leaves_no_token_in_it(
    stranger: TestClient,
) -> None:
    answer = stranger.get(f"/repairs/r7?token={TOKEN}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/repairs/r7")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert TOKEN not in cookie
    assert stranger.get("/repairs/r7").status_code == 200


@pytest.mark.parametrize("path", [*PAGES, "/live"])
def test_nothing_is_shown_without_the_token(stranger: TestClient, path: str) -> None:
    answer = stranger.get(path)
    assert answer.status_code == 401
    assert "report.py" not in answer.text
    assert "shop" not in answer.text


@pytest.mark.parametrize("token", ["", "wrong", TOKEN + "x", "ü", TOKEN[:-1]])
def test_a_wrong_token_opens_nothing(stranger: TestClient, token: str) -> None:
    assert stranger.get("/", params={"token": token}).status_code == 401
    assert stranger.post("/login", data={"token": token}).status_code == 401
    assert stranger.get("/").status_code == 401


def test_the_token_can_be_typed(stranger: TestClient) -> None:
    assert stranger.get("/login").status_code == 200
    assert stranger.post("/login", data={"token": TOKEN}).status_code == 303
    assert stranger.get("/").status_code == 200


@pytest.mark.parametrize("cookie", ["healer_8642=", "healer_8642=x", "=;;\x01", "healer_8642"])
def test_a_forged_cookie_opens_nothing(stranger: TestClient, cookie: str) -> None:
    assert stranger.get("/", headers={"cookie": cookie}).status_code == 401


@pytest.mark.parametrize("path", [*PAGES, "/static/style.css", "/nowhere", "/api/status"])
def test_every_answer_carries_the_security_headers(browser: TestClient, path: str) -> None:
    headers = browser.get(path).headers
    assert {name: headers[name] for name in HEADERS} == HEADERS


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8642", "127.0.0.1.evil.example", "", "[::1", "@"]
)
def test_a_foreign_host_name_is_turned_away(browser: TestClient, host: str) -> None:
    """A site whose name was rebound to 127.0.0.1 sends its own name."""
    assert browser.get("/", headers={"host": host}).status_code == 421


FORMS = ["/repairs", "/repairs/r7/approve", "/repairs/r7/reject"]


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize("token", ["", "0" * 64, TOKEN])
def test_a_form_of_another_site_does_nothing(
    browser: TestClient, repairs: MemoryBackend, path: str, token: str
) -> None:
    sent = {"form_token": token, "reason": "x", "script": "x.py"}
    assert browser.post(path, data=sent).status_code == 409
    assert repairs.calls == []


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:9999"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_a_form_sent_from_elsewhere_does_nothing_even_with_the_right_token(
    browser: TestClient, repairs: MemoryBackend, path: str, headers: dict[str, str]
) -> None:
    sent = {"form_token": form_token(browser), "reason": "x", "script": "x.py"}
    assert browser.post(path, data=sent, headers=headers).status_code == 409
    assert repairs.calls == []


def test_a_form_without_a_session_does_nothing(browser: TestClient, repairs: MemoryBackend) -> None:
    token = form_token(browser)
    browser.cookies.clear()
    assert browser.post("/repairs/r7/approve", data={"form_token": token}).status_code == 401
    assert repairs.calls == []


def request(port: int = 8642, **headers: str) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    raw.append((b"host", f"127.0.0.1:{port}".encode()))
    return Request({"type": "http", "method": "GET", "path": "/", "headers": raw, "scheme": "http",
                    "server": ("127.0.0.1", port), "query_string": b""})  # fmt: skip


def test_two_servers_have_sessions_of_their_own() -> None:
    one, other = Guard("token-one"), Guard("token-two")
    session = one.cookie(8642).split(";")[0]
    assert one.has_session(request(cookie=session))
    assert not other.has_session(request(cookie=session))
    assert not one.has_session(request(9999, cookie=session))  # its cookie has another name
    assert one.make_form_token(request()) != other.make_form_token(request())


@pytest.mark.parametrize(
    ("header", "has"),
    [
        ("Bearer secret", True),
        ("bearer  secret ", True),
        ("Bearer secre", False),
        ("Bearer", False),
        ("Basic secret", False),
        ("secret", False),
        ("", False),
    ],
)
def test_a_bearer_is_the_whole_token(header: str, has: bool) -> None:
    assert Guard("secret").has_bearer(request(authorization=header)) == has


@pytest.mark.parametrize(
    ("headers", "same"),
    [
        ({}, True),
        ({"sec_fetch_site": "same-origin"}, True),
        ({"sec_fetch_site": "none"}, True),
        ({"sec_fetch_site": "cross-site"}, False),
        ({"origin": "http://127.0.0.1:8642"}, True),
        ({"origin": "http://127.0.0.1:8643"}, False),
        ({"origin": "null"}, False),
        ({"origin": "http://evil.example", "sec_fetch_site": "same-origin"}, False),
    ],
)
def test_what_another_site_sent_is_told_by_its_headers(headers: dict[str, str], same: bool) -> None:
    assert is_same_origin(request(**headers).headers) == same
