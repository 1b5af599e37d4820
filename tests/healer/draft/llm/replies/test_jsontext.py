"""The one JSON object in what a model wrote is found, or a sentence says why not."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.draft.llm.replies.jsontext import (
    JsonObject,
    Problem,
    drop_thinking,
    find_json_object,
    to_line,
)

GOOD = {"a": 1, "b": ["x", {"c": None}]}
TEXT = json.dumps(GOOD)


def has_a(value: JsonObject) -> bool:
    return "a" in value


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        f"  {TEXT}\n",
        json.dumps(GOOD, indent=2),
        f"Sure! Here it is:\n\n```json\n{TEXT}\n```\nHope it helps.",
        f"```\n{TEXT}\n```",
        f"```python\nprint({{}})\n```\n```json\n{TEXT}\n```",
        f"I think {{…}} means {TEXT} here.",
        f"<think>\n{{'a': 2}} or so\n</think>\n{TEXT}",
        f"<reasoning>open thoughts {{</reasoning>{TEXT}",
        f"half a thought </think>{TEXT}",
        f"{TEXT}\n\nAgain: {TEXT}",
        '{"a": 1, "b": ["x", {"c": null}],}',
        '{"a": 1, "b": ["x", {"c": null},],}',
        '{\n// the answer\n"a": 1, "b": ["x", {"c": null}]}',
        '{"a": 1, /* why */ "b": ["x", {"c": null}]}',
        "{'a': 1, 'b': ['x', {'c': None}]}",
        json.dumps(TEXT),
        "prefix {x} " + TEXT,
    ],
)
def test_the_habits_of_models_around_their_json_are_forgiven(text: str) -> None:
    assert find_json_object(text, has_a) == GOOD


def test_raw_line_ends_inside_a_string_are_part_of_it() -> None:
    assert find_json_object('{"a": "x\n\ty"}', has_a) == {"a": "x\n\ty"}


def test_what_looks_like_a_comment_or_a_comma_inside_a_string_stays() -> None:
    value = {"a": "http://x /* y */ ,} // z"}
    assert find_json_object(json.dumps(value)[:-1] + ",}", has_a) == value


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is empty"),
        ("  \n ", "is empty"),
        ("<think>only thoughts", "is empty"),
        ("I would change the loop.", "holds no JSON"),
        ('{"b": 1}', "no valid JSON object of the wanted shape"),
        ("{a: 1}", "no valid JSON object"),
        ('{"a": [1, 2', "cut off"),
        ('{"a": 1} {"a": 2}', "several different answers"),
        ('```json\n{"a": 1}\n```\n```json\n{"a": 2}\n```', "several different answers"),
        ("[1, 2]", "holds no JSON"),
        ("null", "holds no JSON"),
        ("x" * 1_000_001, "longer than"),
    ],
)
def test_what_is_no_one_object_is_a_problem_with_a_sentence(text: str, says: str) -> None:
    problem = find_json_object(text, has_a)
    assert isinstance(problem, Problem)
    assert says in problem.message


def test_objects_that_are_not_wanted_do_not_count() -> None:
    assert find_json_object('{"x": 1} {"a": 1} {"y": 2}', has_a) == {"a": 1}


@given(st.text(max_size=300))
def test_any_text_is_an_object_or_a_problem(text: str) -> None:
    assert isinstance(find_json_object(text, lambda value: True), dict | Problem)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=5), _JSON, max_size=4), st.sampled_from(["", "Here: "]))
def test_any_object_is_found_in_what_is_written_around_it(value: dict[str, Any], chat: str) -> None:
    def is_it(found: JsonObject) -> bool:
        return found == value

    for text in (json.dumps(value), f"```json\n{json.dumps(value)}\n```"):
        assert find_json_object(chat + text, is_it) == value


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("<think>a</think>b", "b"),
        ("<THINKING>a</THINKING> b ", "b"),
        ("a</think>b", "b"),
        ("<think>a", ""),
        ("<think>a</think>b<think>c</think>d", "bd"),
        ("a < b > c", "a < b > c"),
    ],
)
def test_thoughts_are_left_out(text: str, rest: str) -> None:
    assert drop_thinking(text) == rest


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("a\n b\tc ", "a b c"),
        ("\x1b[31mred\u202e\u200b", "[31mred"),
        (None, ""),
        (3, "3"),
        (["a"], "['a']"),
        ("\ud800x", "?x"),
        ("", ""),
    ],
)
def test_a_value_becomes_one_line(value: object, line: str) -> None:
    assert to_line(value) == line


@given(st.text(max_size=200))
def test_a_line_can_be_stored_and_has_no_ends(text: str) -> None:
    line = to_line(text)
    assert len(line.splitlines()) <= 1
    line.encode()
    assert to_line(line) == line
