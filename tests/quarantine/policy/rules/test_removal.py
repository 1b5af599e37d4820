"""What a patch takes away is told, over all its files; what it only writes otherwise is not."""

import pytest

from quarantine.policy import Example, Rule
from quarantine.policy.rules import removal
from tests.quarantine.policy.examples import hits, is_refused, whats
from tests.quarantine.policy.trees import findings

LOST = {
    "a raise": (removal.fewer_raises, "raise ValueError('no rows')"),
    "a bare raise": (removal.fewer_raises, "raise"),
    "an assertion": (removal.fewer_checks, "assert len(rows) > 1"),
    "an error in the log": (removal.fewer_alerts, "log.error('no rows')"),
    "a warning in the log": (removal.fewer_alerts, "logger.warning('no rows')"),
    "a warning": (removal.fewer_alerts, "warnings.warn('no rows')"),
    "an alert": (removal.fewer_alerts, "send_email(rows)"),
    "a save": (removal.fewer_effects, "store.save(rows)"),
    "a write": (removal.fewer_effects, "out.write(rows)"),
    "a commit": (removal.fewer_effects, "db.commit()"),
    "an exit": (removal.fewer_exits, "sys.exit(2)"),
    "another exit": (removal.fewer_exits, "raise SystemExit(2)"),
}
HARMLESS = {
    "a message": (removal.fewer_alerts, "log.info('no rows')"),
    "a debug message": (removal.fewer_alerts, "log.debug('no rows')"),
    "a check for the type checker": (removal.fewer_checks, "assert rows is not None"),
    "another one": (removal.fewer_checks, "assert isinstance(rows, list)"),
    "a call": (removal.fewer_effects, "rows.append(1)"),
    "a function named write": (removal.fewer_effects, "write(rows)"),
    "a return": (removal.fewer_raises, "return rows"),
    "a method named exit": (removal.fewer_exits, "pool.exit()"),
}


def without(line: str) -> str:
    return f"  import sys, warnings\n  def load(rows):\n-     {line}\n      return rows"


@pytest.mark.parametrize("case", LOST)
def test_what_is_gone_is_told_with_its_line_and_text(case: str) -> None:
    rule, line = LOST[case]
    (what,) = whats(rule, without(line))
    assert what.startswith("line 3 of the base: ")
    assert what.rpartition(": ")[2] in f"{line} SystemExit sys.exit"


@pytest.mark.parametrize("case", HARMLESS)
def test_what_tells_nobody_anything_may_go(case: str) -> None:
    rule, line = HARMLESS[case]
    assert not is_refused(rule, without(line))


@pytest.mark.parametrize("case", LOST)
def test_the_same_elsewhere_is_not_gone(case: str) -> None:
    rule, line = LOST[case]
    moved = f"{without(line)}\n+ def f(rows):\n+     {line}"
    assert not is_refused(rule, moved)


CHANGED: dict[str, tuple[Rule, str, str]] = {
    "an error's text": (removal.fewer_raises, "raise A('x')", "raise A('y')"),
    "an error's type": (removal.fewer_raises, "raise A('x')", "raise B('x')"),
    "an assertion": (removal.fewer_checks, "assert rows", "assert len(rows) > 1"),
    "an alert": (removal.fewer_alerts, "log.error('x')", "log.critical('y')"),
    "an effect": (removal.fewer_effects, "out.write(x)", "out.writelines(x)"),
}


@pytest.mark.parametrize("case", CHANGED)
def test_one_for_another_is_no_loss(case: str) -> None:
    rule, old, new = CHANGED[case]
    text = f"  def load(rows):\n-     {old}\n+     {new}\n      return rows"
    assert not is_refused(rule, text)


def test_of_two_that_are_equal_one_may_not_go() -> None:
    text = "  def f():\n      log.error('x')\n-     log.error('x')\n      return 1"
    assert is_refused(removal.fewer_alerts, text)


def test_one_hit_is_enough_for_several_losses() -> None:
    lines = "\n".join(f"-     log.error({n})" for n in range(3))
    text = f"  def f():\n{lines}\n      return 1"
    assert len(hits(removal.fewer_alerts, Example(text))) == 1


def test_what_moves_to_another_file_of_the_patch_is_not_gone() -> None:
    check = "def check(rows):\n    if not rows:\n        raise ValueError('no rows')\n"
    before = {"a.py": check + "x = 1\n", "b.py": "y = 1\n"}
    after = {"a.py": "x = 1\n", "b.py": "y = 1\n" + check}
    assert "removed-raise" not in {finding.rule for finding in findings(before, after)}


def test_what_goes_with_its_file_is_gone() -> None:
    check = "def check(rows):\n    raise ValueError('no rows')\n"
    before = {"a.py": check, "b.py": "y = 1\n"}
    assert "removed-raise" in {f.rule for f in findings(before, {"b.py": "y = 2\n"})}


def test_a_raise_in_a_new_test_makes_up_for_nothing() -> None:
    before = {"a.py": "def f():\n    raise ValueError\n"}
    after = {
        "a.py": "def f():\n    g()\n",
        "tests/test_new.py": "def test():\n    raise ValueError\n",
    }
    assert "removed-raise" in {finding.rule for finding in findings(before, after)}


@pytest.mark.parametrize(
    ("old", "new", "refused"),
    [
        ("if __name__ == '__main__':", None, True),
        ("if __name__ == '__main__':", "if __name__ == '__main__' and rows:", True),
        ("if __name__ == '__main__':", 'if __name__ == "__main__":', False),
        ("if rows:", None, False),
        ("if __name__ == 'job':", None, False),
    ],
)
def test_the_programs_entry_must_stay_as_it_is(old: str, new: str | None, refused: bool) -> None:
    text = f"  x = 1\n- {old}\n-     main()"
    text += f"\n+ {new}\n+     main()" if new else ""
    assert is_refused(removal.fewer_entries, text) == refused


def body(kept: int, lost: int) -> str:
    lines = [f"      a{n} = {n}" for n in range(kept)] + [f"-     b{n} = {n}" for n in range(lost)]
    return "\n".join(["  def f():", *lines, "      return 1"])


@pytest.mark.parametrize(
    ("kept", "lost", "refused"),
    [
        (20, 2, False),
        (20, 3, False),
        (20, 7, False),
        (20, 8, True),
        (6, 3, True),
        (7, 3, False),
        (3, 2, False),
        (200, 7, False),
    ],
)
def test_a_patch_that_mostly_takes_away_is_told(kept: int, lost: int, refused: bool) -> None:
    assert is_refused(removal.net_deletions, body(kept, lost)) == refused


def test_both_measures_are_named() -> None:
    assert whats(removal.net_deletions, body(20, 9)) == ["9 statements fewer"]
    assert whats(removal.net_deletions, body(4, 3)) == ["3 of 9 statements"]


@pytest.mark.parametrize(
    "line", ["import json", "from a import b", "pass", "'a docstring'", "global x"]
)
def test_lines_that_do_nothing_do_not_count(line: str) -> None:
    lines = "\n".join(f"-     {line}" for _ in range(9))
    assert not is_refused(removal.net_deletions, f"  def f():\n{lines}\n      return 1")


def test_what_another_file_gains_makes_up_for_the_loss() -> None:
    lines = "".join(f"a{n} = {n}\n" for n in range(9))
    before = {"a.py": "x = 1\n" + lines, "b.py": "y = 1\n"}
    after = {"a.py": "x = 1\n", "b.py": "y = 1\n" + lines}
    assert "net-deletion" not in {finding.rule for finding in findings(before, after)}


@pytest.mark.parametrize("test", ["len(rows) > 1", "len(rows) > 1 and strict"])
def test_an_assertion_that_becomes_a_condition_is_asked_all_the_same(test: str) -> None:
    text = f"  def f(rows):\n-     assert len(rows) > 1\n+     if {test}:\n+         g(rows)"
    assert not is_refused(removal.fewer_checks, text)
    assert is_refused(removal.fewer_checks, text.replace("+     if len", "+     if not len"))
