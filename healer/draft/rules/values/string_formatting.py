"""Rules for putting text together: joining, writing, formatting, and what takes only text.

Belongs here: a value where only text is taken, and placeholders that do not fit their values. Does
not belong here: sums of text and numbers (`mixes`).
"""

import ast
import re
import string
from collections.abc import Iterator

from healer.draft.rules.near_miss import clear, near_certainty
from healer.draft.rules.rule import FaultSite, Fix, rule
from healer.draft.rules.source_file import TextEdit

_ITEM = re.compile(r"sequence item \d+: expected str instance, (\w+) found")
_ONLY_TEXT = re.compile(
    r"(?:(write|replace|join|putenv)\(\) )?(?:argument(?: \d)?|str|arg \d) (?:must be|expected),? "
    r"(?:str|a string|str, bytes,? or os\.PathLike object), not '?(\w+)'?"
    r"|(str) expected, not (\w+)"
    r"|(expected) str, bytes or os\.PathLike object, not (\w+)"
    r"|(string argument) expected, got '(\w+)'"
)
_AS_TEXT = {"int": 0.93, "float": 0.8, "Decimal": 0.85, "PosixPath": 0.93, "WindowsPath": 0.93}
"""How surely `str` of the type is the text that was meant."""
_LEVELS = ("CRITICAL", "FATAL", "ERROR", "WARNING", "WARN", "INFO", "DEBUG", "NOTSET")


def joined_items(site: FaultSite) -> Iterator[Fix]:
    """`",".join(numbers)`: each item becomes text first."""
    match = _ITEM.search(site.error.message)
    certainty = _AS_TEXT.get(match[1], 0.0) if match else 0.0
    for call in site.nodes(ast.Call) if certainty else ():
        if getattr(call.func, "attr", "") != "join" or len(call.args) != 1:
            continue
        code, items = site.code, call.args[0]
        if isinstance(items, ast.GeneratorExp | ast.ListComp):
            change = code.replace(items.elt, f"str({code.segment(items.elt)})")
        else:
            change = code.replace(items, f"map(str, {code.segment(items)})")
        kind = match[1] if match else ""
        yield Fix(f"`join` takes text only; each `{kind}` becomes text.", (change,), certainty)


def only_text(site: FaultSite) -> Iterator[Fix]:
    """`file.write(3)`, `os.environ["N"] = 3`, `subprocess.run(["sleep", 3])`: text is wanted."""
    match = _ONLY_TEXT.search(site.error.message)
    kind = (match[2] or match[4] or match[6] or match[8]) if match else ""
    certainty = _AS_TEXT.get(kind, 0.0)
    if not certainty or not match:
        return
    code = site.code
    for operand in _only_candidates(
        site, _taken(site, match[1] or match[3] or match[5] or match[7])
    ):
        text = code.segment(operand)
        cause = f"`{text}` is `{kind}` where only text is taken; it becomes text."
        yield Fix(cause, (code.replace(operand, f"str({text})"),), certainty)


def _taken(site: FaultSite, by: str) -> list[ast.expr]:
    """The values that could be the one that is no text."""
    statement = site.code.statement_at(site.line)
    if by == "str" and isinstance(statement, ast.Assign):
        return [statement.value]
    calls = list(site.nodes(ast.Call))
    if by in ("write", "replace", "join", "string argument"):
        called = "write" if by == "string argument" else by
        calls = [c for c in calls if getattr(c.func, "attr", "") == called]
        return [a for call in calls for a in call.args]
    lists = [a for call in calls for a in call.args if isinstance(a, ast.List | ast.Tuple)]
    return [element for each in lists for element in each.elts]


def _only_candidates(site: FaultSite, values: list[ast.expr]) -> list[ast.expr]:
    """Those that are not text for certain; none where several may be it."""
    found = [v for v in values if not _is_text(v) and not _shown_as_text(site, v)]
    numbers = [v for v in found if isinstance(v, ast.Constant)]
    if len(numbers) == 1:
        return [*numbers]
    return found if len(found) == 1 else []


def _is_text(value: ast.expr) -> bool:
    if isinstance(value, ast.Constant):
        return isinstance(value.value, str)
    return isinstance(value, ast.JoinedStr | ast.Starred) or (
        isinstance(value, ast.Call) and getattr(value.func, "id", "") == "str"
    )


def _shown_as_text(site: FaultSite, value: ast.expr) -> bool:
    return site.locals.get(site.code.segment(value), "").startswith(("'", '"'))


def path_and_number(site: FaultSite) -> Iterator[Fix]:
    """`folder / 2024`: the number becomes text."""
    if not re.search(r"for /: '(?:Posix|Windows)Path' and 'int'", site.error.message):
        return
    for node in site.nodes(ast.BinOp):
        if isinstance(node.op, ast.Div) and not _is_text(node.right):
            text = site.code.segment(node.right)
            number = isinstance(node.right, ast.Constant | ast.Name | ast.Attribute)
            cause = f"`{text}` is a number in a path; it becomes text."
            if number:
                yield Fix(cause, (site.code.replace(node.right, f"str({text})"),), 0.85)


def values_of_percent(site: FaultSite) -> Iterator[Fix]:
    """`print("%s of %s" % a, b)`: the values belong in brackets of their own."""
    if "not enough arguments for format string" not in site.error.message:
        return
    code = site.code
    for node in site.nodes(ast.BinOp):
        parent = code.parents.get(node)
        fits = isinstance(node.op, ast.Mod) and isinstance(node.left, ast.Constant)
        if not fits or not isinstance(parent, ast.Call | ast.Tuple):
            continue
        row = parent.args if isinstance(parent, ast.Call) else parent.elts
        text = node.left.value if isinstance(node.left, ast.Constant) else ""
        wanted = len(re.findall(r"%(?!%)", str(text).replace("%%", "")))
        at = row.index(node) if node in row else len(row)
        values = [node.right, *row[at + 1 : at + wanted]]
        if len(values) == wanted and not isinstance(node.right, ast.Tuple):
            start, end = code.span(values[0])[0], code.span(values[-1])[1]
            change = TextEdit(start, end, f"({code.text[start:end]})")
            yield Fix("`%` takes all its values in one pair of brackets.", (change,), 0.93)


def number_placeholder(site: FaultSite) -> Iterator[Fix]:
    """`"%d" % text`: `%s` writes text and numbers alike."""
    if not re.search(r"%[di] format: a (?:real )?number is required, not str", site.error.message):
        return
    for node in site.nodes(ast.Constant):
        if isinstance(node.value, str) and len(re.findall(r"%[di]", node.value)) == 1:
            text = re.sub(r"%[di]", "%s", site.code.segment(node))
            change = site.code.replace(node, text)
            yield Fix("The value of `%d` is text; `%s` writes it as it is.", (change,), 0.8)


def braces_in_format(site: FaultSite) -> Iterator[Fix]:
    """`'{"a": {}}'.format(x)`: braces that are text are doubled."""
    if not re.search(r"[\"'\s:]", site.error.message.strip("'").replace("\\n", " ")):
        return
    for call in site.nodes(ast.Call):
        holder = call.func.value if isinstance(call.func, ast.Attribute) else None
        plain = isinstance(holder, ast.Constant) and isinstance(holder.value, str)
        if not plain or getattr(call.func, "attr", "") != "format" or holder is None:
            continue
        names = {k.arg for k in call.keywords} | {str(n) for n in range(len(call.args))} | {""}
        text = site.code.segment(holder)
        new = _doubled(text, {name for name in names if name is not None})
        if new != text and _fields(ast.literal_eval(new)) <= names:
            cause = "Braces that are text are doubled in what `format` fills in."
            yield Fix(cause, (site.code.replace(holder, new),), 0.9)


def _doubled(text: str, names: set[str]) -> str:
    """Every brace doubled that does not hold one of the names."""
    field = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    parts = re.split(rf"(\{{(?:{field})(?:[!:.\[][^{{}}]*)?\}})", text)
    return "".join(
        part if index % 2 else part.replace("{", "{{").replace("}", "}}")
        for index, part in enumerate(parts)
    )


def _fields(text: str) -> set[str]:
    try:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    except ValueError:
        return {"?"}


def format_name(site: FaultSite) -> Iterator[Fix]:
    """`"{count}".format(cuont=1)`: the template has one closely spelled name."""
    wrong = site.error.message.strip("'")
    for call in site.nodes(ast.Call):
        if getattr(call.func, "attr", "") not in ("format", "substitute"):
            continue
        given = {k.arg: k for k in call.keywords if k.arg}
        best = clear(wrong, set(given))
        if best and wrong not in given:
            start, _ = site.code.span(given[best[0]])
            change = TextEdit(start, start + len(best[0]), wrong)
            cause = f"The text has a place for `{wrong}`; it was given as `{best[0]}`."
            yield Fix(cause, (change,), near_certainty(best[0], (wrong, best[1])))


def logging_level(site: FaultSite) -> Iterator[Fix]:
    """`level="info"`: logging knows its levels in capital letters."""
    match = re.search(r"Unknown level: '(\w+)'", site.error.message)
    best = clear(match[1], _LEVELS) if match else None
    if match is None or best is None:
        return
    code = site.code
    literals = [n for n in code.nodes if isinstance(n, ast.Constant) and n.value == match[1]]
    for node in literals:
        quote = code.segment(node)[-1]
        cause = f"There is no level `{match[1]}`; logging has `{best[0]}`."
        change = code.replace(node, f"{quote}{best[0]}{quote}")
        yield Fix(cause, (change,), 0.55 + 0.4 * best[1])
    values = [k.value for c in site.nodes(ast.Call) for k in c.keywords if k.arg == "level"]
    values += [
        c.args[0]
        for c in site.nodes(ast.Call)
        if getattr(c.func, "attr", "") == "setLevel" and c.args
    ]
    for value in values if not literals and match[1].upper() == best[0] else ():
        text = f"{code.segment(value)}.upper()"
        cause = f"`{match[1]}` is a level in small letters; logging knows them in capitals."
        yield Fix(cause, (code.replace(value, text),), 0.85)


TEXT_RULES = (
    rule("joined-items", "TypeError", joined_items),
    rule("only-text", "TypeError", only_text),
    rule("path-and-number", "TypeError", path_and_number),
    rule("values-of-percent", "TypeError", values_of_percent),
    rule("number-placeholder", "TypeError", number_placeholder),
    rule("braces-in-format", "KeyError ValueError", braces_in_format),
    rule("format-name", "KeyError", format_name),
    rule("logging-level", "ValueError", logging_level),
)
