"""Rules for numbers that come in as text: columns of a CSV, options, fields of a line, input.

Belongs here: a conversion where the text comes from outside and the code works with it as a number.
Does not belong here: text from elsewhere in the code (nothing shows which was meant), or text that
is no number; that is data.
"""

import ast
import re
from collections.abc import Iterator

from healer.draft.rules.bindings import only_value, unpacked_from
from healer.draft.rules.near_miss import clear, near_certainty
from healer.draft.rules.rule import FaultSite, Fix, rule
from healer.draft.rules.source_file import TextEdit

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
_CODE = re.compile(r"Unknown format code '([defg%])' for object of type 'str'")
_JOINED = re.compile(r"can only concatenate str \(not \"(int|float)\"\) to str")
_SOURCES = re.compile(
    r"input\(|sys\.argv\[|(?:os\.)?environ(?:\[|\.get\()|(?:os\.)?getenv\("
    r"|.*\.(?:strip|group|readline|split|rsplit|partition|get|text|attrib)\b[^.]*$|.*\.text$"
)


def number_from_outside(site: FaultSite) -> Iterator[Fix]:
    """Text that came from outside meets a number: it is read as one where it is used."""
    reader, operands = _wanted(site), _operands(site)
    if not reader:
        return
    options = _options(site)
    for operand in operands:
        yield from _option(site, operand, options, reader)
        if not _comes_from_outside(site, operand):
            continue
        text = site.code.segment(operand)
        source = only_value(site, operand)
        begins = source is not None and _is_source(site, source)
        read = source if source is not None and begins else operand
        cause = f"`{text}` is text from outside and is used as a number."
        inner = site.code.segment(read)
        for name, certainty in _readers(site, operand, reader):
            yield Fix(cause, (site.code.replace(read, f"{name}({inner})"),), certainty)


def _wanted(site: FaultSite) -> str:
    """`int`, `float`, or empty where the message does not want a number in place of text."""
    message = site.error.message
    if match := _CODE.search(message):
        return "int" if match[1] == "d" else "float"
    if _ALONE.search(message):
        return "float" if "real number" in message or "timedelta" in message else "int"
    if match := _JOINED.search(message):
        numbers = [n for n in site.nodes(ast.Constant) if isinstance(n.value, int | float)]
        return match[1] if numbers and not _texts(site) else ""
    pair = _PAIR.search(message)
    kinds = {kind for kind in (pair.groups() if pair else ()) if kind}
    if "str" not in kinds or not kinds & {"int", "float"} or _texts(site):
        return ""
    return "float" if "float" in kinds else "int"


def _texts(site: FaultSite) -> bool:
    """Whether a text literal is an operand: then text is put together, and no number is meant."""
    sides = [
        side
        for node in site.nodes(ast.BinOp)
        if isinstance(node.op, ast.Add)
        for side in (node.left, node.right)
    ]
    return any(
        isinstance(side, ast.JoinedStr)
        or (isinstance(side, ast.Constant) and isinstance(side.value, str))
        for side in sides
    )


def _operands(site: FaultSite) -> list[ast.expr]:
    """Expressions of the failing statement that could be the text."""
    found: list[ast.expr] = []
    statement = site.code.statement_at(site.line)
    if isinstance(statement, ast.AugAssign):
        found.append(statement.value)
    for node in site.code.nodes_of_statement(site.line):
        if isinstance(node, ast.BinOp):
            found += [node.left, node.right]
        elif isinstance(node, ast.Compare):
            found += [node.left, *node.comparators]
        elif isinstance(node, ast.UnaryOp):
            found.append(node.operand)
        elif isinstance(node, ast.FormattedValue):
            found.append(node.value)
        elif isinstance(node, ast.Call):
            found += [*_summed(node), *node.args, *(k.value for k in node.keywords)]
    plain = [n for n in found if isinstance(n, ast.Name | ast.Subscript | ast.Attribute | ast.Call)]
    return list(dict.fromkeys(plain))


def _summed(call: ast.Call) -> list[ast.expr]:
    """What `sum(row["n"] for row in rows)` adds up."""
    adds = getattr(call.func, "id", getattr(call.func, "attr", "")) in ("sum", "fsum", "mean")
    return [a.elt for a in call.args if adds and isinstance(a, ast.GeneratorExp | ast.ListComp)]


def _comes_from_outside(site: FaultSite, operand: ast.expr) -> bool:
    if isinstance(operand, ast.Name):
        shown = site.locals.get(operand.id)
        if shown is not None and not shown.startswith(("'", '"')):
            return False
        value = only_value(site, operand)
        if value is not None:
            return _is_source(site, value) or _is_field(value)
        taken = unpacked_from(site, operand.id)
        return taken is not None and _splits(site, taken)
    return _is_source(site, operand) or _is_field(operand)


def _is_source(site: FaultSite, value: ast.expr) -> bool:
    return bool(_SOURCES.match(site.code.segment(value))) and not isinstance(value, ast.Name)


def _is_field(value: ast.expr) -> bool:
    """`row["amount"]`, `parts[2]`: a field of what was read."""
    if not isinstance(value, ast.Subscript) or isinstance(value.slice, ast.Slice):
        return False
    return isinstance(value.slice, ast.Constant) and isinstance(
        value.value, ast.Name | ast.Subscript | ast.Call
    )


def _splits(site: FaultSite, value: ast.expr) -> bool:
    text = site.code.segment(value)
    return bool(re.search(r"\.(?:split|rsplit|partition|groups)\(|csv\.reader\(", text)) or (
        isinstance(value, ast.Name)
        and any("csv.reader(" in site.code.segment(v) for v in [only_value(site, value)] if v)
    )


def _readers(site: FaultSite, operand: ast.expr, reader: str) -> list[tuple[str, float]]:
    """What reads the text, most likely first; where its value was seen, only what reads it."""
    shown = _shown(site, operand)
    if shown is not None:
        if re.fullmatch(r"\s*[-+]?\d+\s*", shown):
            return [(reader, 0.85)]
        return [("float", 0.85)] if re.fullmatch(r"\s*[-+]?\d*\.\d+\s*", shown) else []
    other = "float" if reader == "int" else "int"
    return [(reader, 0.8), (other, 0.5)] if reader == "int" else [(reader, 0.8)]


def _shown(site: FaultSite, operand: ast.expr) -> str | None:
    """The text as the recorded locals show it."""
    try:
        if isinstance(operand, ast.Subscript) and isinstance(operand.slice, ast.Constant):
            holder = ast.literal_eval(site.locals[site.code.segment(operand.value)])
            value = holder[operand.slice.value]
        else:
            value = ast.literal_eval(site.locals[site.code.segment(operand)])
    except (KeyError, ValueError, SyntaxError, TypeError, IndexError):
        return None
    return value if isinstance(value, str) else None


def _options(site: FaultSite) -> dict[str, ast.Call]:
    """Options of argparse that are read as text, by the attribute that holds them."""
    found = {}
    for node in site.code.nodes:
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "add_argument":
            given = {keyword.arg for keyword in node.keywords}
            if (name := destination(node)) and not given & {"type", "action", "choices"}:
                found[name] = node
    return found


def destination(call: ast.Call) -> str:
    """The attribute under which argparse keeps an option; empty where the text does not say."""
    for keyword in call.keywords:
        if keyword.arg == "dest" and isinstance(keyword.value, ast.Constant):
            return str(keyword.value.value)
    names = [a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
    long = [name for name in names if name.startswith("--")] or names
    return long[0].lstrip("-").replace("-", "_") if long else ""


def _option(
    site: FaultSite, operand: ast.expr, options: dict[str, ast.Call], reader: str
) -> Iterator[Fix]:
    """`range(args.count)`: argparse itself reads the option as a number."""
    source = operand if isinstance(operand, ast.Attribute) else only_value(site, operand)
    if not isinstance(source, ast.Attribute) or source.attr not in options:
        return
    call = options[source.attr]
    end = site.code.span(call)[1] - 1
    text = site.code.text[:end].rstrip()
    comma = "" if text.endswith(",") else ", "
    at = len(text) if text.endswith(",") else end
    change = TextEdit(at, at, f"{comma or ' '}type={reader}")
    cause = f"argparse gives `{source.attr}` as text, and it is used as a number; `type={reader}`."
    yield Fix(cause, (change,), 0.88)


def option_name(site: FaultSite) -> Iterator[Fix]:
    """`args.dryrun` where the option is `--dry-run`: argparse keeps it as `dry_run`."""
    match = re.search(r"'Namespace' object has no attribute '(\w+)'", site.error.message)
    if not match:
        return
    calls = [n for n in site.code.nodes if isinstance(n, ast.Call)]
    known = {destination(c) for c in calls if getattr(c.func, "attr", "") == "add_argument"}
    best = clear(match[1], known - {""})
    if best is None:
        return
    for node in site.nodes(ast.Attribute):
        if node.attr == match[1]:
            end = site.code.span(node)[1]
            change = TextEdit(end - len(node.attr), end, best[0])
            cause = f"The options hold no `{match[1]}`; argparse keeps it as `{best[0]}`."
            yield Fix(cause, (change,), near_certainty(match[1], best))


NUMBER_RULES = (
    rule("number-from-outside", "TypeError ValueError", number_from_outside),
    rule("option-name", "AttributeError", option_name),
)
