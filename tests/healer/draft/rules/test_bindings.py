"""Where a name of the failing statement got its value, as far as the text shows it."""

import ast
import textwrap

import pytest

from healer.draft.rules.bindings import (
    assigned_value,
    assigned_values,
    loops_around,
    loops_on_line,
    source_calls,
    unpacked_value,
)
from healer.draft.rules.drafter import find_fault_sites
from healer.draft.rules.rule import FaultSite, called_name
from healer.draft.rules.source_files import SourceFiles
from healer.failure import Frame, Raised
from tests.support.memory_tree import MemoryTree


def site_of(text: str) -> FaultSite:
    """The fault's site at the line that is marked `# here`."""
    script = textwrap.dedent(text).lstrip("\n")
    line = next(n for n, each in enumerate(script.split("\n"), 1) if "# here" in each)
    frame = Frame(file="job.py", line=line, function="f", own=True)
    error = Raised(type="ValueError", message="", frames=(frame,))
    return next(find_fault_sites(error, SourceFiles(MemoryTree({"job.py": script}))))


def value_text(site: FaultSite, name: str) -> str | None:
    value = assigned_value(site, ast.Name(name, ast.Load()))
    return site.code.segment(value) if value else None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("x = f(1)\nprint(x)  # here\n", "f(1)"),
        ("x: int = 3\nprint(x)  # here\n", "3"),
        ("if (x := f()) > 1:\n    print(x)  # here\n", "f()"),
        ("with open('a') as x:\n    print(x)  # here\n", "open('a')"),
        ("x = 1\nx = 2\nprint(x)  # here\n", None),
        ("print(x)  # here\n", None),
        ("x += 1\nprint(x)  # here\n", None),
        ("x: int\nprint(x)  # here\n", None),
        ("a, x = 1, 2\nprint(x)  # here\n", None),
        ("def f():\n    x = 3\n    print(x)  # here\nx = 4\n", "3"),
        ("x = 4\ndef f():\n    x = 3\nprint(x)  # here\n", "4"),
        ("def f():\n    x = 3\n    def g():\n        x = 5\n    print(x)  # here\n", "3"),
        ("class C:\n    x = 3\nprint(x)  # here\n", None),
        ("x = 4\nfirst = lambda: (x := 3)\nprint(x)  # here\n", "4"),
        ("x = 4\ndef f():\n    global x\n    x = 3\nprint(x)  # here\n", None),
        ("x = 4\nfor row in rows:\n    if row:\n        x = 5\nprint(x)  # here\n", None),
        ("def f():\n    def x():\n        return x\n    print(x)  # here\n", None),
    ],
)
def test_a_name_s_value_is_what_it_is_assigned_once(text: str, value: str | None) -> None:
    assert value_text(site_of(text), "x") == value


def test_only_a_name_has_an_assigned_value() -> None:
    site = site_of("x = [1]\nprint(x[0])  # here\n")
    assert assigned_value(site, ast.parse("x[0]", mode="eval").body) is None


def test_every_assignment_of_a_scope_is_seen() -> None:
    site = site_of("x = 1\nx = y = 2\nwith f() as x:\n    pass\nprint(x)  # here\n")
    values = [site.code.segment(value) for value in assigned_values(site.scope, "x")]
    assert values == ["1", "2", "f()"]
    assert list(assigned_values(None, "x")) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a, x = line.split()\nprint(x)  # here\n", "line.split()"),
        ("[a, x] = pair\nprint(x)  # here\n", "pair"),
        ("for a, x in rows:\n    print(x)  # here\n", "rows"),
        ("print([x for a, x in rows])  # here\n", "rows"),
        ("x = line.split()\nprint(x)  # here\n", None),
        ("for x in rows:\n    print(x)  # here\n", None),
    ],
)
def test_a_value_that_is_taken_apart_for_a_name_is_found(text: str, value: str | None) -> None:
    site = site_of(text)
    found = unpacked_value(site, "x")
    assert (site.code.segment(found) if found else None) == value


@pytest.mark.parametrize(
    ("text", "iterables"),
    [
        ("for x in rows:\n    print(x)  # here\n", ["rows"]),
        ("for x in rows:\n    for y in x:\n        print(x)  # here\n", ["rows"]),
        ("print([x for x in rows])  # here\n", ["rows"]),
        ("print({x: 1 for x in rows})  # here\n", ["rows"]),
        ("for x in rows:\n    pass\nprint(x)  # here\n", []),
        ("for a, x in rows:\n    print(x)  # here\n", []),
        ("for y in rows:\n    print(x)  # here\n", []),
    ],
)
def test_loops_around_the_line_are_found_by_their_variable(text: str, iterables: list[str]) -> None:
    site = site_of(text)
    assert [site.code.segment(loop.iter) for loop in loops_around(site, "x")] == iterables


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("for x in rows:  # here\n    pass\n", 1),
        ("for x in rows: print(x)  # here\n", 1),
        ("for x in rows:\n    print(x)  # here\n", 0),
        ("while x:  # here\n    pass\n", 0),
    ],
)
def test_a_loop_is_on_the_line_of_its_header(text: str, count: int) -> None:
    assert len(list(loops_on_line(site_of(text)))) == count


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("print(f(1))  # here\n", ["print", "f"]),
        ("x = g()\nprint(x)  # here\n", ["print", "g"]),
        ("x = g()\ny = h(x)\nprint(y)  # here\n", ["print", "h", "g"]),
        ("for x in g():\n    print(x)  # here\n", ["print", "g"]),
        ("for a, x in g():\n    print(x)  # here\n", ["print", "g"]),
        ("with g() as x:\n    print(x)  # here\n", ["print", "g"]),
        ("x = g()\ny = 3\nprint(y)  # here\n", ["print"]),
        ("x = x\nprint(x)  # here\n", ["print"]),
    ],
)
def test_the_calls_behind_a_statement_are_found_through_names_and_loops(
    text: str, names: list[str]
) -> None:
    assert [called_name(call) for call in source_calls(site_of(text))] == names


def test_a_statement_with_very_many_sources_is_looked_at_in_part() -> None:
    lines = [f"x{n + 1} = f(x{n}, {', '.join('abcdefgh')})" for n in range(60)]
    site = site_of("\n".join([*lines, "print(x60)  # here", ""]))
    assert 1 < len(list(source_calls(site))) < 60
