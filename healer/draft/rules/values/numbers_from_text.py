"""Rules for numbers that come in as text: columns of a CSV, options, fields of a line, input.

Belongs here: a conversion where the text comes from outside and the code works with it as a number.
Does not belong here: text from elsewhere in the code (nothing shows which was meant), or text that
is no number; that is data.
"""

import ast
import re
from collections.abc import Iterator

from healer.draft.rules.bindings import assigned_value, unpacked_value
from healer.draft.rules.certainty import GUESS
from healer.draft.rules.closest_name import estimate_of_match, find_closest
from healer.draft.rules.example import Example
from healer.draft.rules.rule import FaultSite, Fix, Rival, called_name, rule
from healer.draft.rules.source_file import SourceFile

_PAIR = re.compile(
    r"between instances of '(\w+)' and '(\w+)'"
    r"|for (?:\+=?|-=?|\*\*=?|\*=?|//?=?|%=?): '(\w+)' and '(\w+)'"
)
_ALONE = re.compile(
    r"'str' object cannot be interpreted as an integer|an integer is required \(got type str\)"
    r"|must be real number, not str|bad operand type for (?:abs\(\)|unary [-+]): 'str'"
    r"|type str doesn't define __round__|unsupported type for timedelta \w+ component: str"
    r"|'str' object cannot be interpreted as a float"
)
_MULTIPLIED = re.compile(r"can't multiply sequence by non-int of type 'float'")
_FORMAT_CODE = re.compile(r"Unknown format code '([defg%])' for object of type 'str'")
_JOINED = re.compile(r"can only concatenate str \(not \"(int|float)\"\) to str")
_SOURCES = re.compile(
    r"input\(|sys\.argv\[|(?:os\.)?environ(?:\[|\.get\()|(?:os\.)?getenv\("
    r"|.*\.(?:strip|group|readline|split|rsplit|partition|get|text|attrib)\b[^.]*$|.*\.text$"
)
_SPLITS = re.compile(r"\.(?:split|rsplit|partition|groups)\(|csv\.reader\(")
_OPTION_WITHOUT_TEXT = frozenset({"type", "action", "choices"})


@rule(
    "number-from-outside",
    "TypeError ValueError",
    estimate=GUESS,
    example=Example(
        """
          row = {"amount": "3"}
        - print(row["amount"] / 2)
        #! TypeError: unsupported operand type(s) for /: 'str' and 'int'
        + print(int(row["amount"]) / 2)
        """,
        locals={"row": "{'amount': '3'}"},
    ),
    silent="""
        def half(amount):
            return amount / 2  #! TypeError: unsupported operand type(s) for /: 'str' and 'int'
        print(half("3"))
        """,
    rivals=(
        Rival("the number was to become text", "text-plus-number"),
        "amounts have fractions, which today's data does not show",
    ),
    link="https://docs.python.org/3/library/csv.html#csv.reader",
)
def number_from_outside(site: FaultSite) -> Iterator[Fix]:
    """Text that came from outside meets a number: it is read as one where it is used."""
    reader = _wanted_reader(site)
    if not reader:
        return
    is_pair = bool(site.search(_PAIR) or site.search(_MULTIPLIED))
    for operand in _operands(site, is_pair=is_pair):
        yield from _read_in_option(site, operand, reader)
        if not _comes_from_outside(site, operand):
            continue
        source = assigned_value(site, operand)
        is_source = source is not None and _is_source(site.code, source)
        node = source if source is not None and is_source else operand
        cause = f"`{site.code.segment(operand)}` is text from outside and is used as a number."
        for name, estimate in _readers(site, operand, reader):
            yield Fix(cause, (site.code.wrap(node, f"{name}({{}})"),), estimate)


def _wanted_reader(site: FaultSite) -> str:
    """`int`, `float`, or empty where the message does not want a number in place of text."""
    if match := site.search(_FORMAT_CODE):
        return "int" if match[1] == "d" else "float"
    if site.search(_ALONE):
        return "float" if site.search("real number|timedelta") else "int"
    return "" if _joins_text(site) else _reader_of_pair(site)


def _reader_of_pair(site: FaultSite) -> str:
    """What reads the text that meets a number."""
    if site.search(_MULTIPLIED):
        return "float"
    if match := site.search(_JOINED):
        numbers = [n for n in site.nodes(ast.Constant) if isinstance(n.value, int | float)]
        return match[1] if numbers else ""
    pair = site.search(_PAIR)
    kinds = {kind for kind in (pair.groups() if pair else ()) if kind}
    if "str" not in kinds or not kinds & {"int", "float"}:
        return ""
    return "float" if "float" in kinds else "int"


def _joins_text(site: FaultSite) -> bool:
    """Whether a text literal is an operand: then text is put together, and no number is meant."""
    sums = [node for node in site.nodes(ast.BinOp) if isinstance(node.op, ast.Add)]
    return any(
        isinstance(side, ast.JoinedStr)
        or (isinstance(side, ast.Constant) and isinstance(side.value, str))
        for node in sums
        for side in (node.left, node.right)
    )


def _operands(site: FaultSite, *, is_pair: bool) -> list[ast.expr]:
    """Expressions of the failing statement that could be the text; of a pair none that is only
    handed to a function."""
    operands: list[ast.expr] = []
    statement = site.statement()
    if isinstance(statement, ast.AugAssign):
        operands.append(statement.value)
    for node in site.code.nodes_of_statement(site.line):
        if isinstance(node, ast.BinOp):
            operands += [node.left, node.right]
        elif isinstance(node, ast.Compare):
            operands += [node.left, *node.comparators]
        elif isinstance(node, ast.UnaryOp):
            operands.append(node.operand)
        elif isinstance(node, ast.FormattedValue):
            operands.append(node.value)
        elif isinstance(node, ast.Call):
            arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
            operands += _summands(node) if is_pair else [*_summands(node), *arguments]
    kinds = (ast.Name, ast.Subscript, ast.Attribute, ast.Call)
    return list(dict.fromkeys(node for node in operands if isinstance(node, kinds)))


def _summands(call: ast.Call) -> list[ast.expr]:
    """What `sum(row["n"] for row in rows)` adds up."""
    if called_name(call) not in ("sum", "fsum", "mean"):
        return []
    return [a.elt for a in call.args if isinstance(a, ast.GeneratorExp | ast.ListComp)]


def _comes_from_outside(site: FaultSite, operand: ast.expr) -> bool:
    if not isinstance(operand, ast.Name):
        return _is_source(site.code, operand) or _is_field(operand)
    if not site.locals.get(operand.id, "'").startswith(("'", '"')):
        return False
    value = assigned_value(site, operand)
    if value is not None:
        return _is_source(site.code, value) or _is_field(value)
    holder = unpacked_value(site, operand.id)
    return holder is not None and _splits(site, holder)


def _is_source(code: SourceFile, value: ast.expr) -> bool:
    return bool(_SOURCES.match(code.segment(value))) and not isinstance(value, ast.Name)


def _is_field(value: ast.expr) -> bool:
    """`row["amount"]`, `parts[2]`: a field of what was read."""
    return (
        isinstance(value, ast.Subscript)
        and isinstance(value.slice, ast.Constant)
        and isinstance(value.value, ast.Name | ast.Subscript | ast.Call)
    )


def _splits(site: FaultSite, value: ast.expr) -> bool:
    source = assigned_value(site, value)
    is_reader = source is not None and "csv.reader(" in site.code.segment(source)
    return is_reader or bool(_SPLITS.search(site.code.segment(value)))


def _readers(site: FaultSite, operand: ast.expr, reader: str) -> list[tuple[str, float]]:
    """What reads the text, most likely first; where its value was seen, only what reads it."""
    text = _recorded_text(site, operand)
    if text is not None:
        if re.fullmatch(r"\s*[-+]?\d+\s*", text):
            return [(reader, GUESS)]
        return [("float", GUESS)] if re.fullmatch(r"\s*[-+]?\d*\.\d+\s*", text) else []
    return [("int", 0.8), ("float", 0.5)] if reader == "int" else [("float", 0.8)]


def _recorded_text(site: FaultSite, operand: ast.expr) -> str | None:
    """The text as the recorded locals show it."""
    try:
        if isinstance(operand, ast.Subscript) and isinstance(operand.slice, ast.Constant):
            value = ast.literal_eval(site.recorded_value(operand.value))[operand.slice.value]
        else:
            value = ast.literal_eval(site.recorded_value(operand))
    except (KeyError, ValueError, SyntaxError, TypeError, IndexError):
        return None
    return value if isinstance(value, str) else None


def _read_in_option(site: FaultSite, operand: ast.expr, reader: str) -> Iterator[Fix]:
    """`range(args.count)`: argparse itself reads the option as a number."""
    source = operand if isinstance(operand, ast.Attribute) else assigned_value(site, operand)
    call = _text_options(site.code).get(source.attr) if isinstance(source, ast.Attribute) else None
    if call is not None:
        name = destination(call)
        cause = f"argparse gives `{name}` as text, and it is used as a number; `type={reader}`."
        yield Fix(cause, (site.code.add_argument(call, f"type={reader}"),), 0.88)


def _text_options(code: SourceFile) -> dict[str, ast.Call]:
    """Options of argparse that are read as text, by the attribute that holds them."""
    return {
        name: call
        for name, call in _options(code).items()
        if not _OPTION_WITHOUT_TEXT & {keyword.arg for keyword in call.keywords}
    }


def _options(code: SourceFile) -> dict[str, ast.Call]:
    calls = (node for node in code.nodes if isinstance(node, ast.Call))
    options = {destination(c): c for c in calls if getattr(c.func, "attr", "") == "add_argument"}
    return {name: call for name, call in options.items() if name}


def destination(call: ast.Call) -> str:
    """The attribute under which argparse keeps an option; empty where the text does not say."""
    for keyword in call.keywords:
        if keyword.arg == "dest" and isinstance(keyword.value, ast.Constant):
            return str(keyword.value.value)
    names = [a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
    long_names = [name for name in names if name.startswith("--")] or names
    return long_names[0].lstrip("-").replace("-", "_") if long_names else ""


@rule(
    "option-name",
    "AttributeError",
    estimate=0.95,
    example="""
          import argparse
          parser = argparse.ArgumentParser()
          parser.add_argument("--dry-run")
          options = parser.parse_args([])
        - print(options.dryrun)  #! AttributeError: 'Namespace' object has no attribute 'dryrun'
        + print(options.dry_run)
        """,
    silent="""
        import argparse
        parser = argparse.ArgumentParser()
        parser.add_argument("--dry-run")
        options = parser.parse_args([])
        print(options.verbose)  #! AttributeError: 'Namespace' object has no attribute 'verbose'
        """,
    rivals=("an option of that name was to be added",),
    link="https://docs.python.org/3/library/argparse.html#dest",
)
def option_name(site: FaultSite) -> Iterator[Fix]:
    """An option is asked for by another name than argparse keeps it under."""
    match = site.search(r"'Namespace' object has no attribute '(\w+)'")
    best = find_closest(match[1], _options(site.code)) if match else None
    for node in site.nodes(ast.Attribute):
        if match and best and node.attr == match[1]:
            cause = f"The options hold no `{match[1]}`; argparse keeps it as `{best.name}`."
            edit = site.code.rename_end(node, match[1], best.name)
            yield Fix(cause, (edit,), estimate_of_match(match[1], best))
