"""New control flow that hides a failure is told; a plain branch, loop or exit code is not."""

import pytest

from quarantine.policy.rules import control_flow
from tests.quarantine.policy.examples import is_refused, whats

LOOSE = [
    "gather(*jobs, return_exceptions=True)",
    "run(command, check=False)",
    "get(url, verify=False)",
    "run(command, shell=True)",
    "load(file, allow_pickle=True)",
    "assert_frame(a, b, compare=False)",
    "Thread(target=f, daemon=True)",
    "fetch(url, raise_for_status=False)",
]
STRICT = [
    "gather(*jobs, return_exceptions=False)",
    "run(command, check=True)",
    "get(url, verify=path)",
    "get(url, verify=True)",
    "run(command, shell=False)",
    "run(command, check=0)",
    "fetch(url, timeout=5)",
    "show(verify, False)",
]


@pytest.mark.parametrize("call", LOOSE)
def test_an_argument_that_turns_a_check_off_is_told_with_its_value(call: str) -> None:
    argument = call.rpartition(", ")[2].rstrip(")")
    assert whats(control_flow.loose_arguments, f"+ {call}") == [argument]


@pytest.mark.parametrize("call", STRICT)
def test_other_arguments_are_not(call: str) -> None:
    assert not is_refused(control_flow.loose_arguments, f"+ {call}")


def test_a_loose_argument_that_was_there_is_not_new() -> None:
    text = "- run(a, check=False)\n+ run(a, b, check=False)"
    assert not is_refused(control_flow.loose_arguments, text)


DEAD = {
    "after a return": "return 1\ntotal = 2",
    "after a raise": "raise ValueError\ntotal = 2",
    "after a continue": "for a in b:\n    continue\n    c()",
    "after a break": "while b:\n    break\n    c()",
    "in an else branch": "if a:\n    b()\nelse:\n    return 1\n    c()",
    "in a finally": "try:\n    b()\nfinally:\n    raise X\n    c()",
}
ALIVE = {
    "the end of one branch": "if a:\n    return 1\nb()",
    "the end of a function": "b()\nreturn 1",
    "a break in a branch": "for a in b:\n    if a:\n        break\n    c()",
    "both branches end": "if a:\n    return 1\nelse:\n    return 2",
}


def in_function(body: str) -> str:
    return "+ def f(a, b):\n" + "\n".join(f"+     {line}" for line in body.split("\n"))


@pytest.mark.parametrize("case", DEAD)
def test_code_that_can_no_longer_run_is_told(case: str) -> None:
    assert is_refused(control_flow.dead_code, in_function(DEAD[case]))


@pytest.mark.parametrize("case", ALIVE)
def test_code_that_may_run_is_not(case: str) -> None:
    assert not is_refused(control_flow.dead_code, in_function(ALIVE[case]))


CONSTANT = [
    "if False:", "if 0:", "if True:", "if '':", "if None:", "while 0:", "while False:",
    "if rows and False:", "if True or rows:", "if not (rows or 1):", "if __debug__:",
    "if rows and __debug__:", "if f(rows and 0):",
]  # fmt: skip
VARIABLE = [
    "if rows:", "while True:", "while 1:", "if rows and rows[0]:", "if rows == 1:",
    "if rows or other:", "if not rows:", "if rows > 0 and rows < 5:", "if f(0):",
]  # fmt: skip


@pytest.mark.parametrize("head", CONSTANT)
def test_a_condition_with_a_fixed_answer_is_told(head: str) -> None:
    assert is_refused(control_flow.constant_conditions, f"+ {head}\n+     work()")


@pytest.mark.parametrize("head", VARIABLE)
def test_a_condition_that_asks_something_is_not(head: str) -> None:
    assert not is_refused(control_flow.constant_conditions, f"+ {head}\n+     work()")


def test_a_conditional_expression_counts_as_a_condition() -> None:
    assert is_refused(control_flow.constant_conditions, "+ x = a if False else b")
    assert not is_refused(control_flow.constant_conditions, "+ x = a if c else b")


EXITS = [
    "sys.exit()", "sys.exit(0)", "exit()", "quit()", "raise SystemExit", "raise SystemExit(1)",
    "leave = sys.exit",
]  # fmt: skip


@pytest.mark.parametrize("line", EXITS)
def test_an_early_end_is_told(line: str) -> None:
    text = f"""
          import sys
          def main(rows):
        +     if not rows:
        +         {line}
              return rows[0]
        """
    assert is_refused(control_flow.new_exits, text)


ORDINARY = {
    "the status of main at the program's entry": """
          import sys
        + if __name__ == "__main__":
        +     sys.exit(main(sys.argv))
        """,
    "raise SystemExit(main()) there": """
        + if __name__ == "__main__":
        +     raise SystemExit(main())
        """,
    "an exit that is caught": """
        + try:
        +     main()
        + except SystemExit:
        +     close()
        """,
    "one of several exceptions that are caught": """
        + try:
        +     main()
        + except (SystemExit, OSError):
        +     close()
        """,
    "a method of that name": "+ pool.exit()",
    "an exit that was there": """
          import sys
          def main(rows):
              if not rows:
        +         log(rows)
                  sys.exit(2)
        """,
}


@pytest.mark.parametrize("case", ORDINARY)
def test_an_ordinary_exit_is_not_told(case: str) -> None:
    assert not is_refused(control_flow.new_exits, ORDINARY[case])


CHANGED_EXITS = {
    "its status was turned into success": """
          import sys
          def main(rows):
        -     sys.exit(2)
        +     sys.exit(0)
        """,
    "it moved to another function": """
          import sys
          def load(rows):
        +     sys.exit(2)
              return rows
          def main(rows):
        -     sys.exit(2)
              return load(rows)
        """,
    "it stands at the entry but calls nothing": """
          import sys
        + if __name__ == "__main__":
        +     sys.exit(0)
        """,
    "it is not at the entry": """
          import sys
        + sys.exit(main())
        """,
}


@pytest.mark.parametrize("case", CHANGED_EXITS)
def test_an_exit_is_a_new_one_when(case: str) -> None:
    assert is_refused(control_flow.new_exits, CHANGED_EXITS[case])


def loop(head: str, handler: str = "pass") -> str:
    return f"""
          def load(read):
        +     {head}
        +         try:
        +             x = read()
        +         except OSError:
        +             {handler}
        """


@pytest.mark.parametrize(
    ("head", "refused"),
    [
        ("for attempt in range(3):", True),
        ("for retry in range(3):", True),
        ("for n_retries in range(3):", True),
        ("while attempts < 3:", True),
        ("while MAX_TRIES:", True),
        ("for row in rows:", False),
        ("for i in range(len(rows)):", False),
        ("while rows:", False),
    ],
)
def test_a_loop_that_counts_attempts_around_a_try_is_told(head: str, refused: bool) -> None:
    assert is_refused(control_flow.retry_loops, loop(head)) == refused


def test_a_loop_that_counts_attempts_without_a_try_is_not() -> None:
    text = "+ for attempt in attempts:\n+     print(attempt)"
    assert not is_refused(control_flow.retry_loops, text)


@pytest.mark.parametrize(
    ("head", "handler", "refused"),
    [
        ("while True:", "pass", True),
        ("while True:", "continue", True),
        ("while rows:", "x = 1", True),
        ("while True:", "raise", False),
        ("while True:", "return 1", False),
        ("while True:", "break", False),
        ("for row in rows:", "pass", False),
    ],
)
def test_a_loop_that_goes_on_after_an_error_is_told(head: str, handler: str, refused: bool) -> None:
    assert is_refused(control_flow.endless_tries, loop(head, handler)) == refused
