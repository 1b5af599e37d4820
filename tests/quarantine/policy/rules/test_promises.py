"""What is said of a changed function stays said, and stays true."""

import pytest

from quarantine.policy.rules.promises import broken_promises, lost_promises
from tests.quarantine.policy.examples import is_refused, whats


def changed(old: str, new: str) -> str:
    """A function whose code changes, with these lines above it before and after."""
    before = "\n".join(f"-     {line}" for line in old.splitlines())
    after = "\n".join(f"+     {line}" for line in new.splitlines())
    lines = ["  def f(rows):", before, after, "-     return rows.sum", "+     return sum(rows)"]
    return "\n".join(line for line in lines if line)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"""The sum. Rows without a rate are left out."""', '"""The sum."""'),
        ('"""Rows without a rate are left out."""', ""),
        ("# never count a row twice", ""),
        ("# at most 60 of them are read", "# some of them"),
    ],
)
def test_a_sentence_that_is_gone_is_told(old: str, new: str) -> None:
    assert is_refused(lost_promises, changed(old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"""The sum of all rows."""', '"""The sum of all the rows there are."""'),
        ('"""Rows without a rate are left out."""', "# rows without a rate are left out"),
        ("# read the file", ""),
        ('"""Sums."""', ""),
        ("", '"""The sum of all rows."""'),
    ],
)
def test_a_sentence_in_other_words_and_small_talk_are_not(old: str, new: str) -> None:
    assert not is_refused(lost_promises, changed(old, new))


def test_where_only_the_text_changes_nothing_is_told() -> None:
    text = '''
          def f(rows):
        -     """The sum. Rows without a rate are left out."""
        +     """The sum."""
              return sum(rows)
        '''
    assert not is_refused(lost_promises, text)


@pytest.mark.parametrize(
    ("code", "numbers"),
    [
        (("range(3)", "range(5)"), ["3 (f)"]),
        (("int(x, '3')", "int(x)"), ["3 (f)"]),
        (("range(3)", "list(range(3))"), []),
        (("range(4)", "range(5)"), []),
    ],
)
def test_a_number_that_the_code_no_longer_holds_is_told(
    code: tuple[str, str], numbers: list[str]
) -> None:
    text = (
        f'  def f(x):\n      """At most 3 times."""\n-     return {code[0]}\n+     return {code[1]}'
    )
    assert whats(broken_promises, text) == numbers
