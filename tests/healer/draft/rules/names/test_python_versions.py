"""What newer versions of Python refuse: the call is written as it is taken today."""

import pytest

from healer.draft.rules.example import Example
from tests.support.rule_cases import (
    check_fix,
    check_guess,
    check_silence,
    draft_example,
    example_case,
)

NO_LOOP = "RuntimeError: There is no current event loop in thread 'MainThread'."
MENDED = [
    example_case(
        "a mode that is gone",
        "universal-newlines",
        """
        - f = open('x', 'rU')  #! ValueError: invalid mode: 'rU'
        + f = open('x', "r")
        """,
        is_reported=True,
    ),
    example_case(
        "a mode that is gone, by name and without another",
        "universal-newlines",
        """
          import os
        - open(os.devnull, mode="U").close()  #! ValueError: invalid mode: 'U'
        + open(os.devnull, mode="r").close()
        """,
    ),
    example_case(
        "a mode that is gone, in binary",
        "universal-newlines",
        """
          import os
        - open(os.devnull, "rbU").close()  #! ValueError: invalid mode: 'rbU'
        + open(os.devnull, "rb").close()
        """,
        is_reported=True,
    ),
    example_case(
        "a sample of a set",
        "sample-of-set",
        """
          import random
        - x = random.sample({1, 2}, 1)
        #! TypeError: Population must be a sequence.  For dicts or sets, use sorted(d).
        + x = random.sample(sorted({1, 2}), 1)
        """,
    ),
    example_case(
        "a sample of a dictionary's keys",
        "sample-of-set",
        """
          from random import sample
          rates = {"eur": 1.1, "usd": 1.0}
        - print(len(sample(rates.keys(), 2)))
        #! TypeError: Population must be a sequence.  For dicts or sets, use sorted(d).
        + print(len(sample(sorted(rates.keys()), 2)))
        """,
    ),
    example_case(
        "a loop that nobody has made",
        "no-event-loop",
        f"""
        - loop = asyncio.get_event_loop()  #! {NO_LOOP}
        + loop = asyncio.new_event_loop()
          import asyncio
        """,
        is_reported=True,
    ),
    example_case(
        "a loop argument",
        "loop-argument",
        """
        - asyncio.sleep(1, loop=None)
        #! TypeError: sleep() got an unexpected keyword argument 'loop'
        + asyncio.sleep(1)
          import asyncio
        """,
        is_reported=True,
    ),
    example_case(
        "a loop argument among others",
        "loop-argument",
        """
          import asyncio
          async def main(loop, jobs):
        -     await asyncio.wait(jobs, loop=loop, timeout=3)
        #! TypeError: wait() got an unexpected keyword argument 'loop'
        +     await asyncio.wait(jobs, timeout=3)
        """,
        is_reported=True,
    ),
    example_case(
        "a loop argument of a class",
        "loop-argument",
        """
          from asyncio import Queue
        - Queue(3, loop=None)
        #! TypeError: Queue.__init__() got an unexpected keyword argument 'loop'
        + Queue(3)
        """,
    ),
    example_case(
        "print into a stream",
        "print-to-stream",
        """
          import sys
        - print >>sys.stderr, 'x'
        #! TypeError: unsupported operand type(s) for >>: 'builtin_function_or_method' and
        #! '_io.TextIOWrapper'. Did you mean "print(<message>, file=<output_stream>)"?
        + print('x', file=sys.stderr)
        """,
        is_reported=True,
    ),
    example_case(
        "each print into a stream, and an empty one",
        "print-to-stream",
        """
          import sys
          def warn(text):
        -     print >> sys.stderr, "warning:", text
        #! TypeError: unsupported operand type(s) for >>: 'builtin_function_or_method' and
        #! '_io.TextIOWrapper'. Did you mean "print(<message>, file=<output_stream>)"?
        +     print("warning:", text, file=sys.stderr)
        -     print >>sys.stderr
        +     print(file=sys.stderr)
        """,
        is_reported=True,
    ),
]
GUESSED = [
    example_case(
        "the main coroutine may have been meant to run by itself",
        "no-event-loop",
        f"""
          import asyncio
          async def main():
              return 1
        - asyncio.get_event_loop().run_until_complete(main())  #! {NO_LOOP}
        + asyncio.new_event_loop().run_until_complete(main())
        """,
        is_reported=True,
    ),
]
SILENT = [
    example_case(
        "another wrong mode",
        "universal-newlines",
        """
        open("x", "q")  #! ValueError: invalid mode: 'q'
        """,
    ),
    example_case(
        "the mode comes from elsewhere",
        "universal-newlines",
        """
        mode = "rU"
        open("x", mode)  #! ValueError: invalid mode: 'rU'
        """,
    ),
    example_case(
        "a sample that is larger than its list",
        "*",
        """
        import random
        x = random.sample([1], 2)  #! ValueError: Sample larger than population or is negative
        """,
    ),
    example_case(
        "a function of one's own that samples",
        "sample-of-set",
        """
        def sample(names, count):
            raise TypeError("Population must be a sequence.  For dicts or sets, use sorted(d).")
        #! TypeError: Population must be a sequence.  For dicts or sets, use sorted(d).
        sample({1}, 1)
        """,
    ),
    example_case(
        "a loop that should run already",
        "no-event-loop",
        f"""
        import asyncio
        asyncio.get_running_loop()  #! {NO_LOOP}
        """,
        is_reported=True,
    ),
    example_case(
        "another function's loop",
        "loop-argument",
        """
        def play(sound):
            print(sound)
        play("ding", loop=True)  #! TypeError: play() got an unexpected keyword argument 'loop'
        """,
    ),
    example_case(
        "a shift of print by a number",
        "print-to-stream",
        """
        shift = print
        shift >> 3
        #! TypeError: unsupported operand type(s) for >>: 'builtin_function_or_method' and 'int'.
        #! Did you mean "print(<message>, file=<output_stream>)"?
        """,
    ),
]


@pytest.mark.parametrize(("rule", "example"), MENDED)
def test_the_call_is_written_as_it_is_taken_today(rule: str, example: Example) -> None:
    check_fix(rule, example)


@pytest.mark.parametrize(("rule", "example"), GUESSED)
def test_another_form_may_be_meant(rule: str, example: Example) -> None:
    check_guess(rule, example)


@pytest.mark.parametrize(("rule", "example"), SILENT)
def test_what_was_refused_always_is_left_alone(rule: str, example: Example) -> None:
    check_silence(rule, example)


@pytest.mark.parametrize(("rule", "example"), MENDED)
def test_another_message_and_another_script_get_no_draft(rule: str, example: Example) -> None:
    other = example.error.model_copy(update={"message": "something else"})
    unlike = Example("print('nothing of the kind')\n" * example.error.frames[0].line)
    assert draft_example(example, other).candidates == ()
    assert draft_example(unlike, example.error).candidates == ()
