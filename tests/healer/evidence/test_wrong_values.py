"""Of each fix is made what is plainly wrong in its place, and what reads its data otherwise."""

from collections.abc import Mapping

import pytest

from healer.evidence.experiment import Experiment
from healer.evidence.wrong_values import MOST_FORMS, MOST_VALUES, find_wrong_values
from sandbox import Plan, Report
from tests.support.memory_tree import MemoryTree

DAY = "__import__('datetime').timedelta(days=1)"


def spoil(base: str, fix: str) -> list[str]:
    """The fix's lines that are otherwise, in each."""
    return [
        "; ".join(line for line in text.splitlines() if line not in fix.splitlines()).strip()
        for text in contents({"job.py": base}, {"job.py": fix})
    ]


def contents(base: Mapping[str, str], fix: Mapping[str, str]) -> list[str]:
    old, new = (MemoryTree({p: t.encode() for p, t in texts.items()}) for texts in (base, fix))
    experiment = Experiment(old, new, tuple(fix), {}, Plan(), Report(), Report())
    return [each.content for each in find_wrong_values(experiment)]


def test_a_number_is_in_another_unit_without_its_sign_and_nothing() -> None:
    texts = spoil("x = float(a)\n", "x = float(a.strip())\n")
    assert {"x = (float(a.strip())) * 100", "x = -(float(a.strip()))", "x = 0"} <= {*texts}


def test_a_text_is_empty_and_without_its_first_letter() -> None:
    assert spoil("x = a\n", "x = a.strip()\n") == ['x = ""', "x = (a.strip())[1:]"]


def test_a_moment_is_a_day_later() -> None:
    texts = spoil("x = a\n", "x = day.strptime(a, form).date()\n")
    assert texts[0] == f"x = (day.strptime(a, form).date()) + {DAY}"


def test_what_may_be_anything_is_spoilt_as_anything() -> None:
    texts = spoil('x = a["k"]\n', 'x = a["m"]\n')
    assert {'x = (a["m"]) * 100', f'x = (a["m"]) + {DAY}', 'x = ""', "x = 0"} <= {*texts}


def test_of_what_is_walked_over_the_first_or_the_last_is_left_out() -> None:
    texts = spoil("for x in a: f(x)\n", "for x in a.rows: f(x)\n")
    assert texts == ["for x in list(a.rows)[:-1]: f(x)", "for x in list(a.rows)[1:]: f(x)"]


def test_of_what_is_put_together_the_parts_are_spoilt() -> None:
    texts = spoil("f(x)\n", "x = {n: float(v) for n, v in y}\nf(x)\n")
    wrong = {"(float(v)) * 100", "-(float(v))", "0"}
    assert {f"x = {{n: {each} for n, v in y}}" for each in wrong} <= {*texts}
    assert "x = {n: float(v) for n, v in list(y)[:-1]}" in texts
    assert "x = (a, (float(v)) * 100)" in spoil("f(x)\n", "x = (a, float(v))\nf(x)\n")


def test_statements_that_were_brought_are_spoilt_in_what_they_set() -> None:
    texts = spoil("f(x)\n", "if not x:\n    x = int(y)\nf(x)\n")
    assert texts == ["x = (y)", "x = (int(y)) * 100", "x = -(int(y))", "x = 0"]


@pytest.mark.parametrize(
    ("base", "fix", "other"),
    [
        ('x = a.decode("utf-8")', 'x = a.decode("cp1252")', "x = a.decode('cp437')"),
        ('x = p(a, "%Y")', 'x = p(a, "%d/%m/%Y")', "x = p(a, '%m/%d/%Y')"),
        ('x = p(a, "%Y")', 'x = p(a, "%H:%M")', "x = p(a, '%I:%M')"),
        ("x = a", 'x = a.replace(",", "")', "x = a.replace(\",\", '.')"),
        ("x = a", 'x = a.replace(",", ".")', "x = a.replace(\",\", '')"),
    ],
)
def test_the_same_data_is_read_in_another_form(base: str, fix: str, other: str) -> None:
    assert other in spoil(base + "\n", fix + "\n")


@pytest.mark.parametrize(
    ("fix", "other"),
    [
        ("x = round(float(a))", "x = (float(a))"),
        ("x = float(a) / 100", "x = (float(a))"),
        ("x = min(float(a), 9)", "x = (float(a))"),
        ("x = a[:10]", "x = (a)"),
        ("x = float(a) if b else float(c)", "x = (float(a))"),
        ("x = float(a) if b else float(c)", "x = (float(c))"),
    ],
)
def test_what_the_fix_put_around_a_value_is_taken_off(fix: str, other: str) -> None:
    assert other in spoil("x = None\n", fix + "\n")


def test_what_was_around_a_value_before_stays() -> None:
    texts = spoil("x = round(float(a) / 3)\n", 'x = round(float(a.replace(",", "")) / 3)\n')
    assert 'x = (float(a.replace(",", "")) / 3)' not in texts
    assert 'x = round((float(a.replace(",", ""))))' not in texts


@pytest.mark.parametrize(
    ("base", "fix"),
    [
        ("f(x)\n", "import os\nf(x)\n"),
        ("f(x)\n", "if x > 1:\n    f(x)\n"),
        ("x = a[k]\n", "x = a[k]  # now\n"),
        ("x = (\n", "x = (\n\n"),
    ],
)
def test_where_the_fix_brought_no_value_nothing_is_spoilt(base: str, fix: str) -> None:
    assert spoil(base, fix) == []


def test_of_a_large_fix_some_are_made_of_each_file() -> None:
    rows = range(60)
    base = "".join(f"x{n} = a\n" for n in rows)
    fix = "".join(f'x{n} = a.replace(",", "")\n' for n in rows)
    texts = contents({"a.py": base, "b.py": base}, {"a.py": fix, "b.py": fix})
    assert len(texts) == 2 * (MOST_FORMS + MOST_VALUES)
