"""Forms that do well on the first input are told; those that look alike and do no harm are not."""

import pytest

from quarantine.policy.rules.first_input_only import (
    built_statements,
    destructive_statements,
    identities,
    late_bindings,
    late_checks,
    left_out_data,
    remembered_answers,
)
from tests.quarantine.policy.examples import is_refused, whats


@pytest.mark.parametrize(
    "text",
    [
        "f\"SELECT id FROM person WHERE name = '{name}'\"",
        '"DELETE FROM person WHERE id = " + name',
        "\"SELECT id FROM person WHERE name = '%s'\" % name",
        "\"UPDATE person SET name = '{}'\".format(name)",
    ],
)
def test_a_value_within_a_statement_is_told(text: str) -> None:
    assert is_refused(built_statements, f"+ table.execute({text})")


@pytest.mark.parametrize(
    "call",
    [
        'table.execute("SELECT id FROM person WHERE name = ?", (name,))',
        "table.execute(QUESTION, (name,))",
        'pool.execute(f"{name}.sh")',
        'print(f"select {name}")',
    ],
)
def test_a_statement_without_values_is_not(call: str) -> None:
    assert not is_refused(built_statements, f"+ {call}")


def test_a_statement_that_was_built_before_is_not_new() -> None:
    diff = '  t.execute(f"SELECT {a} FROM b")\n- x = 1\n+ x = 2'
    assert not is_refused(built_statements, diff)


@pytest.mark.parametrize(
    ("new", "words"),
    [
        ("INSERT OR REPLACE INTO entry VALUES (1)", ["OR REPLACE"]),
        ("delete from entry", ["delete from"]),
        ("DROP TABLE entry", ["DROP TABLE"]),
        ("INSERT OR IGNORE INTO entry VALUES (1)", []),
        ("SELECT replace(name, 'a', 'b') FROM entry", []),
    ],
)
def test_a_statement_that_destroys_is_told(new: str, words: list[str]) -> None:
    diff = f'- t.execute("INSERT INTO entry VALUES (1)")\n+ t.execute("{new}")'
    assert whats(destructive_statements, diff) == words


def test_one_that_destroyed_before_may_be_mended() -> None:
    diff = '- t.execute("DELETE FROM entri")\n+ t.execute("DELETE FROM entry")'
    assert not is_refused(destructive_statements, diff)


@pytest.mark.parametrize(
    ("option", "is_told"),
    [
        ('errors="ignore"', True),
        ('extrasaction="ignore"', True),
        ('on_bad_lines="skip"', True),
        ('errors="coerce"', True),
        ('errors="strict"', False),
        ('newline=""', False),
        ("errors=how", False),
    ],
)
def test_an_option_that_leaves_data_out_is_told(option: str, *, is_told: bool) -> None:
    assert is_refused(left_out_data, f"- x = read(a)\n+ x = read(a, {option})") == is_told


@pytest.mark.parametrize(
    ("code", "is_told"),
    [
        ("x = {n: lambda t: t + n for n in names}", True),
        ("x = [lambda: n for n in names]", True),
        ("for n in names:\n+     x[n] = lambda: n", True),
        ("for n in names:\n+     x.append(lambda: n)", True),
        ("x = {n: lambda t, n=n: t + n for n in names}", False),
        ("for n in names:\n+     x = sorted(n, key=lambda r: r[n])", False),
        ("for n in names:\n+     x.append(lambda: y)", False),
        ("x = {1: lambda t: t + n}", False),
    ],
)
def test_a_kept_function_that_reads_the_loops_variable_is_told(code: str, *, is_told: bool) -> None:
    assert is_refused(late_bindings, f"+ {code}") == is_told


@pytest.mark.parametrize(
    ("test", "is_told"),
    [
        ("one is other", True),
        ("one is not row.value", True),
        ("code is 200", True),
        ("one is None", False),
        ("one is True", False),
        ("one is MISSING", False),
        ("type(one) is kind", False),
        ("one is self", False),
        ("one == other", False),
    ],
)
def test_identity_of_two_values_is_told(test: str, *, is_told: bool) -> None:
    assert is_refused(identities, f"+ x = {test}") == is_told


CHECK = """
  def take(self, count):
{before}
      if self.free {test}:
          raise ValueError("too few seats")
{after}
"""
STEP = "+     self.free -= count"


@pytest.mark.parametrize(
    ("before", "test", "after", "is_told"),
    [
        (STEP, "< 0", "", True),
        ("+     count -= 1", "< count", "", False),
        ("", "< count", STEP, False),
        ("+     self.tries += 1", "< count", "", False),
    ],
)
def test_a_check_behind_the_change_that_it_is_about_is_told(
    before: str, test: str, after: str, *, is_told: bool
) -> None:
    lines = CHECK.format(before=before, test=test, after=after).splitlines()
    assert is_refused(late_checks, "\n".join(filter(None, lines))) == is_told


@pytest.mark.parametrize(
    "decorator",
    ["functools.cache", "lru_cache(maxsize=None)", "functools.cached_property", "cached(TTL)"],
)
def test_a_cache_around_a_method_or_a_function_without_arguments_is_told(decorator: str) -> None:
    assert is_refused(remembered_answers, f"+ @{decorator}\n  def f():\n      return read()")
    method = f"  class A:\n+     @{decorator}\n      def f(self):\n          return self.x"
    assert is_refused(remembered_answers, method)


@pytest.mark.parametrize("decorator", ["functools.cache", "property", "app.route('/')"])
def test_a_cache_of_arguments_and_other_decorators_are_not(decorator: str) -> None:
    argument = "" if decorator == "property" else "x"
    text = f"+ @{decorator}\n  def f({argument}):\n      return 1"
    assert not is_refused(remembered_answers, text)
