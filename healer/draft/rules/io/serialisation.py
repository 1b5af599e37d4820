"""Rules for what reads and writes data formats: `load` for `loads`, text that was never parsed.

Belongs here: a value given to a loader or a writer that wants another kind. Does not belong here:
data that is malformed.
"""

import ast
import re
from collections.abc import Iterator

from healer.draft.rules.bindings import assigned_value
from healer.draft.rules.certainty import GUESS
from healer.draft.rules.example import Example
from healer.draft.rules.io.open_modes import opening_calls, with_mode
from healer.draft.rules.rule import FaultSite, Fix, Rival, rule
from healer.draft.rules.scope import add_missing_import, imported_names, qualified_name
from healer.draft.rules.source_file import TextEdit

_LOADERS = frozenset({"json", "tomllib", "pickle", "marshal"})
_GIVES_TEXT = re.compile(
    r"\.(?:read|read_text|read_bytes|decode|text|content|stdout|getvalue)(?:\([^()]*\))?$"
)
_FILES = r"(?:TextIOWrapper|BufferedReader|BufferedRandom|StringIO|BytesIO|HTTPResponse|GzipFile)"
_JSON_TEXT = re.compile(r"^b?['\"]\s*[\[{]")
_FILE_NAME = re.compile(r"^['\"][^{\[\"']+\.\w+['\"]$")
_WRITTEN_AS = {
    "datetime": "str", "date": "str", "time": "str", "Decimal": "str", "UUID": "str",
    "PosixPath": "str", "Path": "str", "set": "sorted", "frozenset": "sorted",
    "dict_keys": "list", "dict_values": "list", "deque": "list", "generator": "list",
}  # fmt: skip  # the pairs of a table read best side by side


def _loader_calls(site: FaultSite, function: str) -> Iterator[tuple[ast.Call, str]]:
    """Calls of a loader's function in the failing statement, with the loader's module."""
    imports = imported_names(site.code)
    for call in site.calls():
        module, _, name = qualified_name(call.func, imports).rpartition(".")
        if module in _LOADERS and name == function and call.args:
            yield call, module


def _drop_s(site: FaultSite, call: ast.Call) -> TextEdit:
    """`loads` becomes `load`, `dumps` becomes `dump`."""
    end = site.code.span(call.func)[1]
    return TextEdit(end - 1, end, "")


@rule(
    "text-to-load",
    "AttributeError",
    estimate=0.8,
    example="""
          import json
          text = "[1, 2]"
        - print(json.load(text))  #! AttributeError: 'str' object has no attribute 'read'
        + print(json.loads(text))
        """,
    silent="""
        import json
        rows = [1, 2]
        print(json.load(rows))  #! AttributeError: 'list' object has no attribute 'read'
        """,
    rivals=("the text is the name of a file, which is to be opened",),
    link="https://docs.python.org/3/library/json.html#json.loads",
)
def text_to_load(site: FaultSite) -> Iterator[Fix]:
    """Text is given to a function that reads an open file: `json.load(text)`."""
    if not site.search(r"'(?:str|bytes)' object has no attribute 'read'"):
        return
    for call, module in _loader_calls(site, "load"):
        code, argument = site.code, call.args[0]
        text, value = code.segment(argument), site.recorded_value(argument)
        if isinstance(argument, ast.Constant) or _FILE_NAME.match(value):
            if module == "json":
                edit = code.replace(call, f"{code.segment(call.func)}s(Path({text}).read_text())")
                cause = f"`{module}.load` reads an open file, not a file's name; the file is read."
                yield Fix(cause, (edit, *add_missing_import(code, "pathlib", "Path")), GUESS)
            continue
        source = assigned_value(site, argument) or argument
        is_clear = _GIVES_TEXT.search(code.segment(source)) or _JSON_TEXT.match(value)
        cause = f"`{text}` is text already, not an open file; `{module}.loads` reads text."
        yield Fix(cause, (code.insert_after(call.func, "s"),), 0.95 if is_clear else None)


@rule(
    "file-to-loads",
    "TypeError",
    estimate=0.95,
    example="""
          import io, json
          file = io.StringIO("[1]")
        - print(json.loads(file))
        #! TypeError: the JSON object must be str, bytes or bytearray, not StringIO
        + print(json.load(file))
        """,
    silent="""
        import json
        print(json.loads(3))  #! TypeError: the JSON object must be str, bytes or bytearray, not int
        """,
    link="https://docs.python.org/3/library/json.html#json.load",
)
def file_to_loads(site: FaultSite) -> Iterator[Fix]:
    """A file, a path or a value that is decoded already is given to `json.loads`."""
    match = site.search(r"JSON object must be str, bytes or bytearray, not (\w+)")
    for call, _ in _loader_calls(site, "loads") if match else ():
        kind, text = match[1] if match else "", site.code.segment(call.args[0])
        if re.fullmatch(_FILES, kind):
            cause = f"`{text}` is an open file; `json.load` reads files, `loads` text."
            yield Fix(cause, (_drop_s(site, call),))
        elif kind.endswith("Path"):
            cause = f"`{text}` is a path; the text in its file is read."
            yield Fix(cause, (site.code.insert_after(call.args[0], ".read_text()"),), 0.93)
        elif kind in ("dict", "list"):
            cause = f"`{text}` is a `{kind}` already; there is nothing left to decode."
            yield Fix(cause, (site.code.replace(call, text),), GUESS)


@rule(
    "dump-without-file",
    "TypeError",
    estimate=0.95,
    example="""
          import json
        - print(json.dump([1]))  #! TypeError: dump() missing 1 required positional argument: 'fp'
        + print(json.dumps([1]))
        """,
    silent="""
        import json
        json.dump()  #! TypeError: dump() missing 2 required positional arguments: 'obj' and 'fp'
        """,
    rivals=("a file to write to was to be given",),
    link="https://docs.python.org/3/library/json.html#json.dumps",
)
def dump_without_file(site: FaultSite) -> Iterator[Fix]:
    """`json.dump` is given no file where `dumps` was meant, or `dumps` is given one."""
    if "dump() missing 1 required positional argument: 'fp'" in site.message:
        for call, _ in _loader_calls(site, "dump"):
            is_lost = isinstance(site.code.parents.get(call), ast.Expr)
            cause = "`json.dump` writes to a file and none is given; `dumps` gives the text."
            yield Fix(cause, (site.code.insert_after(call.func, "s"),), 0.5 if is_lost else None)
    if "dumps() takes 1 positional argument but 2" in site.message:
        for call, _ in _loader_calls(site, "dumps"):
            cause = "A file to write to is given; that is `json.dump`, not `dumps`."
            yield Fix(cause, (_drop_s(site, call),), 0.93)


@rule(
    "yaml-loader",
    "TypeError",
    estimate=GUESS,
    example="""
          import yaml
        - print(yaml.load("a: 1"))
        #! TypeError: load() missing 1 required positional argument: 'Loader'
        + print(yaml.safe_load("a: 1"))
        """,
    silent="""
        def load(text, Loader):
            return Loader(text)
        print(load("a: 1"))  #! TypeError: load() missing 1 required positional argument: 'Loader'
        """,
    rivals=("the file holds objects of Python, which only an unsafe loader reads",),
    link="https://pyyaml.org/wiki/PyYAMLDocumentation",
)
def yaml_loader(site: FaultSite) -> Iterator[Fix]:
    """`yaml.load` is called without a loader, as PyYAML 6 wants; `safe_load` reads plain data."""
    if "load() missing 1 required positional argument: 'Loader'" not in site.message:
        return
    for call in site.calls("load"):
        if qualified_name(call.func, imported_names(site.code)) == "yaml.load":
            cause = (
                "PyYAML 6 wants a loader (https://pyyaml.org/wiki/PyYAMLDocumentation); "
                "`safe_load` reads plain data."
            )
            yield Fix(cause, (site.code.rename_end(call.func, "load", "safe_load"),))


@rule(
    "toml-as-text",
    "TypeError",
    estimate=0.95,
    example=Example(
        """
          import tomllib
          def settings(path):
        -     with open(path) as file:
        +     with open(path, "rb") as file:
                  return tomllib.load(file)
        #! TypeError: File must be opened in binary mode, e.g. use `open('foo.toml', 'rb')`
        """,
        is_reported=True,
    ),
    silent=Example(
        """
        import tomllib
        def settings(file):
            return tomllib.load(file)
        #! TypeError: File must be opened in binary mode, e.g. use `open('foo.toml', 'rb')`
        """,
        is_reported=True,
    ),
    link="https://docs.python.org/3/library/tomllib.html#tomllib.load",
)
def toml_as_text(site: FaultSite) -> Iterator[Fix]:
    """`tomllib.load` is given a file that is opened as text, and reads binary ones."""
    if "File must be opened in binary mode" not in site.message:
        return
    for call in opening_calls(site)[:1]:
        cause = "`tomllib.load` reads bytes; the file is opened in mode `rb`."
        yield Fix(cause, (with_mode(site, call, "rb"),))


@rule(
    "never-parsed",
    "TypeError",
    estimate=GUESS,
    example=Example(
        """
        + import json
          import io
        - reply = io.StringIO('{"rate": 1}').read()
        + reply = json.loads(io.StringIO('{"rate": 1}').read())
          print(reply["rate"])  #! TypeError: string indices must be integers, not 'str'
        """,
        locals={"reply": "'{\"rate\": 1}'"},
    ),
    silent="""
        reply = "rate"
        print(reply["rate"])  #! TypeError: string indices must be integers, not 'str'
        """,
    rivals=(Rival("a loop goes over keys where the values were meant", "values-of"),),
    link="https://docs.python.org/3/library/json.html#json.loads",
)
def never_parsed(site: FaultSite) -> Iterator[Fix]:
    """JSON's text is asked for a key: it was read and never parsed."""
    if "string indices must be integers" not in site.message:
        return
    code = site.code
    for node in site.nodes(ast.Subscript):
        is_key = isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str)
        source = assigned_value(site, node.value)
        if not is_key or source is None:
            continue
        is_json = _JSON_TEXT.match(site.recorded_value(node.value))
        if is_json or _GIVES_TEXT.search(code.segment(source)):
            edits = (code.wrap(source, "json.loads({})"), *add_missing_import(code, "json"))
            cause = f"`{code.segment(node.value)}` holds JSON as text, which nothing has parsed."
            yield Fix(cause, edits, None if is_json else 0.7)
            return


@rule(
    "not-serialisable",
    "TypeError",
    estimate=0.7,
    example="""
          import json
          from datetime import date
        - print(json.dumps([date(2024, 1, 1)]))
        #! TypeError: Object of type date is not JSON serializable
        + print(json.dumps([date(2024, 1, 1)], default=str))
        """,
    silent="""
        import json
        print(json.dumps([object()]))  #! TypeError: Object of type object is not JSON serializable
        """,
    rivals=("who reads it wants another form: seconds, or a number",),
    link="https://docs.python.org/3/library/json.html#json.dump",
)
def not_serialisable(site: FaultSite) -> Iterator[Fix]:
    """A date, decimal, path or set is written as JSON; `default=` says how it is written."""
    match = site.search(r"Object of type (\w+) is not JSON serializable")
    if not match or match[1] not in _WRITTEN_AS:
        return
    for call in site.calls("dump", "dumps"):
        if not any(keyword.arg == "default" for keyword in call.keywords):
            writer = _WRITTEN_AS[match[1]]
            cause = f"JSON has no `{match[1]}`; it is written by `{writer}`."
            yield Fix(cause, (site.code.add_argument(call, f"default={writer}"),))
