"""Rules for loops: what they go over, how far, and what they change meanwhile.

Belongs here: a `for` or `while` whose own text shows what was meant. Does not belong here: default
values for missing data; nothing is invented.
"""

import ast
import re
from collections.abc import Iterator

from healer.draft.rules.bindings import assigned_value, loops_around, loops_on_line
from healer.draft.rules.certainty import GUESS
from healer.draft.rules.rule import FaultSite, Fix, Rival, rule
from healer.draft.rules.source_file import TextEdit
from healer.draft.rules.values.wrappers import are_values_mixed

_TAKES_OUT = frozenset({"pop", "remove", "discard"})
_COUNTERS = frozenset({"i", "j", "n", "index", "idx", "number", "position"})
_PAIR = 2
_LENGTH = r"len\([\w.\[\]]+\)"


@rule(
    "changed-while-walked",
    "RuntimeError",
    estimate=0.95,
    example="""
          rates = {"eur": 1.1, "old": None}
        - for name in rates:  #! RuntimeError: dictionary changed size during iteration
        + for name in list(rates):
              if rates[name] is None:
                  del rates[name]
        """,
    silent="""
        def walk(rates):
            yield from rates  #! RuntimeError: dictionary changed size during iteration
        rates = {"eur": 1.1}
        for name in walk(rates):
            rates[name + "2"] = 1
        """,
    rivals=("what the loop adds is meant to be walked too: a list of work to do",),
    link="https://docs.python.org/3/tutorial/controlflow.html#for-statements",
)
def changed_while_walked(site: FaultSite) -> Iterator[Fix]:
    """A loop goes over a collection that its body changes; it goes over a copy then."""
    if not site.search("changed size during iteration|mutated during"):
        return
    for loop in loops_on_line(site):
        text = site.code.segment(loop.iter)
        cause = f"`{text}` changes while the loop goes over it; a copy does not."
        edit = site.code.wrap(loop.iter, "list({})")
        yield Fix(cause, (edit,), None if _only_takes_out(loop) else GUESS)


def _only_takes_out(loop: ast.For) -> bool:
    """The body only reads and removes the item of its pass: none depends on what others did."""
    variables = {node.id for node in ast.walk(loop.target) if isinstance(node, ast.Name)}
    collection_names = {node.id for node in ast.walk(loop.iter) if isinstance(node, ast.Name)}
    harmless: set[ast.AST] = set()
    names: list[ast.Name] = []
    for node in (n for statement in loop.body for n in ast.walk(statement)):
        if isinstance(node, ast.Name) and node.id in collection_names:
            names.append(node)
        elif isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Store):
            harmless |= {node.value} if getattr(node.slice, "id", "") in variables else set()
        elif isinstance(node, ast.Attribute) and node.attr in _TAKES_OUT:
            harmless.add(node.value)
    return all(name in harmless for name in names)


@rule(
    "forgotten-range",
    "TypeError",
    estimate=GUESS,
    example="""
          days = 3
        - for day in days:  #! TypeError: 'int' object is not iterable
        + for day in range(days):
              print(day)
        """,
    silent="""
        rows = 3
        for row in rows:  #! TypeError: 'int' object is not iterable
            print(row["name"])
        """,
    rivals=("the items were meant, not their number",),
    link="https://docs.python.org/3/tutorial/controlflow.html#the-range-function",
)
def forgotten_range(site: FaultSite) -> Iterator[Fix]:
    """A loop goes over a number: `range` was forgotten."""
    if "'int' object is not iterable" not in site.message:
        return
    for loop in loops_on_line(site):
        if isinstance(loop.target, ast.Name) and not _is_taken_apart(loop, loop.target.id):
            cause = f"`{site.code.segment(loop.iter)}` is a number; the loop counts up to it."
            yield Fix(cause, (site.code.wrap(loop.iter, "range({})"),))


def _is_taken_apart(loop: ast.For, variable: str) -> bool:
    """The body asks the variable for an item or an attribute: it holds no number."""
    return any(
        isinstance(node, ast.Subscript | ast.Attribute)
        and getattr(node.value, "id", "") == variable
        for statement in loop.body
        for node in ast.walk(statement)
    )


@rule(
    "pairs-of",
    "ValueError TypeError",
    estimate=GUESS,
    example="""
          rates = {"euro": 1.1}
        - for name, rate in rates:  #! ValueError: too many values to unpack (expected 2)
        + for name, rate in rates.items():
              print(name, rate)
        """,
    silent="""
        rates = [("euro", 1.1, "mon")]
        for name, rate in rates:  #! ValueError: too many values to unpack (expected 2)
            print(name, rate)
        """,
    rivals=("the rows have more columns than they had",),
    link="https://docs.python.org/3/tutorial/datastructures.html#looping-techniques",
)
def pairs_of(site: FaultSite) -> Iterator[Fix]:
    """A loop wants pairs and gets single values: pairs are in `.items()`, or come from
    `enumerate`."""
    if not site.search("to unpack|cannot unpack non-iterable"):
        return
    for loop in loops_on_line(site):
        target = loop.target
        if isinstance(loop.iter, ast.Call) or not isinstance(target, ast.Tuple):
            continue
        if len(target.elts) != _PAIR:
            continue
        text = site.code.segment(loop.iter)
        is_counted = site.code.segment(target.elts[0]) in _COUNTERS
        is_list, is_mapping = _is_list(site, loop.iter), _is_mapping(site, loop.iter)
        if not is_list:
            edit = site.code.insert_after(loop.iter, ".items()")
            cause = f"The loop wants pairs; `{text}.items()` has them."
            yield Fix(cause, (edit,), 0.6 if is_counted and not is_mapping else None)
        if not is_mapping and (is_counted or not is_list):
            edit = site.code.wrap(loop.iter, "enumerate({})")
            cause = f"The loop wants numbered items of `{text}`."
            yield Fix(cause, (edit,), GUESS if is_counted else 0.4)


def _is_list(site: FaultSite, node: ast.expr) -> bool:
    """A list, tuple or text, as the file writes it or the hook has recorded it."""
    value = assigned_value(site, node) or node
    is_written = isinstance(value, ast.List | ast.ListComp | ast.Tuple | ast.Constant)
    return is_written or site.recorded_value(node).startswith(("[", "(", "'", '"'))


def _is_mapping(site: FaultSite, node: ast.expr) -> bool:
    value = assigned_value(site, node) or node
    is_written = isinstance(value, ast.Dict | ast.DictComp)
    return is_written or site.recorded_value(node).startswith("{")


@rule(
    "values-of",
    "TypeError",
    estimate=0.7,
    example="""
          days = {"mon": {"sum": 3}}
        - for day in days:
        + for day in days.values():
              print(day["sum"])  #! TypeError: string indices must be integers, not 'str'
        """,
    silent="""
        days = ["mon", "tue"]
        for day in days:
            print(day["sum"])  #! TypeError: string indices must be integers, not 'str'
        """,
    rivals=(
        Rival("the text is JSON that nothing has parsed", "never-parsed"),
        "the items are texts where they used to be rows",
    ),
    link="https://docs.python.org/3/tutorial/datastructures.html#looping-techniques",
)
def values_of(site: FaultSite) -> Iterator[Fix]:
    """A loop goes over a dictionary's keys, and its body uses the values."""
    if "string indices must be integers" not in site.message:
        return
    names = {n.value.id for n in site.nodes(ast.Subscript) if isinstance(n.value, ast.Name)}
    for loop in site.code.nodes_on_line(site.line):
        if not isinstance(loop, ast.For) or getattr(loop.target, "id", "") not in names:
            continue
        if not _is_list(site, loop.iter) and not are_values_mixed(site):
            text = site.code.segment(loop.iter)
            cause = f"The loop goes over the keys of `{text}`; its values are used."
            yield Fix(cause, (site.code.insert_after(loop.iter, ".values()"),))


@rule(
    "past-the-end",
    "IndexError",
    estimate=GUESS,
    example="""
          days = ["mon", "tue"]
        - for n in range(len(days) + 1):
        + for n in range(len(days)):
              print(days[n])  #! IndexError: list index out of range
        """,
    silent="""
        days = ["mon", "tue"]
        for n in range(3):
            print(days[n])  #! IndexError: list index out of range
        """,
    rivals=("the list should have one element more", "the one after the last is the first again"),
    link="https://docs.python.org/3/tutorial/introduction.html#lists",
)
def past_the_end(site: FaultSite) -> Iterator[Fix]:
    """An index runs one past the end: `range(len(x) + 1)`, `<= len(x)`, `x[i + 1]`, `x[len(x)]`."""
    for node in site.code.nodes_on_line(site.line):
        if isinstance(node, ast.While):
            yield from _tighten(site, node.test)
        elif isinstance(node, ast.For):
            yield from _shorten(site, node)
    for subscript in site.nodes(ast.Subscript):
        text = site.code.segment(subscript.slice)
        if re.fullmatch(r"len\([\w.]+\)", text):
            edit = site.code.replace(subscript.slice, f"{text} - 1")
            yield Fix("The last element is at the length minus one.", (edit,))


def _tighten(site: FaultSite, test: ast.expr) -> Iterator[Fix]:
    for node in ast.walk(test):
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.LtE):
            right = site.code.segment(node.comparators[0])
            start, end = site.code.span(node.left)[1], site.code.span(node.comparators[0])[0]
            if "len(" in right:
                edit = TextEdit(start, end, site.code.text[start:end].replace("<=", "<"))
                yield Fix(f"The loop runs one past the end; `{right}` is no valid index.", (edit,))


def _shorten(site: FaultSite, loop: ast.For) -> Iterator[Fix]:
    call, code = loop.iter, site.code
    if not (isinstance(call, ast.Call) and getattr(call.func, "id", "") == "range" and call.args):
        return
    last = call.args[-1] if len(call.args) == 1 else call.args[1]
    text = code.segment(last)
    if match := re.fullmatch(rf"({_LENGTH})\s*\+\s*1", text):
        yield Fix("The loop runs one past the end.", (code.replace(last, match[1]),))
    elif re.fullmatch(_LENGTH, text):
        indices = (code.segment(subscript.slice) for subscript in site.nodes(ast.Subscript))
        if any(re.search(r"\+\s*1$", index) for index in indices):
            edit = code.replace(last, f"{text} - 1")
            yield Fix("The loop looks one ahead, so it ends one earlier.", (edit,))


@rule(
    "element-as-index",
    "TypeError",
    estimate=0.9,
    example="""
          names = ["ann", "bob"]
          for name in names:
        -     print(names[name])
        #! TypeError: list indices must be integers or slices, not str
        +     print(name)
        """,
    silent="""
        names, ages = ["ann", "bob"], [31, 42]
        for name in names:
            print(ages[name])  #! TypeError: list indices must be integers or slices, not str
        """,
    rivals=("the positions were meant, as `range(len(…))` gives them",),
    link="https://docs.python.org/3/tutorial/controlflow.html#for-statements",
)
def element_as_index(site: FaultSite) -> Iterator[Fix]:
    """A loop gives the element itself, which is used as an index into the same list."""
    if not site.search("(?:list|tuple) indices must be integers"):
        return
    for node in site.nodes(ast.Subscript):
        name = node.slice.id if isinstance(node.slice, ast.Name) else ""
        for loop in loops_around(site, name) if name else ():
            holder = site.code.segment(node.value)
            if site.code.segment(loop.iter) == holder and isinstance(node.ctx, ast.Load):
                cause = f"The loop over `{holder}` gives its elements; `{name}` is one already."
                edit = site.code.replace(node, name)
                yield Fix(cause, (edit,), 0.7 if _is_used_alone(site, loop, name) else None)
                return


def _is_used_alone(site: FaultSite, loop: ast.For | ast.comprehension, name: str) -> bool:
    """The loop uses its variable elsewhere than as an index: positions may have been meant."""
    holder = loop if isinstance(loop, ast.For) else site.code.parents.get(loop)
    return any(
        isinstance(node, ast.Name)
        and node.id == name
        and isinstance(node.ctx, ast.Load)
        and not isinstance(site.code.parents.get(node), ast.Subscript)
        for node in (ast.walk(holder) if holder else ())
    )
