"""Rules for values of the wrong type: text and numbers, bytes, paths, dates, decimals, JSON.

Belongs here: one conversion, where the failing line itself shows which type was meant. Does not
belong here: values that are missing or malformed; that is data.
"""

import ast
import re
from collections.abc import Iterator

from healer.draft.rules.bindings import only_value
from healer.draft.rules.rule import GUESS, FaultSite, Fix, rule
from healer.draft.rules.scope import imports
from healer.draft.rules.source_file import TextEdit

_JSON_TYPES = {
    "datetime": "str", "date": "str", "time": "str", "Decimal": "str", "UUID": "str",
    "PosixPath": "str", "Path": "str", "set": "sorted", "frozenset": "sorted",
    "dict_keys": "list", "dict_values": "list", "deque": "list", "generator": "list",
}  # fmt: skip
_WANTS_BYTES = re.compile(
    r"bytes-like object is required, not 'str'|first arg must be bytes|can't concat str to bytes"
)
_WANTS_ENCODED = re.compile(
    r"bytes-like object is required|must be encoded before hashing|objects must be encoded"
)
_PATH_SUM = re.compile(
    r"for \+: '(?:Posix|Windows)Path' and 'str'"
    r"|can only concatenate str \(not \"(?:Posix|Windows)Path\"\)"
)
_WHOLE = re.compile(
    r"'float' object cannot be interpreted as an integer"
    r"|indices must be integers(?: or slices)?(?:, not float| or None)"
    r"|can't multiply sequence by non-int of type 'float'"
)
_LAZY = r"'(?:dict_keys|dict_values|dict_items|map|filter|zip|generator|odict_keys|range|reversed)'"


def _is_text(node: ast.expr) -> bool:
    if isinstance(node, ast.JoinedStr):
        return True
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return node.func.id in ("str", "repr", "input", "format")
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _is_text(node.left) or _is_text(node.right)
    return False


def text_plus_number(site: FaultSite) -> Iterator[Fix]:
    """A sum with a text literal in it: the operand that is no text becomes one."""
    message = site.error.message
    if "to str" not in message and not re.search(r"for \+: '(?:int|float)' and 'str'", message):
        return
    if "NoneType" in message or "bytes" in message:
        return
    for node in site.nodes(ast.BinOp):
        if not isinstance(node.op, ast.Add) or not (_is_text(node.left) or _is_text(node.right)):
            continue
        for operand in (node.right, node.left):
            if not _is_text(operand) and _may_be_number(site, operand):
                change = site.code.replace(operand, f"str({site.code.segment(operand)})")
                cause = f"`{site.code.segment(operand)}` is a number where text is put together."
                yield Fix(cause, (change,), 0.85)


def _may_be_number(site: FaultSite, operand: ast.expr) -> bool:
    shown = site.locals.get(site.code.segment(operand))
    return shown is None or not shown.startswith(("'", '"'))


def text_or_bytes(site: FaultSite) -> Iterator[Fix]:
    """The literal beside bytes becomes bytes; text is encoded, bytes are decoded, as UTF-8."""
    message = site.error.message
    if _WANTS_BYTES.search(message):
        yield from _bytes_literals(site)
    if _WANTS_ENCODED.search(message):
        yield from _first_arguments(site, "encode", "text where bytes are needed; it is encoded")
    if "must be str, not bytes" in message:
        yield from _first_arguments(site, "decode", "bytes where text is needed; it is decoded")


def _bytes_literals(site: FaultSite) -> Iterator[Fix]:
    for text in site.nodes(ast.Constant):
        literal = site.code.segment(text)
        plain = isinstance(text.value, str) and literal[:1] in ("'", '"') and text.value.isascii()
        if plain and not _is_mode(site.code.parents.get(text)):
            cause = f"{literal} is compared or joined with bytes; it becomes bytes."
            yield Fix(cause, (site.code.replace(text, f"b{literal}"),), 0.8)


def _first_arguments(site: FaultSite, method: str, why: str) -> Iterator[Fix]:
    for call in site.nodes(ast.Call):
        for argument in call.args[:1]:
            if isinstance(argument, ast.Name | ast.Attribute | ast.Call | ast.JoinedStr):
                text = site.code.segment(argument)
                change = site.code.replace(argument, f"{text}.{method}()")
                yield Fix(f"`{text}` is {why} as UTF-8.", (change,), 0.7)


def _is_mode(parent: ast.AST | None) -> bool:
    return isinstance(parent, ast.Call) and getattr(parent.func, "id", "") == "open"


def needless_decode(site: FaultSite) -> Iterator[Fix]:
    """`text.decode(...)`: text is decoded already in Python 3; `bytes.encode` the other way."""
    match = re.search(
        r"'(str|bytes)' object has no attribute '(decode|encode)'", site.error.message
    )
    for call in site.nodes(ast.Call) if match else ():
        if isinstance(call.func, ast.Attribute) and match and call.func.attr == match[2]:
            change = site.code.replace(call, site.code.segment(call.func.value))
            cause = f"The value is `{match[1]}` already; `.{match[2]}()` is not needed."
            yield Fix(cause, (change,), 0.85)


def path_and_text(site: FaultSite) -> Iterator[Fix]:
    """`folder / name` where both are text; `path + ".txt"` where the left is a path."""
    message, code = site.error.message, site.code
    if "for /: 'str' and 'str'" in message:
        for node in site.nodes(ast.BinOp):
            inner = isinstance(node.left, ast.BinOp) and isinstance(node.left.op, ast.Div)
            if isinstance(node.op, ast.Div) and not inner:
                changes = [code.replace(node.left, f"Path({code.segment(node.left)})")]
                if "Path" not in imports(code):
                    changes.append(code.add_import("from pathlib import Path"))
                cause = "Both sides of `/` are text; the left becomes a `Path`."
                yield Fix(cause, tuple(changes), 0.8)
    if _PATH_SUM.search(message):
        for node in site.nodes(ast.BinOp):
            for operand in (node.left, node.right):
                if isinstance(node.op, ast.Add) and not _is_text(operand):
                    change = code.replace(operand, f"str({code.segment(operand)})")
                    yield Fix("A `Path` is joined with text; it becomes text.", (change,), 0.75)


def naive_and_aware(site: FaultSite) -> Iterator[Fix]:
    """`datetime.now()` meets a time with a zone: it is taken in UTC."""
    if "offset-naive and offset-aware" not in site.error.message:
        return
    code, known = site.code, imports(site.code)
    names = {n.id for n in site.nodes(ast.Name)}
    for call in code.nodes:
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
            continue
        if call.func.attr not in ("now", "utcnow") or call.args or call.keywords:
            continue
        here = call in set(code.nodes_of_statement(site.line)) or _assigned_to(
            code.parents.get(call), names
        )
        base = code.segment(call.func.value)
        if not here or base not in ("datetime", "datetime.datetime", "dt.datetime"):
            continue
        changes, zone = [], "timezone.utc"
        if base == "datetime" and "timezone" not in known:
            changes.append(code.add_import("from datetime import timezone"))
        elif base != "datetime":
            zone = f"{base.partition('.')[0]}.timezone.utc"
        changes.append(code.replace(call, f"{base}.now({zone})"))
        cause = "A time without a zone is compared with one that has a zone; now is taken in UTC."
        yield Fix(cause, tuple(changes), 0.8)


def _assigned_to(parent: ast.AST | None, names: set[str]) -> bool:
    targets = parent.targets if isinstance(parent, ast.Assign) else []
    return any(isinstance(t, ast.Name) and t.id in names for t in targets)


def decimal_and_float(site: FaultSite) -> Iterator[Fix]:
    """A float literal beside a `Decimal` becomes one, with the digits as written."""
    message, code = site.error.message, site.code
    if not ("decimal.Decimal" in message and "'float'" in message):
        return
    known = imports(code)
    name = next((n for n, d in known.items() if d == "decimal.Decimal"), "")
    name = name or next((f"{n}.Decimal" for n, d in known.items() if d == "decimal"), "Decimal")
    extra = (
        () if name.partition(".")[0] in known else (code.add_import("from decimal import Decimal"),)
    )
    literals = [n for n in site.nodes(ast.Constant) if isinstance(n.value, float)]
    for node in literals:
        change = code.replace(node, f'{name}("{code.segment(node)}")')
        yield Fix(
            "A float is combined with a `Decimal`; it becomes one, digit by digit.",
            (*extra, change),
            0.9,
        )
    if literals:
        return
    for operand in site.nodes(ast.Name):
        shown = site.locals.get(operand.id, "")
        if re.fullmatch(r"-?\d+\.\d+(?:e[-+]?\d+)?", shown):
            change = code.replace(operand, f"{name}(str({operand.id}))")
            yield Fix(
                f"`{operand.id}` is a float beside a `Decimal`; it becomes one.",
                (*extra, change),
                0.75,
            )


def not_serialisable(site: FaultSite) -> Iterator[Fix]:
    """`json.dumps` of dates, decimals, paths or sets: `default=` says how they are written."""
    match = re.search(r"Object of type (\w+) is not JSON serializable", site.error.message)
    if not match or match[1] not in _JSON_TYPES:
        return
    for call in site.nodes(ast.Call):
        name = (
            call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        )
        if name in ("dump", "dumps") and not any(k.arg == "default" for k in call.keywords):
            end = site.code.span(call)[1] - 1
            change = TextEdit(end, end, f", default={_JSON_TYPES[match[1]]}")
            cause = f"JSON has no `{match[1]}`; it is written by `{_JSON_TYPES[match[1]]}`."
            yield Fix(cause, (change,), 0.7)


def lazy_value(site: FaultSite) -> Iterator[Fix]:
    """A view or an iterator is indexed, measured or sorted: it becomes a list."""
    message, code = site.error.message, site.code
    if not re.search(_LAZY, message):
        return
    if "subscriptable" in message:
        targets: list[ast.expr] = [n.value for n in site.nodes(ast.Subscript)]
    elif "has no len" in message:
        calls = site.nodes(ast.Call)
        targets = [c.args[0] for c in calls if getattr(c.func, "id", "") == "len" and c.args]
    else:
        match = re.search(r"has no attribute '(\w+)'", message)
        attributes = site.nodes(ast.Attribute)
        targets = [a.value for a in attributes if match and a.attr == match[1]]
    for target in targets:
        source = only_value(site, target) or target
        change = code.replace(source, f"list({code.segment(source)})")
        cause = f"`{code.segment(target)}` is no list in Python 3; it is made one."
        yield Fix(cause, (change,), 0.85)


def unhashable(site: FaultSite) -> Iterator[Fix]:
    """A list as a key or in a set becomes a tuple."""
    if "unhashable type: 'list'" not in site.error.message:
        return
    code = site.code
    keys: list[ast.expr] = [n.slice for n in site.nodes(ast.Subscript)]
    keys += [
        c.args[0]
        for c in site.nodes(ast.Call)
        if getattr(c.func, "attr", "") in ("add", "setdefault", "get") and c.args
    ]
    for key in keys:
        if isinstance(key, ast.Name | ast.List | ast.Call | ast.Attribute | ast.Subscript):
            change = code.replace(key, f"tuple({code.segment(key)})")
            yield Fix(
                f"`{code.segment(key)}` is a list, which cannot be a key; a tuple can.",
                (change,),
                0.75,
            )


def whole_number(site: FaultSite) -> Iterator[Fix]:
    """`/` gives a float in Python 3: where a whole number is needed, `//` was meant."""
    if not _WHOLE.search(site.error.message):
        return
    code = site.code
    divisions = [n for n in site.nodes(ast.BinOp) if isinstance(n.op, ast.Div)]
    for name in site.nodes(ast.Name):
        value = only_value(site, name)
        divisions += [
            n
            for n in (ast.walk(value) if value else ())
            if isinstance(n, ast.BinOp) and isinstance(n.op, ast.Div)
        ]
    for node in divisions:
        start, end = code.span(node.left)[1], code.span(node.right)[0]
        change = TextEdit(start, end, code.text[start:end].replace("/", "//", 1))
        # A number of pages or batches is rounded up instead.
        cause = "`/` gives a float where a whole number is needed; `//` was meant."
        yield Fix(cause, (change,), GUESS)


def print_to_stream(site: FaultSite) -> Iterator[Fix]:
    """`print >>sys.stderr, text` still parses, and fails when it runs."""
    if "builtin_function_or_method" not in site.error.message or ">>" not in site.error.message:
        return
    changes = []
    for number, line in enumerate(site.code.lines, 1):
        match = re.match(r"^(\s*)print\s*>>\s*([\w.]+)\s*(?:,\s*(.*?))?(\r?\n?)$", line)
        if match:
            text = f"{match[3]}, file={match[2]}" if match[3] else f"file={match[2]}"
            start = site.code.line_start(number)
            changes.append(TextEdit(start, start + len(line), f"{match[1]}print({text}){match[4]}"))
    if changes:
        yield Fix(
            "`print >>` is Python 2; `print(..., file=...)` took its place.", tuple(changes), 0.97
        )


MIX_RULES = (
    rule("text-plus-number", "TypeError", text_plus_number),
    rule("text-or-bytes", "TypeError", text_or_bytes),
    rule("needless-decode", "AttributeError", needless_decode),
    rule("path-and-text", "TypeError", path_and_text),
    rule("naive-and-aware", "TypeError", naive_and_aware),
    rule("decimal-and-float", "TypeError", decimal_and_float),
    rule("not-serialisable", "TypeError", not_serialisable),
    rule("lazy-value", "TypeError AttributeError", lazy_value),
    rule("unhashable-key", "TypeError", unhashable),
    rule("whole-number", "TypeError", whole_number),
    rule("print-to-stream", "TypeError", print_to_stream),
)
