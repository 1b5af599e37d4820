"""Rules for numbers that people wrote: thousands separators, decimal commas, spaces, decimals.

Belongs here: text that is a number in one form only, and a float beside a `Decimal`. Does not
belong here: `1,234`, which is two numbers in two countries; and text that was not read as one
(`numbers_from_text`).
"""

import ast
import re
from collections.abc import Iterator

from healer.draft.rules.certainty import GUESS
from healer.draft.rules.rule import FaultSite, Fix, rule
from healer.draft.rules.scope import imported_names
from healer.draft.rules.source_file import TextEdit

_NOT_A_NUMBER = re.compile(
    r"could not convert string to float: (?P<float>'.*'|\".*\")"
    r"|invalid literal for int\(\) with base 10: (?P<int>'.*'|\".*\")"
)
_SPACES = "[ \u00a0\u202f\u2009]"
_SIGN = r"\s*[-+]?"
_FORMS = (
    (rf"{_SIGN}\d{{1,3}}(?:,\d{{3}})*,\d{{3}}\.\d+\s*", "{}.replace(',', '')", False),
    (rf"{_SIGN}\d{{1,3}}(?:,\d{{3}}){{2,}}\s*", "{}.replace(',', '')", False),
    (rf"{_SIGN}\d+,(?:\d{{1,2}}|\d{{4,}})\s*", "{}.replace(',', '.')", False),
    (rf"{_SIGN}\d{{1,3}}(?:\.\d{{3}})+,\d+\s*", "{}.replace('.', '').replace(',', '.')", True),
    (rf"{_SIGN}\d{{1,3}}(?:{_SPACES}\d{{3}})+(?:\.\d+)?\s*", "''.join({}.split())", False),
    (
        rf"{_SIGN}\d{{1,3}}(?:{_SPACES}\d{{3}})+,\d+\s*",
        "''.join({}.split()).replace(',', '.')",
        False,
    ),
)
"""What a text looks like, what makes a number of it, and whether that would change a number that
was read well before: then it is done only where there is a comma."""
_WHOLE_FORM = rf"{_SIGN}\d{{1,3}}(?:,\d{{3}})+\s*"
"""Where a whole number is read, a comma before three digits cannot be a decimal one."""
_READERS = ("float", "int", "Decimal")
_ATOMS = (ast.Name, ast.Attribute, ast.Subscript, ast.Call)


@rule(
    "number-form",
    "ValueError",
    estimate=0.8,
    example="""
          price = "1,200.51"
        - print(float(price))  #! ValueError: could not convert string to float: '1,200.51'
        + print(float(price.replace(',', '')))
        """,
    silent="""
        price = "1,234"
        print(float(price))  #! ValueError: could not convert string to float: '1,234'
        """,
    rivals=(
        "a number in another form comes tomorrow, and is read as something else",
        "the text is no number, and the run is to stop",
    ),
    link="https://docs.python.org/3/library/functions.html#float",
)
def number_form(site: FaultSite) -> Iterator[Fix]:
    """A number has thousands separators or a decimal comma, which `float` does not read.

    Two-sided: what could be read before is read as before.
    """
    match = site.search(_NOT_A_NUMBER)
    text = ast.literal_eval(match["float"] or match["int"]) if match else ""
    form = _find_form(text, is_whole=bool(match and match["int"]))
    if not match or form is None:
        return
    name = "float" if match["float"] else "int"
    calls = [call for call in site.calls(name) if len(call.args) == 1 and not call.keywords]
    calls = [call for call in calls if isinstance(call.args[0], _ATOMS)]
    seen_calls = [call for call in calls if site.recorded_value(call.args[0]) == repr(text)]
    edits = tuple(_read(site, call.args[0], *form) for call in seen_calls or calls)
    cause = f"`{text}` is a number as people write it; it is read as one now, others as before."
    yield Fix(cause, edits)


def _find_form(text: str, *, is_whole: bool) -> tuple[str, bool] | None:
    """How a text becomes a number; None where it is none, or may be two."""
    if is_whole and re.fullmatch(_WHOLE_FORM, text):
        return "{}.replace(',', '')", False
    forms = [(code, is_guarded) for form, code, is_guarded in _FORMS if re.fullmatch(form, text)]
    has_mark = any(mark in text for mark in ".,")
    return forms[0] if forms and not (is_whole and has_mark) else None


def _read(site: FaultSite, node: ast.expr, form: str, is_guarded: bool) -> TextEdit:
    text = site.code.segment(node)
    code = form.replace("{}", text)
    return site.code.replace(node, f"{code} if ',' in {text} else {text}" if is_guarded else code)


_FLOAT = re.compile(r"-?\d+\.\d+(?:e[-+]?\d+)?")


@rule(
    "decimal-and-float",
    "TypeError",
    estimate=0.9,
    example="""
          from decimal import Decimal
        - print(Decimal("3") * 0.1)
        #! TypeError: unsupported operand type(s) for *: 'decimal.Decimal' and 'float'
        + print(Decimal("3") * Decimal("0.1"))
        """,
    silent="""
        from decimal import Decimal
        print(Decimal("3") * "0.1")
        #! TypeError: can't multiply sequence by non-int of type 'decimal.Decimal'
        """,
    rivals=("the decimal was to be read as a float",),
    link="https://docs.python.org/3/library/decimal.html",
)
def decimal_and_float(site: FaultSite) -> Iterator[Fix]:
    """A float is combined with a `Decimal`; it becomes one, with the digits as written."""
    code = site.code
    if "decimal.Decimal" not in site.message or "'float'" not in site.message:
        return
    name, imports = _name_of_decimal(site)
    literals = [n for n in site.nodes(ast.Constant) if isinstance(n.value, float)]
    for node in literals:
        cause = "A float is combined with a `Decimal`; it becomes one, digit by digit."
        yield Fix(cause, (*imports, code.wrap(node, f'{name}("{{}}")')))
    for operand in site.nodes(ast.Name) if not literals else ():
        literal = _find_constant(site, operand.id)
        if literal is not None:
            cause = f"`{operand.id}` is a float beside a `Decimal`; it is one now, as written."
            yield Fix(cause, (*imports, code.wrap(literal, f'{name}("{{}}")')), GUESS)
        elif _FLOAT.fullmatch(site.recorded_value(operand)):
            cause = f"`{operand.id}` is a float beside a `Decimal`; it becomes one."
            yield Fix(cause, (*imports, code.wrap(operand, f"{name}(str({{}}))")), 0.75)


def _find_constant(site: FaultSite, name: str) -> ast.Constant | None:
    """The float that the module gives a name once, where only the failing function reads it: a
    reader elsewhere may count in floats."""
    code = site.code
    nodes = [n for n in code.nodes if isinstance(n, ast.Name) and n.id == name]
    stores = [n for n in nodes if isinstance(n.ctx, ast.Store)]
    parent = code.parents.get(stores[0]) if len(stores) == 1 else None
    if not isinstance(parent, ast.Assign | ast.AnnAssign) or parent not in code.nodes:
        return None
    value = parent.value
    here = code.function_at(site.line)
    is_read_elsewhere = any(
        code.function_at(n.lineno) is not here for n in nodes if n not in stores
    )
    is_top = code.function_at(parent.lineno) is None and code.class_around(parent) is None
    is_float = isinstance(value, ast.Constant) and isinstance(value.value, float)
    if is_float and is_top and not is_read_elsewhere:
        assert isinstance(value, ast.Constant)  # noqa: S101  (for the type checker)
        return value
    return None


def _name_of_decimal(site: FaultSite) -> tuple[str, tuple[TextEdit, ...]]:
    """What the file calls the class, and the import that it lacks."""
    for local, full_name in imported_names(site.code).items():
        if full_name in ("decimal.Decimal", "decimal"):
            return (local if full_name == "decimal.Decimal" else f"{local}.Decimal"), ()
    return "Decimal", (site.code.add_import("from decimal import Decimal"),)
