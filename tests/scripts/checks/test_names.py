"""Which names are refused, and which only look alike."""

import pytest

from scripts.checks.names import find_participles, glossary_nouns, is_participle
from scripts.checks.sources import Source


def refused(text: str, *nouns: str) -> list[str]:
    return [
        problem.text.partition(":")[0]
        for problem in find_participles(Source("house/judge.py", text), frozenset(nouns))
    ]


@pytest.mark.parametrize(
    "word",
    ["told", "held", "trimmed", "used", "agreed", "freed", "untold", "won", "rebuilt", "left"],
)
def test_a_past_participle_is_one(word: str) -> None:
    assert is_participle(word)


@pytest.mark.parametrize(
    "word",
    [
        "seed", "speed", "need", "feed", "embed", "red", "hundred", "read", "run", "set", "cut",
        "split", "put", "spread", "reset", "hit", "become", "cost", "tree", "status",
    ],
)  # fmt: skip
def test_a_base_verb_or_a_noun_is_none(word: str) -> None:
    assert not is_participle(word)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("def opened(): pass", ["function opened"]),
        ("def _opened(): pass", ["function _opened"]),
        ("async def told(): pass", ["function told"]),
        ("class A:\n    @property\n    def merged(self): pass", ["function merged"]),
        ("def waiting(): pass", ["function waiting"]),
        ("def f(wanted): pass", ["parameter wanted"]),
        ("def f(*given, **asked): pass", ["parameter given", "parameter asked"]),
        ("def f():\n    found = 1", ["local found"]),
        ("def f():\n    for seen in (): pass", ["local seen"]),
        ("def f():\n    found = 1\n    found = 2", ["local found"]),
        ("def f():\n    return [kept for kept in ()]", ["local kept"]),
        ("def f():\n    with g() as held: pass", ["local held"]),
        ("def f():\n    if (made := g()): pass", ["local made"]),
        ("def f():\n    try: pass\n    except A as raised: pass", ["local raised"]),
        ("def f(x):\n    match x:\n        case [*taken]: pass", ["local taken"]),
        ("def f():\n    left = 1", ["local left"]),
    ],
)
def test_a_bare_participle_is_refused_wherever_a_name_is_given(text: str, names: list[str]) -> None:
    assert refused(text) == names


@pytest.mark.parametrize(
    "text",
    [
        "def open_branch(opened_at): pass",
        "def read(run): pass",
        "def is_merged(): pass",
        "def finding(): pass",
        "def f():\n    failing = missing = 1",
        "def f():\n    left, right = g()",
        "class Failed(Exception): pass",
        "class Fact:\n    healed: bool\n    killed: int = 0",
        "def f():\n    self.held = 1",
        "def f():\n    g(found=1)",
        "def f():\n    return told.known",
        "FOUND = 1\nfound = 2",
    ],
)
def test_verbs_nouns_fields_and_what_others_named_are_allowed(text: str) -> None:
    assert refused(text) == []


def test_a_word_of_the_glossary_is_a_noun() -> None:
    text = "def f(expected): pass"
    assert refused(text) == ["parameter expected"]
    assert refused(text, "expected") == []
    assert {"expected", "repair", "verdict"} <= glossary_nouns()


def test_the_place_is_that_of_the_name() -> None:
    (problem,) = find_participles(
        Source("house/judge.py", "x = 1\ndef f():\n    told = x"), frozenset()
    )
    assert str(problem).startswith("house/judge.py:3: local told")


def test_names_of_inner_functions_are_told_once() -> None:
    text = "def f():\n    def inner():\n        found = 1"
    assert refused(text) == ["local found"]
