"""Rules for what takes only text: joining, writing, the environment, a level of logging.

Belongs here: a value that is no text, where only text is taken. Does not belong here: placeholders
in text (`string_formatting`), and sums of text and numbers (`type_mismatch`).
"""

import ast
import re
from collections.abc import Iterator

from healer.draft.rules.certainty import GUESS
from healer.draft.rules.closest_name import find_closest
from healer.draft.rules.rule import FaultSite, Fix, rule
from healer.draft.rules.values.type_mismatch import is_text

_ITEM = re.compile(r"sequence item \d+: expected str instance, (\w+) found")
_ONLY_TEXT = (
    re.compile(
        r"(?:(?P<by>write|replace|join|putenv)\(\) )?(?:argument(?: \d)?|str|arg \d) "
        r"(?:must be|expected),? (?:str|a string|str, bytes,? or os\.PathLike object), "
        r"not '?(?P<kind>\w+)'?"
    ),
    re.compile(r"(?P<by>str) expected, not (?P<kind>\w+)"),
    re.compile(r"(?P<by>expected) str, bytes or os\.PathLike object, not (?P<kind>\w+)"),
    re.compile(r"(?P<by>string argument) expected, got '(?P<kind>\w+)'"),
)
_METHODS = {"write": "write", "replace": "replace", "join": "join", "string argument": "write"}
_AS_TEXT = {"int": 0.93, "float": 0.8, "Decimal": 0.85, "PosixPath": 0.93, "WindowsPath": 0.93}
"""How surely `str` of the type is the text that was meant, where only its digits can be: in the
environment and in commands. What people read may have a format of its own, and is a guess."""
_LEVELS = ("CRITICAL", "FATAL", "ERROR", "WARNING", "WARN", "INFO", "DEBUG", "NOTSET")


@rule(
    "joined-items",
    "TypeError",
    estimate=GUESS,
    example="""
          days = [1, 2]
        - print(",".join(days))  #! TypeError: sequence item 0: expected str instance, int found
        + print(",".join(map(str, days)))
        """,
    silent="""
        days = [None, "mon"]
        print(",".join(days))  #! TypeError: sequence item 0: expected str instance, NoneType found
        """,
    rivals=("the items were to be formatted, with a width or digits",),
    link="https://docs.python.org/3/library/stdtypes.html#str.join",
)
def joined_items(site: FaultSite) -> Iterator[Fix]:
    """Numbers or paths are joined, and `join` takes only text; each item becomes text first."""
    match = site.search(_ITEM)
    estimate = _AS_TEXT.get(match[1], 0.0) if match else 0.0
    for call in site.calls("join"):
        if not match or not estimate or len(call.args) != 1:
            continue
        items = call.args[0]
        if isinstance(items, ast.GeneratorExp | ast.ListComp):
            edit = site.code.wrap(items.elt, "str({})")
        else:
            edit = site.code.wrap(items, "map(str, {})")
        cause = f"`join` takes text only; each `{match[1]}` becomes text."
        yield Fix(cause, (edit,), min(estimate, GUESS))


@rule(
    "only-text",
    "TypeError",
    estimate=GUESS,
    example="""
          import sys
          count = 3
        - sys.stdout.write(count)  #! TypeError: write() argument must be str, not int
        + sys.stdout.write(str(count))
        """,
    silent="""
        import sys
        sys.stdout.write(None)  #! TypeError: write() argument must be str, not None
        """,
    rivals=("a line was meant, with its end",),
    link="https://docs.python.org/3/tutorial/inputoutput.html#methods-of-file-objects",
)
def only_text(site: FaultSite) -> Iterator[Fix]:
    """A number or a path is given where only text is taken: to `write`, as an environment variable,
    in a command."""
    match = next((m for pattern in _ONLY_TEXT if (m := site.search(pattern))), None)
    estimate = _AS_TEXT.get(match["kind"], 0.0) if match else 0.0
    operand = _only_candidate(site, _taken_values(site, match["by"])) if match else None
    if match and estimate and operand is not None:
        text = site.code.segment(operand)
        cause = f"`{text}` is `{match['kind']}` where only text is taken; it becomes text."
        is_read = match["by"] in _METHODS
        edit = site.code.wrap(operand, "str({})")
        yield Fix(cause, (edit,), min(estimate, GUESS) if is_read else estimate)


def _taken_values(site: FaultSite, by: str) -> list[ast.expr]:
    """The values that could be the one that is no text."""
    statement = site.statement()
    if by == "str" and isinstance(statement, ast.Assign):
        return [statement.value]
    if by in _METHODS:
        calls = (c for c in site.calls(_METHODS[by]) if isinstance(c.func, ast.Attribute))
        return [argument for call in calls for argument in call.args]
    lists = [a for c in site.calls() for a in c.args if isinstance(a, ast.List | ast.Tuple)]
    return [element for each in lists for element in each.elts]


def _only_candidate(site: FaultSite, values: list[ast.expr]) -> ast.expr | None:
    """The one that is not text for certain; None where several may be it."""
    others = [
        value
        for value in values
        if not is_text(value)
        and not isinstance(value, ast.Starred)
        and not site.recorded_value(value).startswith(("'", '"'))
    ]
    numbers = [value for value in others if isinstance(value, ast.Constant)]
    if len(numbers) == 1:
        return numbers[0]
    return others[0] if len(others) == 1 else None


@rule(
    "logging-level",
    "ValueError",
    estimate=0.95,
    example="""
          import logging
        - logging.getLogger("job").setLevel("info")  #! ValueError: Unknown level: 'info'
        + logging.getLogger("job").setLevel("INFO")
        """,
    silent="""
        import logging
        logging.getLogger("job").setLevel("verbose")  #! ValueError: Unknown level: 'verbose'
        """,
    rivals=("a level of the script's own was to be added",),
    link="https://docs.python.org/3/library/logging.html#logging-levels",
)
def logging_level(site: FaultSite) -> Iterator[Fix]:
    """A level of logging is written in small letters, or misspelled."""
    match = site.search(r"Unknown level: '(\w+)'")
    best = find_closest(match[1], _LEVELS) if match else None
    if not match or best is None:
        return
    code, wrong = site.code, match[1]
    literals = [n for n in code.nodes if isinstance(n, ast.Constant) and n.value == wrong]
    for node in literals:
        cause = f"There is no level `{wrong}`; logging has `{best.name}`."
        yield Fix(cause, (code.requote(node, best.name),), 0.55 + 0.4 * best.closeness)
    values = [k.value for call in site.calls() for k in call.keywords if k.arg == "level"]
    values += [call.args[0] for call in site.calls("setLevel") if call.args]
    for value in values if not literals and wrong.upper() == best.name else ():
        cause = f"`{wrong}` is a level in small letters; logging knows them in capitals."
        yield Fix(cause, (code.insert_after(value, ".upper()"),), GUESS)
