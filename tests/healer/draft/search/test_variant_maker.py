"""A variant is another program than the file and than those before it, or it is none."""

import ast

import pytest

from healer.draft.rules.source_file import SourceFile, TextEdit
from healer.draft.search.variant_maker import AND, Variant, VariantMaker

TEXT = """\
import os


def f(a, b):
    c = a
    return a + b


class K:
    def g(self):
        return 1
"""


def edit(old: str, new: str, text: str = TEXT) -> TextEdit:
    """Another text where one stands first."""
    start = text.index(old)
    return TextEdit(start, start + len(old), new)


def make(*edits: TextEdit, text: str = TEXT, maker: VariantMaker | None = None) -> Variant | None:
    return (maker or VariantMaker(SourceFile("job.py", text))).make(edits, "s", 1, 0.5)


def test_a_variant_is_the_whole_file_with_the_edit_made() -> None:
    variant = make(edit("a + b", "a - b"))
    assert variant is not None
    assert variant.content == TEXT.replace("a + b", "a - b")
    assert (variant.path, variant.shape, variant.line, variant.score) == ("job.py", "s", 1, 0.5)
    assert variant.changes == (edit("a + b", "a - b"),)


@pytest.mark.parametrize(
    "edits",
    [
        pytest.param((edit("a + b", "a +"),), id="no program"),
        pytest.param((edit("a + b", "(a + b)"),), id="the same instructions"),
        pytest.param((edit("a + b", "a  +  b  # c"),), id="a comment"),
        pytest.param((edit("c = a", "c += a"),), id="a name that is not bound before"),
        pytest.param((edit("a + b", "b"), edit("a + b", "a")), id="two edits of one place"),
        pytest.param((edit("import os", "import os, ;"),), id="outside a function"),
        pytest.param((edit("return 1", "yield from 1 +"),), id="in a method"),
        pytest.param((edit("return a + b", "return a + b\0"),), id="a null"),
    ],
)
def test_what_does_not_compile_changes_nothing_or_surely_fails_is_none(
    edits: tuple[TextEdit, ...],
) -> None:
    assert make(*edits) is None


def test_the_same_program_is_made_once() -> None:
    maker = VariantMaker(SourceFile("job.py", TEXT))
    assert make(edit("a + b", "b + a"), maker=maker)
    assert make(edit("a + b", "(b + a)"), maker=maker) is None
    assert make(edit("a + b", "b - a"), maker=maker)


def test_equal_functions_of_one_file_are_told_apart() -> None:
    text = "def f():\n    return 1\n\n\ndef f():\n    return 1\n"
    maker = VariantMaker(SourceFile("job.py", text))
    second = text.rindex("1")
    assert maker.make((edit("1", "2", text),), "s", 2, 0.0)
    assert maker.make((TextEdit(second, second + 1, "2"),), "s", 6, 0.0)


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [("a + b", "a - b", "f"), ("return 1", "return 2", "g")],
)
def test_a_change_inside_a_function_has_its_trees_before_and_after(
    old: str, new: str, name: str
) -> None:
    variant = make(edit(old, new))
    assert variant is not None
    assert variant.pair is not None
    before, after = variant.pair
    assert isinstance(before, ast.FunctionDef)
    assert isinstance(after, ast.FunctionDef)
    assert (before.name, after.name) == (name, name)
    assert ast.unparse(before).replace(old, new) == ast.unparse(after)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("import os", "import sys", id="outside every function"),
        pytest.param("    return a + b\n", "    return 1\ndef h(): pass\n", id="two functions now"),
        pytest.param("def f(a, b):", "async def f(a, b):", id="another kind now"),
    ],
)
def test_other_changes_have_no_pair(old: str, new: str) -> None:
    variant = make(edit(old, new))
    assert variant is not None
    assert variant.pair is None


def test_a_file_that_does_not_parse_can_become_one_that_does() -> None:
    text = "def f(a:\n    return a\n"
    variant = make(edit("(a:", "(a):", text), text=text)
    assert variant is not None
    assert variant.content == "def f(a):\n    return a\n"


def test_windows_line_ends_and_a_byte_order_mark_stay() -> None:
    text = "\ufeff" + TEXT.replace("\n", "\r\n")
    variant = make(edit("a + b", "a - b", text), text=text)
    assert variant is not None
    assert variant.content == text.replace("a + b", "a - b")


def test_a_variant_knows_its_shapes_and_who_drafted_it() -> None:
    pair = Variant("job.py", "", f"compare/< to <={AND}off-by-one/index+", 1, 0.0)
    assert pair.shapes == ["compare/< to <=", "off-by-one/index+"]
    assert not pair.is_from_rule
    assert Variant("job.py", "", "rule/number-from-outside", 1, 0.0).is_from_rule
