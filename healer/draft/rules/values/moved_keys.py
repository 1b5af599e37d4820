"""Keys that the data no longer has where the code looks: renamed, nested, flattened.

Belongs here: reading the new form as well as the old, where the data itself shows both. Does not
belong here: a misspelled key (`names.keys_and_arguments`), tables of pandas (`io.tables`), objects
in lists (`wrappers`), and a key that was dropped: nothing is put in its place.
"""

import ast
import re
from collections.abc import Iterator, Mapping

from healer.draft.rules.certainty import GUESS
from healer.draft.rules.columns import KeyPath, find_successors, is_related, read_columns
from healer.draft.rules.example import Example
from healer.draft.rules.rule import FaultSite, Fix, Rival, literal_of, rule
from healer.draft.rules.silent_losses import asked_key
from healer.draft.rules.source_file import SourceFile, TextEdit

_SHOWN_KEY = re.compile(r"['\"]([^'\"]+)['\"]\s*: ")
_NAME = re.compile(r"[\w .-]+")
"""What else stands there is a line in one piece."""
_WITHOUT_BRACKETS = (ast.Assign, ast.AnnAssign, ast.Return, ast.keyword, ast.List, ast.Dict)
_DEEPEST = 3
Keys = Mapping[str, KeyPath]
"""Old keys, each with the way to its value from the same holder on."""


@rule(
    "moved-key",
    "KeyError",
    estimate=0.8,
    example=Example(
        """
          def total(rows):
        -     return sum(row["price"] for row in rows)  #! KeyError: 'price'
        +     return sum((row["price"] if "price" in row else row["unit_price"]) for row in rows)
          total([{"id": 1, "unit_price": 3}])
        """,
        locals={"row": "{'id': 1, 'unit_price': 3}"},
    ),
    silent=Example(
        """
        def dates(rows):
            return [row["created_at"] for row in rows]  #! KeyError: 'created_at'
        dates([{"id": 1, "updated_at": "2024-05-01"}])
        """,
        locals={"row": "{'id': 1, 'updated_at': '2024-05-01'}"},
    ),
    rivals=(
        "the field was dropped, and the other one means something else",
        Rival("the key is misspelled in the code", "wrong-key"),
    ),
    link="https://docs.python.org/3/library/stdtypes.html#mapping-types-dict",
)
def moved_key(site: FaultSite) -> Iterator[Fix]:
    """The data has a field under another name or deeper now; both forms are read.

    What the last good night had under the key says which field it is; where that night is not
    known, only a name of the same words.
    """
    key = literal_of(site.message.strip())
    for node in site.nodes(ast.Subscript):
        is_frame = site.recorded_value(node.value).startswith("DataFrame(")
        if not isinstance(key, str) or key_of(node) != key or is_frame:
            continue
        keys = _find_new_keys(site, node.value, key)
        edits = tuple(_read_both(site, node.value, keys)) if key in keys else ()
        way = "".join(f'["{part}"]' for part in keys.get(key, ()))
        cause = f"The data has no `{key}` any more; its value is now at `{way}`. Both are read."
        yield Fix(cause, edits, GUESS if site.files.reads else None)
        return
    for call in site.calls("get"):
        if isinstance(key, str) and isinstance(call.func, ast.Attribute) and asked_key(call) == key:
            keys = _find_new_keys(site, call.func.value, key)
            edits = tuple(_ask_for_both(site.code, {key: keys[key]} if key in keys else {}))
            way = "".join(f'["{part}"]' for part in keys.get(key, ()))
            cause = f"The data has no `{key}` any more; its value is now at `{way}`. Both are read."
            yield Fix(cause, edits, GUESS)
            return


def _ask_for_both(code: SourceFile, keys: Keys) -> Iterator[TextEdit]:
    """Every `x.get(old)` asks for the new key where the old one is not there."""
    for call in code.nodes:
        key = asked_key(call) if isinstance(call, ast.Call) else None
        if not isinstance(call, ast.Call) or key is None or key not in keys:
            continue
        function, *default = call.func, *call.args[1:2]
        if not isinstance(function, ast.Attribute) or not _is_plain(function.value):
            continue
        if is_in_text(code, call):
            continue
        holder, way = code.segment(function.value), keys[key]
        inner = "".join(f'.get("{part}", {{}})' for part in way[:-1])
        end = "".join(f", {code.segment(value)}" for value in default)
        text = f'{holder}.get("{key}", {holder}{inner}.get("{way[-1]}"{end}))'
        yield code.replace(call, text)


def key_of(node: ast.Subscript) -> str | None:
    """The text in the brackets, where it is written out."""
    value = node.slice.value if isinstance(node.slice, ast.Constant) else None
    return value if isinstance(value, str) else None


def _find_new_keys(site: FaultSite, holder: ast.expr, key: str) -> Keys:
    """The missing keys that the code asks the holder for, with where each is now."""
    every = [(read_columns(r.before), read_columns(r.text)) for r in site.files.reads if r.before]
    nights = [(before, now) for before, now in every if any(p[-1] == key for p in before)]
    if nights:
        moves = [find_successors(before, now) for before, now in nights]
        ways = [_ways_from(key, successors) for successors in moves]
        return ways[0] if all(way == ways[0] for way in ways) else {}
    outer = [pair for before, now in every for pair in find_successors(before, now).items()]
    goals = {way for old, new in outer if (way := _way_of_outer(key, old, new))}
    if len(goals) == 1:
        return {key: goals.pop()}
    record = site.recorded_value(holder)
    value = literal_of(record)
    shown_keys = list(value) if isinstance(value, dict) else _SHOWN_KEY.findall(record)
    there = {each for each in shown_keys if isinstance(each, str) and _NAME.fullmatch(each)}
    wishes = {k for n in site.code.nodes if isinstance(n, ast.Subscript) and (k := key_of(n))}
    keys = {
        old: way
        for old in sorted(wishes - there)
        if (way := _guess_way(old, value, there - wishes))
    }
    ends = list(keys.values())
    return {old: way for old, way in keys.items() if ends.count(way) == 1}


def _ways_from(key: str, successors: Mapping[KeyPath, KeyPath]) -> Keys:
    """Those that lay beside the key, as ways from what held them."""
    for path in successors:
        if path[-1] == key:
            at = len(path) - 1
            return {
                old[at]: new[at:]
                for old, new in successors.items()
                if len(old) == at + 1 and old[:at] == path[:at] == new[:at] and len(new) > at
            }
    return {}


def _way_of_outer(key: str, old: KeyPath, new: KeyPath) -> KeyPath:
    """`results` for `items`, where `items.price` is `results.price` now; else empty."""
    if key not in old[:-1]:
        return ()
    at = old.index(key)
    rest = old[at + 1 :]
    is_moved = new[:at] == old[:at] and new[-len(rest) :] == rest and len(new) > at + len(rest)
    return new[at : len(new) - len(rest)] if is_moved else ()


def _guess_way(old: str, value: object, spare: set[str]) -> KeyPath:
    """The one place where a value holds the key deeper, else the one spare key of its words."""
    ways = list(_find_deeper(old, value)) if isinstance(value, dict) else []
    if not ways:
        ways = [(each,) for each in sorted(spare) if is_related(old, each)]
    return ways[0] if len(ways) == 1 else ()


def _find_deeper(old: str, value: object, way: KeyPath = ()) -> Iterator[KeyPath]:
    if isinstance(value, dict) and len(way) < _DEEPEST:
        for key, inner in value.items():
            if key == old and way:
                yield (*way, key)
            elif isinstance(key, str):
                yield from _find_deeper(old, inner, (*way, key))


def _read_both(site: FaultSite, holder: ast.expr, keys: Keys) -> Iterator[TextEdit]:
    """Every read of the old keys gets a second way; where one stands in an f-string, the old keys
    are set before the statement."""
    code = site.code
    if not isinstance(holder, ast.Name | ast.Attribute | ast.Subscript):
        return
    reads = [n for n in code.nodes if isinstance(n, ast.Subscript) and key_of(n) in keys]
    reads = [n for n in reads if isinstance(n.ctx, ast.Load) and _is_plain(n.value)]
    if any(is_in_text(code, node) for node in reads):
        yield from _set_old_keys(site, holder, keys)
        return
    for node in reads:
        old, text = key_of(node) or "", code.segment(node.value)
        yield code.replace(node, _bracket(code, node, _either(text, old, keys[old])))


def _either(holder: str, old: str, way: KeyPath) -> str:
    end = "".join(f'["{part}"]' for part in way)
    return f'{holder}["{old}"] if "{old}" in {holder} else {holder}{end}'


def _bracket(code: SourceFile, node: ast.expr, text: str) -> str:
    parent = code.parents.get(node)
    is_argument = isinstance(parent, ast.Call) and node in parent.args
    return text if is_argument or isinstance(parent, _WITHOUT_BRACKETS) else f"({text})"


def _is_plain(holder: ast.expr) -> bool:
    """Asking it twice is as good as once."""
    return not any(isinstance(node, ast.Call | ast.NamedExpr) for node in ast.walk(holder))


def is_in_text(code: SourceFile, node: ast.AST) -> bool:
    """Inside an f-string, where positions are those of the text around it."""
    while node in code.parents and not isinstance(node, ast.stmt):
        node = code.parents[node]
        if isinstance(node, ast.JoinedStr):
            return True
    return False


def _set_old_keys(site: FaultSite, holder: ast.expr, keys: Keys) -> Iterator[TextEdit]:
    code, statement = site.code, site.statement()
    is_bound_here = any(
        isinstance(node, ast.comprehension) and code.segment(holder) in code.segment(node.target)
        for node in site.code.nodes_of_statement(site.line)
    )
    if statement is None or is_bound_here or not isinstance(holder, ast.Name):
        return
    indent = code.indent(statement.lineno)
    lines = []
    for old, way in keys.items():
        end = "".join(f'["{part}"]' for part in way)
        lines += [f'if "{old}" not in {holder.id}:', f'    {holder.id}["{old}"] = {holder.id}{end}']
    yield code.add_line(statement, f"{code.newline}{indent}".join(lines))


@rule(
    "flattened-key",
    "KeyError",
    estimate=0.75,
    example=Example(
        """
          def price(offer):
        -     return offer["product"]["price"]  #! KeyError: 'product'
        +     return offer["product"]["price"] if "product" in offer else offer["price"]
          price({"id": 1, "price": 3})
        """,
        locals={"offer": "{'id': 1, 'price': 3}"},
    ),
    silent=Example(
        """
        def price(offer):
            return offer["product"]["price"]  #! KeyError: 'product'
        price({"id": 1, "shipping": 3})
        """,
        locals={"offer": "{'id': 1, 'shipping': 3}"},
    ),
    rivals=("the outer field means something else",),
    link="https://docs.python.org/3/library/stdtypes.html#mapping-types-dict",
)
def flattened_key(site: FaultSite) -> Iterator[Fix]:
    """The data has a nested field further out now; both forms are read."""
    outer = literal_of(site.message.strip())
    for node in site.nodes(ast.Subscript):
        inner = node.value
        if not isinstance(inner, ast.Subscript) or key_of(inner) != outer or not outer:
            continue
        key, holder, code = key_of(node), inner.value, site.code
        value = literal_of(site.recorded_value(holder))
        names = (
            [k for k in value if k in (key, f"{outer}_{key}")] if isinstance(value, dict) else []
        )
        if key is None or len(names) != 1 or not _is_plain(holder):
            continue
        text = f'{code.segment(node)} if "{outer}" in {code.segment(holder)} else '
        text += f'{code.segment(holder)}["{names[0]}"]'
        cause = f"`{key}` is no longer within `{outer}` but at `{names[0]}`. Both are read."
        yield Fix(cause, (code.replace(node, _bracket(code, node, text)),))
        return
