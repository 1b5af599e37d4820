"""The JSON API: the same facts, and a document that describes exactly what is there."""

import pytest
from starlette.testclient import TestClient

from healer.render.repair_view import RepairView
from healer.web.api import Api
from healer.web.app import build_app
from tests.healer.web.conftest import TOKEN
from tests.support.repairs import repair
from tests.support.web_backend import MemoryBackend, new_backend

ROUTES = sorted(Api(new_backend()).routes)
OPEN, OVER = "00112233445566aa", "ffeeddccbbaa9988"


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize("given", ["", "Bearer", "Bearer x", f"Basic {TOKEN}", TOKEN])
def test_nothing_is_told_without_the_token(
    anyone: TestClient, repairs: MemoryBackend, method: str, path: str, given: str
) -> None:
    answer = anyone.request(
        method, path.format(repair="r7", incident=OPEN), headers={"authorization": given}, json={}
    )
    assert answer.status_code == 401
    assert "Authorization: Bearer" in answer.json()["error"]
    assert repairs.calls == []


def test_a_session_may_read_but_not_change(anyone: TestClient, repairs: MemoryBackend) -> None:
    """Browsers send cookies by themselves; a bearer token they do not."""
    anyone.get(f"/?token={TOKEN}")
    assert anyone.get("/api/status").status_code == 200
    assert anyone.post("/api/repairs/r7/approve").status_code == 401
    assert repairs.calls == []


def test_a_repair_comes_back_as_it_is(program: TestClient) -> None:
    assert RepairView.model_validate(program.get("/api/repairs/r7").json()) == repair()


def test_repairs_are_listed_and_kept_by_state(program: TestClient) -> None:
    everything = program.get("/api/repairs").json()["repairs"]
    assert [one["repair"] for one in everything] == ["r7", "run1", "ok1", "bad1"]
    running = program.get("/api/repairs?state=running").json()["repairs"]
    assert [one["repair"] for one in running] == ["run1"]
    counts = program.get("/api/status").json()["repairs"]
    assert (counts["review"], counts["running"], counts["gave_up"]) == (2, 1, 0)


def test_a_repair_is_submitted_followed_and_decided(
    program: TestClient, repairs: MemoryBackend
) -> None:
    answer = program.post("/api/repairs", json={"script": "x.py", "args": ["--all", "a b"]})
    assert answer.status_code == 202
    assert program.get(answer.json()["status"]).json()["state"] == "waiting"
    assert program.post("/api/repairs/r7/approve").status_code == 202
    assert program.post("/api/repairs/bad1/reject", json={"reason": "no"}).status_code == 200
    assert repairs.calls == [
        ("submit", "x.py", "run", "--all", "a b"),
        ("approve", "r7"),
        ("reject", "bad1", "no"),
    ]


@pytest.mark.parametrize(
    ("call", "body", "status", "said"),
    [
        ("GET /api/repairs/none", None, 404, "there is no repair 'none'"),
        ("GET /api/nothing", None, 404, "Not Found"),
        ("GET /api/repairs?state=odd", None, 400, "there is no state 'odd'; there are waiting"),
        ("GET /api/repairs?limit=501", None, 400, "limit='501' is not a number from 1 to 500"),
        ("GET /api/repairs?after=none", None, 409, "there is no repair 'none'; leave `after` out"),
        ("GET /api/incidents?after=none", None, 400, "there is no incident 'none'"),
        ("GET /api/incidents?is_over=maybe", None, 400, "is neither true nor false"),
        ("GET /api/incidents/none", None, 404, "there is no incident 'none'; GET /api/incidents"),
        ("POST /api/incidents/none/ack", None, 404, "there is no incident 'none'"),
        (f"POST /api/incidents/{OPEN}/snooze", b"{}", 422, "duration: Field required"),
        (f"POST /api/incidents/{OPEN}/snooze", b'{"duration": "never"}', 409, "no length of time"),
        ("POST /api/repairs/r7/answer", b'{"choice": "0"}', 422, "choice: String should match"),
        ("POST /api/repairs/run1/answer", b'{"choice": "1"}', 409, "asks nothing"),
        ("GET /api/ledger?limit=0", None, 400, "not a number from 1 to 5000"),
        ("GET /api/ledger?limit=" + "9" * 5000, None, 400, "not a number from 1 to 5000"),
        ("GET /api/ledger?after=x", None, 400, "after='x' is not a number"),
        ("POST /api/repairs/r7/rollback", b"{}", 409, "is not merged"),
        ("POST /api/repairs/none/rollback", b"{}", 404, "there is no repair 'none'"),
        ("DELETE /api/repairs/r7", None, 405, "Method Not Allowed"),
        ("POST /api/repairs", b"{", 409, "not JSON"),
        ("POST /api/repairs", b"[" * 60_000, 409, "not JSON"),
        ("POST /api/repairs", b"[]", 409, "not a JSON object"),
        ("POST /api/repairs", b"{}", 422, "script: Field required"),
        ("POST /api/repairs", b'{"script": 3}', 422, "script: Input should be a valid string"),
        ("POST /api/repairs", b'{"script": "x.py", "x": 1}', 422, "x: Extra inputs"),
        ("POST /api/repairs", b'{"script": "x.txt"}', 409, "is not a script of"),
        ("POST /api/repairs", b" " * 70_000, 413, "send less"),
        ("POST /api/repairs/r7/reject", b'{"reason": ""}', 422, "reason: String should have"),
        ("POST /api/repairs/ok1/approve", b"", 409, "does not wait for a decision"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(
    program: TestClient, call: str, body: bytes | None, status: int, said: str
) -> None:
    method, path = call.split(" ")
    answer = program.request(method, path, content=body)
    assert answer.status_code == status
    assert said in answer.json()["error"]


def test_a_rule_that_says_reject_must_be_overruled(
    program: TestClient, repairs: MemoryBackend
) -> None:
    repairs.views["r7"] = repair(against=("scripts/report.py:2: opens a socket",))
    assert program.post("/api/repairs/r7/approve").status_code == 409
    answer = program.post("/api/repairs/r7/approve", json={"overrule": True})
    assert answer.status_code == 202


def test_text_that_is_no_unicode_gets_through(program: TestClient, repairs: MemoryBackend) -> None:
    repairs.views["odd"] = repair(repair="odd", reason="lone \ud800")
    assert program.get("/api/repairs/odd").json()["reason"] == "lone \ud800"
    program.get(f"/?token={TOKEN}")
    assert "lone &lt;U+D800&gt;" in program.get("/repairs/odd").text


def test_a_bug_tells_nothing_of_the_inside(repairs: MemoryBackend) -> None:
    app = build_app(repairs, TOKEN)
    repairs.views = None
    client = TestClient(app, base_url="http://localhost", raise_server_exceptions=False)
    answer = client.get("/api/repairs", headers={"authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 500
    assert answer.json() == {"error": "a bug in healer; its traceback is in the log"}


def test_repairs_come_in_pages(program: TestClient) -> None:
    names, after = [], ""
    for _ in range(4):
        page = program.get("/api/repairs", params={"limit": "2", "after": after}).json()
        names += [one["repair"] for one in page["repairs"]]
        if page["next"] is None:
            break
        after = page["next"]
    assert names == ["r7", "run1", "ok1", "bad1"]
    waiting = program.get("/api/repairs?state=review&limit=1").json()
    assert ([one["repair"] for one in waiting["repairs"]], waiting["next"]) == (["r7"], "r7")


def test_incidents_are_listed_told_and_put_off(program: TestClient, repairs: MemoryBackend) -> None:
    page = program.get("/api/incidents?limit=1").json()
    assert ([each["fingerprint"] for each in page["incidents"]], page["next"]) == ([OPEN], OPEN)
    page = program.get(f"/api/incidents?after={OPEN}").json()
    assert ([each["fingerprint"] for each in page["incidents"]], page["next"]) == ([OVER], None)
    assert program.get("/api/incidents?is_over=false").json()["incidents"][0]["is_over"] is False
    assert program.get(f"/api/incidents/{OPEN}").json()["repairs"][0]["repair"] == "r7"
    assert program.post(f"/api/incidents/{OPEN}/ack").json()["fingerprint"] == OPEN
    body = {"duration": "2h"}
    assert program.post(f"/api/incidents/{OPEN}/snooze", json=body).status_code == 200
    assert repairs.calls == [("put off", OPEN, ""), ("put off", OPEN, "2h")]


def test_a_question_is_answered(program: TestClient, repairs: MemoryBackend) -> None:
    repairs.views["r7"] = repair(question="what does f(3) give?")
    body = {"choice": "none", "value": "34"}
    answer = program.post("/api/repairs/r7/answer", json=body)
    assert (answer.status_code, answer.json()["repair"]) == (202, "r7")
    assert repairs.calls == [("answer", "r7", "none", "34")]


def test_the_health_and_the_decisions_of_one_repair_are_told(program: TestClient) -> None:
    health = program.get("/api/health").json()
    assert [line["name"] for line in health["lines"]] == ["daemon", "sandbox"]
    assert health["jobs"][0]["script"] == "scripts/report.py"
    assert len(program.get("/api/ledger?repair=r7").json()["ledger"]) == 3
    assert program.get("/api/ledger?repair=run1").json()["ledger"] == []


def test_decisions_come_in_pages(program: TestClient) -> None:
    numbers, after = list[int](), ""
    for _ in range(3):
        page = program.get("/api/ledger", params={"limit": "2", "after": after}).json()
        numbers += [line["number"] for line in page["ledger"]]
        if page["next"] is None:
            break
        after = page["next"]
    assert numbers == [9, 7, 4]


def test_a_merged_repair_is_taken_out_again(program: TestClient, repairs: MemoryBackend) -> None:
    answer = program.post("/api/repairs/ok1/rollback", json={"reason": "the price was right"})
    assert (answer.status_code, answer.json()["status"]) == (202, "/api/repairs/ok1")
    assert repairs.calls == [("roll back", "ok1", "the price was right")]
    assert program.get("/api/repairs/ok1").json()["state"] == "running"
