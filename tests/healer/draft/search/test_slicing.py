"""Which lines can have led to the failing value."""

import textwrap

import pytest

from healer.draft.rules.source_file import SourceFile
from healer.draft.search.slicing import slice_line, slice_loop, slice_recursion

CODE = SourceFile(
    "job.py",
    textwrap.dedent(
        """\
        def total(rows):
            shown = len(rows)
            found = 0
            step = 1
            while found < 9:
                found += step
                shown -= 1
            print(shown)
            return found / step
        """
    ),
)


def code(*lines: str) -> SourceFile:
    """A function with these lines, from line 2 on."""
    return SourceFile("job.py", "def f(a, b):\n" + "".join(f"    {line}\n" for line in lines))


def test_a_slice_holds_what_the_line_reads_and_what_that_was_made_of() -> None:
    assert slice_line(CODE, 9) == {3, 4, 5, 6, 9}


def test_a_slice_of_a_loop_holds_its_test_and_what_changes_it() -> None:
    assert slice_loop(CODE, 7) == {5, 6}


def test_outside_a_loop_and_outside_a_function_there_is_nothing() -> None:
    assert slice_loop(CODE, 9) == set()
    assert slice_line(SourceFile("job.py", "x = 1\n"), 1) == set()


def test_a_recursion_is_its_calls_and_its_conditions() -> None:
    code = SourceFile(
        "job.py", "def f(n):\n    if n < 0:\n        return 0\n    m = n\n    return f(m)\n"
    )
    assert slice_recursion(code, 4) == {2, 5}


@pytest.mark.parametrize(
    ("lines", "line", "slice_"),
    [
        pytest.param(("c = a", "d = b", "return c"), 4, {2, 4}, id="other names"),
        pytest.param(("c = a", "d = c", "e = d", "return e"), 5, {2, 3, 4, 5}, id="over two"),
        pytest.param(("c, d = a, b", "return d"), 3, {2, 3}, id="unpacked"),
        pytest.param(("c: int = a", "return c"), 3, {2, 3}, id="annotated"),
        pytest.param(("c = []", "c.append(a)", "return c"), 4, {2, 3, 4}, id="changed by a call"),
        pytest.param(("c = a", "c += b", "b += 1", "return c"), 5, {2, 3, 4, 5}, id="augmented"),
        pytest.param(("for c in a:", "    b = c", "return b"), 4, {2, 3, 4}, id="a loop variable"),
        pytest.param(("if a:", "    c = 1", "return c"), 4, {2, 3, 4}, id="under a condition"),
        pytest.param(("with a:", "    return b"), 3, {2, 3}, id="in a block"),
        pytest.param(("try:", "    c = a", "except KeyError:", "    pass", "return c"), 6,
                     {2, 3, 6}, id="in a try"),
        pytest.param(("return 1",), 2, {2}, id="no names"),
    ],
)  # fmt: skip
def test_a_line_depends_on_what_its_names_were_made_of(
    lines: tuple[str, ...], line: int, slice_: set[int]
) -> None:
    assert slice_line(code(*lines), line) == slice_


@pytest.mark.parametrize(
    ("lines", "line", "slice_"),
    [
        (("while a:", "    b += 1"), 3, {2}),
        (("while a:", "    a -= b"), 3, {2, 3}),
        (("while a:", "    if b:", "        break"), 4, {2, 4}),
        (("while a:", "    while b:", "        b -= 1", "    a -= 1"), 4, {2, 3, 4, 5}),
        (("for c in a:", "    b += c"), 3, set()),
        (("a = 1", "while a:", "    a -= 1"), 4, {3, 4}),
    ],
)
def test_a_loop_depends_on_what_its_test_reads_and_on_what_leaves_it(
    lines: tuple[str, ...], line: int, slice_: set[int]
) -> None:
    assert slice_loop(code(*lines), line) == slice_


def test_a_method_that_calls_itself_is_a_recursion_too() -> None:
    text = "class K:\n    def f(self, n):\n        if n:\n            self.f(\n                n)\n"
    assert slice_recursion(SourceFile("job.py", text), 4) == {3, 4, 5}


def test_a_module_has_no_recursion_and_no_loop() -> None:
    module = SourceFile("job.py", "while True:\n    pass\n")
    assert slice_recursion(module, 1) == set()
    assert slice_loop(module, 2) == set()


def test_names_that_are_made_of_each_other_end() -> None:
    assert slice_line(code("a = b", "b = a", "return a"), 4) == {2, 3, 4}
