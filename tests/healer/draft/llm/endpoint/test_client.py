"""Each endpoint is asked in the strictest dialect that it knows, and that is remembered."""

import json
from pathlib import Path

import pytest

from healer.draft.llm.endpoint.client import Client, DialectMemory, _read_authorities, open_client
from healer.draft.llm.endpoint.dialect import FORMATS, ChatRequest, Dialect, Message
from healer.draft.llm.endpoint.settings import Endpoint
from healer.draft.llm.endpoint.wire import Answer, CallFailure
from healer.draft.llm.replies.schema import REVIEW
from tests.support.endpoint import (
    LM_STUDIO_OLD,
    OLLAMA,
    OPENAI,
    OPENAI_OLD,
    STREAM_ONLY,
    Profile,
    Reply,
    ScriptedEndpoint,
    error,
)
from tests.support.smtp import make_certificate

GOOD = {"objection": "none", "reason": "Right."}
REQUEST = ChatRequest(
    (Message("system", "Judge."), Message("user", "x = 1")), REVIEW, json.dumps(GOOD)
)


def endpoint_at(server: ScriptedEndpoint, **more: float) -> Endpoint:
    values = {"timeout_s": 5.0, "tries": 1, "max_output_tokens": 100} | more
    return Endpoint.model_validate(
        {"name": "m", "model": "m", "base_url": server.base_url, "api_key": "k", **values}
    )


def complete(
    *replies: Reply, profile: Profile = OPENAI, memory: DialectMemory | None = None
) -> tuple[Answer | CallFailure, ScriptedEndpoint]:
    memory = memory or DialectMemory()
    with ScriptedEndpoint(replies, profile) as server, Client(memory) as client:
        return client.complete(endpoint_at(server), REQUEST), server


def test_an_endpoint_is_asked_only_where_its_certificate_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = make_certificate(tmp_path)
    with ScriptedEndpoint([Reply(GOOD)], certificate=certificate) as server:
        for variable, is_trusted in ((None, False), (str(certificate), True), (None, False)):
            if variable is None:
                monkeypatch.delenv("SSL_CERT_FILE", raising=False)
            else:
                monkeypatch.setenv("SSL_CERT_FILE", variable)
            with Client(DialectMemory()) as client:
                answer = client.complete(endpoint_at(server), REQUEST)
            assert isinstance(answer, Answer) == is_trusted, answer
    assert len(server.requests) == 1


def test_the_machines_authorities_are_read_once_for_all_endpoints() -> None:
    with ScriptedEndpoint() as server:
        endpoint = endpoint_at(server)
        open_client(endpoint).close()
        reads = _read_authorities.cache_info().misses
        open_client(endpoint).close()
    assert _read_authorities.cache_info().misses == reads, "each takes 20 ms"


def test_the_strictest_dialect_is_tried_first() -> None:
    answer, server = complete(Reply(GOOD, usage=(7, 3)))
    assert answer == Answer(json.dumps(GOOD), "stop", tokens_in=7, tokens_out=3)
    (request,) = server.requests
    assert request.response_format == "json_schema"
    assert request.body["max_completion_tokens"] == 100
    assert request.body["response_format"]["json_schema"]["schema"] == REVIEW
    assert "stream" not in request.body


@pytest.mark.parametrize(
    ("profile", "formats"),
    [
        (OPENAI_OLD, ["json_schema", "json_object"]),
        (LM_STUDIO_OLD, ["json_schema", "json_object", ""]),
        (STREAM_ONLY, ["json_schema", "json_schema"]),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_a_refusal_leads_one_step_down(profile: Profile, formats: list[str]) -> None:
    answer, server = complete(Reply(GOOD, keep=True), profile=profile)
    assert isinstance(answer, Answer)
    assert [request.response_format for request in server.requests] == formats


def test_the_example_is_sent_where_the_schema_is_not() -> None:
    _, server = complete(Reply(GOOD, keep=True), profile=OPENAI_OLD)
    first, second = (request.body["messages"][0]["content"] for request in server.requests)
    assert first == "Judge."
    assert second.startswith("Judge.")
    assert second.endswith(json.dumps(GOOD))


def test_the_other_name_of_the_token_limit_is_tried() -> None:
    refusal = error(400, "Unknown parameter: 'max_completion_tokens'")
    answer, server = complete(refusal, Reply(GOOD))
    assert isinstance(answer, Answer)
    assert server.requests[1].body["max_tokens"] == 100
    assert "max_completion_tokens" not in server.requests[1].body


def test_an_endpoint_that_refuses_everything_is_no_passing_failure() -> None:
    failure, server = complete(Reply(status=400, body="no", keep=True))
    assert isinstance(failure, CallFailure)
    assert not failure.transient
    assert not failure.maybe_billed
    assert len(server.requests) <= 6


@pytest.mark.parametrize(
    ("content", "profile", "last"),
    [
        pytest.param("Looks good to me!", OPENAI, "json_object", id="no JSON at all"),
        pytest.param({"reason": "x"}, OPENAI, "json_object", id="a key is missing"),
        pytest.param([1], OPENAI, "json_object", id="no object"),
        pytest.param(GOOD, OPENAI, "json_schema", id="as it was asked"),
        pytest.param(GOOD, OLLAMA, "json_object", id="the format is ignored"),
    ],
)
def test_a_format_that_was_accepted_and_not_held_to_is_not_asked_for_again(
    content: object, profile: Profile, last: str
) -> None:
    text = content if isinstance(content, str | dict) else json.dumps(content)
    memory = DialectMemory()
    with ScriptedEndpoint([Reply(text, keep=True)], profile) as server, Client(memory) as client:
        client.complete(endpoint_at(server), REQUEST)
        client.complete(endpoint_at(server), REQUEST)
    assert server.requests[-1].response_format == last


@pytest.mark.parametrize(
    "reply",
    [Reply("{", finish_reason="length"), Reply(refusal="no"), Reply("<think>{}</think>" + "{}")],
)
def test_what_was_cut_or_declined_says_nothing_of_the_format(reply: Reply) -> None:
    memory = DialectMemory()
    with ScriptedEndpoint([reply], OPENAI) as server, Client(memory) as client:
        client.complete(endpoint_at(server), REQUEST)
        known = memory.recall(endpoint_at(server))
    assert known.format == ("schema" if "think" not in str(reply.content) else "json")


@pytest.mark.parametrize(
    ("reply", "transient", "billed"),
    [
        (error(500, "x"), True, False),
        (error(401, "x"), False, False),
        (error(504, "x"), True, True),
        (Reply(body="<html>"), True, False),
        (Reply(body="{"), True, True),
        (Reply(GOOD, cut_after_bytes=20), True, True),
        (Reply(GOOD, first_byte_delay_s=3), True, True),
    ],
)
def test_a_failure_says_whether_it_passes_and_whether_it_may_have_cost(
    reply: Reply, transient: bool, billed: bool
) -> None:
    with ScriptedEndpoint([reply]) as server, Client(DialectMemory()) as client:
        failure = client.complete(endpoint_at(server, timeout_s=0.3), REQUEST)
    assert isinstance(failure, CallFailure)
    assert (failure.transient, failure.maybe_billed) == (transient, billed)


def test_an_endpoint_that_does_not_heed_the_limit_is_told_by_its_older_name() -> None:
    replies = (Reply(GOOD, usage=(9, 101)), Reply(GOOD, usage=(9, 100)), GOOD)
    with ScriptedEndpoint(replies, OLLAMA) as server, Client(DialectMemory()) as client:
        for _ in range(3):
            client.complete(endpoint_at(server), REQUEST)
    names = [
        {"max_tokens", "max_completion_tokens"} & request.body.keys() for request in server.requests
    ]
    assert names == [{"max_completion_tokens"}, {"max_tokens"}, {"max_tokens"}]


def test_a_page_at_one_interface_does_not_lead_to_the_other() -> None:
    with ScriptedEndpoint([Reply(body="<html>")]) as server, Client(DialectMemory()) as client:
        failure = client.complete(endpoint_at(server), REQUEST)
    assert isinstance(failure, CallFailure)
    assert failure.refusal == "model"
    assert len(server.requests) == 1


def test_an_address_where_nobody_listens_costs_nothing() -> None:
    closed = ENDPOINT.model_copy(update={"base_url": "http://127.0.0.1:9/v1"})
    with Client(DialectMemory()) as client:
        failure = client.complete(closed, REQUEST)
    assert isinstance(failure, CallFailure)
    assert "127.0.0.1:9" in failure.message
    assert (failure.transient, failure.maybe_billed) == (True, False)


def test_a_stream_that_is_cut_keeps_what_had_come() -> None:
    memory = DialectMemory()
    reply = Reply(GOOD, cut_after_bytes=700)
    with ScriptedEndpoint([reply], OPENAI) as server, Client(memory) as client:
        memory.remember(endpoint_at(server), Dialect(stream=True))
        failure = client.complete(endpoint_at(server), REQUEST)
    assert isinstance(failure, CallFailure)
    assert failure.maybe_billed
    assert json.dumps(GOOD).startswith(failure.received)
    assert failure.received


def test_each_format_weakens_to_the_next_and_the_last_stays() -> None:
    dialect = Dialect()
    seen = [dialect.format]
    for _ in range(3):
        dialect = dialect.weaken()
        seen.append(dialect.format)
    assert tuple(seen) == (*FORMATS, FORMATS[-1])


ENDPOINT = Endpoint(
    name="m", model="m", base_url="http://a/v1/", api_key="k", timeout_s=1, tries=1,
    max_output_tokens=1,
)  # fmt: skip
OLD = Dialect("fence", stream=True, tokens_key="max_tokens")


def test_what_worked_is_known_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "state" / "endpoints.json"
    DialectMemory(path).remember(ENDPOINT, OLD)
    assert DialectMemory(path).recall(ENDPOINT) == OLD
    same = ENDPOINT.model_copy(update={"base_url": "http://a/v1"})
    assert DialectMemory(path).recall(same) == OLD
    other = ENDPOINT.model_copy(update={"model": "n"})
    assert DialectMemory(path).recall(other) == Dialect()


def test_the_file_of_an_earlier_version_is_read(tmp_path: Path) -> None:
    path = tmp_path / "endpoints.json"
    path.write_text(
        '{"http://a/v1 m": {"format": "json", "stream": false, "tokens_key": "max_tokens"}}'
    )
    assert DialectMemory(path).recall(ENDPOINT) == Dialect("json", tokens_key="max_tokens")


@pytest.mark.parametrize(
    "spoilt",
    ["", "[]", "{", '{"http://a/v1 m": 3}', '{"http://a/v1 m": {"format": "yaml"}}',
     '{"http://a/v1 m": {"tokens_key": "n"}}', '{"http://a/v1 m": {"stream": []}}'],
)  # fmt: skip
def test_a_spoilt_file_is_forgotten_and_written_anew(tmp_path: Path, spoilt: str) -> None:
    path = tmp_path / "endpoints.json"
    path.write_text(spoilt)
    memory = DialectMemory(path)
    assert memory.recall(ENDPOINT) == Dialect()
    memory.remember(ENDPOINT, OLD)
    assert DialectMemory(path).recall(ENDPOINT) == OLD


def test_a_file_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where the folder should be")
    memory = DialectMemory(tmp_path / "state" / "endpoints.json")
    memory.remember(ENDPOINT, OLD)
    assert memory.recall(ENDPOINT) == OLD
