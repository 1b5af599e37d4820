"""Every page has the same frame: the menu of what is there, and the way back."""

import pytest
from starlette.testclient import TestClient

from healer.web.app import build_app
from tests.healer.web.conftest import TOKEN
from tests.support.fleet import MemoryFleet
from tests.support.web_backend import new_backend


@pytest.mark.parametrize(
    ("has_clone", "has_fleet", "menu", "home"),
    [
        (True, False, ["Repairs", "Costs"], "/"),
        (True, True, ["Repairs", "Costs", "Fleet"], "/"),
        (False, True, ["Fleet"], "/fleet"),
    ],
)
def test_the_menu_has_what_is_there(
    has_clone: bool, has_fleet: bool, menu: list[str], home: str
) -> None:
    app = build_app(
        new_backend() if has_clone else None, TOKEN, fleet=MemoryFleet() if has_fleet else None
    )
    client = TestClient(app, base_url="http://127.0.0.1:8642", follow_redirects=False)
    answer = client.post("/login", data={"token": TOKEN})
    assert (answer.status_code, answer.headers["location"]) == (303, home)
    page = client.get(home).text
    labels = {label: f">{label}</a>" in page for label in ("Repairs", "Costs", "Fleet")}
    assert [label for label, is_there in labels.items() if is_there] == menu
    nowhere = client.get("/nowhere").text
    assert f'<a href="{home}">Back' in nowhere


def test_a_stranger_is_shown_no_menu_and_no_name() -> None:
    client = TestClient(build_app(new_backend(), TOKEN, "shop"), base_url="http://127.0.0.1:8642")
    page = client.get("/nowhere").text
    assert "<nav" not in page
    assert "shop" not in page
