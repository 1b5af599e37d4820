"""Data of another type than last night: a list of records for an object, text for numbers.

Belongs here: reading the new form as well as the old, where the data of both nights shows it. Does
not belong here: keys that moved (`moved_keys`), wrappings (`wrappers`), and text that was never a
number in the data (`numbers_from_text`).
"""

import ast
from collections.abc import Iterator

from healer.draft.rules.bindings import loops_around
from healer.draft.rules.certainty import GUESS
from healer.draft.rules.changed_documents import Records, find_records, find_retyped
from healer.draft.rules.example import Example
from healer.draft.rules.rule import FaultSite, Fix, called_name, rule
from healer.draft.rules.silent_losses import asked_key
from healer.draft.rules.source_file import TextEdit
from healer.draft.rules.values.moved_keys import is_in_text

_NO_OBJECT = (
    r"'list' object has no attribute '(?:items|keys|values|get)'"
    r"|list indices must be integers or slices, not str"
)
_OF_OBJECTS = ("items", "keys", "values", "get")


@rule(
    "records-for-object",
    "AttributeError TypeError",
    estimate=0.85,
    example=Example(
        """
          def show(rates):
        +     if isinstance(rates, list):
        +         rates = {each["code"]: each["rate"] for each in rates}
              for code, rate in rates.items():
        #! AttributeError: 'list' object has no attribute 'items'
                  print(code, rate)
          show([{"code": "USD", "rate": 1.08}, {"code": "GBP", "rate": 0.86}])
        """,
        read=(
            '{"rates": {"USD": 1.07, "GBP": 0.85}}',
            '{"rates": [{"code": "USD", "rate": 1.08}, {"code": "GBP", "rate": 0.86}]}',
        ),
    ),
    silent=Example(
        """
        def show(rates):
            for code, rate in rates.items():
        #! AttributeError: 'list' object has no attribute 'items'
                print(code, rate)
        show([{"code": "USD", "bid": 1.07, "ask": 1.08}, {"code": "GBP", "bid": 0.85, "ask": 0.86}])
        """,
        read=(
            '{"rates": {"USD": 1.07, "GBP": 0.85}}',
            '{"rates": [{"code": "USD", "bid": 1.07, "ask": 1.08}, '
            '{"code": "GBP", "bid": 0.85, "ask": 0.86}]}',
        ),
    ),
    rivals=("tomorrow several records have one name, and only the last of them is kept",),
    link="https://docs.python.org/3/tutorial/datastructures.html#dictionaries",
)
def records_for_object(site: FaultSite) -> Iterator[Fix]:
    """A list of records came where an object was; it is made into that object, by the field that
    has its keys and the one that has its values."""
    if not site.search(_NO_OBJECT):
        return
    forms = {form for r in site.files.reads if r.before for form in find_records(r.before, r.text)}
    if len(forms) != 1:
        return
    form = forms.pop()
    holders = {site.code.segment(each): each for each in _choose_holders(site, form)}
    if len(holders) != 1:
        return
    ((text, holder),) = holders.items()
    value = f'each["{form.value}"]' if form.value else "each"
    cause = f"`{text}` is a list of records now, with its keys as `{form.name}`. Both are read."
    yield Fix(cause, (_make_object(site, holder, form, value),), GUESS)


def _find_holders(site: FaultSite) -> Iterator[ast.expr]:
    for node in site.nodes(ast.Attribute):
        if node.attr in _OF_OBJECTS:
            yield node.value
    for part in site.nodes(ast.Subscript):
        if isinstance(part.ctx, ast.Load) and "indices" in site.message:
            yield part.value


def _choose_holders(site: FaultSite, form: Records) -> list[ast.expr]:
    """Those that take the list out by its key, else plain names."""
    holders = list(_find_holders(site))
    by_key = [each for each in holders if form.place and asked_key(each) == form.place]
    return by_key or [each for each in holders if isinstance(each, ast.Name)]


def _make_object(site: FaultSite, holder: ast.expr, form: Records, value: str) -> TextEdit:
    """Before the statement where a plain name holds the list, else in its place."""
    code, statement = site.code, site.statement()
    text = code.segment(holder)
    records = f'{{each["{form.name}"]: {value} for each in {text}}}'
    is_name = isinstance(holder, ast.Name) and not any(loops_around(site, holder.id))
    if is_name and statement is not None:
        indent = code.indent(statement.lineno)
        line = f"if isinstance({text}, list):{code.newline}{indent}    {text} = {records}"
        return code.add_line(statement, line)
    return code.replace(holder, f"({records} if isinstance({text}, list) else {text})")


@rule(
    "text-for-number",
    "TypeError",
    estimate=0.85,
    example=Example(
        """
          def sum_up(rows):
              total, most = 0, None
              for row in rows:
        -         total += row["count"]
        +         total += int(row["count"])
        #! TypeError: unsupported operand type(s) for +=: 'int' and 'str'
        -         most = max(most or 0, row["count"])
        +         most = max(most or 0, int(row["count"]))
              return total, most
          sum_up([{"count": "3"}, {"count": "12"}])
        """,
        read=('[{"count": 4}, {"count": 11}]', '[{"count": "3"}, {"count": "12"}]'),
    ),
    silent=Example(
        """
        def sum_up(rows):
            total = 0
            for row in rows:
                total += row["count"]
        #! TypeError: unsupported operand type(s) for +=: 'int' and 'str'
            return total
        sum_up([{"count": "3"}, {"count": "many"}])
        """,
        read=('[{"count": 4}, {"count": 11}]', '[{"count": "3"}, {"count": "many"}]'),
    ),
    rivals=("a text that is no number comes tomorrow, and is to be left out",),
    link="https://docs.python.org/3/library/json.html#encoders-and-decoders",
)
def text_for_number(site: FaultSite) -> Iterator[Fix]:
    """A field has text where it had numbers; it is read as a number wherever the code reads it, as
    one place alone would leave others to compare texts."""
    readers = [find_retyped(r.before, r.text) for r in site.files.reads if r.before]
    for key in dict.fromkeys(key for node in site.nodes(ast.Subscript) if (key := asked_key(node))):
        names = {each[key] for each in readers if key in each}
        places = [node for node in site.code.nodes if asked_key(node) == key]
        if len(names) != 1 or any(is_in_text(site.code, node) for node in places):
            continue
        name = names.pop()
        parts = [node for node in places if isinstance(node, ast.Subscript)]
        if len(parts) == len(places):
            edits = [site.code.wrap(n, f"{name}({{}})") for n in parts if not _is_read(site, n)]
            cause = f"`{key}` has text where it had numbers; it is read as `{name}` in all places."
            yield Fix(cause, tuple(edits), GUESS)
            return


def _is_read(site: FaultSite, node: ast.expr) -> bool:
    parent = site.code.parents.get(node)
    return isinstance(parent, ast.Call) and called_name(parent) in ("int", "float", "Decimal")
