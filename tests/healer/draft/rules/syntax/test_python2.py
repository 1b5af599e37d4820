"""Forms of Python 2: all of a file's are changed at once, and what looks alike stays."""

import pytest

from healer.draft.rules.syntax.python2 import (
    exception_forms,
    exec_statement,
    literals,
    print_over_lines,
    print_statement,
    whole_file,
)
from tests.support.broken_texts import broken_case, check_repair, edits_of

MEANT = [
    broken_case(
        "prints, an octal number and a handler",
        """
        print 'a', 2
        x = 0777
        try:
            pass
        except Exception, e:
            print e
        """,
        """
        print('a', 2)
        x = 0o777
        try:
            pass
        except Exception as e:
            print(e)
        """,
    ),
    broken_case("a raise", "raise ValueError, 'bad'\n", "raise ValueError('bad')\n"),
    broken_case(
        "a print below an old method",
        "for k, v in d.iteritems():\n    print k\n",
        "for k, v in d.items():\n    print(k)\n",
    ),
    broken_case(
        "a print over lines",
        """
        print "a", [1,
            2]
        """,
        """
        print("a", [1,
            2])
        """,
    ),
    broken_case(
        "old modules and built-ins in a script that did not parse",
        """
        import urllib2
        print urllib2.quote("a b"), xrange(3)
        """,
        """
        import urllib.parse
        import urllib.request
        print(urllib.parse.quote("a b"), range(3))
        """,
    ),
    broken_case(
        "not equal, and a long number", "if x <> 3L:\n    print x\n", "if x != 3:\n    print(x)\n"
    ),
    broken_case("backticks", "print `x`\n", "print(repr(x))\n"),
    broken_case("a statement that runs text", "exec 'x = 1' in d\n", "exec('x = 1', d)\n"),
]


@pytest.mark.parametrize(("broken", "meant"), MEANT)
def test_the_first_repair_is_what_was_meant(broken: str, meant: str) -> None:
    check_repair(broken, meant)


@pytest.mark.parametrize(
    ("line", "line_after"),
    [
        ("print 'a'", "print('a')"),
        ("print", "print()"),
        ("    print x, y  # both", "    print(x, y)  # both"),
        ("print x,", 'print(x, end=" ")'),
        ("print >>sys.stderr, x", "print(x, file=sys.stderr)"),
        ("print >>sys.stderr", "print(file=sys.stderr)"),
        ("if x: print x", "if x: print(x)"),
        ("x = 1; print x", "x = 1; print(x)"),
        ("print(x)", "print(x)"),
        ("print = 3", "print = 3"),
        ("printed x", "printed x"),
        ("x = 'print y'", "x = 'print y'"),
        ("fingerprint x", "fingerprint x"),
    ],
)
def test_a_print_statement_becomes_a_call_and_nothing_else_does(line: str, line_after: str) -> None:
    assert print_statement(line) == line_after


@pytest.mark.parametrize(
    ("line", "line_after"),
    [
        ("except ValueError, e:", "except ValueError as e:"),
        ("except (A, B), e:", "except (A, B) as e:"),
        ("except (A, B):", "except (A, B):"),
        ("except ValueError:", "except ValueError:"),
        ("raise A, 'b'", "raise A('b')"),
        ("    raise a.B, text  # why", "    raise a.B(text)  # why"),
        ("raise A('b', c)", "raise A('b', c)"),
        ("raise", "raise"),
    ],
)
def test_old_forms_of_exceptions_are_written_anew(line: str, line_after: str) -> None:
    assert exception_forms(line) == line_after


@pytest.mark.parametrize(
    ("line", "line_after"),
    [
        ("exec code", "exec(code)"),
        ("exec code in names", "exec(code, names)"),
        ("exec(code)", "exec(code)"),
        ("execute code", "execute code"),
    ],
)
def test_a_statement_that_runs_text_becomes_a_call(line: str, line_after: str) -> None:
    assert exec_statement(line) == line_after


@pytest.mark.parametrize(
    ("line", "line_after"),
    [
        ("x = 0777", "x = 0o777"),
        ("x = 0", "x = 0"),
        ("x = 0.77", "x = 0.77"),
        ("x = 10077", "x = 10077"),
        ("x = '0777'", "x = '0777'"),
        ("x = a0777", "x = a0777"),
        ("x = 3L", "x = 3"),
        ("x = 0xFFl", "x = 0xFF"),
        ("x = ur'a'", "x = r'a'"),
        ("x = `y`", "x = repr(y)"),
        ("if x <> y:", "if x != y:"),
        ("x = '<>'", "x = '<>'"),
        ("if x<>'0777': y = \"3L `z`\"", "if x!='0777': y = \"3L `z`\""),
    ],
)
def test_literals_and_signs_are_written_anew(line: str, line_after: str) -> None:
    assert literals(line) == line_after


def test_the_whole_file_is_offered_before_the_line_alone() -> None:
    whole, line = edits_of(whole_file, "print 'a'\nprint 'b'\n")
    assert whole == "print('a')\nprint('b')\n"
    assert line == "print('a')\nprint 'b'\n"


def test_line_ends_of_windows_stay() -> None:
    assert edits_of(whole_file, "print 'a'\r\n")[0] == "print('a')\r\n"


def test_a_line_that_is_no_python_2_is_not_touched() -> None:
    assert edits_of(whole_file, "x = = 1\n") == []
    assert edits_of(print_over_lines, "x = = 1\n") == []


def test_a_print_over_lines_is_closed_at_each_line_in_turn() -> None:
    texts = edits_of(print_over_lines, "print 'a', [1,\n2]\nx = 3\n")
    assert "print('a', [1,\n2])\nx = 3\n" in texts
