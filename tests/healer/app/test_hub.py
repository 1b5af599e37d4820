"""The hub takes what a token is for, once; it refuses all else in a sentence, and keeps nothing."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from healer.app.hub import Allowance, Hub, name_repository
from healer.failure import Failure
from healer.support.clock import SetClock
from healer.support.postgres import Scope
from healer.support.shared_pool import NOBODY
from healer.support.shared_tables import SharedTables
from healer.watch.hub_tokens import HubTokens
from healer.watch.record import new_id
from healer.watch.shared_inbox import SharedInbox
from healer.web.hub import build_hub


class Door:
    """A hub, and an agent with a token for one repository."""

    def __init__(self, url: str, scope: Scope, hub: Hub) -> None:
        self.url, self.scope, self.hub = url, scope, hub
        self.http = TestClient(build_hub(hub), raise_server_exceptions=False)
        with SharedTables(url, NOBODY) as tables:
            name = scope.repository
            self.token = HubTokens(tables).make(name, scope.tenant, [name], now=1.0)

    def post(self, body: Any, token: str = "", path: str = "/v1/failures") -> Any:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        bearer = {"Authorization": f"Bearer {token or self.token}"}
        return self.http.post(path, content=data, headers=bearer)

    def put(self, data: bytes, digest: str = "", repository: str = "") -> Any:
        digest = digest or hashlib.sha256(data).hexdigest()
        return self.http.put(
            f"/v1/blobs/{digest}",
            params={"repository": repository or self.scope.repository},
            content=data,
            headers={"Authorization": f"Bearer {self.token}"},
        )

    def failure(self, **more: Any) -> dict[str, Any]:
        failure = Failure(id=new_id(), script="a.py", source="run", exit_code=1)
        document = {"repository": self.scope.repository, "host": "job1", **more}
        return {"failure": failure.model_dump(mode="json"), **document}

    def pending(self) -> tuple[str, ...]:
        with SharedTables(self.url, self.scope) as tables:
            return SharedInbox(tables).list_pending()


@pytest.fixture
def door(shared_url: str, scope: Scope) -> Iterator[Door]:
    with Hub(shared_url) as hub:
        yield Door(shared_url, scope, hub)


def test_a_failure_is_taken_once_however_often_it_comes(door: Door) -> None:
    body = door.failure()
    answers = [door.post(body).json() for _ in range(3)]
    assert [each["is_new"] for each in answers] == [True, False, False]
    assert door.pending() == (body["failure"]["id"],)


def test_large_parts_come_first_and_once(door: Door) -> None:
    tape, rows = b"tape", b"a;\xff\0"
    digests = {each: hashlib.sha256(each).hexdigest() for each in (tape, rows)}
    body = door.failure(tape=digests[tape], inputs={"in.csv": digests[rows]})
    answer = door.post(body)
    assert answer.status_code == 409
    assert answer.json()["missing"] == list(digests.values())
    assert door.pending() == ()
    assert [door.put(each).status_code for each in (tape, rows, rows)] == [200, 200, 200]
    assert door.post(body).json()["is_new"]
    with SharedTables(door.url, door.scope) as tables:
        inbox = SharedInbox(tables)
        assert inbox.read_tape(body["failure"]["id"]) == tape
        assert inbox.read(body["failure"]["id"]).inputs == {"in.csv": "YTv/AA=="}


def test_what_one_repository_has_is_missing_for_another(shared_url: str, door: Door) -> None:
    """Digests are no key to what others have brought."""
    assert door.put(b"secret").status_code == 200
    with Hub(shared_url) as hub:
        other = Door(shared_url, Scope("other", f"{door.scope.repository}/2"), hub)
        answer = other.post(other.failure(tape=hashlib.sha256(b"secret").hexdigest()))
    assert answer.status_code == 409


def test_a_part_that_is_not_what_its_address_says_is_refused(door: Door) -> None:
    answer = door.put(b"x", digest="0" * 64)
    assert answer.status_code == 422
    assert "SHA-256" in answer.json()["error"]
    assert door.put(b"x", digest="../../etc").status_code in (404, 422)


@pytest.mark.parametrize("token", ["x", "healer-", "healer-" + "A" * 43])
def test_an_unknown_token_opens_nothing(door: Door, token: str) -> None:
    answer = door.post(door.failure(), token=token)
    assert answer.status_code == 401
    assert "healer hub token make" in answer.json()["error"]


def test_a_revoked_token_opens_nothing_from_then_on(door: Door) -> None:
    assert door.post(door.failure()).status_code == 200
    with SharedTables(door.url, NOBODY) as tables:
        HubTokens(tables).revoke(door.scope.repository, now=2.0)
    assert door.post(door.failure()).status_code == 401


def test_a_token_is_for_its_repositories_alone(door: Door) -> None:
    answer = door.post(door.failure(repository="h/another"))
    assert answer.status_code == 403
    assert door.put(b"x", repository="h/another").status_code == 403
    runs = {"repository": "h/another", "agent": "a" * 32, "sequence": 1, "runs": []}
    assert door.post(runs, path="/v1/runs").status_code == 403


def test_hostile_documents_are_refused_and_leave_nothing(door: Door) -> None:
    good = door.failure()["failure"]
    bodies: list[Any] = [
        b"", b"\xff", b"[" * 50_000, [], 7, {}, {"failure": good}, door.failure(repository="\0"),
        door.failure(repository={"$ne": 1}), door.failure(failure={**good, "id": "' OR 1=1"}),
        door.failure(failure={**good, "script": "../x"}), door.failure(tape="0"),
        door.failure(failure={**good, "count": -1}), door.failure(failure={**good, "x": 1}),
    ]  # fmt: skip
    for body in bodies:
        answer = door.post(body)
        assert answer.status_code in (403, 422), body
        assert len(answer.json()["error"]) < 900
    assert door.pending() == ()


def test_text_that_no_database_takes_is_taken_all_the_same(door: Door) -> None:
    body = door.failure()
    body["failure"]["stderr_tail"] = "a\0\ud800"
    body["host"] = "job\0"
    assert door.post(body).status_code == 200
    with SharedTables(door.url, door.scope) as tables:
        assert SharedInbox(tables).read(body["failure"]["id"]).stderr_tail == "a\\x00\\ud800"


def test_too_many_requests_are_told_when_to_come_again(shared_url: str, scope: Scope) -> None:
    clock = SetClock(1_000.0)
    with Hub(shared_url, clock=clock, per_s=0.5, burst=2) as hub:
        door = Door(shared_url, scope, hub)
        body = door.failure()
        assert [door.post(body).status_code for _ in range(3)] == [200, 200, 429]
        answer = door.post(body)
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "2")
        clock.seconds += 2
        assert [door.post(body).status_code for _ in range(2)] == [200, 429]


def test_an_allowance_is_each_ones_own_and_survives_a_clock_that_goes_back() -> None:
    allowance = Allowance(per_s=1, burst=1)
    assert [allowance.take("a", 10), allowance.take("b", 10), allowance.take("a", 10)] == [0, 0, 1]
    assert allowance.take("a", 0) == 1
    assert allowance.take("a", 1) == 0


def test_runs_are_counted_and_the_receipt_names_what_is_watched(door: Door) -> None:
    door.post(door.failure())
    run = {"script": "a.py", "exit_code": 0, "started_at": 1.8e9}
    runs = [run, {**run, "script": "b.py"}]
    body = {"repository": door.scope.repository, "agent": "a" * 32, "sequence": 1, "runs": runs}
    answers = [door.post(body, path="/v1/runs").json() for _ in range(2)]
    assert answers == [
        {"is_new": True, "watched": ["a.py"]},
        {"is_new": False, "watched": ["a.py"]},
    ]


def test_health_says_whether_the_database_answers(door: Door) -> None:
    assert door.http.get("/v1/health").json() == {"status": "ok"}
    notes: list[str] = []
    away = Hub("postgresql://nobody@127.0.0.1:1/none", notes.append)
    away._pool._free.put(SharedTables("postgresql://nobody@127.0.0.1:1/none", NOBODY))
    http = TestClient(build_hub(away), raise_server_exceptions=False)
    for _ in range(2):
        answer = http.get("/v1/health")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert answer.json() == {"error": "the state database cannot be asked now"}
    assert len(notes) == 1
    assert "cannot be reached" in notes[0]


def tell_rush(url: str, scope: Scope, channels: dict[str, str]) -> list[str]:
    """What is noted of this repository's thousand failures at once, told twice."""
    notes: list[str] = []
    with Hub(url, notes.append) as hub:
        door = Door(url, scope, hub)
        body = door.failure()
        body["failure"]["count"] = 1_000
        door.post(body)
        for _ in range(2):
            hub.tell_incidents(channels)
    assert "secret" not in repr(notes)
    return [each for each in notes if scope.repository in each]


def test_a_rush_is_told_once_on_the_channels(shared_url: str, scope: Scope) -> None:
    (note,) = tell_rush(shared_url, scope, {})
    assert "1000 failures in 5 minutes" in note


def test_what_no_channel_takes_is_told_again(shared_url: str, scope: Scope) -> None:
    assert len(tell_rush(shared_url, scope, {"a": "no-such-service://secret"})) == 2


@pytest.mark.parametrize(
    ("name", "repository"),
    [
        ("git@Example.com:shop/jobs.git", "example.com/shop/jobs"),
        ("https://ada@example.com/shop/jobs", "example.com/shop/jobs"),
        ("example.com/shop/jobs", "example.com/shop/jobs"),
        ("example.com/shop/*", "example.com/shop/*"),
        ("host:/srv/git/jobs.git", "host:/srv/git/jobs.git"),
    ],
)
def test_every_spelling_of_a_remote_is_one_repository(name: str, repository: str) -> None:
    assert name_repository(name) == repository
