"""Rules for what newer versions of Python refuse, where the failure is not a missing name.

Belongs here: calls that still exist and no longer take what they took, and print's old form that
still parses, each with its source. Does not belong here: names that moved (`renamed_apis`), and
what no longer parses (`syntax.python2`).
"""

import ast
import re
from collections.abc import Iterator

from healer.draft.rules.certainty import GUESS
from healer.draft.rules.example import Example
from healer.draft.rules.rule import FaultSite, Fix, rule
from healer.draft.rules.scope import imported_names, qualified_name
from healer.draft.rules.source_file import TextEdit

_NEWS = "https://docs.python.org/3/whatsnew"


@rule(
    "universal-newlines",
    "ValueError",
    estimate=0.96,
    example="""
          import os
        - open(os.devnull, "rU").close()  #! ValueError: invalid mode: 'rU'
        + open(os.devnull, "r").close()
        """,
    silent="""
        import os
        file = open(os.devnull, "rw")
        #! ValueError: must have exactly one of create/read/write/append mode
        """,
    link=f"{_NEWS}/3.11.html#changes-in-the-python-api",
)
def universal_newlines(site: FaultSite) -> Iterator[Fix]:
    """A file is opened in mode `U`, which is gone and did nothing since Python 3.0."""
    if not site.search(r"invalid mode: '[a-z]*U[a-z]*'"):
        return
    for call in site.calls():
        modes = [*call.args[1:2], *(k.value for k in call.keywords if k.arg == "mode")]
        for mode in modes:
            value = mode.value if isinstance(mode, ast.Constant) else None
            if isinstance(value, str) and "U" in value:
                rest = value.replace("U", "")
                new = rest if set(rest) & set("rwax") else f"r{rest}"
                cause = f"Mode `U` is gone from `open` ({_NEWS}/3.11.html); text has it anyway."
                # with `b` it did something in Python 2: it took `\r\n` for one character
                estimate = GUESS if "b" in value else None
                yield Fix(cause, (site.code.replace(mode, f'"{new}"'),), estimate)


@rule(
    "sample-of-set",
    "TypeError",
    estimate=0.9,
    example="""
          import random
        - print(random.sample({1, 2}, 1))
        #! TypeError: Population must be a sequence.  For dicts or sets, use sorted(d).
        + print(random.sample(sorted({1, 2}), 1))
        """,
    silent="""
        import random
        def pick(sample, names):
            return sample(names, 1)
        #! TypeError: Population must be a sequence.  For dicts or sets, use sorted(d).
        print(pick(random.sample, {1, 2}))
        """,
    rivals=("the order of the set does not matter, and its items cannot be sorted",),
    link=f"{_NEWS}/3.11.html#changes-in-the-python-api",
)
def sample_of_set(site: FaultSite) -> Iterator[Fix]:
    """A set is sampled, and only sequences can be from Python 3.11 on."""
    if "Population must be a sequence" not in site.message:
        return
    for call in site.calls():
        is_sample = qualified_name(call.func, imported_names(site.code)) == "random.sample"
        if is_sample and call.args:
            cause = f"A set is no sequence for `random.sample` ({_NEWS}/3.11.html); it is sorted."
            yield Fix(cause, (site.code.wrap(call.args[0], "sorted({})"),))


@rule(
    "no-event-loop",
    "RuntimeError",
    estimate=0.85,
    example=Example(
        """
          import asyncio
        - loop = asyncio.get_event_loop()
        #! RuntimeError: There is no current event loop in thread 'MainThread'.
        + loop = asyncio.new_event_loop()
          loop.close()
        """,
        is_reported=True,
    ),
    silent=Example(
        """
        import asyncio
        loop = asyncio.get_running_loop()  #! RuntimeError: There is no current event loop
        """,
        is_reported=True,
    ),
    rivals=("`asyncio.run` of the main coroutine was meant",),
    link=f"{_NEWS}/3.14.html#asyncio",
)
def no_event_loop(site: FaultSite) -> Iterator[Fix]:
    """`asyncio.get_event_loop()` makes no loop any more where none runs."""
    if "There is no current event loop" not in site.message:
        return
    imports = imported_names(site.code)
    for call in (n for n in site.code.nodes if isinstance(n, ast.Call)):
        if qualified_name(call.func, imports) == "asyncio.get_event_loop" and not call.args:
            text = site.code.segment(call).replace("get_event_loop", "new_event_loop")
            cause = f"`get_event_loop` makes no loop from Python 3.14 on ({_NEWS}/3.14.html)."
            yield Fix(cause, (site.code.replace(call, text),))


@rule(
    "loop-argument",
    "TypeError",
    estimate=0.96,
    example="""
          import asyncio
        - asyncio.run(asyncio.sleep(0, loop=None))
        #! TypeError: sleep() got an unexpected keyword argument 'loop'
        + asyncio.run(asyncio.sleep(0))
        """,
    silent="""
        def play(sound):
            print(sound)
        play("ding", loop=True)  #! TypeError: play() got an unexpected keyword argument 'loop'
        """,
    link=f"{_NEWS}/3.10.html#removed",
)
def loop_argument(site: FaultSite) -> Iterator[Fix]:
    """A function of asyncio is given `loop=`, which is gone from Python 3.10 on."""
    if "unexpected keyword argument 'loop'" not in site.message:
        return
    code, imports = site.code, imported_names(site.code)
    for call in site.calls():
        keyword = next((k for k in call.keywords if k.arg == "loop"), None)
        if keyword is None or not qualified_name(call.func, imports).startswith("asyncio."):
            continue
        row: list[ast.expr | ast.keyword] = [*call.args, *call.keywords]
        others = ", ".join(code.segment(part) for part in row if part is not keyword)
        cause = f"`loop` is gone from asyncio's functions ({_NEWS}/3.10.html#removed)."
        yield Fix(cause, (code.replace(call, f"{code.segment(call.func)}({others})"),))


@rule(
    "print-to-stream",
    "TypeError",
    estimate=0.97,
    example=Example(
        """
          import sys
        - print >>sys.stderr, "late"
        #! TypeError: unsupported operand type(s) for >>: 'builtin_function_or_method' and
        #! '_io.TextIOWrapper'. Did you mean "print(<message>, file=<output_stream>)"?
        + print("late", file=sys.stderr)
        """,
        is_reported=True,
    ),
    silent="""
        shift = print
        shift >> 3
        #! TypeError: unsupported operand type(s) for >>: 'builtin_function_or_method' and 'int'.
        #! Did you mean "print(<message>, file=<output_stream>)"?
        """,
    link=f"{_NEWS}/3.0.html#print-is-a-function",
)
def print_to_stream(site: FaultSite) -> Iterator[Fix]:
    """`print >>sys.stderr, text` of Python 2 still parses, and fails when it runs."""
    if "builtin_function_or_method" not in site.message or ">>" not in site.message:
        return
    edits = []
    for number, line in enumerate(site.code.lines, 1):
        match = re.match(r"^([ \t]*)print\s*>>\s*([\w.]+)[ \t]*(?:,\s*(.*?))?(\r?\n?)$", line)
        if match:
            text = f"{match[3]}, file={match[2]}" if match[3] else f"file={match[2]}"
            start = site.code.line_start(number)
            edits.append(TextEdit(start, start + len(line), f"{match[1]}print({text}){match[4]}"))
    if edits:
        yield Fix("`print >>` is Python 2; `print(..., file=...)` took its place.", tuple(edits))
