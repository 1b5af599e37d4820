"""Every route has its guard, and one edge turns errors into answers."""

import pytest
from starlette.testclient import TestClient

from tests.healer.web.conftest import TOKEN
from tests.support.web_backend import MemoryBackend


@pytest.mark.parametrize(
    "path",
    ["/repairs/none", "/repairs/%2e%2e%2f%2e%2e", "/static/../app.py", "/static/%2e%2e/app.py"],
)
def test_what_is_not_there_is_said_and_nothing_else(browser: TestClient, path: str) -> None:
    answer = browser.get(path)
    assert answer.status_code in (404, 409)
    assert "import" not in answer.text


PEOPLES = ["/", "/repairs/r7", "/ledger", "/costs", "/live"]


@pytest.mark.parametrize("path", PEOPLES)
def test_every_page_needs_a_session(stranger: TestClient, path: str) -> None:
    assert stranger.get(path).status_code == 401
    assert stranger.get(path, headers={"authorization": f"Bearer {TOKEN}"}).status_code == 401


@pytest.mark.parametrize("path", ["/static/style.css", "/static/live.js"])
def test_what_is_the_same_for_everybody_needs_none(stranger: TestClient, path: str) -> None:
    assert stranger.get(path).status_code == 200


@pytest.mark.parametrize(
    ("path", "status"), [("/api/nothing", 404), ("/nothing", 404), ("/repairs", 405)]
)
def test_people_get_a_page_and_programs_a_document(
    browser: TestClient, path: str, status: int
) -> None:
    answer = browser.get(path)
    assert answer.status_code == status
    kind = "application/json" if path.startswith("/api/") else "text/html"
    assert answer.headers["content-type"].startswith(kind)


def test_the_numbers_are_for_prometheus_with_the_token(
    stranger: TestClient, repairs: MemoryBackend
) -> None:
    assert stranger.get("/metrics").status_code == 401
    answer = stranger.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
    assert (answer.status_code, answer.text) == (200, repairs.metrics())
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
