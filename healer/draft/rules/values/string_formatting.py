"""Rules for placeholders in text that do not fit their values.

Belongs here: `%`, `format` and templates. Does not belong here: values where only text is taken
(`text_arguments`).
"""

import ast
import re
import string
from collections.abc import Iterator

from healer.draft.rules.certainty import GUESS
from healer.draft.rules.closest_name import Match, estimate_of_match, find_closest
from healer.draft.rules.rule import FaultSite, Fix, called_name, rule
from healer.draft.rules.source_file import TextEdit


@rule(
    "values-of-percent",
    "TypeError",
    estimate=0.93,
    example="""
          day, total = "mon", 3
        - print("%s: %s" % day, total)  #! TypeError: not enough arguments for format string
        + print("%s: %s" % (day, total))
        """,
    silent="""
        day = "mon"
        print("%s: %s" % day)  #! TypeError: not enough arguments for format string
        """,
    link="https://docs.python.org/3/library/stdtypes.html#printf-style-string-formatting",
)
def values_of_percent(site: FaultSite) -> Iterator[Fix]:
    """`%` is given its values side by side, and takes them in one pair of brackets."""
    if "not enough arguments for format string" not in site.message:
        return
    code = site.code
    for node in site.nodes(ast.BinOp):
        parent = code.parents.get(node)
        text = node.left.value if isinstance(node.left, ast.Constant) else None
        if not isinstance(node.op, ast.Mod) or not isinstance(text, str):
            continue
        row = parent.args if isinstance(parent, ast.Call) else getattr(parent, "elts", [])
        count = len(re.findall(r"%(?!%)|(?<=[%.])\*", text.replace("%%", "")))
        at = row.index(node) if node in row else len(row)
        values = [node.right, *row[at + 1 : at + count]]
        if len(values) == count > 1 and not isinstance(node.right, ast.Tuple):
            start, end = code.span(values[0])[0], code.span(values[-1])[1]
            edit = TextEdit(start, end, f"({code.text[start:end]})")
            is_other = isinstance(parent, ast.Call) and called_name(parent) != "print"
            cause = "`%` takes all its values in one pair of brackets."
            yield Fix(cause, (edit,), GUESS if is_other else None)


@rule(
    "number-placeholder",
    "TypeError",
    estimate=0.8,
    example="""
          count = "3"
        - print("%d files" % count)  #! TypeError: %d format: a real number is required, not str
        + print("%s files" % count)
        """,
    silent="""
        count = "3"
        print("%d of %d files" % (count, 4))
        #! TypeError: %d format: a real number is required, not str
        """,
    rivals=("the text was to be read as a number before",),
    link="https://docs.python.org/3/library/stdtypes.html#printf-style-string-formatting",
)
def number_placeholder(site: FaultSite) -> Iterator[Fix]:
    """A placeholder for numbers is given text; `%s` writes text and numbers alike."""
    if not site.search(r"%[di] format: a (?:real )?number is required, not str"):
        return
    for node in site.nodes(ast.Constant):
        if isinstance(node.value, str) and len(re.findall(r"%[di]", node.value)) == 1:
            edit = site.code.replace(node, re.sub(r"%[di]", "%s", site.code.segment(node)))
            yield Fix("The value of `%d` is text; `%s` writes it as it is.", (edit,))


@rule(
    "braces-in-format",
    "KeyError ValueError",
    estimate=0.9,
    example="""
        - print('{"total": {}}'.format(3))  #! KeyError: '"total"'
        + print('{{"total": {}}}'.format(3))
        """,
    silent="""
        print("{total} {}".format(3))  #! KeyError: 'total'
        """,
    link="https://docs.python.org/3/library/string.html#format-string-syntax",
)
def braces_in_format(site: FaultSite) -> Iterator[Fix]:
    """Braces that are text stand in what `format` fills in; they are doubled."""
    if not re.search(r"[\"'\s:]", site.message.strip("'").replace("\\n", " ")):
        return
    for call in site.calls("format"):
        holder = call.func.value if isinstance(call.func, ast.Attribute) else None
        if not isinstance(holder, ast.Constant) or not isinstance(holder.value, str):
            continue
        names = {k.arg for k in call.keywords if k.arg} | {str(n) for n in range(len(call.args))}
        text = site.code.segment(holder)
        new_text = _double_braces(text, names | {""})
        if new_text != text and _fields(ast.literal_eval(new_text)) <= names | {""}:
            cause = "Braces that are text are doubled in what `format` fills in."
            yield Fix(cause, (site.code.replace(holder, new_text),))


def _double_braces(text: str, names: set[str]) -> str:
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


@rule(
    "format-name",
    "KeyError",
    estimate=0.87,
    example="""
        - print("{total} files".format(totl=3))  #! KeyError: 'total'
        + print("{total} files".format(total=3))
        """,
    silent="""
        print("{total} files".format(days=3))  #! KeyError: 'total'
        """,
    rivals=("the text's placeholder is misspelled, not the value's name",),
    link="https://docs.python.org/3/library/string.html#format-string-syntax",
)
def format_name(site: FaultSite) -> Iterator[Fix]:
    """A value is given to a template under a name that is close to the placeholder's."""
    placeholder = site.message.strip("'")
    for call in site.calls("format", "substitute"):
        keywords = {keyword.arg: keyword for keyword in call.keywords if keyword.arg}
        best = find_closest(placeholder, keywords) if placeholder not in keywords else None
        if best:
            start = site.code.span(keywords[best.name])[0]
            edit = TextEdit(start, start + len(best.name), placeholder)
            cause = f"The text has a place for `{placeholder}`; it was given as `{best.name}`."
            estimate = estimate_of_match(best.name, Match(placeholder, best.closeness))
            yield Fix(cause, (edit,), estimate)
