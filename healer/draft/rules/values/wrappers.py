"""Data that came in another wrapping: a list where an object was, an envelope around a list.

Belongs here: taking the wrapping off, where the data shows that nothing is lost by it. Does not
belong here: keys under other names (`moved_keys`).
"""

import ast
from collections.abc import Iterator

from healer.draft.rules.bindings import loops_around
from healer.draft.rules.columns import JsonObject, read_objects
from healer.draft.rules.example import Example
from healer.draft.rules.rule import FaultSite, Fix, literal_of, rule
from healer.draft.rules.values.moved_keys import key_of

_OF_PAGES = ("next", "page", "cursor", "more", "offset", "last", "links")
"""Words of keys that say that there may be more than this answer."""
_COUNTS = ("total", "count", "length")
_OF_ONE_PAGE = ("size", "per_page", "perpage", "limit")
ENTRIES_OF_TEXT = ("string indices must be integers", "'str' object has no attribute")


@rule(
    "list-for-object",
    "TypeError",
    estimate=0.7,
    example=Example(
        """
          def price(offer):
        +     if isinstance(offer, list):
        +         (offer,) = offer
              return offer["price"]
        #! TypeError: list indices must be integers or slices, not str
          price([{"price": 3}])
        """,
        locals={"offer": "[{'price': 3}]"},
    ),
    silent=Example(
        """
        def price(offer):
            return offer["price"]  #! TypeError: list indices must be integers or slices, not str
        price([{"price": 3}, {"price": 4}])
        """,
        locals={"offer": "[{'price': 3}, {'price': 4}]"},
    ),
    rivals=("tomorrow the list has several, and the first is not the one that was meant",),
    link="https://docs.python.org/3/tutorial/datastructures.html#tuples-and-sequences",
)
def list_for_object(site: FaultSite) -> Iterator[Fix]:
    """A list of one object came where the object was; it is taken out, and several still fail."""
    if "list indices must be integers or slices, not str" not in site.message:
        return
    code, statement = site.code, site.statement()
    for node in site.nodes(ast.Subscript):
        key, holder = key_of(node), node.value
        value = literal_of(site.recorded_value(holder))
        only = value[0] if isinstance(value, list) and len(value) == 1 else None
        is_asked = isinstance(only, dict) and key in only
        if not is_asked or not isinstance(holder, ast.Name) or not statement:
            continue
        name, indent = holder.id, code.indent(statement.lineno)
        line = f"if isinstance({name}, list):{code.newline}{indent}    ({name},) = {name}"
        cause = f"`{name}` is a list of one object now; the object is taken out of it."
        yield Fix(cause, (code.add_line(statement, line),))
        return


@rule(
    "envelope",
    "TypeError AttributeError",
    estimate=0.8,
    example=Example(
        """
          def names(data):
        -     return [row["name"] for row in data]
        #! TypeError: string indices must be integers, not 'str'
        +     return [row["name"] for row in (data["rows"] if isinstance(data, dict) else data)]
          names({"rows": [{"name": "tea"}], "total": 1})
        """,
        locals={"row": "'rows'", "data": "{'rows': [{'name': 'tea'}], 'total': 1}"},
        is_reported=True,
    ),
    silent=Example(
        """
        def total(payload):
            return sum(row["price"] for row in payload)
        #! TypeError: string indices must be integers, not 'str'
        total({"items": [{"price": 3}], "next": "/2"})
        """,
        locals={"row": "'items'", "payload": "{'items': [{'price': 3}], 'next': '/2'}"},
        is_reported=True,
    ),
    rivals=("other pages are to be asked for as well", "another list of the envelope was meant"),
    link="https://docs.python.org/3/library/stdtypes.html#mapping-types-dict",
)
def envelope(site: FaultSite) -> Iterator[Fix]:
    """An object came with the list inside it; the list is taken out of it, unless there are more
    pages."""
    for loop in find_loops_over_texts(site):
        keys = {_find_list(site, document) for document in find_documents(site, loop.iter)}
        key, holder = (keys.pop() if len(keys) == 1 else ""), loop.iter
        if key and isinstance(holder, ast.Name | ast.Attribute):
            text = site.code.segment(holder)
            code = f'{text}["{key}"] if isinstance({text}, dict) else {text}'
            is_statement = isinstance(loop, ast.For)
            cause = f"`{text}` is an object now that holds the list as `{key}`. Both are read."
            edit = site.code.replace(holder, code if is_statement else f"({code})")
            yield Fix(cause, (edit,))
            return


def find_loops_over_texts(site: FaultSite) -> Iterator[ast.For | ast.comprehension]:
    """Loops that give a text where an entry of a list is meant: keys of the object around it."""
    if not any(text in site.message for text in ENTRIES_OF_TEXT):
        return
    for name in {node.id for node in site.nodes(ast.Name)}:
        if not isinstance(literal_of(site.locals.get(name, "")), str):
            continue
        yield from loops_around(site, name)


def are_values_mixed(site: FaultSite) -> bool:
    """An object that the job read holds more than objects: its values are no rows."""
    objects = read_objects(site.files.reads)
    return any(not isinstance(value, dict) for each in objects for value in each.values())


def find_documents(site: FaultSite, holder: ast.expr) -> list[JsonObject]:
    """What the loop walks over: as it was recorded, else each object that the job read."""
    value = literal_of(site.recorded_value(holder))
    return [value] if isinstance(value, dict) else list(read_objects(site.files.reads))


def _find_list(site: FaultSite, document: JsonObject) -> str:
    """The key of its only list of objects with the keys that the line asks for; empty where there
    is none, or more pages."""
    lists = find_lists(site, document)
    if len(lists) != 1:
        return ""
    (key,) = lists
    rest = {name: value for name, value in document.items() if name != key}
    if any(read.next_page for read in site.files.reads):
        return ""
    return key if not _has_more(rest, lists[key]) else ""


def find_lists(site: FaultSite, document: JsonObject) -> dict[str, int]:
    """The keys of its lists of objects with the keys that the line asks for, with their lengths."""
    keys = {key for node in site.nodes(ast.Subscript) if (key := key_of(node))}
    return {
        name: len(value)
        for name, value in document.items()
        if isinstance(name, str) and isinstance(value, list) and value
        if isinstance(value[0], dict) and keys & value[0].keys()
    }


def _has_more(rest: JsonObject, length: int) -> bool:
    """The envelope speaks of other pages, or of more entries than came."""
    return any(_says_more(str(key).casefold(), value, length) for key, value in rest.items())


def _says_more(key: str, value: object, length: int) -> bool:
    if isinstance(value, dict):
        return _has_more(value, length)
    if any(word in key for word in _OF_ONE_PAGE):
        return False
    is_of_pages = any(word in key for word in _OF_PAGES)
    if isinstance(value, bool):
        return is_of_pages and value is not ("last" in key)
    if isinstance(value, int):
        is_count = any(word in key for word in _COUNTS) and not is_of_pages
        return value > (length if is_count else 1) and (is_count or is_of_pages)
    return is_of_pages and bool(value)
