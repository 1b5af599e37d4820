"""Who signs on is whom the provider vouches for, and may what their groups may: nothing more."""

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from starlette.testclient import TestClient

from healer.web.app import build_app
from healer.web.provider import Client
from healer.web.provider import Provider as RealProvider
from healer.web.security import HEADERS
from healer.web.sessions import Sessions
from healer.web.sign_on import BACK, SignOn, is_own_page, name_person
from healer.web.sign_on_settings import SignOnSettings
from tests.healer.web.conftest import TOKEN
from tests.support.fleet import INCIDENT, JOBS, OTHER, MemoryFleet
from tests.support.oidc_provider import CLIENT, SECRET, Provider, oidc_provider
from tests.support.web_backend import MemoryBackend

OUTSIDE = "https://healer.example.com"
GRANTS = [
    {"group": "sre", "role": "admin"},
    {"group": "shop-dev", "role": "reviewer", "tenants": ["shop"]},
    {"group": "guests", "role": "viewer"},
]


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    with oidc_provider() as one:
        yield one


@pytest.fixture
def provider(running: Provider) -> Iterator[Provider]:
    """As it is when nothing is wrong."""
    usual = dict(vars(running))
    yield running
    vars(running).update(usual | {"claims": {}, "offer": {}, "_codes": {}, "asked": []})


@contextmanager
def open_browser(
    provider: Provider, repairs: MemoryBackend, *, now: list[float] | None = None, **changes: Any
) -> Iterator[TestClient]:
    """From outside; `now` is the time, where it does not go by itself."""
    settings = SignOnSettings.model_validate(
        {"issuer": provider.issuer, "client_id": CLIENT, "url": OUTSIDE, "grant": GRANTS, **changes}
    )

    def tell_time() -> float:
        return now[0] if now else time.time()

    sign_on = SignOn(settings, SECRET, Sessions(settings.hours, tell_time), tell_time)
    client = Client(CLIENT, SECRET, OUTSIDE + BACK)
    sign_on.provider = RealProvider(provider.issuer, client, answer_s=2.0)
    app = build_app(
        repairs, TOKEN, "shop", fleet=MemoryFleet(), tenant=JOBS.tenant, sign_on=sign_on
    )
    with TestClient(app, base_url=OUTSIDE, follow_redirects=False) as client:
        yield client


@pytest.fixture
def browser(provider: Provider, repairs: MemoryBackend) -> Iterator[TestClient]:
    with open_browser(provider, repairs) as client:
        yield client


def sign_in(browser: TestClient, provider: Provider, to: str = "/") -> Any:
    """What comes of it at the end."""
    start = browser.get("/sign-on", params={"to": to})
    assert start.status_code == 303, start.text
    return browser.get(provider.sign_in(start.headers["location"]))


def as_guest(provider: Provider, *groups: str) -> None:
    provider.claims = {"groups": list(groups)}


def test_who_signs_on_comes_out_where_they_began(browser: TestClient, provider: Provider) -> None:
    page = browser.get("/repairs/r7")
    assert page.status_code == 401
    assert 'action="/sign-on"' in page.text
    assert 'value="/repairs/r7"' in page.text
    assert 'name="token"' not in page.text  # not from outside
    end = sign_in(browser, provider, "/repairs/r7")
    assert (end.status_code, end.headers["location"]) == (303, "/repairs/r7")
    cookie = next(c for c in end.headers.get_list("set-cookie") if "healer_session" in c)
    for word in ("HttpOnly", "Secure", "SameSite=lax", "Max-Age=14400", "Path=/"):
        assert word in cookie
    shown = browser.get("/repairs/r7")
    assert shown.status_code == 200
    assert "anna@example.com" in shown.text
    assert {name: shown.headers[name] for name in HEADERS} == HEADERS


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"nonce": "another"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"aud": "another"}, "another client"),
        ({"aud": [CLIENT, "another"]}, "azp"),
        ({"azp": "another"}, "azp"),
        ({"iss": "https://login.example.com"}, "another issuer"),
        ({"exp": 1_700_000_000}, "too old"),
        ({"exp": None}, "says too little"),
        ({"sub": None}, "says too little"),
        ({"iat": 9_999_999_999}, "of the future"),
        ({"groups": None}, "has no group"),
        ({"groups": []}, "has no group"),
        ({"groups": ["everybody"]}, "1 groups, none of which opens"),
        ({"groups": {"sre": True}}, "has no group"),
        ({"groups": 7}, "has no group"),
    ],
)
def test_what_proves_nothing_opens_nothing(
    browser: TestClient, provider: Provider, claims: dict[str, Any], said: str
) -> None:
    provider.claims = claims
    require_refused(browser, sign_in(browser, provider), said)


def require_refused(browser: TestClient, end: Any, said: str, status: int = 403) -> None:
    assert end.status_code == status, end.text
    assert said in end.text
    assert "healer_session" not in end.headers.get("set-cookie", "")
    assert browser.get("/").status_code == 401
    assert browser.get("/fleet").status_code == 401
    assert browser.get("/api/status").status_code == 401


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_a_forged_signature_opens_nothing(
    browser: TestClient, provider: Provider, algorithm: str
) -> None:
    provider.algorithm = algorithm
    require_refused(browser, sign_in(browser, provider), f"signed by &#39;{algorithm}&#39;")


def test_a_key_that_is_not_listed_opens_nothing(browser: TestClient, provider: Provider) -> None:
    provider.kid = "stolen"
    require_refused(browser, sign_in(browser, provider), "a key that the provider does not list")
    assert provider.asked.count("/keys") == 2  # once more, for keys are changed


def test_a_key_of_another_under_a_listed_name_opens_nothing(
    browser: TestClient, provider: Provider
) -> None:
    assert sign_in(browser, provider).status_code == 303  # its key is known now
    browser.cookies.clear()
    provider.rotate()
    provider.kid = "key-1"
    require_refused(browser, sign_in(browser, provider), "its signature is wrong")


def test_changed_keys_are_asked_for_anew(browser: TestClient, provider: Provider) -> None:
    assert sign_in(browser, provider).status_code == 303
    browser.cookies.clear()
    provider.rotate()
    assert sign_in(browser, provider).status_code == 303
    assert provider.asked.count("/keys") == 2


def test_a_sign_in_counts_once(browser: TestClient, provider: Provider) -> None:
    start = browser.get("/sign-on")
    flow = dict(browser.cookies)
    back = provider.sign_in(start.headers["location"])
    assert browser.get(back).status_code == 303
    browser.cookies.clear()
    for name, value in flow.items():
        browser.cookies.set(name, value)
    require_refused(browser, browser.get(back), "used up")


def test_a_code_that_was_used_elsewhere_opens_nothing(
    browser: TestClient, provider: Provider
) -> None:
    back = provider.sign_in(browser.get("/sign-on").headers["location"])
    provider._codes.clear()
    require_refused(browser, browser.get(back), "refuses (invalid_grant)")


@pytest.mark.parametrize("state", ["", "another", "ü"])
def test_a_sign_in_of_another_browser_opens_nothing(
    browser: TestClient, provider: Provider, state: str
) -> None:
    """Who is lured to an address with somebody else's code is not signed on as them."""
    back = provider.sign_in(browser.get("/sign-on").headers["location"])
    code = back.partition("code=")[2].partition("&")[0]
    require_refused(
        browser,
        browser.get(BACK, params={"code": code, "state": state}),
        "not begun in this browser",
    )
    browser.cookies.clear()
    require_refused(browser, browser.get(back), "not begun in this browser")


def test_a_sign_in_that_took_too_long_opens_nothing(
    provider: Provider, repairs: MemoryBackend
) -> None:
    now = [1_000.0]
    with open_browser(provider, repairs, now=now) as browser:
        back = provider.sign_in(browser.get("/sign-on").headers["location"])
        now[0] += 601
        assert browser.get(back).status_code == 403


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"error": "access_denied"}, "access_denied"),
        ({"code": "x", "iss": "https://evil.example"}, "another provider"),
        ({}, "no code"),
    ],
)
def test_what_the_provider_does_not_grant_is_said(
    browser: TestClient, provider: Provider, words: dict[str, str], said: str
) -> None:
    back = provider.sign_in(browser.get("/sign-on").headers["location"])
    state = back.partition("state=")[2]
    require_refused(browser, browser.get(BACK, params={"state": state, **words}), said)


@pytest.mark.parametrize(
    ("answer", "status", "said"),
    [
        (b"{}", 403, "says nothing of you"),
        (b'{"id_token": "a.b"}', 403, "cannot be read"),
        (b'{"id_token": 7}', 403, "says nothing of you"),
        (b"[]", 403, "says nothing of you"),
        (b"<html>", 503, "cannot be read"),
        (b"x" * 600_000, 503, "cannot be read"),
    ],
)
def test_an_answer_that_is_none_opens_nothing(
    browser: TestClient, provider: Provider, answer: bytes, status: int, said: str
) -> None:
    provider.token_answer = answer
    require_refused(browser, sign_in(browser, provider), said, status)


@pytest.mark.parametrize("status", [500, 503])
def test_a_provider_in_trouble_is_named(
    browser: TestClient, provider: Provider, status: int
) -> None:
    provider.status = status
    require_refused(browser, sign_in(browser, provider), f"answers with {status}", 503)


def test_a_provider_that_sends_one_byte_after_the_other_is_not_waited_for(
    browser: TestClient, provider: Provider
) -> None:
    provider.delay_s = 0.5
    require_refused(browser, sign_in(browser, provider), "does not answer", 503)


def test_a_provider_that_is_away_is_named(repairs: MemoryBackend) -> None:
    away = Provider(issuer="http://127.0.0.1:9")
    with open_browser(away, repairs) as browser:
        answer = browser.get("/sign-on")
        assert answer.status_code == 503
        assert "http://127.0.0.1:9 does not answer" in answer.text
        token = browser.get("/", headers={"host": "127.0.0.1"}, params={"token": TOKEN})
        assert token.status_code == 303  # the machine's owner still gets in


@pytest.mark.parametrize(
    ("offer", "said"),
    [
        ({"issuer": "https://evil.example"}, "calls itself otherwise"),
        ({"authorization_endpoint": None}, "offers no authorization_endpoint"),
        ({"authorization_endpoint": "http://evil.example/x"}, "unencrypted"),
        ({"authorization_endpoint": "javascript:alert(1)"}, "is no URL"),
    ],
)
def test_an_offer_that_is_wrong_sends_nobody_anywhere(
    browser: TestClient, provider: Provider, offer: dict[str, Any], said: str
) -> None:
    provider.offer = offer
    answer = browser.get("/sign-on")
    assert answer.status_code == 403
    assert said in answer.text


def test_a_token_endpoint_without_tls_gets_no_secret(
    browser: TestClient, provider: Provider
) -> None:
    provider.offer = {"token_endpoint": "http://evil.example/token"}
    require_refused(browser, sign_in(browser, provider), "unencrypted")


def test_the_secret_goes_into_the_form_where_the_provider_wants_it(
    browser: TestClient, provider: Provider
) -> None:
    provider.offer = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    assert sign_in(browser, provider).status_code == 303


def test_a_session_ends_by_its_time_and_by_signing_out(
    provider: Provider, repairs: MemoryBackend
) -> None:
    now = [2_000_000_000.0]
    with open_browser(provider, repairs, now=now) as browser:
        sign_in(browser, provider)
        now[0] += 4 * 3600 - 1
        assert browser.get("/").status_code == 200
        now[0] += 2
        assert browser.get("/").status_code == 401
        sign_in(browser, provider)
        copy = dict(browser.cookies)
        assert browser.post("/sign-out").status_code == 409  # not by another site
        page = browser.get("/").text
        form_token = page.split('name="form_token" value="')[1].split('"')[0]
        end = browser.post("/sign-out", data={"form_token": form_token})
        assert "You are signed out here" in end.text
        assert browser.get("/").status_code == 401
        for name, value in copy.items():
            browser.cookies.set(name, value)
        assert browser.get("/").status_code == 401


def test_a_session_is_worth_nothing_at_another_start_or_when_changed(
    provider: Provider, repairs: MemoryBackend
) -> None:
    with open_browser(provider, repairs) as browser:
        sign_in(browser, provider)
        name, value = next((n, v) for n, v in browser.cookies.items() if "session" in n)
    for forged in (
        value,
        value[:-1] + ("0" if value[-1] != "0" else "1"),
        "." + value,
        value + "x",
    ):
        with open_browser(provider, repairs) as other:
            other.cookies.set(name, forged)
            assert other.get("/").status_code == 401


def test_the_cookie_of_a_sign_in_is_no_session(browser: TestClient, provider: Provider) -> None:
    flow = browser.get("/sign-on").cookies["healer_sign_on"]
    browser.cookies.set("healer_session_80", flow)
    browser.cookies.set("healer_session_443", flow)
    assert browser.get("/").status_code == 401


_WHOSE = f"tenant={JOBS.tenant}&repository={JOBS.repository}"
FORMS = {
    "/repairs": {"script": "scripts/x.py"},
    "/repairs/r7/approve": {},
    "/repairs/r7/answer": {"choice": "1"},
    "/repairs/r7/reject": {"reason": "no"},
    "/incidents/00112233445566aa/put-off": {"duration": "2h"},
    f"/fleet/decide?{_WHOSE}&repair=r7&action=approve": {},
    f"/fleet/decide?{_WHOSE}&repair=r7&action=reject": {"reason": "no"},
    f"/fleet/decide?{_WHOSE}&repair=r7&action=answer": {"choice": "1"},
    f"/fleet/put-off?tenant={JOBS.tenant}&repository={JOBS.repository}&incident={INCIDENT}": {},
    f"/fleet/decide?{_WHOSE}&repair=r7&action=rollback": {"reason": "no"},
    "/health/pause": {},
    "/health/trust": {"shown": "[]"},
    f"/fleet/put-off?tenant={OTHER.tenant}&repository={OTHER.repository}&incident={INCIDENT}": {},
}


def list_allowed(browser: TestClient) -> list[str]:
    page = browser.get(f"/fleet/incident?tenant={JOBS.tenant}&repository={JOBS.repository}"
                       f"&incident={INCIDENT}").text  # fmt: skip
    parts = (browser.get("/").text + page).split('name="form_token" value="')
    form_token = parts[1].split('"')[0]
    answers = {
        path: browser.post(path, data={"form_token": form_token, **fields}).status_code
        for path, fields in FORMS.items()
    }
    return [path for path, status in answers.items() if status != 403]


@pytest.mark.parametrize(
    ("groups", "allowed"),
    [
        (["guests"], []),
        (["shop-dev"], list(FORMS)[1:9]),
        (["guests", "shop-dev"], list(FORMS)[1:9]),
        (["sre"], list(FORMS)),
    ],
)
def test_a_role_may_do_on_the_page_what_the_table_says(
    browser: TestClient, provider: Provider, groups: list[str], allowed: list[str]
) -> None:
    as_guest(provider, *groups)
    assert sign_in(browser, provider).status_code == 303
    assert list_allowed(browser) == allowed


def test_a_viewer_changes_nothing_by_page_api_or_link(
    browser: TestClient, provider: Provider, repairs: MemoryBackend
) -> None:
    as_guest(provider, "guests")
    sign_in(browser, provider)
    for path in ("/", "/repairs/r7", "/incidents/00112233445566aa"):
        page = browser.get(path)
        assert page.status_code == 200
        assert 'method="post"' not in page.text.replace(
            '<form method="post" action="/sign-out"', ""
        )
    for path in ("/api/repairs/r7/approve", "/api/incidents/00112233445566aa/ack"):
        assert browser.post(path, json={}).status_code == 401  # a session changes nothing there
    link = browser.post("/decide/h1-ask", data={"action": "approve", "who": "anna@example.com"})
    assert link.status_code == 403
    assert "may not approve" in link.text
    assert repairs.calls == []


def test_a_link_opens_nothing_without_a_sign_on(
    browser: TestClient, provider: Provider, repairs: MemoryBackend
) -> None:
    page = browser.get("/decide/h1-ask")
    assert page.status_code == 401
    assert "report.py" not in page.text
    assert browser.post("/decide/h1-ask", data={"action": "approve"}).status_code == 401
    as_guest(provider, "shop-dev")
    end = sign_in(browser, provider, "/decide/h1-ask")
    assert end.headers["location"] == "/decide/h1-ask"
    assert 'name="who"' not in browser.get("/decide/h1-ask").text
    assert browser.post("/decide/h1-ask", data={"action": "ack"}).status_code == 200
    assert repairs.calls == [("decide", "h1-ask", "ack", "", "")]


def test_who_is_of_another_tenant_sees_nothing_of_this_repository(
    provider: Provider, repairs: MemoryBackend
) -> None:
    grants = [{"group": "sre", "role": "admin", "tenants": [OTHER.tenant]}]
    with open_browser(provider, repairs, grant=grants) as browser:
        assert sign_in(browser, provider).status_code == 303
        for path in ("/", "/repairs/r7", "/ledger", "/costs", "/live", "/api/status", "/metrics"):
            answer = browser.get(path)
            assert answer.status_code == 403, path
            assert "scripts/" not in answer.text
        assert OTHER.repository in browser.get("/fleet").text
        assert JOBS.repository not in browser.get("/fleet").text


def test_from_outside_the_printed_token_opens_nothing(
    browser: TestClient, provider: Provider
) -> None:
    assert browser.get("/", params={"token": TOKEN}).status_code == 401
    assert browser.post("/login", data={"token": TOKEN}).status_code == 401
    bearer = {"authorization": f"Bearer {TOKEN}"}
    assert browser.get("/api/status", headers=bearer).status_code == 401
    here = {"host": "127.0.0.1:8642"}
    assert browser.get("/api/status", headers=bearer | here).status_code == 200
    assert browser.get("/", headers={"host": "evil.example"}).status_code == 421


def test_another_sessions_form_does_nothing(provider: Provider, repairs: MemoryBackend) -> None:
    with open_browser(provider, repairs) as browser:
        sign_in(browser, provider)
        first = browser.get("/").text.split('name="form_token" value="')[1].split('"')[0]
        browser.cookies.clear()
        sign_in(browser, provider)
        answer = browser.post("/repairs/r7/approve", data={"form_token": first})
        assert answer.status_code == 409
    assert repairs.calls == []


@pytest.mark.parametrize(
    ("address", "is_own"),
    [
        ("/", True), ("/repairs/r7", True), ("/fleet/incident?tenant=a&repository=b%2Fc", True),
        ("//evil.example", False), ("/\\evil.example", False), ("https://evil.example", False),
        ("", False), ("/a\nb", False), ("javascript:alert(1)", False), ("/\t/evil.example", False),
    ],
)  # fmt: skip
def test_a_sign_in_comes_out_here_and_nowhere_else(
    browser: TestClient, provider: Provider, address: str, is_own: bool
) -> None:
    assert is_own_page(address) == is_own
    end = sign_in(browser, provider, address)
    assert end.headers["location"] == (address if is_own else "/")


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"sub": "u-1", "email": "a@b.de", "email_verified": True}, "a@b.de"),
        ({"sub": "u-1", "email": "a@b.de", "email_verified": "true"}, "u-1"),
        ({"sub": "u-1", "email": "a@b.de"}, "u-1"),
        ({"sub": "u-1", "preferred_username": "anna"}, "anna [u-1]"),
        ({"sub": "u\n1", "preferred_username": "x (admin)"}, "x ?admin? [u?1]"),
    ],
)
def test_a_name_is_what_the_provider_vouches_for(claims: dict[str, Any], name: str) -> None:
    assert name_person(claims) == name


def test_a_decision_says_who_and_how(
    browser: TestClient, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    names: list[str] = []

    def approve(_: MemoryBackend, repair: str, *, overrule: bool, by: str = "") -> None:
        names.append(by)

    monkeypatch.setattr(MemoryBackend, "approve", approve)
    sign_in(browser, provider)
    page = browser.get("/repairs/r7").text
    form_token = page.split('name="form_token" value="')[1].split('"')[0]
    browser.post("/repairs/r7/approve", data={"form_token": form_token})
    assert names == [f"anna@example.com (signed on at {urlsplit(provider.issuer).hostname})"]


def test_too_many_groups_are_said(provider: Provider, repairs: MemoryBackend) -> None:
    names = [secrets.token_hex(30) for _ in range(80)]
    grants = [{"group": name, "role": "viewer", "tenants": [name]} for name in names]
    provider.claims = {"groups": names}
    with open_browser(provider, repairs, grant=grants) as browser:
        require_refused(browser, sign_in(browser, provider), "too many groups")
