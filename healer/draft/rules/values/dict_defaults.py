"""Rules for keys that are not there yet, where the code itself shows what they begin with.

Belongs here: dictionaries that are filled while they are read, and a default that the file gives in
another place. Does not belong here: a key that is missing from data.
"""

import ast
from collections.abc import Iterator

from healer.draft.rules.certainty import GUESS
from healer.draft.rules.rule import FaultSite, Fix, Rival, literal_of, rule
from healer.draft.rules.scope import BUILTINS

_STARTS = {"append": "[]", "extend": "[]", "add": "set()", "update": "{}"}
_KEY_AND_DEFAULT = 2
_FILLS = frozenset({"setdefault", "update", "fromkeys", "__setitem__"})


@rule(
    "first-of-its-key",
    "KeyError",
    estimate=0.93,
    example="""
          counts = {}
          for word in "a b a".split():
        -     counts[word] += 1  #! KeyError: 'a'
        +     counts[word] = counts.get(word, 0) + 1
        """,
    silent="""
        def load(stock):
            stock["tea"] = 10
        stock = {}
        load(stock)
        for name in ("tea", "tee"):
            stock[name] -= 1  #! KeyError: 'tee'
        """,
    rivals=("each key begins with a value of its own", "the key is not one of the known ones"),
    link="https://docs.python.org/3/library/stdtypes.html#dict.setdefault",
)
def first_of_its_key(site: FaultSite) -> Iterator[Fix]:
    """A dictionary begins empty, each key is counted up or appended to, and nothing ever puts its
    first value in."""
    statement = site.statement()
    if isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Subscript):
        yield from _count(site, statement, statement.target)
    for call in site.calls(*_STARTS):
        holder = call.func.value if isinstance(call.func, ast.Attribute) else None
        if isinstance(holder, ast.Subscript) and isinstance(call.func, ast.Attribute):
            yield from _collect(site, holder, _STARTS[call.func.attr])


def _count(site: FaultSite, statement: ast.AugAssign, target: ast.Subscript) -> Iterator[Fix]:
    if not isinstance(statement.op, ast.Add | ast.Sub) or not _is_only_built(site, target):
        return
    code, sign = site.code, "+" if isinstance(statement.op, ast.Add) else "-"
    start, estimate = _start_of(statement.value)
    if sign == "-" or _has_numbers_by_name(site):
        estimate = min(estimate, GUESS)  # it may be counted down or up from one of them
    holder, key = code.segment(target.value), code.segment(target.slice)
    increment = code.segment(statement.value)
    is_loose = isinstance(statement.value, ast.BinOp | ast.IfExp | ast.BoolOp)
    increment = f"({increment})" if is_loose else increment
    text = f"{holder}[{key}] = {holder}.get({key}, {start}) {sign} {increment}"
    cause = f"Nothing puts a first value into `{holder}`; each key begins with {start}."
    yield Fix(cause, (code.replace(statement, text),), estimate)


def _start_of(value: ast.expr) -> tuple[str, float]:
    """What a sum of such values begins with, and how surely."""
    if isinstance(value, ast.List | ast.ListComp):
        return "[]", 0.9
    if isinstance(value, ast.Constant) and isinstance(value.value, int | float):
        return "0", 0.93
    if isinstance(value, ast.JoinedStr | ast.Constant):
        return '""', GUESS
    return "0", 0.8


def _has_numbers_by_name(site: FaultSite) -> bool:
    """The file names a number at its top level, such as `START = 100`."""
    for node in site.code.tree.body if site.code.tree else ():
        value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        if isinstance(value, ast.Constant) and type(value.value) in (int, float) and value.value:
            return True
    return False


def _collect(site: FaultSite, target: ast.Subscript, start: str) -> Iterator[Fix]:
    if _is_only_built(site, target):
        holder, key = site.code.segment(target.value), site.code.segment(target.slice)
        cause = f"Nothing puts a first value into `{holder}`; each key begins with {start}."
        yield Fix(cause, (site.code.replace(target, f"{holder}.setdefault({key}, {start})"),))


def _is_only_built(site: FaultSite, target: ast.Subscript) -> bool:
    """The dictionary begins empty, and its only keys come from statements like the failing one.

    Then no key can ever be there, whatever the data, and the code meant to begin it.
    """
    code, name = site.code, site.code.segment(target.value)
    if literal_of(site.message) is None and site.message != "None":
        return False
    scope = code.class_around(target) if isinstance(target.value, ast.Attribute) else site.scope
    begins_empty = False
    for node in ast.walk(scope) if scope else ():
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for each in targets:
                if code.segment(each) == name:
                    if node.value is None or code.segment(node.value) not in ("{}", "dict()"):
                        return False
                    begins_empty = True
                elif isinstance(each, ast.Subscript) and code.segment(each.value) == name:
                    return False
        elif isinstance(node, ast.Call) and _may_fill(site, node, name):
            return False
    return begins_empty


def _may_fill(site: FaultSite, call: ast.Call, name: str) -> bool:
    """A call that puts keys in, or a function of the repository that is handed the dictionary."""
    if isinstance(call.func, ast.Attribute) and call.func.attr in _FILLS:
        return site.code.segment(call.func.value) == name
    arguments = (*call.args, *(keyword.value for keyword in call.keywords))
    is_harmless = isinstance(call.func, ast.Name) and call.func.id in BUILTINS
    return not is_harmless and any(site.code.segment(value) == name for value in arguments)


@rule(
    "default-as-elsewhere",
    "KeyError",
    estimate=GUESS,
    example="""
          job = {}
          print(job.get("tags", []))
        - for tag in job["tags"]:  #! KeyError: 'tags'
        + for tag in job.get("tags", []):
              print(tag)
        """,
    silent="""
        job = {}
        print(job.get("tags", []), job.get("tags", 0))
        for tag in job["tags"]:  #! KeyError: 'tags'
            print(tag)
        """,
    rivals=(
        "a job without the key is to be left out, or to stop the run",
        Rival("the key is misspelled here", "wrong-key"),
    ),
    link="https://docs.python.org/3/library/stdtypes.html#dict.get",
)
def default_as_elsewhere(site: FaultSite) -> Iterator[Fix]:
    """A key that may be missing is read with a default elsewhere in the file, and not here."""
    code = site.code
    for subscript in site.nodes(ast.Subscript):
        key = subscript.slice
        if not isinstance(key, ast.Constant) or repr(key.value) != site.message:
            continue
        defaults = _defaults_of(site, key)
        if len(defaults) == 1 and isinstance(subscript.ctx, ast.Load):
            text, default, holder = code.segment(key), defaults.pop(), code.segment(subscript.value)
            edit = code.replace(subscript, f"{holder}.get({text}, {default})")
            cause = f"{text} may be missing; elsewhere this file reads it as {default} then."
            yield Fix(cause, (edit,))


def _defaults_of(site: FaultSite, key: ast.Constant) -> set[str]:
    """What `.get(key, default)` gives in other places of the file."""
    key_dump = ast.dump(key)
    return {
        site.code.segment(call.args[1])
        for call in site.code.nodes
        if isinstance(call, ast.Call)
        and getattr(call.func, "attr", "") == "get"
        and len(call.args) == _KEY_AND_DEFAULT
        and not call.keywords
        and ast.dump(call.args[0]) == key_dump
    }
