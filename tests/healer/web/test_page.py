"""The page shows what `healer show` does, and lets in nobody else and nothing hostile."""

import re
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from healer.web.app import build_app
from healer.web.security import HEADERS
from tests.support.repairs import hostile_repair, repair
from tests.support.web_backend import Desk, desk

TOKEN = "the-printed-token"
PAGES = ["/", "/repairs/r7", "/repairs/run1", "/repairs/bad1", "/ledger", "/costs"]


@pytest.fixture
def repairs() -> Desk:
    return desk()


@pytest.fixture
def stranger(repairs: Desk) -> Iterator[TestClient]:
    """A browser without the token."""
    address = "http://127.0.0.1:8642"
    app = build_app(repairs, TOKEN, "shop")
    with TestClient(app, base_url=address, follow_redirects=False) as client:
        yield client


@pytest.fixture
def browser(stranger: TestClient) -> TestClient:
    """A browser that opened the printed address."""
    assert stranger.get(f"/?token={TOKEN}").status_code == 303
    return stranger


def form_token(browser: TestClient, path: str = "/") -> str:
    found = re.search(r'name="form_token" value="([0-9a-f]+)"', browser.get(path).text)
    assert found
    return found[1]


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


def test_the_overview_tells_waiting_running_and_ended_apart(browser: TestClient) -> None:
    page = browser.get("/").text
    waiting, running, ended = (
        page.split(f"<h2>{title}</h2>")[1].split("<h2>")[0]
        for title in ("Waiting for you", "Running", "ProcessEnd")
    )
    assert "/repairs/r7" in waiting
    assert "/repairs/run1" in running
    assert "tests (attempt 2)" in running
    assert "/repairs/ok1" in ended
    assert page.count("/repairs/r7") == 1


def test_one_repair_shows_everything_to_decide(browser: TestClient) -> None:
    page = browser.get("/repairs/r7").text
    for wanted in (
        "scripts/report.py waits for your decision",
        "KeyError: &#39;amuont&#39;",
        '<div class="line added">',
        "! changes a sum of money",
        "a test that fails before and passes after",
        "test_total did not run",
        "healer approve r7",
        'action="/repairs/r7/approve"',
        'action="/repairs/r7/reject"',
        "1. rules: no fix: NameError",
    ):
        assert wanted in page


def test_only_a_waiting_repair_can_be_decided(browser: TestClient) -> None:
    for path in ("/repairs/run1", "/repairs/ok1"):
        assert "/approve" not in browser.get(path).text


@pytest.mark.parametrize("path", PAGES)
def test_hostile_text_becomes_no_tag_no_style_and_no_script(browser: TestClient, path: str) -> None:
    page = browser.get(path).text
    scripts = re.findall(r"<script[^>]*>", page)
    assert set(scripts) <= {'<script src="/static/live.js" defer>'}
    assert not re.search(r"<[^>]+ (style|on\w+)=", page)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x1b\u202e]", page)
    assert not re.search(r"(src|href)=\"(?!/|#main)", page)


def test_a_hostile_id_stays_in_its_link(repairs: Desk, browser: TestClient) -> None:
    name = '"><img src=x onerror=alert(1)>/../..'
    repairs.shown[name] = hostile_repair(repair=name)
    page = browser.get("/").text
    assert "<img" not in page
    assert "/repairs/%22%3E%3Cimg" in page


def test_a_page_follows_what_runs_and_stands_still_otherwise(browser: TestClient) -> None:
    assert 'http-equiv="refresh"' in browser.get("/repairs/run1").text
    assert 'http-equiv="refresh"' not in browser.get("/repairs/r7").text


def test_approving_needs_our_form(browser: TestClient, repairs: Desk) -> None:
    answer = browser.post("/repairs/r7/approve", data={"form_token": form_token(browser)})
    assert (answer.status_code, answer.headers["location"]) == (303, "/repairs/r7")
    assert repairs.asked == [("approve", "r7")]
    assert "checks it again" in browser.get("/repairs/r7").text


def test_a_rule_that_says_reject_must_be_overruled(browser: TestClient, repairs: Desk) -> None:
    repairs.shown["r7"] = repair(against=("scripts/report.py:2: opens a socket",))
    page = browser.get("/repairs/r7").text
    assert "opens a socket" in page
    assert 'name="overrule" value="yes" required' in page
    sent = {"form_token": form_token(browser)}
    assert browser.post("/repairs/r7/approve", data=sent).status_code == 409
    assert repairs.asked == []
    sent["overrule"] = "yes"
    assert browser.post("/repairs/r7/approve", data=sent).status_code == 303


FORMS = ["/repairs", "/repairs/r7/approve", "/repairs/r7/reject"]


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize("token", ["", "0" * 64, TOKEN])
def test_a_form_of_another_site_does_nothing(
    browser: TestClient, repairs: Desk, path: str, token: str
) -> None:
    sent = {"form_token": token, "reason": "x", "script": "x.py"}
    assert browser.post(path, data=sent).status_code == 409
    assert repairs.asked == []


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
    browser: TestClient, repairs: Desk, path: str, headers: dict[str, str]
) -> None:
    sent = {"form_token": form_token(browser), "reason": "x", "script": "x.py"}
    assert browser.post(path, data=sent, headers=headers).status_code == 409
    assert repairs.asked == []


def test_a_form_without_a_session_does_nothing(browser: TestClient, repairs: Desk) -> None:
    token = form_token(browser)
    browser.cookies.clear()
    assert browser.post("/repairs/r7/approve", data={"form_token": token}).status_code == 401
    assert repairs.asked == []


def test_a_rejection_is_kept_with_its_reason(browser: TestClient, repairs: Desk) -> None:
    token = form_token(browser)
    assert browser.post("/repairs/r7/reject", data={"form_token": token}).status_code == 409
    sent = {"form_token": token, "reason": " the sum is wrong "}
    assert browser.post("/repairs/r7/reject", data=sent).status_code == 303
    assert repairs.asked == [("reject", "r7", "the sum is wrong")]


def test_deciding_twice_is_refused_with_a_sentence(browser: TestClient) -> None:
    token = form_token(browser)
    sent = {"form_token": token, "reason": "no"}
    browser.post("/repairs/r7/reject", data=sent)
    answer = browser.post("/repairs/r7/approve", data=sent)
    assert answer.status_code == 409
    assert "does not wait for a decision" in answer.text


def test_a_repair_can_be_started_with_arguments(browser: TestClient, repairs: Desk) -> None:
    sent = {"form_token": form_token(browser), "script": " scripts/x.py ", "args": "--all  a"}
    answer = browser.post("/repairs", data=sent)
    assert answer.headers["location"] == "/repairs/new1"
    assert repairs.asked == [("submit", "scripts/x.py", "run", "--all", "a")]


def test_a_repair_can_be_started_from_its_failure_or_by_running_it(
    browser: TestClient, repairs: Desk
) -> None:
    sent = {"form_token": form_token(browser), "script": "x.py", "args": " "}
    browser.post("/repairs", data=sent)
    browser.post("/repairs", data=sent | {"run": "yes"})
    assert repairs.asked == [("submit", "x.py"), ("submit", "x.py", "run")]


@pytest.mark.parametrize(
    ("script", "said"), [("", "no script was named"), ("x.txt", "x.txt is not a script of")]
)
def test_what_cannot_be_started_is_explained(browser: TestClient, script: str, said: str) -> None:
    sent = {"form_token": form_token(browser), "script": script}
    answer = browser.post("/repairs", data=sent)
    assert answer.status_code == 409
    assert said in answer.text


@pytest.mark.parametrize(
    "body", [b"\xff\xfe", b"a=" + b"x" * 70_000, b"&".join(b"a=b" for _ in range(60))]
)
def test_a_body_that_is_no_form_is_refused(browser: TestClient, body: bytes) -> None:
    kind = {"content-type": "application/x-www-form-urlencoded"}
    assert browser.post("/repairs", content=body, headers=kind).status_code in (409, 413)


@pytest.mark.parametrize(
    "path",
    ["/repairs/none", "/repairs/%2e%2e%2f%2e%2e", "/static/../app.py", "/static/%2e%2e/app.py"],
)
def test_what_is_not_there_is_said_and_nothing_else(browser: TestClient, path: str) -> None:
    answer = browser.get(path)
    assert answer.status_code in (404, 409)
    assert "import" not in answer.text


def test_costs_are_drawn_and_listed(browser: TestClient) -> None:
    page = browser.get("/costs").text
    assert page.count('class="bar"') == 9
    assert "2026-11-20: $1.27" in page
    assert "12.3k" in page


def test_empty_pages_say_so(repairs: Desk, browser: TestClient) -> None:
    repairs.shown.clear()
    repairs.spent = ()
    assert "Nothing waits for a person." in browser.get("/").text
    assert "Nothing was spent yet." in browser.get("/costs").text
