"""Rules for files that are opened the wrong way: encoding, byte order mark, text or binary.

Belongs here: arguments of `open`. Does not belong here: a missing file; that is not the code.
"""

import ast
import codecs
from collections.abc import Iterator

from healer.draft.rules.certainty import GUESS
from healer.draft.rules.example import Example
from healer.draft.rules.rule import FaultSite, Fix, called_name, rule
from healer.draft.rules.scope import imported_names, qualified_name
from healer.draft.rules.source_file import TextEdit

_ACCIDENTAL = frozenset({"ascii", "charmap", "cp1252", "latin-1"})
"""Codecs that a machine has by its settings, and hardly anybody names."""


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
    at = _mode_position(site, call)
    values = [k.value for k in call.keywords if k.arg == "mode"] or call.args[at : at + 1]
    value = values[0].value if values and isinstance(values[0], ast.Constant) else None
    return value if isinstance(value, str) else "r"


def _mode_position(site: FaultSite, call: ast.Call) -> int:
    """1 for `open(path, mode)` and `gzip.open(path, mode)`, 0 for `path.open(mode)`."""
    is_of_module = bool(qualified_name(call.func, imported_names(site.code)))
    return 1 if isinstance(call.func, ast.Name) or is_of_module else 0


def with_mode(site: FaultSite, call: ast.Call, mode: str) -> TextEdit:
    """An edit that opens a file in another mode; what only text has goes where it is binary."""
    only_text = {"encoding", "newline", "errors"} if "b" in mode else set()
    segment = site.code.segment
    before = [segment(argument) for argument in call.args[: _mode_position(site, call)]]
    after = [segment(k) for k in call.keywords if k.arg not in {"mode"} | only_text]
    inside = ", ".join([*before, f'"{mode}"', *after])
    return site.code.replace(call, f"{segment(call.func)}({inside})")


def _with_argument(site: FaultSite, call: ast.Call, name: str, value: str) -> TextEdit:
    """An edit that gives a call a keyword argument, in place of one it has of that name."""
    for keyword in call.keywords:
        if keyword.arg == name:
            return site.code.replace(keyword.value, value)
    return site.code.add_argument(call, f"{name}={value}")


@rule(
    "byte-order-mark",
    "KeyError JSONDecodeError ValueError",
    estimate=0.9,
    example=Example(
        """
          import csv
          def names(path):
        -     with open(path, encoding="utf-8") as file:
        +     with open(path, encoding="utf-8-sig") as file:
                  return [row["name"] for row in csv.DictReader(file)]  #! KeyError: 'name'
        """,
        locals={"row": "{'\\ufeffname': 'ann'}"},
        is_reported=True,
    ),
    silent=Example(
        """
        import csv
        def names(path):
            with open(path, encoding="utf-8") as file:
                return [row["name"] for row in csv.DictReader(file)]  #! KeyError: 'name'
        """,
        locals={"row": "{'first name': 'ann'}"},
        is_reported=True,
    ),
    rivals=("the mark is in the data, in the middle of a file that was put together",),
    link="https://docs.python.org/3/library/codecs.html#module-encodings.utf_8_sig",
)
def byte_order_mark(site: FaultSite) -> Iterator[Fix]:
    """The first column or the first character of a file is a byte order mark; `utf-8-sig` takes it
    off."""
    texts = site.message + "".join(site.locals.values())
    is_shown = any(sign in texts for sign in ("ufeff", "\ufeff", "UTF-8 BOM"))
    calls = opening_calls(site)
    if not is_shown and not any(_begins_with_mark(site, call) for call in calls):
        return
    readers = [c for c in calls if not set("bwax") & set(mode_of(site, c))]
    for call in readers[:1]:
        cause = "The file begins with a byte order mark; `utf-8-sig` takes it off."
        edit = _with_argument(site, call, "encoding", '"utf-8-sig"')
        yield Fix(cause, (edit,), None if len(readers) == 1 else GUESS)


def _begins_with_mark(site: FaultSite, call: ast.Call) -> bool:
    """The file is named in the code, lies in the repository, and begins with the mark."""
    name = call.args[0].value if call.args and isinstance(call.args[0], ast.Constant) else None
    data = site.files.source.read(name) if isinstance(name, str) else None
    return data is not None and data.startswith(codecs.BOM_UTF8)


@rule(
    "default-encoding",
    "UnicodeDecodeError UnicodeEncodeError",
    estimate=GUESS,
    example=Example(
        """
          def text_of(path):
        -     with open(path) as file:
        +     with open(path, encoding="utf-8") as file:
                  return file.read()
        #! UnicodeDecodeError: 'ascii' codec can't decode byte 0xc3 in position 4: ordinal not in
        #! range(128)
        """,
        is_reported=True,
    ),
    silent=Example(
        """
        def text_of(path):
            with open(path) as file:
                return file.read()
        #! UnicodeDecodeError: 'utf-8' codec can't decode byte 0xe9 in position 4: invalid
        """,
        is_reported=True,
    ),
    rivals=("the machine's settings are to be mended, not the script",),
    link="https://docs.python.org/3/library/functions.html#open",
)
def default_encoding(site: FaultSite) -> Iterator[Fix]:
    """A file is opened in the machine's own encoding by accident; UTF-8 is named."""
    match = site.search(r"'([\w-]+)' codec can't (?:de|en)code")
    if not match or match[1] not in _ACCIDENTAL:
        return
    for call in opening_calls(site):
        is_named = any(keyword.arg == "encoding" for keyword in call.keywords)
        if not is_named and "b" not in mode_of(site, call):
            cause = "The file is opened with the machine's own encoding; UTF-8 is named."
            yield Fix(cause, (_with_argument(site, call, "encoding", '"utf-8"'),))
            return


@rule(
    "utf-16",
    "UnicodeDecodeError",
    estimate=0.6,
    example=Example(
        """
          def text_of(path):
        -     with open(path, encoding="utf-8") as file:
        +     with open(path, encoding="utf-16") as file:
                  return file.read()
        #! UnicodeDecodeError: 'utf-8' codec can't decode byte 0xff in position 0: invalid start
        """,
        is_reported=True,
    ),
    silent=Example(
        """
        def text_of(path):
            with open(path, encoding="utf-8") as file:
                return file.read()
        #! UnicodeDecodeError: 'utf-8' codec can't decode byte 0xff in position 9: invalid start
        """,
        is_reported=True,
    ),
    rivals=("other files that this line reads are UTF-8", "the file is binary"),
    link="https://docs.python.org/3/library/codecs.html#standard-encodings",
)
def utf16(site: FaultSite) -> Iterator[Fix]:
    """A file that begins with the mark of UTF-16 is read as UTF-8."""
    if not site.search(r"'utf-8' codec can't decode byte 0xf[ef] in position 0"):
        return
    for call in opening_calls(site):
        if "b" not in mode_of(site, call):
            cause = "The file begins with the mark of UTF-16."
            yield Fix(cause, (_with_argument(site, call, "encoding", '"utf-16"'),))
            return


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
        at, mode = _mode_position(site, call), mode_of(site, call)
        if "b" in mode and len(call.args) > at:
            text_mode_ = f'"{mode.replace("b", "")}"'
            edits = [site.code.replace(call.args[at], text_mode_)]
            if "csv" in site.code.text:
                edits.append(_with_argument(site, call, "newline", '""'))
            yield Fix("The file holds text and is opened in binary mode.", tuple(edits))
            return
