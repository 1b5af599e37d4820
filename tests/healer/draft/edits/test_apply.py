"""An edit fits in one place and changes nothing else, or it is refused with a usable sentence."""

import ast
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.draft.edits import EditRefused, apply
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


def test_the_declared_encoding_is_kept() -> None:
    before = "# -*- coding: latin-1 -*-\nname = 'Zürich'\n".encode("latin-1")
    (after,) = apply(
        [ReplaceText(path="a.py", find="'Zürich'", replace="'Genève'")], Files(a=before)
    ).values()
    assert after == before.replace("Zürich".encode("latin-1"), "Genève".encode("latin-1"))


def test_characters_that_the_encoding_cannot_hold_are_refused() -> None:
    said = refusal(
        ReplaceText(path="a.py", find="x = 1", replace="x = '→'"),
        text=b"# coding: ascii\nx = 1\n",
    )
    assert "encoded as ascii" in said


@pytest.mark.parametrize(
    "data", [b"# coding: rot13\nk = 1\n", b"# coding: nope\nx\n", b"\xff\xfe\n", b"x\0y\n"]
)
def test_what_is_no_text_is_refused(data: bytes) -> None:
    assert "a.py" in refusal(ReplaceText(path="a.py", find="x", replace="y"), text=data)


def test_an_edit_that_changes_the_declared_encoding_is_refused() -> None:
    said = refusal(
        ReplaceText(path="a.py", find="# coding: latin-1", replace="# coding: utf-8"),
        text="# coding: latin-1\nx = 'ü'\n".encode("latin-1"),
    )
    assert "changes the encoding" in said


def test_tabs_stay_tabs() -> None:
    text = "def f(x):\n\tif x:\n\t\treturn 1\n\treturn 2\n"
    assert replace("\treturn 2", "\tif not x:\n\t    return 3\n\treturn 2", text).count("\t\t") == 1
    assert symbol("f", "def f(x):\n    if x:\n        return 4\n", text) == (
        "def f(x):\n\tif x:\n\t\treturn 4\n"
    )


def test_a_function_is_replaced_by_name_and_nothing_else_moves() -> None:
    changed = symbol("total", "def total(rows):\n    return sum(rows)")
    assert changed == MODULE.replace(
        MODULE[MODULE.index("    amount = 0") : MODULE.index("\n\n\n# Keeps")],
        "    return sum(rows)",
    )


def test_a_method_given_at_the_margin_is_indented() -> None:
    changed = symbol(
        "Report.total", 'def total(self):\n    """All.\n\n    Rows.\n    """\n    return 1'
    )
    assert (
        '    def total(self):\n        """All.\n\n        Rows.\n        """\n        return 1\n'
        in changed
    )


def test_a_string_of_several_lines_inside_a_new_symbol_keeps_its_data() -> None:
    changed = symbol("Report.total", 'def total(self):\n    return """a\n  b\n"""')
    assert 'return """a\n  b\n"""\n' in changed


def test_decorators_that_the_new_source_leaves_out_are_kept() -> None:
    changed = symbol("fetch", "def fetch(url):\n    return get(url)")
    assert (
        "# Keeps the last answer.\n@cache\n@retry(times=3)\ndef fetch(url):\n    return get(url)\n"
        in changed
    )


def test_decorators_that_the_new_source_gives_take_the_place_of_the_old() -> None:
    changed = symbol(
        "fetch", "# Keeps the last answer.\n@retry(times=9)\ndef fetch(url):\n    return 1"
    )
    assert "# Keeps the last answer.\n@retry(times=9)\ndef fetch(url):\n    return 1\n" in changed
    assert "@cache" not in changed
    assert changed.count("# Keeps") == 1


@pytest.mark.parametrize(
    ("name", "source", "says"),
    [
        ("totals", "def totals(): pass", "did you mean 'total'?"),
        ("total", "def other(): pass", "must be the one function 'total'"),
        ("total", "import os\ndef total(): pass", "must be the one function 'total'"),
        ("total", "class total: pass", "must be the one function 'total'"),
        ("total", "return 1 +", "does not parse"),
        ("Report", "def Report(): pass", "must be the one class 'Report'"),
        ("Report.total", "", "must be the one function"),
    ],
)
def test_a_symbol_edit_that_does_not_fit_says_why(name: str, source: str, says: str) -> None:
    assert says in refusal(ReplaceSymbol(path="a.py", symbol=name, source=source))


def test_a_symbol_that_is_defined_twice_is_refused() -> None:
    text = "if X:\n    def f(): pass\nelse:\n    def f(): return 1\n"
    said = refusal(ReplaceSymbol(path="a.py", symbol="f", source="def f(): pass"), text=text)
    assert "defined 2 times (lines 2, 4)" in said


def test_a_symbol_of_a_file_that_does_not_parse_is_refused_with_the_way_out() -> None:
    said = refusal(ReplaceSymbol(path="a.py", symbol="f", source="def f(): 1"), text="def f(:\n")
    assert "use replace_text" in said


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


_LINES = st.lists(
    st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), max_size=12), max_size=8
)
_ENDS = st.lists(st.sampled_from(["\n", "\r\n", "\r"]), min_size=9, max_size=9)


@given(before=_LINES, after=_LINES, ends=_ENDS, bom=st.booleans())
def test_everything_around_a_replacement_stays_byte_for_byte(
    before: list[str], after: list[str], ends: list[str], bom: bool
) -> None:
    mark = "unique_marker_of_this_test"
    head = "".join(line + end for line, end in zip(before, ends, strict=False))
    tail = "".join(end + line for line, end in zip(after, ends, strict=False))
    prefix = b"\xef\xbb\xbf" if bom else b""
    files = {"t.txt": prefix + (head + mark + tail).encode()}
    source = Files()
    source.files = files
    if "\ufeff" in head[:1]:
        return
    result = apply([ReplaceText(path="t.txt", find=mark, replace="new")], source)
    assert result == {"t.txt": prefix + (head + "new" + tail).encode()}


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


_BODIES = st.sampled_from(
    ["return 1", "if x:\n    return 2\nreturn 3", '"""Doc.\n\nMore.\n"""\nreturn x', "pass"]
)


@given(body=_BODIES, depth=st.integers(0, 3), given_depth=st.integers(0, 2), tabs=st.booleans())
def test_a_replaced_symbol_parses_at_any_depth_and_is_what_was_given(
    body: str, depth: int, given_depth: int, tabs: bool
) -> None:
    unit = "\t" if tabs else "  "
    heads = [f"{unit * level}class C{level}:" for level in range(depth)]
    method = [f"{unit * depth}def f(x):", f"{unit * (depth + 1)}raise KeyError"]
    after = [f"{unit * depth}y = 1"]
    text = "\n".join([*heads, *method, *after, ""])
    name = ".".join([*(f"C{level}" for level in range(depth)), "f"])
    new = "def f(x):\n" + textwrap.indent(body, "    ")
    result = symbol(name, textwrap.indent(new, "    " * given_depth), text)
    tree = ast.parse(result)
    node = next(node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
    expected = ast.parse(new).body[0]
    assert isinstance(expected, ast.FunctionDef)
    assert ast.get_docstring(node) == ast.get_docstring(expected)
    assert ast.unparse(node.body[-1]) == ast.unparse(expected.body[-1])
    assert result.endswith(f"\n{unit * depth}y = 1\n")
