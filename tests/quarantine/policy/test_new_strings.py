"""Strings count where they are new, in product code, and no docstring."""

import re

import pytest

from quarantine.policy import Example
from quarantine.policy.files import Patch, read_patch
from quarantine.policy.new_strings import find_strings, match_new_kinds, match_strings
from tests.quarantine.policy.examples import patch_of

HOST = re.compile(r"https?://([\w.]+)")


def patch(text: str, path: str = "scripts/job.py", old_mode: str = "100644") -> Patch:
    before, after, change, literals = patch_of(Example(text, path=path, old_mode=old_mode))
    return read_patch(before, after, [change], literals)


@pytest.mark.parametrize(
    ("text", "strings"),
    [
        ("+ x = 'a'", [("a", 1)]),
        ("  y = 1\n+ x = b'a'", [("a", 2)]),
        ("+ x = f'a{y}b'", [("a", 1), ("b", 1)]),
        ("  x = 'a'\n+ y = 'a'", [("a", 2)]),
        ("- x = 'a'\n+ y = 'a'", []),
        ("+ 'a docstring'", []),
        ("+ def f():\n+     '''a docstring'''", []),
        ("+ # 'a'", []),
        ("+ x = 1", []),
    ],
)
def test_only_new_strings_are_found(text: str, strings: list[tuple[str, int]]) -> None:
    assert [(found, line) for _, found, line in find_strings(patch(text))] == strings


def test_strings_of_a_new_test_are_its_own_affair() -> None:
    assert list(find_strings(patch("+ x = 'a'", "tests/test_new.py", ""))) == []


def test_a_match_is_named_without_the_blanks_around_it_and_cut_off() -> None:
    hits = list(match_strings(re.compile(r"\s*a+\s*"), patch(f"+ x = 'b {'a' * 90} b'")))
    assert [hit.what for hit in hits] == ["a" * 60]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("+ x = 'http://a.example/x'", ["http://a.example"]),
        ("  y = 'http://a.example/y'\n+ x = 'http://a.example/x'", []),
        ("  y = 'http://a.example/y'\n+ x = 'http://b.example/x'", ["http://b.example"]),
        ("  y = 'https://A.Example/y'\n+ x = 'http://a.example/x'", []),
        ("  # see http://a.example\n+ x = 'http://a.example/x'", []),
        ("+ x = 'see http://a.example for what it is all about'", []),
        ("+ x = 'see http://a.example now'", ["http://a.example"]),
    ],
)
def test_a_kind_that_the_base_names_is_not_new(text: str, what: list[str]) -> None:
    assert [hit.what for hit in match_new_kinds(HOST, patch(text))] == what
