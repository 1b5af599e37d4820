"""A record in which a value is empty that other records have, and with which the code computes.

Belongs here: leaving that record out, for a person to agree with. Does not belong here: blank lines
(`blank_lines`), a field that all records have lost (`moved_keys`), and any value in its place:
nothing is made up.
"""

import ast
import re
from collections.abc import Iterator

from healer.draft.rules.bindings import assigned_value
from healer.draft.rules.certainty import GUESS
from healer.draft.rules.columns import read_columns
from healer.draft.rules.example import Example
from healer.draft.rules.rule import FaultSite, Fix, called_name, literal_of, rule
from healer.draft.rules.values.blank_lines import Loop, leave_out, list_loops_around

_MISSING_MEMBER = re.compile(r"'NoneType' object has no attribute '(\w+)'")
_NO_NUMBER = re.compile(
    r"(?:could not convert string to float|invalid literal for int\(\) with base \d+): '(.*)'"
)
_NO_VALUE = frozenset(("n/a", "na", "null", "none", "nil", "nan", "-", "--", "?", "unknown"))
"""What stands for no value in exports."""
_READERS = frozenset(("int", "float", "Decimal", "fromisoformat", "strptime"))
_READ_METHODS = frozenset(("get", "find", "findtext"))
_SUMS = ("min", "max", "sum", "sorted", "fsum", "mean", "fmean", "median", "stdev", "pstdev")
_NONE = re.compile(r"\bNone\b")
_WORDS = re.compile(r"['\"{(]")
"""Texts, records or pairs."""
_FIELDS: tuple[type[ast.expr], ...] = (ast.Subscript, ast.Call, ast.Attribute)


@rule(
    "empty-field",
    "TypeError AttributeError ValueError IntegrityError",
    estimate=0.6,
    example=Example(
        """
          def total(orders):
              amount = 0
              for order in orders:
        +         if order["price"] is None:
        +             continue
                  amount += order["price"] * order["count"]
                  #! TypeError: unsupported operand type(s) for *: 'NoneType' and 'int'
              return amount
          total([{"price": 3, "count": 2}, {"price": None, "count": 1}])
        """,
        locals={"order": "{'price': None, 'count': 1}"},
    ),
    silent=Example(
        """
        def total(price, count):
            return price * count
            #! TypeError: unsupported operand type(s) for *: 'NoneType' and 'int'
        total(None, 1)
        """,
        locals={"price": "None", "count": "1"},
    ),
    rivals=(
        "the run must stop where the value is missing",
        "the record must be kept without the value",
    ),
    link="https://docs.python.org/3/library/json.html#encoders-and-decoders",
)
def empty_field(site: FaultSite) -> Iterator[Fix]:
    """A record has no value where the code computes with one; it is left out, if a person agrees.

    Only in a loop over records, and where one field of theirs is shown to be the empty one. A field
    that the data has lost since the last good night would leave no record at all.
    """
    text = _find_empty_text(site)
    if text is None:
        return
    for loop in list_loops_around(site):
        name = loop.target.id if isinstance(loop.target, ast.Name) else ""
        field = _find_empty_field(site, name, text) if name else None
        if field is not None:
            if not _is_gone(site, field):
                yield _make_fix(site, loop, field, text)
            return
    for name in dict.fromkeys(node.id for node in site.nodes(ast.Name)):
        source = assigned_value(site, ast.Name(name))
        if isinstance(source, ast.ListComp) and _holds_none(site, name):
            element = source.elt
            if text == "None" and _is_field(element, source.generators[-1].target):
                yield _make_fix(site, source.generators[-1], element, text)
                return
    yield from _leave_out_of_list(site, text)


def _leave_out_of_list(site: FaultSite, text: str) -> Iterator[Fix]:
    """What is empty among the numbers of a list that is summed up."""
    statement = site.statement()
    calls = [call for call in site.calls(*_SUMS) if len(call.args) == 1 and text == "None"]
    names = {call.args[0].id for call in calls if isinstance(call.args[0], ast.Name)}
    if len(names) != 1 or statement is None:
        return
    (name,) = names
    record = site.locals.get(name, "")
    if record.startswith("[") and _NONE.search(record) and not _WORDS.search(record):
        what = f"what is missing in `{name}` is left out"
        line = f"{name} = [each for each in {name} if each is not None]"
        doubt = f"{what}; it may as well have to stop the run, which only a person can say"
        edit = site.code.add_line(statement, line)
        yield Fix(f"{what[0].upper()}{what[1:]}.", (edit,), min(0.6, GUESS), doubt=doubt)


def _find_empty_text(site: FaultSite) -> str | None:
    """What stood where a value was wanted: `None`, or text that is none; else None."""
    if match := site.search(_NO_NUMBER):
        text = match[1]
        return text if not text.strip() or text.strip().casefold() in _NO_VALUE else None
    is_none = "NoneType" in site.message or site.search("NOT NULL constraint failed")
    return "None" if is_none else None


def _is_gone(site: FaultSite, field: ast.expr) -> bool:
    """The last good night had it, and no record of this one has."""
    key = _key_of(field.value if isinstance(field, ast.Attribute) else field)
    name = key.rpartition("/")[2] if isinstance(key, str) else ""
    return any(
        _has_key(read.before, name) and not _has_key(read.text, name) for read in site.files.reads
    )


def _has_key(text: str, name: str) -> bool:
    return any(path[-1] == name for path in read_columns(text))


def _holds_none(site: FaultSite, name: str) -> bool:
    values = literal_of(site.locals.get(name, "[None]"))
    return isinstance(values, list) and None in values


def _find_empty_field(site: FaultSite, name: str, text: str) -> ast.expr | None:
    """The one field of the loop's record that is the empty one."""
    record_name = ast.Name(name)
    fields = [n for kind in _FIELDS for n in site.nodes(kind) if _is_field(n, record_name)]
    on_line = [field for field in fields if field.lineno <= site.line <= (field.end_lineno or 0)]
    fields = on_line or fields
    record = literal_of(site.locals.get(name, ""))
    if match := site.search(_MISSING_MEMBER):
        fields = [f for f in fields if getattr(site.code.parents.get(f), "attr", "") == match[1]]
    elif isinstance(record, dict):
        value = None if text == "None" else text
        fields = [field for field in fields if record.get(_key_of(field), ...) == value]
    elif text != "None":
        fields = [field for field in fields if _is_converted(site, field)] or fields
    else:
        fields = [field for field in fields if site.code.parents.get(field) not in fields]
    kinds = {site.code.segment(field): field for field in fields}
    return next(iter(kinds.values())) if len(kinds) == 1 else None


def _is_converted(site: FaultSite, field: ast.expr) -> bool:
    parent = site.code.parents.get(field)
    return isinstance(parent, ast.Call) and called_name(parent) in _READERS


def _is_field(node: ast.AST, record: ast.expr) -> bool:
    """`row["price"]`, `row.get("price")`, `item.find("price")` and its `.text`, `order.price`."""
    name = getattr(record, "id", "")
    if not isinstance(node, ast.Subscript | ast.Call | ast.Attribute) or not name:
        return False
    if isinstance(node, ast.Call):
        is_read = called_name(node) in _READ_METHODS and len(node.args) == 1
        holder = node.func.value if is_read and isinstance(node.func, ast.Attribute) else None
        return getattr(holder, "id", "") == name and isinstance(node.args[0], ast.Constant)
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Call):
        return node.attr == "text" and _is_field(node.value, record)
    is_plain = isinstance(node, ast.Attribute) or isinstance(node.slice, ast.Constant)
    is_read = is_plain and isinstance(node.ctx, ast.Load)
    return is_read and getattr(node.value, "id", "") == name


def _key_of(field: ast.expr) -> object:
    if isinstance(field, ast.Subscript) and isinstance(field.slice, ast.Constant):
        return field.slice.value
    if isinstance(field, ast.Call) and isinstance(field.args[0], ast.Constant):
        return field.args[0].value
    return None


def _make_fix(site: FaultSite, loop: Loop, field: ast.expr, text: str) -> Fix:
    value = site.code.segment(field)
    skip, keep = f"{value} is None", f"{value} is not None"
    if text != "None":
        cell = value if not text else f"{value}.strip()"
        skip, keep = (
            (f'{value} == "{text}"', f'{value} != "{text}"')
            if text.strip()
            else (f"not {cell}", cell)
        )
    what = f"`{text}`" if text.strip() else "empty"
    cause = f"`{value}` is {what} in a record, which is left out."
    doubt = (
        f"a record in which `{value}` is {what} is left out; it may as well have to stop the run, "
        "or be kept without the value, which only a person can say"
    )
    return Fix(cause, (leave_out(site.code, loop, skip, keep),), min(0.6, GUESS), doubt=doubt)
