"""What is a dict of anything in a public signature."""

import ast

import pytest

from scripts.checks.signatures import find_dicts, is_dict_of_anything
from scripts.checks.sources import Source


@pytest.mark.parametrize(
    "annotation",
    [
        "dict", "Mapping", "dict[str, Any]", "Mapping[str, object]", "dict[str, typing.Any]",
        "dict[str, Any] | None", "Callable[[dict[str, Any]], None]", "tuple[dict[str, Any], str]",
        "list[Mapping[str, Any]]", "'dict[str, Any]'", "dict[str, dict[str, Any]]",
        "collections.abc.Mapping[str, Any]",
    ],
)  # fmt: skip
def test_a_dict_of_anything_is_seen_wherever_it_stands(annotation: str) -> None:
    assert is_dict_of_anything(ast.parse(annotation, mode="eval").body)


@pytest.mark.parametrize(
    "annotation",
    [
        "dict[str, int]", "Mapping[str, TestResult]", "dict[str, list[int]]", "list[Any]", "object",
        "Dictionary", "Literal['dict']", "Literal['a dict of Any']", "tuple[str, ...]",
        "dict[Any, int]",
    ],
)  # fmt: skip
def test_a_mapping_with_typed_values_is_none(annotation: str) -> None:
    assert not is_dict_of_anything(ast.parse(annotation, mode="eval").body)


def names(text: str) -> list[str]:
    return [p.text.partition(":")[0] for p in find_dicts(Source("house/judge.py", text))]


def test_each_parameter_and_the_result_count() -> None:
    assert names("def f(a: dict, b: int, *, c: dict[str, Any]) -> Mapping: pass") == ["f"] * 3


def test_methods_of_public_classes_count() -> None:
    assert names("class Store:\n    def put(self, row: dict) -> None: pass") == ["put"]


@pytest.mark.parametrize(
    "text",
    [
        "def _f(a: dict): pass",
        "class _Store:\n    def put(self, row: dict): pass",
        "class Store:\n    def _put(self, row: dict): pass",
        "class Store:\n    def __init__(self, row: dict): pass",
        "def f():\n    def inner(a: dict): pass",
        "def f(a): pass",
    ],
)
def test_what_is_private_or_not_annotated_does_not(text: str) -> None:
    assert names(text) == []
