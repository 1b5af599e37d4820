"""A real HTTP server that answers as OpenAI-compatible endpoints do, well and badly, by a script.

Belongs here: how endpoints behave on the wire, from their documentation and issue threads. Does
not belong here: what healer makes of it.

    with ScriptedEndpoint(replies=[fix("scripts/a.py", "x = 1", "x = 2")]) as endpoint:
        ... base_url=endpoint.base_url ...
        assert "KeyError" in endpoint.requests[0].prompt

As a program it serves a script file until it is stopped; its base URL is its first line:

    python -m tests.support.endpoint --script file.json [--port 8123] [--log requests.jsonl]

The file holds `{"profile": "openai", "replies": [...]}`; a reply is an object with the fields of
`Reply`, or any other object, which is then the JSON content of a good reply.
"""

from tests.support.endpoint.facts import Body, Reply, Request, Scripted, answer, fix
from tests.support.endpoint.profiles import (
    AZURE,
    GEMINI,
    LLAMA_CPP,
    LM_STUDIO,
    LM_STUDIO_OLD,
    OLLAMA,
    OPENAI,
    OPENAI_OLD,
    OPENROUTER,
    PROFILES,
    RESPONSES_ONLY,
    STREAM_ONLY,
    VLLM,
    Profile,
    content_filtered,
    error,
    error_in_ok,
    rate_limited,
)
from tests.support.endpoint.server import ScriptedEndpoint

__all__ = [
    "AZURE",
    "GEMINI",
    "LLAMA_CPP",
    "LM_STUDIO",
    "LM_STUDIO_OLD",
    "OLLAMA",
    "OPENAI",
    "OPENAI_OLD",
    "OPENROUTER",
    "PROFILES",
    "RESPONSES_ONLY",
    "STREAM_ONLY",
    "VLLM",
    "Body",
    "Profile",
    "Reply",
    "Request",
    "Scripted",
    "ScriptedEndpoint",
    "answer",
    "content_filtered",
    "error",
    "error_in_ok",
    "fix",
    "rate_limited",
]
