"""Programs that give another answer where the unfixed code failed, and only there."""

from typing import Any

import pytest

from healer.evidence.pinned_answers import (
    CONTROL,
    MOST_YIELDED,
    OLD_ANSWERS,
    find_other_answers,
    keep_answers,
)

BASE = "def f(rows):\n    return [1 / row for row in rows]\n"
FIX = "def f(rows):\n    return [1 / row for row in rows if row]\n"


def functions(base: str, fix: str, *, sees: bool = False) -> dict[str, Any]:
    """Of each sort of another answer, the function that gives it."""
    found = {}
    for answer in find_other_answers("job.py", base, fix, "f"):
        if answer.sees == sees:
            names: dict[str, Any] = {}
            exec(answer.content, names)
            found[answer.change] = names["f"]
    return found


def test_only_what_failed_before_is_answered_otherwise() -> None:
    other = functions(BASE, FIX)
    assert [f([1, 2]) for f in other.values()] == [[1.0, 0.5]] * 3
    assert other["another answer"]([1, 0]) == []
    assert other["other content"]([1, 0]) == [2.0]
    assert other["another nothing"]([0]) is None
    assert other["another nothing"]([1, 0]) == [1.0]


SHAPES = {
    "method": ("class C:\n    def f(self, rows):\n        return X\n", "C().f(rows)"),
    "static": ("class C:\n    @staticmethod\n    def f(rows):\n        return X\n", "C.f(rows)"),
    "class": ("class C:\n    @classmethod\n    def f(cls, rows):\n        return X\n", "C.f(rows)"),
    "property": (
        "class C:\n    def __init__(self, rows):\n        self.rows = rows\n\n    @property\n"
        "    def f(self):\n        rows = self.rows\n        return X\n",
        "C(rows).f",
    ),
    "cached": (
        "import functools\n\n@functools.cache\ndef f(rows):\n    return X\n",
        "f(tuple(rows))",
    ),
    "inside": ("def g(rows):\n    def f(rows):\n        return X\n    return f(rows)\n", "g(rows)"),
    "generator": ("def f(rows):\n    yield from X\n", "[*f(rows)]"),
    "loop": ("def f(rows):\n    for row in X:\n        yield row\n", "[*f(rows)]"),
    "async": (
        "import asyncio\n\nasync def f(rows):\n    await asyncio.sleep(0)\n    return X\n",
        "asyncio.run(f(rows))",
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_any_kind_of_function_answers_otherwise_only_where_it_failed(shape: str) -> None:
    text, call = SHAPES[shape]
    base, fix = (text.replace("X", f"[1 / r for r in rows{end}]") for end in ("", " if r"))
    answers = list(find_other_answers("job.py", base, fix, "f"))
    assert len(answers) == 6
    for answer in answers:
        names: dict[str, Any] = {"rows": [1, 2]}
        exec(answer.content, names)
        assert eval(call, names) == [1.0, 0.5]
        names["rows"] = [1, 0]
        if answer.sees and answer.change != "another nothing":
            with pytest.raises(LookupError):
                eval(call, names)
        else:
            other = {"another answer": [], "other content": [2.0], "another nothing": [1.0]}
            assert eval(call, names) == other[answer.change]


def test_a_generator_without_an_end_gives_no_more_than_is_looked_at() -> None:
    base = "def f(n):\n    while True:\n        yield 1 / n\n"
    answer = next(find_other_answers("job.py", base, base.replace("/ n", "/ (n or 1)"), "f"))
    names: dict[str, Any] = {}
    exec(answer.content, names)
    assert sum(names["f"](1)) == MOST_YIELDED


@pytest.mark.parametrize("shape", SHAPES)
def test_the_old_answers_of_any_kind_of_function_are_kept(shape: str) -> None:
    text, call = SHAPES[shape]
    base, fix = (text.replace("X", f"[1 / r for r in rows{e}]") for e in ("", " if r][::-1"))
    for change, given in ((OLD_ANSWERS, [1.0, 0.5]), (CONTROL, [0.5, 1.0])):
        names = keep(base, fix, change) | {"rows": [1, 2]}
        assert eval(call, names) == given
        assert eval(call, names | {"rows": [1, 0]}) == [1.0]


def test_what_was_answered_otherwise_before_is_changed_too() -> None:
    other = functions("def f(x):\n    return x + 1\n", "def f(x):\n    return x * 2\n")
    assert [other["another answer"](x) for x in (1, 3)] == [2, 7]


def test_a_program_that_raises_shows_whether_such_a_case_is_seen() -> None:
    for f in functions(BASE, FIX, sees=True).values():
        assert f([1, 2]) == [1.0, 0.5]
    seen = functions(BASE, FIX, sees=True)
    with pytest.raises(LookupError):
        seen["another answer"]([1, 0])
    assert seen["another nothing"]([1, 0]) == [1.0]


@pytest.mark.parametrize(
    ("base", "fix"),
    [
        (BASE, "def g(rows):\n    return rows\n"),
        (BASE, FIX.replace("return [", "yield [")),
        (f"async {BASE}".replace("return", "yield"), f"async {FIX}".replace("return", "yield")),
        ("def f(x):\n    yield x\n", "def f(x, y):\n    yield x + 1\n"),
        ("def f(:\n", FIX),
        (
            "class C:\n    def f(self):\n        pass\n",
            "class C:\n    def f(self, more):\n        return 1\n",
        ),
        (f"{BASE}\n\nclass C:\n    def f(self):\n        pass\n", FIX),
    ],
)
def test_what_is_no_plain_function_or_method_is_left_alone(base: str, fix: str) -> None:
    assert list(find_other_answers("job.py", base, fix, "f")) == []


def test_each_part_of_a_tuple_is_changed_for_itself() -> None:
    base = "def f(y, m):\n    return y, [1, 2, 3][m]\n"
    other = functions(base, base.replace("[m]", "[m % 3]"))
    assert other["another part 1"](7, 3) == (8, 1)
    assert other["another part 2"](7, 3) == (7, 2)
    assert other["another part 2"](7, 2) == (7, 3)


def test_the_rest_of_the_module_stays_as_it_was_so_that_nothing_is_imported_anew() -> None:
    """New code for a live function costs a thousandth of a second, an import a tenth."""
    base = (
        'import os\nTEXT = """a\nb"""\n\n\ndef f(x: int, *rest, k=1, **more):\n    return x\n'
        "\n\ndef last():\n    return f(1)\n"
    )
    fix = base.replace("return x", 'return """\n""" and x + k')
    for answer in find_other_answers("job.py", base, fix, "f"):
        (old, new) = (compile(text, "job.py", "exec") for text in (fix, answer.content))
        assert (old.co_code, old.co_names) == (new.co_code, new.co_names)
    assert functions(base, fix)["another answer"](1, 2, k=3, z=4) == 5


def test_a_function_with_other_parameters_is_put_behind_the_module() -> None:
    base = "def f(x, seen=[]):\n    seen.append(x)\n    return len(seen)\n"
    fix = "def f(x, seen=None):\n    return 1\n"
    other = functions(base, fix)["another answer"]
    assert [other(1), other(1)] == [1, 2]


def test_of_what_gives_no_value_the_effect_is_asked_for() -> None:
    base = "def f(rows):\n    for row in rows:\n        row['a'] = roww['b']\n    return\n"
    fix = base.replace("roww", "row")
    other = functions(base, fix)
    assert list(other) == ["nothing at all"]
    rows = [{"b": 2}]
    assert other["nothing at all"](rows) is None
    assert rows == [{"b": 2}]
    assert functions(base, fix, sees=True) == {}
    assert "another nothing" in functions(base, fix.replace("return", "return rows"))


def keep(base: str, fix: str, change: str = OLD_ANSWERS) -> dict[str, Any]:
    """The names of the module that keeps its old answers, or of its control."""
    (content,) = [a.content for a in keep_answers("job.py", base, fix, "f") if a.change == change]
    names: dict[str, Any] = {}
    exec(content, names)
    return names


def test_all_that_was_answered_is_kept_and_the_rest_is_the_fixs() -> None:
    base = "def f(rows, most=2):\n    rows.pop(0)\n    return [1 / row for row in rows][:most]\n"
    fix = base.replace("for row in rows]", "for row in rows if row][::-1]")
    f = keep(base, fix)["f"]
    assert f([9, 1, 2]) == [1.0, 0.5]
    assert f([9, 1, 0, 2]) == [0.5, 1.0]
    assert f([9, 1, 0, 2], most=1) == [0.5]


COUNTER = (
    "class Counter:\n    def __init__(self):\n        self.__sum = 0\n\n"
    "    def f(self, n):\n        self.__sum += 1\n        return self.__sum // n\n\n"
    "    def total(self):\n        return self.__sum\n"
)


def test_a_methods_old_answers_are_kept_and_what_it_leaves_behind_is_the_fixs() -> None:
    counter = keep(COUNTER, COUNTER.replace("// n", "/ n if n else 0"))["Counter"]()
    assert [counter.f(1), counter.f(4), counter.f(0)] == [1, 0, 0]
    assert counter.total() == 3


def test_the_control_keeps_the_fixs_own_answers() -> None:
    counter = keep(COUNTER, COUNTER.replace("// n", "/ n if n else 0"), CONTROL)["Counter"]()
    assert [counter.f(1), counter.f(4), counter.f(0)] == [1.0, 0.5, 0]
    assert counter.total() == 3


def test_a_control_shows_that_copies_alone_disturb_what_is_looked_at() -> None:
    base = "class Chain:\n    def f(self, n):\n        self.n = 1 // n\n        return self\n"
    chain = keep(base, base.replace("1 // n", "1 // (n or 1)"), CONTROL)["Chain"]()
    assert chain.f(1) is not chain


@pytest.mark.parametrize(
    "other",
    [
        "class B:\n    def f(self, n):\n        return 2\n",
        "def f(self, n):\n    return 2\n",
    ],
)
def test_a_method_whose_name_another_has_is_left_alone(other: str) -> None:
    base = f"{COUNTER}\n\n{other}"
    assert not list(keep_answers("job.py", base, base.replace("// n", "/ n"), "f"))


def test_what_takes_other_arguments_keeps_nothing() -> None:
    assert not list(keep_answers("job.py", "def f(a):\n    1\n", "def f(a, b):\n    1\n", "f"))
