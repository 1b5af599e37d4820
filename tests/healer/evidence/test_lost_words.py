"""What a fix takes away though the failure does not name it."""

import pytest

from healer.evidence.lost_words import (
    find_blamed_words,
    find_brought_words,
    find_formatted,
    find_lost_words,
)

PHONE = (
    "def phone(text, country='43'):\n"
    "    digits = ''.join(c for c in text if c.isdigt())\n"
    "    return country + digits[1:] if digits.startswith('0') else digits\n"
)
NO_DIGIT = "'str' object has no attribute 'isdigt'"


def losses(base: str, fix: str, message: str = "") -> set[str]:
    return set(find_lost_words(base, fix, [message]))


def test_a_rewritten_function_loses_the_other_branch() -> None:
    fix = "def phone(text, country='43'):\n    return ''.join(c for c in text if c.isdigit())\n"
    assert losses(PHONE, fix, NO_DIGIT) == {
        "country", "if", "startswith", "'0'", "1", "+",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("base", "fix", "message"),
    [
        (PHONE, PHONE.replace("isdigt", "isdigit"), ""),
        ("total = row['amount']\n", "total = row['sum']\n", "'amount'"),
        ("print(best[l])\n", "print(best[1])\n", "name 'l' is not defined"),
        ("t.encode('ascii')\n", "t.encode('utf-8')\n", "'ascii' codec can't encode character"),
        ("x = a.b / 100\n", "x = a['b'] / 100\n", ""),
        ("x = d % '360'\n", "x = d % 360\n", ""),
        ("def f(a, b):\n    g(a, c=b)\n", "def f(a, b):\n    g(a, d=b)\n", "argument 'c'"),
        ("q = 'select a from b where c'\n", "q = 'select x from b where c'\n", "no column 'a'"),
        ("a, b = t.split(':')\n", "a, _, b = t.partition(':')\n", ""),
        ("print(sum(cells) / len(cells))\n", "k = cells or [0]\nprint(sum(k) / len(k))\n", ""),
        ("x = list(range(a))\n", "x = [b / 2 for b in range(a)]\n", ""),
        ("x = a // 3.0 + '1'\n", "x = a // 3 + 1\n", ""),
        ("def f():\n    'Gives 5.'\n    return 1\n", "def f():\n    return 1\n", ""),
        ("def f(t):\n    a = t.b\n    return a\n", "def f(t):\n    return t.b\n", ""),
        ("def f(:\n", "x = 1\n", ""),
        ("x = 1\n", "def f(:\n", ""),
    ],
)
def test_what_failed_and_what_is_only_written_otherwise_is_not_taken(
    base: str, fix: str, message: str
) -> None:
    assert losses(base, fix, message) == set()


@pytest.mark.parametrize(
    ("base", "fix", "words"),
    [
        ("x = a.b / 100\n", "x = a['b']\n", {"/", "100"}),
        ("x = d % '360'\n", "x = fmod(d, 360)\n", {"%"}),
        ("x = int(t, '16')\n", "x = int(t)\n", {"'16'"}),
        ("x = t.split(':')\n", "x = t.strip(':')\n", {"split"}),
        ("x = a >= b\n", "x = a > b\n", {">="}),
        ("def f(t):\n    a = t.b\n    return a\n", "def f(t):\n    return t\n", {"b"}),
        ("x = a.glob(b).nam\n", "x = a.rglob(b).name\n", {"glob"}),
        ("x = a // 3.5\n", "x = a // 3\n", {"3.5"}),
        ("x = list({b for b in a})\n", "x = {b for b in a}\n", {"list"}),
        ("def f(a, b):\n    g(a, c=b)\n", "def f(a, b):\n    g(a)\n", {"c", "b"}),
        (
            "q = 'select a from b left join c on c.a_id = b.a'\n",
            "q = 'select a from b join c on c.a = b.a'\n",
            {"left"},
        ),
        (
            "x = sorted(a, key=f, reverse=True)\n",
            "x = sorted(a)\n",
            {"key", "f", "reverse", "True"},
        ),
        ("if a:\n    raise ValueError('b')\n", "pass\n", {"if", "a", "raise", "ValueError", "'b'"}),
    ],
)
def test_signs_numbers_texts_and_names_are_words(base: str, fix: str, words: set[str]) -> None:
    assert losses(base, fix) == words


@pytest.mark.parametrize(
    ("fix", "smaller", "words"),
    [
        ("x = a['b'] or 0\n", "x = a['b']\n", {"or", "0"}),
        ("x = [b for b in a if b]\n", "x = [b for b in a if True]\n", {"b"}),
        ("x = a['b'] or 0\n", "x = a['c']\n", set()),
        ("x = a['b']\n", "x = a['p']\n", set()),
        ("x = a['b'] or 0\n", "x = 0\n", set()),  # that takes `a` from the code as it was
        ("x = (\n", "x = a['b']\n", set()),
    ],
)
def test_what_a_fix_brings_is_missing_in_a_part_of_it(
    fix: str, smaller: str, words: set[str]
) -> None:
    assert set(find_brought_words("x = a['p']\n", fix, smaller)) == words


@pytest.mark.parametrize(
    ("line", "message", "words"),
    [
        ("return a + b", 'can only concatenate list (not "tuple") to list', {"+"}),
        ("return a + 1", 'can only concatenate str (not "int") to str', {"+", "1"}),
        ("return a + '1'", 'can only concatenate str (not "int") to str', {"+"}),
        ("return a + 1", 'can only concatenate list (not "int") to list', {"+"}),
        ("a += b + 1", "unsupported operand type(s) for +: 'int' and 'str'", {"+"}),
        ("return a % 'x'", "unsupported operand type(s) for %: 'int' and 'str'", {"%"}),
        ("return a - b", "unsupported operand type(s) for +: 'dict' and 'dict'", set()),
        ("return max(0, a['cents'])", "'int' object is not subscriptable", {"'cents'"}),
        ("return a['n']", "list indices must be integers or slices, not str", {"'n'"}),
        ("return a['n']", "'NoneType' object has no attribute 'n'", set()),
        (
            "return max(2, a.partition('#', 1)[0])",
            "str.partition() takes exactly one argument (2 given)",
            {"'#'", "1"},
        ),
        (
            "for n in range(0, a, '1'):",
            "'str' object cannot be interpreted as an integer",
            {"0", "'1'"},
        ),
        ("return a[len(a) / 2]", "list indices must be integers or slices, not float", {"/"}),
        ("return a['n']", "list indices must be integers or slices, not float", set()),
        ("return range(a / 2)", "'float' object cannot be interpreted as an integer", {"/"}),
        ("with open(a, 'x') as f:", "[Errno 17] File exists: 'x'", {"'x'"}),
        ("with open(a, 'w') as f:", "[Errno 17] File exists: 'w'", set()),
        ("return f(a, b=2)", "f() got an unexpected keyword argument 'b'", set()),
        ("return a.strip('-', '_')", "strip expected at most 1 argument, got 2", {"'-'", "'_'"}),
        ("return b.index(1, a.strip('-'))", "strip expected at most 1 argument, got 2", {"'-'"}),
        ("return f(a, from_=b)", "f() takes no keyword arguments", {"from_"}),
        ("return f(a, from_=b)", "g() takes no keyword arguments", set()),
        ("return f(a, 2)", "f() takes 1 positional argument but 2 were given", {"2"}),
        ("return f(a, 2)", "f() takes from 2 to 3 positional arguments but 2 were given", {"2"}),
        ("return a.match(b, 1).group(2)", "no such group", {"2"}),
        ("return f(a, None, 0, True)", "'NoneType' object is not iterable", {"None"}),
        ("return f(a, None, 0, True)", "'bool' object has no attribute 'lower'", {"True"}),
        (
            "return f(a, None, 0)",
            "expected str, bytes or os.PathLike object, not NoneType",
            {"None"},
        ),
        ("return f(a, None, 0)", "'str' object is not callable", set()),
        (
            "return max(a, b), len(a)",
            "'>' not supported between instances of 'NoneType' and 'int'",
            {"max"},
        ),
        ("a.sort(), b", "'<' not supported between instances of 'str' and 'int'", {"sort"}),
        ("return a < b", "'<' not supported between instances of 'str' and 'int'", set()),
        ("return f(a, sep=';;', n=2)", '"sep" must be a 1-character string', {"';;'"}),
        ("return open(a, mode=3)", "open() argument 'mode' must be str, not int", {"3"}),
    ],
)
def test_an_exception_blames_a_sign_a_key_or_an_argument(
    line: str, message: str, words: set[str]
) -> None:
    body = f"    {line}\n" + ("        pass\n" if line.endswith(":") else "")
    assert find_blamed_words(f"def g(a, b):\n{body}", 2, message) == words


@pytest.mark.parametrize(
    ("line", "message", "words"),
    [
        ("return f(a, safe=None)", "'NoneType' object is not iterable", {"None"}),
        ("return f(a, sep=';;')", '"sep" must be a 1-character string', {"';;'"}),
        ("return f(a['n'])", "list indices must be integers or slices, not str", set()),
        ("return f(a + 'b')", "unsupported operand type(s) for +: 'int' and 'str'", set()),
    ],
)
def test_of_what_a_library_raises_only_values_are_blamed_that_it_tells_apart(
    line: str, message: str, words: set[str]
) -> None:
    code = f"def g(a, b):\n    {line}\n"
    assert find_blamed_words(code, 2, message, is_inner=False) == words


def test_a_quotient_is_blamed_for_the_name_that_was_given_to_it() -> None:
    message = "list indices must be integers or slices, not float"
    code = "def g(a):\n    half = len(a) / 2\n    other = len(a) / 3\n    return a[half]\n"
    assert find_blamed_words(code, 4, message) == {"/"}
    assert find_blamed_words(code.replace("a) / 2", "a) - 2"), 4, message) == set()
    assert find_blamed_words("half = 3 / 2\nprint([1, 2][half])\n", 2, message) == {"/"}


@pytest.mark.parametrize(
    ("fix", "message", "signs"),
    [
        ("x = f'a {b}'\n", 'can only concatenate str (not "int") to str', {"+"}),
        ("x = f'a {b}'\n", "unsupported operand type(s) for +: 'int' and 'str'", set()),
        ("x = 'a %s' % b\n", 'can only concatenate str (not "int") to str', set()),
    ],
)
def test_a_text_with_values_in_it_says_the_same_as_one_that_is_joined(
    fix: str, message: str, signs: set[str]
) -> None:
    assert find_formatted("x = 'a ' + b\n", fix, [message]) == signs
