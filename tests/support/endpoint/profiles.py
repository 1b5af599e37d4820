"""How each kind of endpoint behaves and what its errors look like, from docs and threads."""

import dataclasses
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from tests.support.endpoint.facts import Reply, Request


@dataclass(frozen=True)
class Profile:
    """How one kind of endpoint behaves."""

    name: str
    schema: Literal["accepted", "rejected", "ignored"] = "accepted"
    json_mode: Literal["accepted", "rejected", "ignored"] = "accepted"
    rejection: Callable[[str], Reply] = dataclasses.field(default_factory=lambda: openai_error)
    reasoning: Literal["reasoning_content", "reasoning", "think"] = "reasoning_content"
    max_tokens: str = ""
    """The one of `max_tokens` and `max_completion_tokens` that is refused, or empty."""
    stream_only: bool = False
    usage: bool = True
    has_chat: bool = True
    """False: the Responses API alone."""
    tools_refusal: Reply | None = None
    """What is said to tools; None: they are accepted."""


def openai_error(kind: str) -> Reply:
    """What OpenAI and Azure say of a response format that a model does not know."""
    message = (
        f"Invalid parameter: 'response_format' of type '{kind}' is not supported with this model."
    )
    return error(400, message, type="invalid_request_error", param="response_format", code=None)


def lm_studio_error(kind: str) -> Reply:
    """LM Studio's error is a bare string."""
    return Reply(status=400, body=json.dumps({"error": f"'response_format.type' must be {kind}"}))


def llama_cpp_error(kind: str) -> Reply:
    message = f"Failed to initialize samplers: failed to parse grammar for {kind}"
    return error(400, message, code=400, type="invalid_request_error")


def gemini_error(kind: str) -> Reply:
    """Gemini's compatible endpoint wraps its error in a list."""
    message = f"Invalid JSON payload received. Unknown name \"{kind}\" at 'response_format'"
    body = [{"error": {"code": 400, "message": message, "status": "INVALID_ARGUMENT"}}]
    return Reply(status=400, body=json.dumps(body))


def error(status: int, message: str, *, retry_after: str = "", **more: Any) -> Reply:
    """An HTTP error with OpenAI's error object."""
    headers = {"Retry-After": retry_after} if retry_after else {}
    body = json.dumps({"error": {"message": message, **more}})
    return Reply(status=status, body=body, headers=headers)


def rate_limited(retry_after: str = "1") -> Reply:
    return error(
        429, "Rate limit reached", retry_after=retry_after, type="requests", code="rate_limit"
    )


def content_filtered() -> Reply:
    """Azure refuses a prompt: its content policy is an HTTP 400 of its own."""
    return error(
        400,
        "The response was filtered due to the prompt triggering Azure OpenAI's content "
        "management policy.",
        type=None,
        param="prompt",
        code="content_filter",
        innererror={"code": "ResponsibleAIPolicyViolation"},
    )


def error_in_ok() -> Reply:
    """OpenRouter: the provider failed after the 200 was sent."""
    return Reply(
        body=json.dumps(
            {"error": {"message": "Provider returned error", "code": 502, "metadata": {}}}
        )
    )


def _refuse_tools(status: int, message: str) -> Reply:
    return error(status, message, type="invalid_request_error")


OPENAI = Profile("openai", max_tokens="max_tokens")
OPENAI_OLD = Profile("openai-old", schema="rejected")
AZURE = Profile("azure", max_tokens="max_tokens")
OLLAMA = Profile(
    "ollama", schema="ignored", json_mode="ignored", reasoning="reasoning",
    tools_refusal=_refuse_tools(400, "registry.ollama.ai/library/m does not support tools"),
)  # fmt: skip
VLLM = Profile(
    "vllm",
    tools_refusal=_refuse_tools(
        400,
        '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set',
    ),
)
LLAMA_CPP = Profile(
    "llama.cpp", schema="rejected", rejection=llama_cpp_error, reasoning="think",
    tools_refusal=_refuse_tools(500, "tools param requires --jinja flag"),
)  # fmt: skip
LM_STUDIO = Profile("lm-studio", json_mode="rejected", rejection=lm_studio_error, reasoning="think")
LM_STUDIO_OLD = Profile(
    "lm-studio-old", schema="rejected", json_mode="rejected", rejection=lm_studio_error
)
OPENROUTER = Profile(
    "openrouter", schema="ignored", reasoning="reasoning",
    tools_refusal=_refuse_tools(404, "No endpoints found that support tool use."),
)  # fmt: skip
GEMINI = Profile("gemini", schema="rejected", rejection=gemini_error)
RESPONSES_ONLY = Profile("responses-only", has_chat=False)
STREAM_ONLY = Profile("stream-only", schema="ignored", stream_only=True)
PROFILES = {
    profile.name: profile
    for profile in (
        OPENAI,
        OPENAI_OLD,
        AZURE,
        OLLAMA,
        VLLM,
        LLAMA_CPP,
        LM_STUDIO,
        LM_STUDIO_OLD,
        OPENROUTER,
        GEMINI,
        RESPONSES_ONLY,
        STREAM_ONLY,
    )
}


def refused(profile: Profile, request: Request) -> Reply | None:
    body = request.body
    kind = request.response_format
    if not profile.has_chat and "/responses" not in request.path:
        return error(404, "This is only supported in v1/responses and not in v1/chat/completions.")
    if profile.tools_refusal is not None and body.get("tools"):
        return profile.tools_refusal
    rule = {"json_schema": profile.schema, "json_object": profile.json_mode}.get(kind)
    if rule == "rejected":
        return profile.rejection(kind)
    if profile.stream_only and not body.get("stream"):
        message = "This model only support stream mode, please enable the stream parameter."
        return error(400, message, code="invalid_parameter_error", type="invalid_request_error")
    if profile.max_tokens and profile.max_tokens in body:
        message = (
            f"Unsupported parameter: '{profile.max_tokens}' is not supported with this model. "
            f"Use 'max_completion_tokens' instead."
        )
        return error(400, message, param=profile.max_tokens, code="unsupported_parameter")
    return None
