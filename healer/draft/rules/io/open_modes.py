"""Rules for files that are opened the wrong way: encoding, byte order mark, text or binary.

Belongs here: arguments of `open`. Does not belong here: a missing file; that is not the code.
"""

import ast
import codecs
import re
from collections.abc import Iterator

from healer.draft.rules.rule import FaultSite, Fix, rule
from healer.draft.rules.scope import dotted, imports
from healer.draft.rules.source_file import TextEdit


def opens(site: FaultSite) -> list[ast.Call]:
    """Calls that open text, in the failing function or file, nearest first."""
    scope = site.code.function_at(site.line) or site.code.tree
    found = []
    for node in ast.walk(scope) if scope else ():
        if isinstance(node, ast.Call):
            name = (
                node.func.attr
                if isinstance(node.func, ast.Attribute)
                else getattr(node.func, "id", "")
            )
            if name in ("open", "read_text", "write_text"):
                found.append(node)
    return sorted(found, key=lambda call: abs(call.lineno - site.line))


def with_argument(site: FaultSite, call: ast.Call, name: str, value: str) -> TextEdit:
    """A change that gives a call a keyword argument, in place of one it has of that name."""
    for keyword in call.keywords:
        if keyword.arg == name:
            return site.code.replace(keyword.value, value)
    end = site.code.span(call)[1] - 1
    comma = ", " if call.args or call.keywords else ""
    return TextEdit(end, end, f"{comma}{name}={value}")


def byte_order_mark(site: FaultSite) -> Iterator[Fix]:
    """The first column or the first character is a byte order mark: `utf-8-sig` takes it off."""
    message = site.error.message
    shown = "".join(site.locals.values())
    marked = any(sign in message + shown for sign in ("ufeff", "\ufeff", "UTF-8 BOM"))
    if not marked and not any(_begins_with_mark(site, call) for call in opens(site)):
        return
    for call in opens(site):
        mode = mode_of(call)
        if "b" not in mode and not set("wax") & set(mode):
            change = with_argument(site, call, "encoding", '"utf-8-sig"')
            yield Fix(
                "The file begins with a byte order mark; `utf-8-sig` takes it off.", (change,), 0.9
            )
            return


def _begins_with_mark(site: FaultSite, call: ast.Call) -> bool:
    """The file is named in the code, lies in the repository, and begins with the mark."""
    first = call.args[0] if call.args else None
    name = first.value if isinstance(first, ast.Constant) else None
    data = site.files.source.read(name) if isinstance(name, str) else None
    return data is not None and data.startswith(codecs.BOM_UTF8)


def mode_of(call: ast.Call) -> str:
    at = 1 if isinstance(call.func, ast.Name) else 0
    values = [k.value for k in call.keywords if k.arg == "mode"] or call.args[at : at + 1]
    value = values[0] if values else None
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else "r"


def with_mode(site: FaultSite, call: ast.Call, mode: str) -> TextEdit:
    """A change that opens a file in another mode; what only text has goes where it is binary."""
    of_module = dotted(call.func, imports(site.code)) is not None
    at = 1 if isinstance(call.func, ast.Name) or of_module else 0
    gone = {"mode"} | ({"encoding", "newline", "errors"} if "b" in mode else set())
    segment = site.code.segment
    before = [segment(argument) for argument in call.args[:at]]
    after = [segment(keyword) for keyword in call.keywords if keyword.arg not in gone]
    inside = ", ".join([*before, f'"{mode}"', *after])
    return site.code.replace(call, f"{segment(call.func)}({inside})")


def default_encoding(site: FaultSite) -> Iterator[Fix]:
    """The machine's own encoding was used by accident: UTF-8 is named."""
    match = re.search(r"'([\w-]+)' codec can't (?:de|en)code", site.error.message)
    if not match or match[1] not in ("ascii", "charmap", "cp1252", "latin-1"):
        return
    for call in opens(site):
        if not any(k.arg == "encoding" for k in call.keywords) and "b" not in mode_of(call):
            change = with_argument(site, call, "encoding", '"utf-8"')
            yield Fix(
                "The file is opened with the machine's own encoding; UTF-8 is named.",
                (change,),
                0.85,
            )
            return


def utf16(site: FaultSite) -> Iterator[Fix]:
    """A file that begins with the mark of UTF-16 is read as UTF-8."""
    if not re.search(r"'utf-8' codec can't decode byte 0xf[ef] in position 0", site.error.message):
        return
    for call in opens(site):
        if "b" not in mode_of(call):
            change = with_argument(site, call, "encoding", '"utf-16"')
            yield Fix("The file begins with the mark of UTF-16.", (change,), 0.6)
            return


def text_mode(site: FaultSite) -> Iterator[Fix]:
    """A CSV or JSON text in a file that is opened in binary mode."""
    message = site.error.message
    csv = "iterator should return strings, not bytes" in message
    written = "a bytes-like object is required, not 'str'" in message
    read = "not 'bytes'" in message and "str" in message
    for call in opens(site) if csv or written or read else ():
        mode = mode_of(call)
        at = 1 if isinstance(call.func, ast.Name) else 0
        if "b" not in mode or len(call.args) <= at:
            continue
        changes = [site.code.replace(call.args[at], f'"{mode.replace("b", "")}"')]
        if "csv" in site.code.text:
            changes.append(with_argument(site, call, "newline", '""'))
        yield Fix("The file holds text and is opened in binary mode.", tuple(changes), 0.88)
        return


FILE_RULES = (
    rule("byte-order-mark", "KeyError JSONDecodeError ValueError", byte_order_mark),
    rule("default-encoding", "UnicodeDecodeError UnicodeEncodeError", default_encoding),
    rule("utf-16", "UnicodeDecodeError", utf16),
    rule("text-mode", "Error TypeError", text_mode),
)
