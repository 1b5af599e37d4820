"""A page with repairs in memory, for a stranger and for who was given the address."""

import re
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from healer.web.app import build_app
from tests.support.web_backend import MemoryBackend, new_backend

TOKEN = "the-printed-token"


PAGES = [
    "/", "/repairs/r7", "/repairs/run1", "/repairs/bad1", "/ledger", "/costs",
    "/incidents", "/incidents?all=yes&page=2", "/incidents/00112233445566aa", "/health",
    "/?script=report&state=healed&page=1",
]  # fmt: skip


@pytest.fixture
def repairs() -> MemoryBackend:
    return new_backend()


@pytest.fixture
def stranger(repairs: MemoryBackend) -> Iterator[TestClient]:
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


@pytest.fixture
def anyone(repairs: MemoryBackend) -> Iterator[TestClient]:
    app = build_app(repairs, TOKEN)
    with TestClient(app, base_url="http://127.0.0.1:8642", follow_redirects=False) as client:
        yield client


@pytest.fixture
def program(anyone: TestClient) -> TestClient:
    anyone.headers["authorization"] = f"Bearer {TOKEN}"
    return anyone
