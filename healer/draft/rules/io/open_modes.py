"""How a file is opened: finding the call, its mode and its arguments; text in a binary file.

Belongs here: what `open` is given. Does not belong here: which encoding it should name
(`encodings`), and a missing file; that is not the code.
"""

import ast
from collections.abc import Iterator

from healer.draft.rules.example import Example
from healer.draft.rules.rule import FaultSite, Fix, called_name, rule
from healer.draft.rules.scope import imported_names, qualified_name
from healer.draft.rules.source_file import TextEdit


def opening_calls(site: FaultSite) -> list[ast.Call]:
    """Calls that open text, in the failing function or file, nearest first."""
    calls = [
        node
        for node in site.walk_scope()
        if isinstance(node, ast.Call) and called_name(node) in ("open", "read_text", "write_text")
    ]
    return sorted(calls, key=lambda call: abs(call.lineno - site.line))


def mode_of(site: FaultSite, call: ast.Call) -> str:
    """The mode that a call names; `r` where it names none."""
    at = mode_position(site, call)
    values = [k.value for k in call.keywords if k.arg == "mode"] or call.args[at : at + 1]
    value = values[0].value if values and isinstance(values[0], ast.Constant) else None
    return value if isinstance(value, str) else "r"


def mode_position(site: FaultSite, call: ast.Call) -> int:
    """1 for `open(path, mode)` and `gzip.open(path, mode)`, 0 for `path.open(mode)`."""
    is_of_module = bool(qualified_name(call.func, imported_names(site.code)))
    return 1 if isinstance(call.func, ast.Name) or is_of_module else 0


def with_mode(site: FaultSite, call: ast.Call, mode: str) -> TextEdit:
    """An edit that opens a file in another mode; what only text has goes where it is binary."""
    only_text = {"encoding", "newline", "errors"} if "b" in mode else set()
    segment = site.code.segment
    before = [segment(argument) for argument in call.args[: mode_position(site, call)]]
    after = [segment(k) for k in call.keywords if k.arg not in {"mode"} | only_text]
    inside = ", ".join([*before, f'"{mode}"', *after])
    return site.code.replace(call, f"{segment(call.func)}({inside})")


def with_argument(site: FaultSite, call: ast.Call, name: str, value: str) -> TextEdit:
    """An edit that gives a call a keyword argument, in place of one it has of that name."""
    for keyword in call.keywords:
        if keyword.arg == name:
            return site.code.replace(keyword.value, value)
    return site.code.add_argument(call, f"{name}={value}")


@rule(
    "text-mode",
    "Error TypeError",
    estimate=0.88,
    example=Example(
        """
          import csv
          def save(path, rows):
        -     with open(path, "wb") as file:
        +     with open(path, "w", newline="") as file:
                  csv.writer(file).writerows(rows)
        #! TypeError: a bytes-like object is required, not 'str'
        """,
        is_reported=True,
    ),
    silent=Example(
        """
        def save(path, text):
            with open(path, "w") as file:
                file.write(text.split(b","))
        #! TypeError: a bytes-like object is required, not 'str'
        """,
        is_reported=True,
    ),
    rivals=("the text was to be encoded before it is written",),
    link="https://docs.python.org/3/library/csv.html#csv.writer",
)
def text_mode(site: FaultSite) -> Iterator[Fix]:
    """A CSV or JSON text is in a file that is opened in binary mode."""
    if not site.search(
        "iterator should return strings, not bytes|a bytes-like object is required, not 'str'"
        "|str.*not 'bytes'|not 'bytes'.*str"
    ):
        return
    for call in opening_calls(site):
        at, mode = mode_position(site, call), mode_of(site, call)
        if "b" in mode and len(call.args) > at:
            text_mode_ = f'"{mode.replace("b", "")}"'
            edits = [site.code.replace(call.args[at], text_mode_)]
            if "csv" in site.code.text:
                edits.append(with_argument(site, call, "newline", '""'))
            yield Fix("The file holds text and is opened in binary mode.", tuple(edits))
            return
