"""What most people would write in place of one expression."""

import ast

import pytest

from healer.draft.rules.source_file import SourceFile
from healer.evidence.usual_edits import (
    drop_guard,
    leave_out,
    move_statement,
    move_try,
    read_again,
    stay_in_loop,
    usual_readings,
    usual_variations,
)


def expression(text: str) -> tuple[SourceFile, ast.expr]:
    code = SourceFile("job.py", f"def f():\n    return {text}\n")
    value = next(node.value for node in code.nodes if isinstance(node, ast.Return))
    assert value is not None
    return code, value


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("d[k]", ["d.get(k, 0)", "d.get(k, None)", "d.get(k, '')"]),
        (
            "d[a][b]",
            [
                *(f"d[a].get(b, {default})" for default in ("0", "None", "''")),
                *(f"(d[a] or {{}}).get(b, {default})" for default in ("0", "None", "''")),
            ],
        ),
        ("d[1:]", []),
        ("line.split('=')", ["line.split('=', 1)"]),
        ("line.split('=', 1)", []),
        ("line.strip()", []),
    ],
)
def test_the_unfixed_code_is_read_as_people_read_it(text: str, readings: list[str]) -> None:
    assert list(usual_readings(*expression(text))) == readings


@pytest.mark.parametrize(
    ("text", "others"),
    [
        ("open(path, 'w')", ["'a'"]),
        ("path.open('ab')", ["'wb'"]),
        ("gzip.open(path, mode='wt')", ["'at'"]),
        ("open(path, 'r')", []),
        ("write(path, 'w')", []),
    ],
)
def test_a_file_may_be_written_anew_or_go_on(text: str, others: list[str]) -> None:
    code, _ = expression(text)
    texts = [node for node in code.nodes if isinstance(node, ast.Constant)]
    assert [other for node in texts for other in usual_variations(code, node)] == others


PAIRS = [("a", 1), ("b", 2), ("a", 3)]


@pytest.mark.parametrize(
    "text",
    [
        "dict(PAIRS)",
        "{k: v for k, v in PAIRS}",
        "{(k): (v) for k, v in PAIRS if v}",
        "{k:v for (k,v) in PAIRS}",
    ],
)
def test_of_two_items_with_one_key_the_first_may_stay(text: str) -> None:
    (first_wins,) = usual_variations(*expression(text))
    assert list(eval(text).items()) == [("a", 3), ("b", 2)]
    assert list(eval(first_wins).items()) == [("a", 1), ("b", 2)]


@pytest.mark.parametrize("text", ["dict()", "dict(a=1)", "{'a': 1}", "[k for k in PAIRS]"])
def test_a_dict_of_given_keys_is_left_as_it_is(text: str) -> None:
    assert list(usual_variations(*expression(text))) == []


def test_a_difference_that_is_only_a_part_keeps_its_sign() -> None:
    code = SourceFile("job.py", "def f(a, b):\n    return (a - b) * 2\n")
    part = next(n for n in code.nodes if isinstance(n, ast.BinOp) and isinstance(n.op, ast.Sub))
    assert list(usual_variations(code, part)) == []


@pytest.mark.parametrize(
    ("text", "variations"),
    [
        ("a - b", ["abs(a - b)", "max(0, a - b)"]),
        ("a + b", []),
        ("a | b", ["(b) | (a)"]),
        ("{**a, 'k': 1, **b}", ["{**(b), 'k': 1, **(a)}"]),
        ("{'k': 1}", []),
        ("a // b", ["-(-(a) // (b))", "round((a) / (b))"]),
        ("str(a)", ["format(a, '.2f')", "format(a, '02d')"]),
        ("int(a)", ["round(a)"]),
        ("round(a)", ["int(a)"]),
        ("round(a, 2)", []),
        ("a or 0", ["(0 if a is None else a)"]),
        ("a or b or c", []),
        ("b if a else c", ["(b if a is not None else c)"]),
        ("b if a > 1 else c", []),
        ("s.replace(a, b)", ["s.replace(a, b, 1)"]),
        ("[[0] * w] * h", ["[_each for _ in range(h) for _each in [[0] * w]]"]),
        ("h * [{}]", ["[_each for _ in range(h) for _each in [{}]]"]),
        ("[0] * h", []),
        (
            "int(s.replace('.', ''))",
            ["[int(_part) for _part in s.split('.')]", "round(s.replace('.', ''))"],
        ),
        ("s.replace('.', '')", ["s.replace('.', '', 1)"]),
        ("a.isdigit()", ["a.lstrip('-').isdigit()"]),
    ],
)
def test_what_a_fix_brought_is_varied(text: str, variations: list[str]) -> None:
    assert list(usual_variations(*expression(text))) == variations


@pytest.mark.parametrize(
    ("source", "other"),
    [
        (
            "try:\n    for t in ts:\n        n += t\nexcept ValueError:\n    n = 0\n",
            "for t in ts:\n    try:\n        n += t\n    except ValueError:\n        continue",
        ),
        (
            "for t in ts:\n    try:\n        n += t\n    except ValueError:\n        pass\n",
            "try:\n        n += t\n    except ValueError:\n        break",
        ),
    ],
)
def test_a_try_may_stand_around_the_loop_or_in_it(source: str, other: str) -> None:
    code = SourceFile("job.py", source)
    node = next(n for n in code.nodes if isinstance(n, ast.Try))
    assert list(move_try(code, node)) == [other]


def test_a_try_that_holds_more_than_a_loop_stays_where_it_is() -> None:
    code = SourceFile("job.py", "try:\n    f()\n    g()\nexcept ValueError:\n    pass\n")
    assert list(move_try(code, next(n for n in code.nodes if isinstance(n, ast.Try)))) == []


@pytest.mark.parametrize(
    ("text", "others"),
    [
        ("a or 0", ["a", "0"]),
        ("b if a else 1", ["b", "1"]),
        (
            "b if a else c",
            ["b", "c", *(f"(b if a else {each})" for each in ("-1", "0", "None", "''"))],
        ),
        ("d.get(k, 0)", ["d[k]"]),
        ("d.pop(k)", []),
        ("d.get()", []),
    ],
)
def test_a_default_and_a_choice_can_be_left_out(text: str, others: list[str]) -> None:
    assert list(drop_guard(*expression(text))) == others


@pytest.mark.parametrize("text", ["[b for b in a if k]", "b if k else c"])
def test_a_condition_can_be_left_out_and_turned_round(text: str) -> None:
    code, _ = expression(text)
    condition = next(n for n in code.nodes if isinstance(n, ast.Name) and n.id == "k")
    assert list(drop_guard(code, condition)) == ["True", "(not (k))"]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("sum(v or 0 for v in values) / len(values)", "v"),
        ("sum(0 if v is None else v for v in values)", ""),
        ("sum(v if v is not None else 0 for v in values)", "v"),
        ("[v.get('a', 0) for v in values]", "v.get('a')"),
        ("[v or 0 for v in read()]", ""),
        ("[w or 0 for v in values]", ""),
    ],
)
def test_an_item_that_lacks_something_can_be_left_out(text: str, kept: str) -> None:
    code = SourceFile("job.py", f"def mean(values):\n    'Mean.'\n    return {text}\n")
    found = [
        content
        for node in code.nodes
        if isinstance(node, ast.BoolOp | ast.IfExp | ast.Call)
        for _, content in leave_out(code, node)
    ]
    rest = f"values = [v for v in values if ({kept}) is not None]\n    return {text}"
    assert found == ([rest] if kept else [])


@pytest.mark.parametrize(
    ("source", "other"),
    [
        ("def f(a):\n    for b in a:\n        return b\n", ["continue"]),
        ("def f(a):\n    while a:\n        if b:\n            break\n", ["continue"]),
        ("def f(a):\n    for b in a:\n        continue\n", ["break"]),
        ("def f(a):\n    return a\n", []),
        ("def f(a):\n    for b in a:\n        def g():\n            return b\n", []),
    ],
)
def test_a_step_out_of_a_loop_may_be_one_of_a_round(source: str, other: list[str]) -> None:
    code = SourceFile("job.py", source)
    steps = [n for n in code.nodes if isinstance(n, ast.Return | ast.Break | ast.Continue)]
    assert [text for step in steps for text in stay_in_loop(code, step)] == other


@pytest.mark.parametrize(
    ("body", "others"),
    [
        ("done.add(1)\nrun()", ["run()\ndone.add(1)"]),
        ("run()\ndone[1] = 2", ["done[1] = 2\nrun()"]),
        ("count += 1\nrun()", ["run()\ncount += 1"]),
        (
            "done.add(1)\ntry:\n    run()\nexcept OSError:\n    stop()",
            [
                "try:\n    run()\nexcept OSError:\n    stop()\ndone.add(1)",
                "pass\ntry:\n    run()\n    done.add(1)\nexcept OSError:\n    stop()",
            ],
        ),
        ("count = 1\nrun()", []),
        ("done.add(1)\nn = 1", []),
        ("done.add(1)", []),
    ],
)
def test_what_is_marked_may_be_marked_before_or_after_the_work(
    body: str, others: list[str]
) -> None:
    code = SourceFile("job.py", body)
    marks = (ast.Assign, ast.AugAssign, ast.Expr)
    node = next(n for n in code.nodes if isinstance(n, marks) and code.segment(n) != "run()")
    assert list(move_statement(code, node)) == others


@pytest.mark.parametrize(
    ("text", "is_listed"),
    [("sum(1 for _ in a)", True), ("sum(1 for _ in read())", False), ("len(a)", False)],
)
def test_an_argument_that_is_gone_through_may_be_needed_again(
    text: str, *, is_listed: bool
) -> None:
    code = SourceFile("job.py", f"def f(a):\n    return {text}, sum(a)\n")
    names = [n for n in code.nodes if isinstance(n, ast.Name | ast.Call)]
    found = [content for name in names for _, content in read_again(code, name)]
    new = f"a = a if hasattr(a, '__len__') else list(a)\n    return {text}, sum(a)"
    assert found == ([new] if is_listed else [])
