"""An edit fits in one place and changes nothing else, or it is refused with a usable sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.draft.edits import EditRefused, apply, fingerprint
from healer.facts.draft import Edit, ReplaceSymbol, ReplaceText, WriteFile


class Files:
    """A source of files that are given as a dict."""

    def __init__(self, **files: bytes | str) -> None:
        self.files = {
            name.replace("__", "/") + ".py": data.encode() if isinstance(data, str) else data
            for name, data in files.items()
        }

    def read(self, path: str) -> bytes | None:
        return self.files.get(path)

    def paths(self) -> tuple[str, ...]:
        return tuple(sorted(self.files))


MODULE = '''\
import json


def total(rows):
    amount = 0
    for row in rows:
        amount += row["total"]
    return amount


# Keeps the last answer.
@cache
@retry(times=3)
def fetch(url):
    """Fetches.

    Twice.
    """
    return json.loads(get(url))


class Report:
    limit = 3

    def total(self):
        return sum(self.rows)

    @property
    def name(self):
        return "a"
'''


def edited(edit: Edit, text: str | bytes = MODULE) -> str:
    (data,) = apply([edit], Files(a=text)).values()
    return data.decode()


def replace(find: str, new: str, text: str | bytes = MODULE) -> str:
    return edited(ReplaceText(path="a.py", find=find, replace=new), text)


def symbol(name: str, source: str, text: str | bytes = MODULE) -> str:
    return edited(ReplaceSymbol(path="a.py", symbol=name, source=source), text)


def refusal(*edits: Edit, text: str | bytes = MODULE) -> str:
    with pytest.raises(EditRefused) as caught:
        apply(edits, Files(a=text))
    return str(caught.value)


def test_text_that_is_found_once_is_replaced() -> None:
    changed = replace('row["total"]', 'row.get("total", 0)')
    assert changed == MODULE.replace('row["total"]', 'row.get("total", 0)')


def test_text_in_two_places_is_refused_with_their_lines() -> None:
    said = refusal(ReplaceText(path="a.py", find="return", replace="yield"))
    assert "found 4 times (lines 8, 19, 26, 30)" in said
    assert "quote more of the lines around it" in said


def test_text_in_no_place_is_refused_with_the_nearest_line() -> None:
    said = refusal(ReplaceText(path="a.py", find='amount += row["sum"]', replace="x"))
    assert "nearest to its first line is line 7" in said


def test_a_quotation_is_not_found_inside_a_word() -> None:
    assert replace("x = 1", "x = 2", "max = 10\nx = 1\n") == "max = 10\nx = 2\n"
    assert "is not in the file" in refusal(
        ReplaceText(path="a.py", find="x = 1", replace="y"), text="max = 1\n"
    )


def test_whole_lines_are_found_whatever_their_blanks_and_keep_the_files_indentation() -> None:
    changed = replace(
        'for row in rows:\n  amount  += row["total"]',
        'for row in rows:\n  if row:\n    amount += row["total"]',
    )
    assert '    for row in rows:\n        if row:\n            amount += row["total"]\n' in changed


def test_a_quotation_whose_first_line_lost_its_blanks_does_not_shift_the_others() -> None:
    changed = replace(
        'for row in  rows:\n        amount += row["total"]',
        'for row in rows:\n        amount += row["sum"]',
    )
    assert '    for row in rows:\n        amount += row["sum"]\n    return amount' in changed


def test_nearly_quoted_lines_are_found_when_the_passage_is_the_only_one() -> None:
    changed = replace(
        'amount = 0\nfor row in rows:\n    amount += row["totals"]\nreturn amount',
        "amount = sum(rows)\nreturn amount",
    )
    assert "def total(rows):\n    amount = sum(rows)\n    return amount\n" in changed


def test_a_nearly_quoted_passage_that_fits_twice_is_refused() -> None:
    block = "start()\nvalue_of_the_sum = first_number + {}\nstop()\n"
    said = refusal(
        ReplaceText(path="a.py", find=block.format("c"), replace="x"),
        text=block.format("a") + block.format("b"),
    )
    assert "found 2 times" in said


def test_one_nearly_quoted_line_is_never_enough() -> None:
    assert "is not in the file" in refusal(
        ReplaceText(path="a.py", find="x = first_value + second_value_", replace="y"),
        text="x = first_value - second_value_\n",
    )


def test_line_ends_the_byte_order_mark_and_a_missing_final_newline_are_kept() -> None:
    before = b"\xef\xbb\xbfa = 1\r\nb = 2\nc = 3\r\nd = 4"
    (after,) = apply(
        [
            ReplaceText(path="a.py", find="a = 1\nb = 2", replace="a = 5\nb = 6"),
            ReplaceText(path="a.py", find="d = 4", replace="d = 7\n"),
        ],
        Files(a=before),
    ).values()
    assert after == b"\xef\xbb\xbfa = 5\r\nb = 6\nc = 3\r\nd = 7"


def test_a_final_newline_that_a_replacement_forgets_stays() -> None:
    assert replace("b = 2\n", "b = 3", "a = 1\nb = 2\n") == "a = 1\nb = 3\n"
    assert replace("a = 1\n", "a = 3", "a = 1\nb = 2\n") == "a = 3\nb = 2\n"


def test_tabs_stay_tabs() -> None:
    text = "def f(x):\n\tif x:\n\t\treturn 1\n\treturn 2\n"
    assert replace("\treturn 2", "\tif not x:\n\t    return 3\n\treturn 2", text).count("\t\t") == 1
    assert symbol("f", "def f(x):\n    if x:\n        return 4\n", text) == (
        "def f(x):\n\tif x:\n\t\treturn 4\n"
    )


@pytest.mark.parametrize(
    "path", ["", "/etc/passwd", "../x.py", "a/../../x", ".git/hooks/x", "a//b", "C:\\x", "a\nb"]
)
def test_paths_that_leave_the_repository_are_refused(path: str) -> None:
    assert "relative to the repository" in refusal(WriteFile(path=path, content="x"))


def test_a_file_that_exists_is_written_over_only_by_drafters_of_whole_files() -> None:
    assert "the file exists" in refusal(WriteFile(path="a.py", content="x = 1\n"))
    (data,) = apply(
        [WriteFile(path="a.py", content="x = 1\ny = 2\n", replaces=True)], Files(a=b"x = 1\r\n")
    ).values()
    assert data == b"x = 1\r\ny = 2\r\n"


def test_a_new_file_ends_with_a_newline() -> None:
    edit = WriteFile(path="tests/test_a.py", content="x = 1")
    assert apply([edit], Files()) == {"tests/test_a.py": b"x = 1\n"}


@pytest.mark.parametrize(
    "edits",
    [
        (),
        (ReplaceText(path="b.py", find="x", replace="y"),),
        (ReplaceText(path="a.py", find=" \n", replace="y"),),
        (ReplaceText(path="a.py", find="amount = 0", replace="amount = 0"),),
        (ReplaceText(path="a.py", find="amount = 0", replace="amount = '<REDACTED:jwt:1>'"),),
        (ReplaceText(path="a.py", find="key = <REDACTED:jwt:1>", replace="key = 1"),),
        (
            ReplaceText(path="a.py", find="amount = 0", replace="amount = 1"),
            ReplaceSymbol(path="a.py", symbol="total", source="def total(rows): return 0"),
        ),
        (
            WriteFile(path="b.py", content="x"),
            ReplaceText(path="b.py", find="x", replace="y"),
        ),
    ],
)
def test_edits_without_a_clear_meaning_are_refused(edits: tuple[Edit, ...]) -> None:
    assert refusal(*edits)


def test_several_edits_of_one_file_are_held_against_its_first_text() -> None:
    (data,) = apply(
        [
            ReplaceText(path="a.py", find="b = 2", replace="b = 1\nc = 2"),
            ReplaceText(path="a.py", find="a = 1", replace="a = 2\nb = 2"),
        ],
        Files(a="a = 1\nb = 2\n"),
    ).values()
    assert data == b"a = 2\nb = 2\nb = 1\nc = 2\n"


def test_an_edit_may_quote_a_line_that_another_changes_only_to_add_beside_it() -> None:
    new_total = "def total(rows):\n    return sum(map(count, rows))"
    helper = "def count(row):\n    return row['total']"
    edits = (
        ReplaceSymbol(path="a.py", symbol="total", source=new_total),
        ReplaceText(
            path="a.py", find="def total(rows):", replace=f"{helper}\n\n\ndef total(rows):"
        ),
    )
    for each in (edits, edits[::-1]):
        text = apply(each, Files(a=MODULE))["a.py"].decode()
        assert f"import json\n\n\n{helper}\n\n\n{new_total}\n\n\n# Keeps" in text


def test_two_edits_that_add_at_the_same_place_are_refused() -> None:
    edits = [
        ReplaceText(path="a.py", find="import json", replace=f"import json\nimport {name}")
        for name in ("csv", "sys")
    ]
    with pytest.raises(EditRefused, match="overlap"):
        apply(edits, Files(a=MODULE))


@given(
    text=st.text(max_size=200),
    find=st.text(max_size=60),
    new=st.text(max_size=60),
    name=st.text(max_size=10),
    path=st.sampled_from(["a.py", "b/c.txt", ""]),
)
def test_any_edit_of_any_file_gives_bytes_or_a_refusal(
    text: str, find: str, new: str, name: str, path: str
) -> None:
    source = Files(a=text.encode("utf-8", "replace"))
    for edit in (
        ReplaceText(path="a.py", find=find, replace=new),
        ReplaceSymbol(path="a.py", symbol=name, source=new),
        WriteFile(path=path, content=new),
    ):
        try:
            result = apply([edit], source)
        except EditRefused as refused:
            assert str(refused)
        else:
            assert all(isinstance(data, bytes) for data in result.values())


def same(one: str, other: str, path: str = "a.py") -> bool:
    return fingerprint({path: one.encode()}) == fingerprint({path: other.encode()})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x = 1  # one\n", "x=1\n"),
        ("x = 1\n", "\n\nx = (1)\n"),
        ("f(a, b)\n", "f(\n    a,\n    b,\n)\n"),
        ("x = 'a'\n", 'x = "a"\n'),
        ("x = (\n", " x =  (\n\n"),
    ],
)
def test_changes_that_differ_in_comments_and_formatting_are_the_same(one: str, other: str) -> None:
    assert same(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x = 1\n", "x = 2\n"),
        ("x = 1\n", "x = 1\ny = 1\n"),
        ("x = 1\n", "x = '1'\n"),
        ("a\nb\n", "b\na\n"),
        ("f(a)(b)\n", "f(a, b)\n"),
        ("x = (\n", "x = [\n"),
    ],
)
def test_changes_that_do_something_else_differ(one: str, other: str) -> None:
    assert not same(one, other)


def test_a_comment_counts_in_a_file_that_is_no_python() -> None:
    assert not same("x = 1  # one\n", "x = 1\n", "a.txt")
    assert same("x  =  1\n\n", "x = 1", "a.txt")


def test_a_fingerprint_holds_the_path_and_not_the_order() -> None:
    one, other = {"a.py": b"1", "b.py": b"2"}, {"b.py": b"2", "a.py": b"1"}
    assert fingerprint(one) == fingerprint(other)
    assert fingerprint({"a.py": b"1"}) != fingerprint({"b.py": b"1"})
    assert len(fingerprint(one)) == 16
