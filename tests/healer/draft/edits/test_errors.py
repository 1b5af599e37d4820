"""A refusal is a sentence for whoever drafted: which edit, what is wrong, what to write instead."""

import pytest

from healer.draft.edits import EditRefused, apply
from healer.facts.draft import Edit, ReplaceSymbol, ReplaceText, WriteFile
from tests.support.memory_tree import MemoryTree

TREE = MemoryTree({"a.py": "x = 1\ny = 1\ndef f():\n    return 1\n", "b.bin": b"\0\1"})


@pytest.mark.parametrize(
    ("edit", "says", "instead"),
    [
        (ReplaceText(path="a.py", find="= 1", replace="= 2"), "found 2 times", "quote more"),
        (ReplaceText(path="a.py", find="z = 1", replace=""), "is not in the file", "quote it"),
        (ReplaceText(path="a.py", find="\n", replace="x"), "is empty", "quote the lines"),
        (ReplaceText(path="c.py", find="x", replace="y"), "no such file", "misspelt"),
        (ReplaceText(path="b.bin", find="x", replace="y"), "b.bin", "cannot be edited"),
        (ReplaceText(path="../a.py", find="x", replace="y"), "the path", "relative to"),
        (ReplaceText(path="a.py", find="x = 1", replace="x = 1"), "changes nothing", "old one"),
        (ReplaceSymbol(path="a.py", symbol="g", source="def g(): 1"), "'g'", "The file defines: f"),
        (ReplaceSymbol(path="a.py", symbol="f", source="def f("), "does not parse", "give the"),
        (ReplaceSymbol(path="a.py", symbol="f", source="x = 1"), "must be the one", "of their own"),
        (WriteFile(path="a.py", content="x"), "the file exists", "use replace_text"),
        (WriteFile(path="n.py", content="<REDACTED:jwt:1>"), "placeholder", "neither quote"),
    ],
)
def test_each_refusal_says_what_is_wrong_and_what_to_do(
    edit: Edit, says: str, instead: str
) -> None:
    with pytest.raises(EditRefused) as caught:
        apply([edit], TREE)
    said = str(caught.value)
    assert says in said
    assert instead in said
    assert "\n" not in said


def test_a_refusal_names_the_edit_by_number_kind_and_path() -> None:
    good = ReplaceText(path="a.py", find="x = 1", replace="x = 2")
    bad = ReplaceSymbol(path="a.py", symbol="g", source="def g(): 1")
    with pytest.raises(EditRefused, match=r"edit 2 \(replace_symbol in 'a.py'\)"):
        apply([good, bad], TREE)


def test_a_long_path_does_not_make_a_long_refusal() -> None:
    with pytest.raises(EditRefused) as caught:
        apply([ReplaceText(path="x" * 9_000, find="a", replace="b")], TREE)
    assert len(str(caught.value)) < 400
