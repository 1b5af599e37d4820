"""Rules for what newer versions of Python refuse, where the failure is not a missing name.

Belongs here: calls that still exist and no longer take what they took, each with its source. Does
not belong here: names that moved (`moved`).
"""

import ast
import re
from collections.abc import Iterator

from healer.draft.rules.rule import FaultSite, Fix, rule
from healer.draft.rules.scope import dotted, imports
from healer.draft.rules.source_file import TextEdit

_NEWS = "https://docs.python.org/3/whatsnew"


def universal_newlines(site: FaultSite) -> Iterator[Fix]:
    """`open(path, "rU")`: mode `U` is gone, and did nothing since Python 3.0."""
    if not re.search(r"invalid mode: '[a-z]*U[a-z]*'", site.error.message):
        return
    for call in site.nodes(ast.Call):
        modes = [*call.args[1:2], *(k.value for k in call.keywords if k.arg == "mode")]
        for mode in modes:
            value = mode.value if isinstance(mode, ast.Constant) else None
            if isinstance(value, str) and "U" in value:
                new = value.replace("U", "")
                new = new if set(new) & set("rwax") else f"r{new}"
                cause = f"Mode `U` is gone from `open` ({_NEWS}/3.11.html); text has it anyway."
                yield Fix(cause, (site.code.replace(mode, f'"{new}"'),), 0.96)


def sample_of_set(site: FaultSite) -> Iterator[Fix]:
    """`random.sample(a_set, n)`: only sequences can be sampled, from Python 3.11 on."""
    if "Population must be a sequence" not in site.error.message:
        return
    for call in site.nodes(ast.Call):
        if dotted(call.func, imports(site.code)) == "random.sample" and call.args:
            text = site.code.segment(call.args[0])
            change = site.code.replace(call.args[0], f"sorted({text})")
            cause = f"A set is no sequence for `random.sample` ({_NEWS}/3.11.html); it is sorted."
            yield Fix(cause, (change,), 0.9)


def no_event_loop(site: FaultSite) -> Iterator[Fix]:
    """`asyncio.get_event_loop()` makes no loop any more where none runs."""
    if "There is no current event loop" not in site.error.message:
        return
    for call in site.code.nodes:
        if not isinstance(call, ast.Call):
            continue
        if dotted(call.func, imports(site.code)) == "asyncio.get_event_loop" and not call.args:
            text = site.code.segment(call).replace("get_event_loop", "new_event_loop")
            cause = f"`get_event_loop` makes no loop from Python 3.14 on ({_NEWS}/3.14.html)."
            yield Fix(cause, (site.code.replace(call, text),), 0.85)


def loop_argument(site: FaultSite) -> Iterator[Fix]:
    """`asyncio.sleep(1, loop=loop)`: the argument is gone from Python 3.10 on."""
    if "unexpected keyword argument 'loop'" not in site.error.message:
        return
    code = site.code
    for call in site.nodes(ast.Call):
        given = next((k for k in call.keywords if k.arg == "loop"), None)
        if given is None or not (dotted(call.func, imports(code)) or "").startswith("asyncio."):
            continue
        row: list[ast.expr | ast.keyword] = [*call.args, *call.keywords]
        kept = ", ".join(code.segment(part) for part in row if part is not given)
        change = code.replace(call, f"{code.segment(call.func)}({kept})")
        cause = f"`loop` is gone from asyncio's functions ({_NEWS}/3.10.html#removed)."
        yield Fix(cause, (change,), 0.96)


def run_coroutine(site: FaultSite) -> Iterator[Fix]:
    """A coroutine's result is used outside of any `async def`: `asyncio.run` gives it."""
    code = site.code
    if "'coroutine'" not in site.error.message or code.function_at(site.line):
        return
    names = {n.name for n in code.nodes if isinstance(n, ast.AsyncFunctionDef)}
    for call in (n for n in code.nodes if isinstance(n, ast.Call)):
        outside = code.function_at(call.lineno) is None
        if outside and isinstance(call.func, ast.Name) and call.func.id in names:
            parent = code.parents.get(call)
            if isinstance(parent, ast.Call):  # asyncio.run(...) has it already
                continue
            changes: list[TextEdit] = [code.replace(call, f"asyncio.run({code.segment(call)})")]
            if "asyncio" not in imports(code):
                changes.append(code.add_import("import asyncio"))
            cause = f"`{call.func.id}` gives a coroutine; `asyncio.run` gives its result."
            yield Fix(cause, tuple(changes), 0.88)


VERSION_RULES = (
    rule("universal-newlines", "ValueError", universal_newlines),
    rule("sample-of-set", "TypeError", sample_of_set),
    rule("no-event-loop", "RuntimeError", no_event_loop),
    rule("loop-argument", "TypeError", loop_argument),
    rule("run-coroutine", "TypeError AttributeError", run_coroutine),
)
