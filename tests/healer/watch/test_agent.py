"""What is spooled reaches the hub once, whatever breaks on the way; nothing of it is lost."""

import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from healer.failure import Failure, Frame, Raised
from healer.tape.store import keep_packed
from healer.watch.agent import STATE, FailureSender, RunSender, Source, describe_failure
from healer.watch.environment_files import PackedEnvironment, keep_environment
from healer.watch.hub_client import HubError
from healer.watch.inbox import Inbox
from healer.watch.posts import MAX_FAILURE_BYTES, MAX_INPUTS, read_failure
from healer.watch.runner import run_log
from healer.watch.runner.run_log import LoggedRun
from tests.support.scripted_hub import ScriptedHub, run_hub

SOURCE = Source("h/r", "job1")


@pytest.fixture
def hub() -> Iterator[ScriptedHub]:
    with run_hub() as hub:
        yield hub


class Spool:
    def __init__(self, folder: Path, hub: ScriptedHub) -> None:
        self.inbox, self.notes = Inbox(folder), list[str]()
        self.failures = FailureSender(self.inbox, hub.client, SOURCE, self.notes.append)
        self.runs = RunSender(folder, hub.client, SOURCE, self.notes.append)

    def put(self, script: str = "a.py", **more: Any) -> Failure:
        return self.inbox.put(Failure(id="", script=script, source="run", exit_code=1, **more))

    def log(self, count: int, start: int = 0) -> None:
        for n in range(start, start + count):
            run_log.append(self.inbox.state_dir, LoggedRun("a.py", "c" * 40, 0, 1e9 + n, 0.5))


@pytest.fixture
def spool(tmp_path: Path, hub: ScriptedHub) -> Spool:
    return Spool(tmp_path, hub)


def test_what_waits_is_sent_and_kept_here_as_handled(spool: Spool, hub: ScriptedHub) -> None:
    failures = [spool.put("a.py"), spool.put("b.py")]
    assert spool.failures.send_waiting() == 2
    sent = hub.documents("/v1/failures")
    assert [each["failure"]["id"] for each in sent] == [each.id for each in failures]
    assert (sent[0]["repository"], sent[0]["host"]) == SOURCE
    assert hub.tokens == {"Bearer healer-token"}
    assert spool.failures.send_waiting() == 0
    assert spool.inbox.list_all() == tuple(each.id for each in failures)


@pytest.mark.parametrize("status", [401, 403, 404, 408, 429, 500, 502, 503])
def test_what_the_hub_cannot_take_now_waits_as_before(
    spool: Spool, hub: ScriptedHub, status: int
) -> None:
    failures = [spool.put("a.py"), spool.put("b.py")]
    hub.answers = [(200, {}, {}), (status, {"error": "later"}, {"Retry-After": "7"})]
    with pytest.raises(HubError, match="later") as error:
        spool.failures.send_waiting()
    assert (error.value.is_passing, error.value.retry_after_s) == (True, 7.0)
    assert spool.inbox.list_pending() == (failures[1].id,)
    assert spool.failures.send_waiting() == 1


def test_a_hub_that_is_away_loses_nothing(tmp_path: Path) -> None:
    with run_hub() as gone:
        spool = Spool(tmp_path, gone)
    failure = spool.put()
    with pytest.raises(HubError, match="cannot be reached") as error:
        spool.failures.send_waiting()
    assert error.value.is_passing
    assert "healer-token" not in str(error.value)
    assert spool.inbox.list_pending() == (failure.id,)


@pytest.mark.parametrize("status", [400, 405, 413, 422])
def test_what_the_hub_will_never_take_is_set_aside_with_the_reason(
    spool: Spool, hub: ScriptedHub, status: int
) -> None:
    bad, good = spool.put("a.py"), spool.put("b.py")
    hub.answers = [(status, {"error": "script: no"}, {})]
    assert spool.failures.send_waiting() == 1
    assert bad.id in spool.notes[0]
    assert "script: no" in spool.inbox.broken_file(bad.id).with_suffix(".txt").read_text()
    assert spool.inbox.list_all() == (good.id,)


def test_large_parts_are_sent_when_the_hub_asks(spool: Spool, hub: ScriptedHub) -> None:
    failure = spool.put(inputs={"in.csv": base64.b64encode(b"rows").decode()})
    keep_packed(spool.inbox.state_dir, failure.id, b"tape")
    post, parts = describe_failure(failure, SOURCE, spool.inbox.state_dir)
    assert set(parts.values()) == {b"tape", b"rows"}
    missing = [post.tape, post.inputs["in.csv"]]
    hub.answers = [(409, {"error": "first", "missing": missing}, {})]
    assert spool.failures.send_waiting() == 1
    paths = [path for path, _ in hub.requests]
    assert paths == [
        "/v1/failures",
        *(f"/v1/blobs/{digest}?repository=h%2Fr" for digest in missing),
        "/v1/failures",
    ]
    assert [body for path, body in hub.requests if "blobs" in path] == [b"tape", b"rows"]


def test_an_environment_is_sent_when_the_hub_has_not_got_it(
    tmp_path: Path, hub: ScriptedHub
) -> None:
    environment = PackedEnvironment(hashlib.sha256(b"layer").hexdigest(), "/srv/env/bin/python")
    spool = Spool(tmp_path, hub)
    keep_environment(tmp_path, "x", environment, b"layer")
    sender = FailureSender(spool.inbox, hub.client, SOURCE, print, lambda _: environment)
    spool.put("a.py")
    spool.put("b.py")
    hub.answers = [(409, {"missing": [environment.digest]}, {})]
    assert sender.send_waiting() == 2
    posts = hub.documents("/v1/failures")
    assert {(each["environment"], each["python"]) for each in posts} == {environment}
    assert [body for path, body in hub.requests if "blobs" in path] == [b"layer"]


@pytest.mark.parametrize("missing", [["0" * 64], "all", [{}]])
def test_a_hub_that_asks_for_what_nobody_named_gets_nothing(
    spool: Spool, hub: ScriptedHub, missing: Any
) -> None:
    failure = spool.put()
    hub.answers = [(409, {"missing": missing}, {})]
    with pytest.raises(HubError):
        spool.failures.send_waiting()
    assert [path for path, _ in hub.requests] == ["/v1/failures"]
    assert spool.inbox.list_pending() == (failure.id,)


def test_a_hub_that_keeps_nothing_is_not_asked_for_ever(spool: Spool, hub: ScriptedHub) -> None:
    failure = spool.put(inputs={"in.csv": ""})
    digest = describe_failure(failure, SOURCE, spool.inbox.state_dir).post.inputs["in.csv"]
    hub.answers = [(409, {"missing": [digest]}, {}), (200, {}, {})] * 2
    with pytest.raises(HubError, match="does not keep"):
        spool.failures.send_waiting()
    assert spool.inbox.list_pending() == (failure.id,)


@pytest.mark.parametrize(
    "more",
    [
        {"script": "/usr/lib/x.py"},
        {"script": "../x.py"},
        {"inputs": {"../x": "", **{str(n): "" for n in range(MAX_INPUTS + 5)}}},
        {"stdin": base64.b64encode(b"x" * (5 << 20)).decode()},
        {"stdin": base64.b64encode(b"x").decode()},
        {"chain": tuple(
            Raised(type="E", message="m" * 4_000, frames=(
                Frame(file="a.py", line=1, function="f", locals={"x": "y" * 500_000}),))
            for _ in range(12)
        )},
    ],
    ids=["outside", "above", "inputs", "long stdin", "short stdin", "locals"],
)  # fmt: skip
def test_whatever_was_recorded_is_a_document_that_the_hub_takes(
    tmp_path: Path, more: dict[str, Any]
) -> None:
    facts = {"script": "a.py", "source": "run", "exit_code": 1, **more}
    failure = Inbox(tmp_path).put(Failure(id="", **facts))
    sent = describe_failure(failure, SOURCE, tmp_path).post
    data = sent.model_dump_json(exclude_defaults=True).encode()
    assert len(data) < MAX_FAILURE_BYTES
    post = read_failure(data)
    assert post.failure.id == failure.id
    assert post.failure.stderr_tail == failure.stderr_tail
    assert [each.type for each in post.failure.chain] == [each.type for each in failure.chain]


@pytest.mark.parametrize("more", [{"commit": "no id"}, {"stdin": "a"}, {"count": 0}])
def test_what_is_no_record_of_healers_is_set_aside(
    spool: Spool, hub: ScriptedHub, more: dict[str, Any]
) -> None:
    failure = spool.put(**more)
    assert spool.failures.send_waiting() == 0
    assert failure.id in spool.notes[0]
    assert hub.requests == []
    assert spool.inbox.list_pending() == ()


def test_runs_are_reported_once_in_their_order(spool: Spool, hub: ScriptedHub) -> None:
    assert spool.runs.send_new() == 0
    spool.log(3)
    assert spool.runs.send_new() == 3
    assert spool.runs.send_new() == 0
    spool.log(2, start=3)
    assert spool.runs.send_new() == 2
    reports = hub.documents("/v1/runs")
    assert [each["sequence"] for each in reports] == [1, 2]
    assert len({each["agent"] for each in reports}) == 1
    starts = [run["started_at"] for each in reports for run in each["runs"]]
    assert starts == [1e9 + n for n in range(5)]


def test_a_report_that_may_have_come_is_sent_again_as_it_was(
    spool: Spool, hub: ScriptedHub, tmp_path: Path
) -> None:
    spool.log(2)
    hub.answers = [(503, {}, {})]
    with pytest.raises(HubError):
        spool.runs.send_new()
    spool.log(3, start=2)
    assert RunSender(tmp_path, hub.client, SOURCE, spool.notes.append).send_new() == 5
    first, again, rest = hub.documents("/v1/runs")
    assert first == again
    assert (rest["sequence"], len(rest["runs"])) == (2, 3)


def test_a_log_that_begins_anew_is_read_to_its_end_first(
    spool: Spool, hub: ScriptedHub, tmp_path: Path
) -> None:
    spool.log(2)
    spool.runs.send_new()
    spool.log(2, start=2)
    (tmp_path / run_log.LOG).rename(tmp_path / run_log.OLD_LOG)
    spool.log(2, start=4)
    assert spool.runs.send_new() == 4
    starts = [run["started_at"] for each in hub.documents("/v1/runs") for run in each["runs"]]
    assert starts == [1e9 + n for n in range(6)]


def test_a_line_that_is_half_written_waits_for_its_end(
    spool: Spool, hub: ScriptedHub, tmp_path: Path
) -> None:
    spool.log(1)
    with (tmp_path / run_log.LOG).open("ab") as log:
        log.write(b"1000000001.000\t0.5")
    assert spool.runs.send_new() == 1
    with (tmp_path / run_log.LOG).open("ab") as log:
        log.write(b"00\t0\t\ta.py\t\n")
    assert spool.runs.send_new() == 1


def test_runs_that_the_hub_will_never_take_do_not_hold_up_the_others(
    spool: Spool, hub: ScriptedHub
) -> None:
    spool.log(2)
    hub.answers = [(422, {"error": "runs: no"}, {})]
    assert spool.runs.send_new() == 0
    assert "2 runs were left out" in spool.notes[0]
    spool.log(1, start=2)
    assert spool.runs.send_new() == 1


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"agent": "a", "x": 1}', "\0"])
def test_a_broken_place_begins_anew(
    spool: Spool, hub: ScriptedHub, tmp_path: Path, text: str
) -> None:
    (tmp_path / STATE).write_text(text)
    spool.log(1)
    assert spool.runs.send_new() == 1
