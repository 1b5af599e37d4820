"""The schemas use only what every structured-output engine knows."""

from collections.abc import Iterator

import pytest

from healer.draft.llm.replies.schema import (
    ACTIONS,
    DECISIONS,
    DRAFT,
    OBJECTIONS,
    REVIEW,
    TOOL_CALL,
    WORDING,
    Schema,
)

SCHEMAS = {"draft": DRAFT, "tool call": TOOL_CALL, "wording": WORDING, "review": REVIEW}


def parts_of(schema: Schema) -> Iterator[Schema]:
    """The schema and every one inside it."""
    yield schema
    for inner in schema.get("properties", {}).values():
        yield from parts_of(inner)
    if "items" in schema:
        yield from parts_of(schema["items"])


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS)
def test_only_the_keywords_that_all_know_are_used(schema: Schema) -> None:
    allowed = {"type", "properties", "required", "additionalProperties", "items", "enum"}
    for part in parts_of(schema):
        assert set(part) <= allowed
        assert part["type"] in ("object", "array", "string", "number", "integer")


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS)
def test_every_property_is_required_and_no_other_is_allowed(schema: Schema) -> None:
    for part in parts_of(schema):
        if part["type"] == "object":
            assert part["required"] == list(part["properties"])
            assert part["additionalProperties"] is False


def test_the_words_that_may_be_chosen_are_those_that_are_read() -> None:
    assert DRAFT["properties"]["decision"]["enum"] == list(DECISIONS)
    assert TOOL_CALL["properties"]["action"]["enum"] == list(ACTIONS)
    assert REVIEW["properties"]["objection"]["enum"] == list(OBJECTIONS)


def test_the_answer_of_a_tool_call_is_a_draft() -> None:
    assert TOOL_CALL["properties"]["answer"] == DRAFT
