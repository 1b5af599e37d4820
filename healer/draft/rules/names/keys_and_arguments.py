"""Rules for wrong names in brackets and before `=` in a call.

Belongs here: a key or an argument's name with one close candidate, and keys and attributes taken
for each other. Does not belong here: a missing value for a right name; that is data, and nothing is
invented for it (`by_analogy` takes what the file itself shows).
"""

import ast
import re
from collections.abc import Iterator

from healer.draft.rules.closest_name import estimate_of_match, find_closest, is_typo
from healer.draft.rules.columns import read_columns
from healer.draft.rules.example import Example
from healer.draft.rules.rule import FaultSite, Fix, Rival, called_name, literal_of, rule
from healer.draft.rules.scope import BUILTINS, class_members, find_functions
from healer.draft.rules.source_file import SourceFile

_KEYWORD = re.compile(
    r"(?P<function>[\w.<>]+)\(\) got an unexpected keyword argument '(?P<name>\w+)'"
)
_KEYWORD_OF_BUILTIN = re.compile(
    r"'(?P<name>\w+)' is an invalid keyword argument for (?P<function>\w+)\(\)"
)
_OF_TIME = "hour minute second microsecond tzinfo fold"
_TYPES = {
    "timedelta": "days seconds microseconds milliseconds minutes hours weeks",
    "date": "year month day",
    "time": _OF_TIME,
    "datetime": f"year month day {_OF_TIME}",
}
"""Arguments of types that report themselves as `__new__`."""
_STANDARD = BUILTINS | {"sort"}
"""`sorted` reports itself as `sort`."""
_BUILTIN_ARGUMENTS = frozenset(
    [
        "key",
        "reverse",
        "default",
        "sep",
        "end",
        "file",
        "flush",
        "encoding",
        "errors",
        "newline",
        "mode",
        "start",
        "strict",
    ]
)


@rule(
    "wrong-key",
    "KeyError",
    estimate=0.79,
    example="""
          price = {"amount": 3}
        - print(price["amuont"])  #! KeyError: 'amuont'
        + print(price["amount"])
        """,
    silent="""
        price = {"amount": 3}
        print(price["currency"])  #! KeyError: 'currency'
        """,
    rivals=(
        "the key is right, and the data lacks it today",
        Rival("the data has another default here", "default-as-elsewhere"),
    ),
    link="https://docs.python.org/3/library/exceptions.html#KeyError",
)
def wrong_key(site: FaultSite) -> Iterator[Fix]:
    """A literal key is misspelled, and one closely spelled key is known to exist.

    Where the key is made of words as real as the other's, the data may lack it: that is no typo.
    """
    wrong = literal_of(site.message.strip())
    if not isinstance(wrong, str) or _was_there(site, wrong):
        return
    for node in site.nodes(ast.Subscript):
        index = node.slice
        if not (isinstance(index, ast.Constant) and index.value == wrong):
            continue
        names = set(_recorded_keys(site, node.value)) or set(_keys_in_code(site.code, node.value))
        best = find_closest(wrong, names - {wrong})
        if best and is_typo(wrong, best.name):
            cause = f"There is no key `{wrong}`; the data has `{best.name}`."
            edit = site.code.requote(index, best.name)
            yield Fix(cause, (edit,), 0.5 + 0.35 * best.closeness)


def _was_there(site: FaultSite, key: str) -> bool:
    """The last good night's data had the key: it is no typo of the code (`moved-key` asks where it
    is now)."""
    return any(key in path for read in site.files.reads for path in read_columns(read.before))


def _recorded_keys(site: FaultSite, holder: ast.expr) -> Iterator[str]:
    yield from re.findall(r"['\"]([^'\"]+)['\"]\s*:", site.recorded_value(holder))


def _keys_in_code(code: SourceFile, holder: ast.expr) -> Iterator[str]:
    """Keys used on the same name elsewhere, those of dictionary literals in the file, and the
    words of its lists and tuples of words (column names, mostly)."""
    name = code.segment(holder)
    for node in code.nodes:
        if isinstance(node, ast.Dict):
            yield from (word for key in node.keys if key for word in _word_of(key))
        elif isinstance(node, ast.Tuple | ast.List):
            words = [word for element in node.elts for word in _word_of(element)]
            yield from words if len(words) == len(node.elts) > 1 else ()
        elif isinstance(node, ast.Subscript) and code.segment(node.value) == name:
            yield from _word_of(node.slice)


def _word_of(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


@rule(
    "wrong-argument-name",
    "TypeError",
    estimate=0.87,
    example="""
          def table(width):
              print("-" * width)
        - table(widht=3)  #! TypeError: table() got an unexpected keyword argument 'widht'
        + table(width=3)
        """,
    silent="""
        def table(width):
            print("-" * width)
        table(colour=3)  #! TypeError: table() got an unexpected keyword argument 'colour'
        """,
    rivals=("the function was meant to take this argument too",),
    link="https://docs.python.org/3/reference/expressions.html#calls",
)
def wrong_argument_name(site: FaultSite) -> Iterator[Fix]:
    """An argument's name is misspelled: the called function has one closely named parameter."""
    match = site.search(_KEYWORD) or site.search(_KEYWORD_OF_BUILTIN)
    if not match:
        return
    function, wrong = match["function"], match["name"]
    for call in site.calls():
        keyword = next((k for k in call.keywords if k.arg == wrong), None)
        if keyword is None:
            continue
        of_type = _TYPES.get(called_name(call) or "", "").split() if function == "__new__" else []
        names = (set(of_type) or _parameters(site, function)) - {k.arg for k in call.keywords}
        if best := find_closest(wrong, names):
            estimate = estimate_of_match(wrong, best, is_complete=function in _STANDARD)
            function = called_name(call) or function if of_type else function
            cause = f"`{function}` has no argument `{wrong}`; its `{best.name}` was meant."
            edit = site.code.replace(
                keyword, f"{best.name}{site.code.segment(keyword).removeprefix(wrong)}"
            )
            yield Fix(cause, (edit,), estimate)


def _parameters(site: FaultSite, function_name: str) -> set[str]:
    if function_name in _STANDARD:
        return set(_BUILTIN_ARGUMENTS)
    for _, function in find_functions(site.files, site.code.path, function_name):
        arguments = (*function.args.args, *function.args.kwonlyargs)
        return {argument.arg for argument in arguments} - {"self", "cls"}
    return set()


@rule(
    "key-as-attribute",
    "AttributeError",
    estimate=0.9,
    example=Example(
        """
          def total(row):
        -     return row.price * 2  #! AttributeError: 'dict' object has no attribute 'price'
        +     return row["price"] * 2
          total({"price": 3})
        """,
        locals={"row": "{'price': 3}"},
    ),
    silent="""
        row = {"price": 3}
        row.total  #! AttributeError: 'dict' object has no attribute 'total'
        """,
    link="https://docs.python.org/3/library/stdtypes.html#mapping-types-dict",
)
def key_as_attribute(site: FaultSite) -> Iterator[Fix]:
    """A dictionary is asked for its key as if it were an attribute: `row.price`."""
    match = site.search(r"'(?:dict|OrderedDict|defaultdict)' object has no attribute '(\w+)'")
    for node in site.nodes(ast.Attribute) if match else ():
        if not match or node.attr != match[1]:
            continue
        holder = site.code.segment(node.value)
        if re.search(rf"['\"]{match[1]}['\"]\s*:", site.locals.get(holder, "")):
            estimate = 0.9
        elif _is_key_elsewhere(site, match[1]):
            estimate = 0.8
        else:
            continue
        cause = f"`{holder}` is a dictionary; `{match[1]}` is one of its keys, not an attribute."
        edit = site.code.replace(node, f'{holder}["{match[1]}"]')
        yield Fix(cause, (edit,), estimate)


def _is_key_elsewhere(site: FaultSite, name: str) -> bool:
    keys = [k for n in site.code.nodes if isinstance(n, ast.Dict) for k in n.keys]
    keys += [n.slice for n in site.code.nodes if isinstance(n, ast.Subscript)]
    return any(isinstance(k, ast.Constant) and k.value == name for k in keys)


@rule(
    "attribute-as-key",
    "TypeError",
    estimate=0.9,
    example="""
          from collections import namedtuple
          Price = namedtuple("Price", "amount currency")
        - print(Price(3, "EUR")["amount"])
          #! TypeError: tuple indices must be integers or slices, not str
        + print(Price(3, "EUR").amount)
        """,
    silent="""
        class Price:
            amount = 3
        print(Price()["total"])  #! TypeError: 'Price' object is not subscriptable
        """,
    link="https://docs.python.org/3/reference/expressions.html#subscriptions",
)
def attribute_as_key(site: FaultSite) -> Iterator[Fix]:
    """An object is asked for its attribute as if it were a key: `job["name"]`."""
    match = site.search(r"'(\w+)' object is not subscriptable")
    if not match and "tuple indices must be integers" not in site.message:
        return
    attributes = _attributes_of(site, match[1] if match else "")
    for node in site.nodes(ast.Subscript):
        key = node.slice.value if isinstance(node.slice, ast.Constant) else None
        if isinstance(key, str) and key.isidentifier() and key in attributes:
            holder = site.code.segment(node.value)
            cause = f"`{holder}` is an object; `{key}` is an attribute of it, not a key."
            yield Fix(cause, (site.code.replace(node, f"{holder}.{key}"),))


def _attributes_of(site: FaultSite, cls: str) -> set[str]:
    """Members of a class of the file; of every named tuple, where no class is named."""
    names: set[str] = set()
    for node in site.code.nodes:
        if isinstance(node, ast.ClassDef):
            is_tuple = any("NamedTuple" in site.code.segment(base) for base in node.bases)
            if node.name == cls or (not cls and is_tuple):
                names |= class_members(node)
        elif not cls and isinstance(node, ast.Call) and called_name(node) == "namedtuple":
            names |= set(re.findall(r"\w+", site.code.segment(node).partition(",")[2]))
    return names
