"""The scripted endpoint answers on the wire as the endpoints it stands for."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import openai
import pytest

from tests.support.endpoint import (
    GEMINI,
    LM_STUDIO,
    OLLAMA,
    OPENAI,
    STREAM_ONLY,
    Reply,
    ScriptedEndpoint,
    error_in_ok,
    fix,
    rate_limited,
)

SCHEMA = {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object"}}}


def ask(endpoint: ScriptedEndpoint, **more: object) -> Any:
    with openai.OpenAI(base_url=endpoint.base_url, api_key="k", max_retries=0) as client:
        return client.chat.completions.create(
            **({"model": "m", "messages": [{"role": "user", "content": "hello"}]} | more)
        )


def test_replies_come_in_order_and_requests_are_kept() -> None:
    with ScriptedEndpoint([fix("a.py", "x", "y"), Reply("later", usage=None)]) as endpoint:
        first, second = ask(endpoint), ask(endpoint)
    assert json.loads(first.choices[0].message.content)["edits"][0]["path"] == "a.py"
    assert first.usage.prompt_tokens == len("hello") // 4
    assert second.usage is None
    assert [request.prompt for request in endpoint.requests] == ["hello", "hello"]


def test_an_exhausted_script_is_a_server_error_and_is_counted() -> None:
    with ScriptedEndpoint() as endpoint, pytest.raises(openai.InternalServerError):
        ask(endpoint)
    assert endpoint.exhausted == 1


def test_a_reply_can_wait_for_a_prompt() -> None:
    replies = [Reply("other", when="goodbye"), Reply("this", when="hello", keep=True)]
    with ScriptedEndpoint(replies) as endpoint:
        assert {ask(endpoint).choices[0].message.content for _ in range(2)} == {"this"}


@pytest.mark.parametrize(
    ("profile", "request_body", "says"),
    [
        (OPENAI, {"max_tokens": 5}, "max_completion_tokens"),
        (LM_STUDIO, {"response_format": {"type": "json_object"}}, "response_format.type"),
        (GEMINI, {"response_format": SCHEMA}, "INVALID_ARGUMENT"),
        (STREAM_ONLY, {}, "only support stream mode"),
    ],
)
def test_a_profile_refuses_what_its_endpoint_refuses(profile, request_body, says) -> None:
    with (
        ScriptedEndpoint([Reply("x")], profile) as endpoint,
        pytest.raises(openai.BadRequestError) as caught,
    ):
        ask(endpoint, **request_body)
    assert says in caught.value.response.text


def test_an_ignored_schema_gives_chat_around_a_fenced_block() -> None:
    with ScriptedEndpoint([fix("a.py", "x", "y")], OLLAMA) as endpoint:
        content = ask(endpoint, response_format=SCHEMA).choices[0].message.content
    assert content.startswith("Sure!")
    assert "```json" in content


def test_faults_look_as_they_do_on_the_wire() -> None:
    replies = [Reply("x" * 500, cut_after_bytes=40), rate_limited("7"), error_in_ok()]
    with ScriptedEndpoint(replies) as endpoint:
        with pytest.raises(openai.APIConnectionError):
            ask(endpoint)
        with pytest.raises(openai.RateLimitError) as limited:
            ask(endpoint)
        assert limited.value.response.headers["retry-after"] == "7"
        assert ask(endpoint).choices is None


def test_a_stream_carries_the_same_text_and_its_usage() -> None:
    with ScriptedEndpoint([Reply("y" * 100, usage=(3, 4))]) as endpoint:
        chunks = list(ask(endpoint, stream=True, stream_options={"include_usage": True}))
    assert "".join(c.choices[0].delta.content or "" for c in chunks if c.choices) == "y" * 100
    assert chunks[-1].usage.completion_tokens == 4


def test_it_runs_as_a_program(tmp_path: Path) -> None:
    script = tmp_path / "script.json"
    script.write_text(json.dumps({"replies": [{"content": "from a file"}]}))
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.endpoint", "--script", str(script)],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        base_url = process.stdout.readline().strip()
        with openai.OpenAI(base_url=base_url, api_key="k", max_retries=0) as client:
            reply = client.chat.completions.create(
                model="m", messages=[{"role": "user", "content": "x"}]
            )
    finally:
        process.terminate()
        process.communicate()
    assert reply.choices[0].message.content == "from a file"
