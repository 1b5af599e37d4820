"""Other forms of what is gone: each has its source, and its arguments fit or nothing is done."""

import ast

import pytest

from healer.draft.rules.names.forms import (
    argument_forms,
    fill_argument,
    fill_form,
    function_forms,
    member_forms,
    name_of_module,
    shorten_form,
    table,
)
from healer.draft.rules.source_file import SourceFile, apply_edits


def first_call(code: SourceFile) -> ast.Call:
    return next(node for node in code.nodes if isinstance(node, ast.Call))


def fill_text(text: str, form: str) -> str | None:
    """The text with a form in the place of its first call; None where the form does not fit."""
    code = SourceFile("job.py", text)
    call = first_call(code)
    receiver = call.func.value if isinstance(call.func, ast.Attribute) else None
    edits = fill_form(code, call, receiver, form)
    return apply_edits(text, edits) if edits else None


def test_every_group_names_its_source_and_has_forms() -> None:
    for group in table():
        assert group["source"].startswith("https://")
        assert {"members", "functions", "arguments"} & set(group)


def test_a_type_beside_another_has_the_same_form() -> None:
    forms = member_forms()
    assert forms["DataFrame", "iteritems", True] == forms["Series", "iteritems", True]
    assert forms["str", "length", False].text == "len({self})"
    assert forms["str", "length", True].text == "len({self})"
    assert ("DataFrame", "append({})", False) in forms


def test_functions_are_known_by_dotted_names_and_arguments_by_function() -> None:
    assert all("." in name for name in function_forms())
    assert all(name.count(":") == 1 for name in argument_forms())


@pytest.mark.parametrize(
    ("text", "form", "after"),
    [
        ("x = a.size()\n", "len({self})", "x = len(a)\n"),
        ("x = a.contains(b)\n", "({0} in {self})", "x = (b in a)\n"),
        ("x = a.contains()\n", "({0} in {self})", None),
        ("x = a.contains(*b)\n", "({0} in {self})", None),
        ("x = a.order(1, k=2)\n", "{self}.sort_values({args})", "x = a.sort_values(1, k=2)\n"),
        ("x = a.sort(b, k=2)\n", "{self}.sort_values({0}{rest})", "x = a.sort_values(b, k=2)\n"),
        ("x = a.as_matrix(columns=b)\n", "{self}.to_numpy()", None),
        ("x = f(a, b)\n", "{1}.join({0})", "x = b.join(a)\n"),
        ("x = f(a)\n", "{1}.join({0})", None),
        ("x = f(a) + 1\n", "{0} - {0}", "x = (a - a) + 1\n"),
        ("x = f(a)\n", "{0} - {0}", "x = a - a\n"),
        ("x = f(a)\n", "{@math}.ceil({0})", "import math\nx = math.ceil(a)\n"),
        ("import math as m\nx = f(a)\n", "{@math}.ceil({0})", "import math as m\nx = m.ceil(a)\n"),
        (
            "x = a.exists()\n",
            "{@pathlib:Path}({self}).exists()",
            "from pathlib import Path\nx = Path(a).exists()\n",
        ),
        ("x = f(a)\n", "{self}.a({0})", None),
    ],
)
def test_a_form_takes_the_call_s_place_where_its_arguments_fit(
    text: str, form: str, after: str | None
) -> None:
    assert fill_text(text, form) == after


@pytest.mark.parametrize(
    ("text", "form", "after", "argument"),
    [
        ("f(a, old=1)\n", "new", "f(a, new=1)\n", "new=1"),
        ("f(a, old=1, k=2)\n", "", "f(a, k=2)\n", ""),
        ("f(old=1)\n", "", "f()\n", ""),
        ("f(a, old=True)\n", 'mode="b"', 'f(a, mode="b")\n', 'mode="b"'),
        ("d.fill(old=1)\n", "= {self}.ffill()", "d.ffill()\n", "d.ffill()"),
        (
            "f(a, old=1)\n",
            '= {call}.squeeze("columns")',
            'f(a).squeeze("columns")\n',
            'f(a).squeeze("columns")',
        ),
        (
            "f(a, old=g)\n",
            "key={@functools}.cmp_to_key({value})",
            "import functools\nf(a, key=functools.cmp_to_key(g))\n",
            "key=functools.cmp_to_key(g)",
        ),
    ],
)
def test_an_argument_is_replaced_left_out_or_becomes_another_call(
    text: str, form: str, after: str, argument: str
) -> None:
    code = SourceFile("job.py", text)
    call = first_call(code)
    keyword = next(k for k in call.keywords if k.arg == "old")
    new_call = fill_argument(code, call, keyword, form)
    assert new_call is not None
    assert (apply_edits(text, new_call.edits), new_call.argument) == (after, argument)


def test_a_whole_call_without_a_place_for_other_arguments_is_refused() -> None:
    code = SourceFile("job.py", "d.fill(a, old=1)\n")
    call = first_call(code)
    assert fill_argument(code, call, call.keywords[0], "= {self}.ffill()") is None


@pytest.mark.parametrize(
    ("text", "module", "name", "is_added"),
    [
        ("import html\n", "html", "html", False),
        ("import html as h\n", "html", "h", False),
        ("import os\n", "html", "html", True),
        ("from pathlib import Path\n", "pathlib:Path", "Path", False),
        ("from pathlib import Path as P\n", "pathlib:Path", "P", False),
        ("import pathlib\n", "pathlib:Path", "Path", True),
    ],
)
def test_a_module_is_called_as_the_file_calls_it(
    text: str, module: str, name: str, is_added: bool
) -> None:
    local, edits = name_of_module(SourceFile("job.py", text), module)
    assert (local, bool(edits)) == (name, is_added)


def test_a_form_is_shown_without_its_fields() -> None:
    form = "{@pandas}.concat([{self}, {0}]{rest})"
    assert shorten_form(form) == "pandas.concat([..., {0}])"
