"""The page of a link: evidence first, then the buttons; a GET changes nothing."""

import re
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from healer.web.app import build_app
from tests.support.web_backend import MemoryBackend, ask_view

LINK = "/decide/h1-ask"
OUTSIDE = "https://healer.example.com"


@pytest.fixture
def reader(repairs: MemoryBackend) -> Iterator[TestClient]:
    """Somebody with a link, from outside, through a proxy, without a session."""
    app = build_app(repairs, "token", "shop", public_host="healer.example.com")
    with TestClient(app, base_url=OUTSIDE, follow_redirects=False) as client:
        yield client


def test_the_evidence_comes_first_and_the_buttons_below(reader: TestClient) -> None:
    page = reader.get(LINK).text
    places = [page.index(text) for text in ('class="diff"', 'class="checks"', 'class="approve"')]
    assert places == sorted(places)
    assert page.count('name="who"') == 4
    assert "anna@example.com" in page
    assert 'name="form_token"' not in page


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"])
def test_nothing_but_the_button_changes_anything(
    reader: TestClient, repairs: MemoryBackend, method: str
) -> None:
    for query in ("", "?action=approve", "?action=approve&who=anna%40example.com"):
        reader.request(method, LINK + query)
    assert repairs.calls == []


def test_the_button_decides_once(reader: TestClient, repairs: MemoryBackend) -> None:
    form = {"action": "reject", "who": "anna@example.com", "argument": "it hides the error"}
    sent = reader.post(LINK, data=form, headers={"origin": OUTSIDE})
    assert (sent.status_code, "It is checked again." in sent.text) == (200, True)
    assert repairs.calls == [
        ("decide", "h1-ask", "reject", "anna@example.com", "it hides the error")
    ]
    second = reader.post(LINK, data=form)
    assert second.status_code == 409
    assert f'href="{LINK}"' in second.text
    assert len(repairs.calls) == 1
    page = reader.get(LINK).text
    assert "this link was used" in page
    assert "<button" not in page


@pytest.mark.parametrize(
    "headers",
    [{"origin": "https://evil.example.com"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}],
)
def test_a_form_of_another_site_is_refused(
    reader: TestClient, repairs: MemoryBackend, headers: dict[str, str]
) -> None:
    assert reader.post(LINK, data={"action": "approve"}, headers=headers).status_code == 409
    assert repairs.calls == []


def test_a_forged_link_shows_nothing(reader: TestClient) -> None:
    answer = reader.get("/decide/h1-other")
    assert answer.status_code == 409
    assert "no link of this healer" in answer.text
    assert 'href="/"' not in answer.text
    assert "report.py" not in answer.text


@pytest.mark.parametrize("path", ["/", "/repairs/r7", "/login", "/?token=token", "/api/status"])
def test_from_outside_nothing_else_answers(reader: TestClient, path: str) -> None:
    answer = reader.get(path, headers={"authorization": "Bearer token"})
    assert answer.status_code == 421


def test_without_a_public_name_no_link_is_reached_from_outside(repairs: MemoryBackend) -> None:
    with TestClient(build_app(repairs, "token"), base_url=OUTSIDE) as client:
        assert client.get(LINK).status_code == 421


def test_a_question_is_answered_by_its_choices(reader: TestClient, repairs: MemoryBackend) -> None:
    view = repairs.views["r7"].model_copy(
        update={"question": "`f(1)` gives 1 or 2?", "choices": ("1", "2")}
    )
    repairs.asks["h1-ask"] = ask_view(view, actions=("answer", "reject"), people=())
    page = reader.get(LINK).text
    assert re.findall(r'type="radio" name="argument" value="(\w+)"', page) == ["1", "2", "none"]
    assert 'name="who"' not in page
    assert "Approve" not in page


def test_without_a_draft_the_incident_is_shown(reader: TestClient, repairs: MemoryBackend) -> None:
    repairs.asks["h1-ask"] = ask_view(None, actions=("ack", "snooze"))
    page = reader.get(LINK).text
    assert "amuont" in page
    assert 'value="ack"' in page
    assert 'value="approve"' not in page
