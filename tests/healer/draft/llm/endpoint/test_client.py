"""Each endpoint is asked in the strictest dialect that it knows, and that is remembered."""

import json
import socket
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Self

import pytest

from healer.draft.llm.endpoint.client import Client, _read_authorities, open_client
from healer.draft.llm.endpoint.dialect import FORMATS, ChatRequest, Dialect, Message
from healer.draft.llm.endpoint.dialect_memory import DialectMemory
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


class Dripping:
    """Sends the beginning of a reply, then a piece every 50 ms."""

    def __init__(self, start: bytes, piece: bytes) -> None:
        self._start, self._piece = start, piece
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._is_over = threading.Event()
        self.base_url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/v1"

    def __enter__(self) -> Self:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._socket.close()

    def _serve(self) -> None:
        with suppress(OSError):
            connection, _ = self._socket.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(b"HTTP/1.1 " + self._start)
                while self._piece and not self._is_over.wait(0.05):
                    connection.sendall(self._piece)


CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("start", "piece"),
    [
        pytest.param(b"200 OK\r\nX-Slow: ", b"a", id="a header"),
        pytest.param(b"102 Processing\r\n\r\n", b"HTTP/1.1 102 Processing\r\n\r\n", id="1xx"),
        pytest.param(b"200 OK\r\n" + CHUNKED, b"1\r\n \r\n", id="a body"),
        pytest.param(b"500 No\r\n" + CHUNKED, b"1\r\n \r\n", id="an error"),
    ],
)
def test_a_reply_that_drips_is_left_in_time(start: bytes, piece: bytes) -> None:
    began = time.monotonic()
    with Dripping(start, piece) as server, Client(DialectMemory()) as client:
        endpoint = ENDPOINT.model_copy(update={"base_url": server.base_url, "timeout_s": 0.3})
        failure = client.complete(endpoint, REQUEST)
    assert isinstance(failure, CallFailure)
    assert (failure.transient, failure.maybe_billed) == (True, True)
    assert time.monotonic() - began < 5


def test_the_body_of_an_error_that_is_cut_is_a_failure_too() -> None:
    with (
        Dripping(b"500 No\r\n" + CHUNKED + b"1\r\n", b"") as server,
        Client(DialectMemory()) as client,
    ):
        endpoint = ENDPOINT.model_copy(update={"base_url": server.base_url})
        failure = client.complete(endpoint, REQUEST)
    assert isinstance(failure, CallFailure)
    assert failure.transient


def test_a_list_of_models_that_is_cut_says_nothing_of_the_context() -> None:
    with (
        Dripping(b"500 No\r\n" + CHUNKED + b"1\r\n", b"") as server,
        Client(DialectMemory()) as client,
    ):
        endpoint = ENDPOINT.model_copy(update={"base_url": server.base_url})
        assert client.learn_context(endpoint).context_tokens == 0


def test_after_a_reply_that_did_not_end_the_endpoint_is_asked_again() -> None:
    replies = [Reply(GOOD, first_byte_delay_s=2), Reply(GOOD)]
    with ScriptedEndpoint(replies) as server, Client(DialectMemory()) as client:
        late = client.complete(endpoint_at(server, timeout_s=0.2), REQUEST)
        assert isinstance(late, CallFailure)
        assert isinstance(client.complete(endpoint_at(server), REQUEST), Answer)
