"""A rule is made of a function, takes its summary from the docstring and shows itself."""

import ast
from collections.abc import Iterator

import pytest

from quarantine.policy import Example
from quarantine.policy.files import Patch
from quarantine.policy.module import Module
from quarantine.policy.rule import Hit, cwe, first_paragraph, node_rule, rule, short_source
from tests.quarantine.policy.examples import hits, whats


@rule("any-file", "person", "A file.", refuses="+ a", allows="- a", link=cwe(1))
def any_file(patch: Patch) -> Iterator[Hit]:
    """Every file of a patch,
    whatever it is.

    More that only developers read.
    """
    for file in patch.files:
        yield Hit(file.path)


@node_rule("pass", "reject", "It passes ({what}).", refuses="+ pass", allows="- pass", link=cwe(2))
def passes(module: Module) -> Iterator[ast.AST]:
    """A statement that does nothing."""
    yield from module.of(ast.Pass)


@node_rule(
    "call", "person", "A call.", refuses="+ f()", allows="- f()", link=cwe(3), key=lambda _: "call"
)
def calls(module: Module) -> Iterator[ast.AST]:
    """A call."""
    yield from module.of(ast.Call)


def test_a_rule_says_the_first_paragraph_of_its_docstring_on_one_line() -> None:
    assert any_file.summary == "Every file of a patch, whatever it is."


def test_a_rule_has_its_two_examples_and_its_link() -> None:
    assert (any_file.refuses, any_file.allows) == (Example("+ a"), Example("- a"))
    assert any_file.link.endswith("/1.html")


def test_a_rule_of_nodes_points_at_those_that_a_patch_adds() -> None:
    assert hits(passes, Example("  if a:\n      pass\n+ pass")) == [
        Hit("scripts/job.py", 3, "pass")
    ]
    assert hits(passes, Example("  pass\n+ x = 1")) == []


def test_nodes_of_one_key_are_not_told_apart() -> None:
    assert hits(calls, Example("- f()\n+ g(1, 2)")) == []
    assert len(hits(calls, Example("- f()\n+ g(1, 2)\n+ h()"))) == 1


def test_what_was_found_is_named_only_where_the_reason_asks_for_it() -> None:
    assert whats(passes, "+ pass") == ["pass"]
    assert whats(calls, "+ f()") == [""]


def test_a_rule_of_nodes_leaves_new_tests_alone() -> None:
    assert hits(passes, Example("+ pass", path="tests/test_new.py", old_mode="")) == []


@pytest.mark.parametrize(
    ("docstring", "paragraph"),
    [
        ("One line.", "One line."),
        ("Two\n    lines.", "Two lines."),
        ("First.\n\nSecond.", "First."),
        ("\n  First.  \n\n  Second.\n", "First."),
        ("", ""),
    ],
)
def test_the_first_paragraph_ends_at_an_empty_line(docstring: str, paragraph: str) -> None:
    assert first_paragraph(docstring) == paragraph


def test_a_long_source_is_cut_off() -> None:
    assert len(short_source(ast.parse("f(" + "a" * 200 + ")"))) == 60
