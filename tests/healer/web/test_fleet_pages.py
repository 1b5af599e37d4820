"""The pages of a fleet lead from tenants to one repair, and show nobody more than is theirs."""

from collections.abc import Iterator
from html import unescape
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from healer.web.app import build_app
from tests.healer.web.conftest import TOKEN
from tests.support.fleet import INCIDENT, JOBS, OTHER, MemoryFleet

WHOSE = f"tenant={JOBS.tenant}&repository={quote(JOBS.repository, safe='')}"
PAGES = (
    "/fleet",
    "/fleet/repositories",
    f"/fleet/repositories?tenant={JOBS.tenant}&words=jobs&page=2",
    "/fleet/incidents",
    f"/fleet/incidents?{WHOSE}&state=all",
    f"/fleet/incident?{WHOSE}&incident={INCIDENT}",
    f"/fleet/repair?{WHOSE}&repair=r7",
    f"/fleet/repair?{WHOSE}&repair=bad1",
)


@pytest.fixture
def fleet() -> MemoryFleet:
    return MemoryFleet()


def open_page(fleet: MemoryFleet, tenant: str = "") -> TestClient:
    app = build_app(None, TOKEN, fleet=fleet, tenant=tenant)
    client = TestClient(app, base_url="http://127.0.0.1:8642", follow_redirects=False)
    assert client.get(f"/fleet?token={TOKEN}").status_code == 303
    return client


@pytest.fixture
def page(fleet: MemoryFleet) -> Iterator[TestClient]:
    """Of who has the token of a page without a clone."""
    with open_page(fleet) as client:
        yield client


@pytest.mark.parametrize("path", PAGES)
def test_a_page_leads_to_the_next_one(page: TestClient, path: str) -> None:
    answer = page.get(path)
    assert answer.status_code == 200, answer.text
    assert "<script>" not in answer.text
    assert "onerror=alert(1)>" not in answer.text


def test_from_a_tenant_to_a_repair(page: TestClient) -> None:
    steps = (
        ("/fleet", "/fleet/repositories?tenant=shop"),
        ("/fleet/repositories?tenant=shop", f"/fleet/incidents?{WHOSE}"),
        (f"/fleet/incidents?{WHOSE}", f"/fleet/incident?{WHOSE}&incident={INCIDENT}"),
        (f"/fleet/incident?{WHOSE}&incident={INCIDENT}", f"/fleet/repair?{WHOSE}&repair=r7"),
    )
    for path, link in steps:
        assert f'href="{link}"' in unescape(page.get(path).text), path


def test_the_overview_shows_the_breaker_who_lives_and_what_failed_last(page: TestClient) -> None:
    text = page.get("/fleet").text
    assert "bank: no fix merges without a person" in text
    assert text.count('class="pass">alive') == 1
    assert text.count('class="fail">gone') == 1
    assert "6 repositories fail alike" in text
    assert text.index("Failed last") < text.index(JOBS.repository)


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_shown_without_the_token(page: TestClient, path: str) -> None:
    page.cookies.clear()
    answer = page.get(path)
    assert answer.status_code == 401
    assert "shop" not in answer.text


def test_what_is_of_another_tenant_is_neither_shown_nor_said_to_be_there(
    fleet: MemoryFleet,
) -> None:
    with open_page(fleet, tenant=JOBS.tenant) as page:
        for path in ("/fleet", "/fleet/repositories", "/fleet/incidents?state=all"):
            text = page.get(path).text
            assert JOBS.repository in text or JOBS.tenant in text
            assert OTHER.repository not in text
        for path in (
            "/fleet?tenant=bank",
            "/fleet/incidents?tenant=bank",
            "/fleet/incidents?tenant=nobody",
            f"/fleet/incident?tenant=bank&repository={OTHER.repository}&incident={INCIDENT}",
            f"/fleet/repair?tenant=bank&repository={OTHER.repository}&repair=r7",
            f"/fleet/repair?tenant=bank&repository={OTHER.repository}&repair=none",
        ):
            answer = page.get(path)
            assert answer.status_code == 403
            assert "may not look in tenant" in answer.text
        to = f"/fleet/put-off?tenant=bank&repository={OTHER.repository}&incident={INCIDENT}"
        assert page.post(to, data={"form_token": "x"}).status_code == 403
    assert fleet.calls == []


def test_an_incident_can_be_put_off(page: TestClient, fleet: MemoryFleet) -> None:
    place = f"/fleet/incident?{WHOSE}&incident={INCIDENT}"
    text = page.get(place).text
    token = text.split('name="form_token" value="')[1].split('"')[0]
    to = f"/fleet/put-off?{WHOSE}&incident={INCIDENT}"
    assert page.post(to, data={"duration": "2h"}).status_code == 409  # not our form
    answer = page.post(to, data={"form_token": token, "duration": "2h"})
    assert (answer.status_code, answer.headers["location"]) == (303, place)
    assert page.post(to, data={"form_token": token}).status_code == 303
    assert fleet.calls == [
        ("put off", "shop", INCIDENT, "2h", ""),
        ("put off", "shop", INCIDENT, "", ""),
    ]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/fleet/incident", "names no tenant"),
        (f"/fleet/incident?{WHOSE}", "names no incident"),
        (f"/fleet/incident?{WHOSE}&incident=none", "there is no incident"),
        (f"/fleet/repair?{WHOSE}&repair=none", "there is no repair"),
        ("/fleet/incidents?state=broken", "there is no state"),
    ],
)
def test_a_wrong_address_is_explained(page: TestClient, path: str, said: str) -> None:
    answer = page.get(path)
    assert answer.status_code == 409
    assert said in answer.text


def test_a_long_list_has_pages(page: TestClient) -> None:
    text = page.get("/fleet/incidents?tenant=shop&words=many&page=3").text
    assert text.count("<li>") == 50
    assert "page=4" in text
    assert "page=2" in text
    assert "page=4" not in page.get("/fleet/incidents?page=3").text


def test_a_page_without_a_clone_has_no_pages_of_one(page: TestClient) -> None:
    assert page.get("/").headers["location"] == "/fleet"
    assert page.get(f"/?token={TOKEN}").headers["location"] == "/"
    assert page.get("/repairs/r7").status_code == 404
    assert page.get("/api/status").status_code == 404


def test_a_waiting_repair_can_be_decided(page: TestClient, fleet: MemoryFleet) -> None:
    place = f"/fleet/repair?{WHOSE}&repair=r7"
    text = page.get(place).text
    token = text.split('name="form_token" value="')[1].split('"')[0]
    assert 'name="commit" value="' in text
    for action, sent in (
        ("approve", {"commit": "c1"}),
        ("reject", {"reason": " no "}),
        ("answer", {"choice": "none", "value": "[3]"}),
        ("rollback", {"reason": "wrong"}),
    ):
        to = f"/fleet/decide?{WHOSE}&repair=r7&action={action}"
        assert page.post(to, data=sent).status_code == 409  # not our form
        answer = page.post(to, data={"form_token": token, **sent})
        assert (answer.status_code, answer.headers["location"]) == (303, place)
    assert fleet.calls == [
        ("approve", "shop", "r7", "", ""),
        ("reject", "shop", "r7", "no", ""),
        ("answer", "shop", "r7", "none", ""),
        ("rollback", "shop", "r7", "wrong", ""),
    ]
    wrong = page.post(f"/fleet/decide?{WHOSE}&repair=r7&action=push", data={"form_token": token})
    assert "names no decision" in wrong.text
