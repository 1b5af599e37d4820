"""A body is read up to its limit, after the token; nothing of the inside is told."""

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from healer.web.hub import Limits, Receipt, RefusedPostError, build_hub

ROUTES = [("POST", "/v1/failures"), ("POST", "/v1/runs"), ("PUT", f"/v1/blobs/{'0' * 64}")]


class Backend:
    """Takes everything of whoever says `good`."""

    limits = Limits(failure=100, runs=50, blob=200)

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    def admit(self, token: str) -> object:
        if token != "good":
            raise RefusedPostError(401, "who are you?")
        return token

    def take_failure(self, grant: Any, body: bytes) -> Receipt:
        return self._take(body)

    def take_runs(self, grant: Any, body: bytes) -> Receipt:
        return self._take(body)

    def take_blob(self, grant: Any, digest: str, repository: str, body: bytes) -> Receipt:
        return self._take(body)

    def check_health(self) -> None:
        raise ZeroDivisionError("secret")

    def _take(self, body: bytes) -> Receipt:
        self.bodies.append(body)
        return Receipt({"size": len(body)})


@pytest.fixture
def backend() -> Backend:
    return Backend()


@pytest.fixture
def http(backend: Backend) -> TestClient:
    return TestClient(build_hub(backend), raise_server_exceptions=False)


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize("given", ["", "good", "Basic good", "Bearer", "Bearer ", "Bearer bad"])
def test_nothing_is_taken_without_a_token(
    http: TestClient, backend: Backend, method: str, path: str, given: str
) -> None:
    answer = http.request(method, path, headers={"authorization": given}, content=b"x" * 10_000)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert backend.bodies == []


@pytest.mark.parametrize(("route", "most"), [*zip(ROUTES, (100, 50, 200), strict=True)])
@pytest.mark.parametrize("is_streamed", [False, True])
def test_a_body_is_taken_up_to_its_limit(
    http: TestClient, backend: Backend, route: tuple[str, str], most: int, is_streamed: bool
) -> None:
    def send(size: int) -> Any:
        pieces: Iterator[bytes] = iter([b"x" * (size - 1), b"x"])
        return http.request(
            *route, params={"repository": "h/r"}, headers={"Authorization": "bearer good"},
            content=pieces if is_streamed else b"x" * size,
        )  # fmt: skip

    assert send(most).json() == {"size": most}
    assert send(most + 1).status_code == 413
    assert [len(each) for each in backend.bodies] == [most]


@pytest.mark.parametrize("address", ["/v1/blobs/x?repository=r", f"/v1/blobs/{'0' * 64}"])
def test_a_part_needs_its_digest_and_its_repository(http: TestClient, address: str) -> None:
    answer = http.put(address, headers={"Authorization": "Bearer good"}, content=b"x")
    assert answer.status_code == 422


def test_a_bug_says_nothing_of_the_inside(http: TestClient) -> None:
    answer = http.get("/v1/health")
    assert answer.status_code == 500
    assert "secret" not in answer.text


def test_other_addresses_and_methods_are_refused_in_json(http: TestClient) -> None:
    assert http.get("/").json() == {"error": "Not Found"}
    assert http.get("/v1/failures").status_code == 405
