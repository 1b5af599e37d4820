"""Rules for what reads and writes data formats: `load` for `loads`, text that was never parsed.

Belongs here: a value given to a loader that wants another kind, and fields asked in the wrong way.
Does not belong here: data that is malformed.
"""

import ast
import re
from collections.abc import Iterator

from healer.draft.rules.bindings import only_value, values_of
from healer.draft.rules.io.open_modes import opens, with_mode
from healer.draft.rules.rule import FaultSite, Fix, rule
from healer.draft.rules.scope import dotted, imports, self_members
from healer.draft.rules.source_file import TextEdit

_LOADERS = ("json", "tomllib", "pickle", "marshal")
_GIVES_TEXT = re.compile(
    r"\.(?:read|read_text|read_bytes|decode|text|content|stdout|getvalue)(?:\([^()]*\))?$"
)
_FILES = r"(?:TextIOWrapper|BufferedReader|BufferedRandom|StringIO|BytesIO|HTTPResponse|GzipFile)"


def text_to_load(site: FaultSite) -> Iterator[Fix]:
    """`json.load(text)`: from text it is `loads`; from a file's name, the file is read."""
    match = re.search(r"'(str|bytes)' object has no attribute 'read'", site.error.message)
    for call, module in _calls(site, "load") if match else ():
        code, argument = site.code, call.args[0]
        held = code.segment(argument)
        shown = site.locals.get(held, "")
        name = isinstance(argument, ast.Constant) or re.match(r"^['\"][^{\[\"']+\.\w+['\"]$", shown)
        if name:
            text = f"{code.segment(call.func)}s(Path({held}).read_text())"
            if module != "json":
                continue
            extra = (
                () if "Path" in imports(code) else (code.add_import("from pathlib import Path"),)
            )
            cause = f"`{module}.load` reads an open file, not a file's name; the file is read."
            yield Fix(cause, (code.replace(call, text), *extra), 0.85)
            continue
        source = only_value(site, argument) or argument
        sure = _GIVES_TEXT.search(code.segment(source)) or re.match(r"^b?['\"]\s*[\[{]", shown)
        end = code.span(call.func)[1]
        cause = f"`{held}` is text already, not an open file; `{module}.loads` reads text."
        yield Fix(cause, (TextEdit(end, end, "s"),), 0.95 if sure else 0.8)


def _calls(site: FaultSite, function: str) -> Iterator[tuple[ast.Call, str]]:
    """Calls of a loader's function in the failing statement, with the loader's module."""
    known = imports(site.code)
    for call in site.nodes(ast.Call):
        module, _, name = (dotted(call.func, known) or "").rpartition(".")
        if module in _LOADERS and name == function and call.args:
            yield call, module


def file_to_loads(site: FaultSite) -> Iterator[Fix]:
    """`json.loads(file)`, `json.loads(path)`, or of a value that is decoded already."""
    match = re.search(r"JSON object must be str, bytes or bytearray, not (\w+)", site.error.message)
    for call, _ in _calls(site, "loads") if match else ():
        code, kind = site.code, match[1] if match else ""
        held = code.segment(call.args[0])
        if re.fullmatch(_FILES, kind):
            end = code.span(call.func)[1]
            cause = f"`{held}` is an open file; `json.load` reads files, `loads` text."
            yield Fix(cause, (TextEdit(end - 1, end, ""),), 0.95)
        elif kind.endswith("Path"):
            change = code.replace(call.args[0], f"{held}.read_text()")
            yield Fix(f"`{held}` is a path; the text in its file is read.", (change,), 0.93)
        elif kind in ("dict", "list"):
            cause = f"`{held}` is a `{kind}` already; there is nothing left to decode."
            yield Fix(cause, (code.replace(call, held),), 0.85)


def dump_without_file(site: FaultSite) -> Iterator[Fix]:
    """`json.dump(data)` for `dumps`, `json.dumps(data, file)` for `dump`."""
    message = site.error.message
    if "dump() missing 1 required positional argument: 'fp'" in message:
        for call, _ in _calls(site, "dump"):
            end = site.code.span(call.func)[1]
            lost = isinstance(site.code.parents.get(call), ast.Expr)
            cause = "`json.dump` writes to a file and none is given; `dumps` gives the text."
            yield Fix(cause, (TextEdit(end, end, "s"),), 0.5 if lost else 0.95)
    if "dumps() takes 1 positional argument but 2" in message:
        for call, _ in _calls(site, "dumps"):
            end = site.code.span(call.func)[1]
            cause = "A file to write to is given; that is `json.dump`, not `dumps`."
            yield Fix(cause, (TextEdit(end - 1, end, ""),), 0.93)


def yaml_loader(site: FaultSite) -> Iterator[Fix]:
    """`yaml.load(text)` without a loader, since PyYAML 6."""
    if "load() missing 1 required positional argument: 'Loader'" not in site.error.message:
        return
    for call in site.nodes(ast.Call):
        if dotted(call.func, imports(site.code)) == "yaml.load":
            end = site.code.span(call.func)[1]
            cause = (
                "PyYAML 6 wants a loader (https://pyyaml.org/wiki/PyYAMLDocumentation); "
                "`safe_load` reads plain data."
            )
            yield Fix(cause, (TextEdit(end - len("load"), end, "safe_load"),), 0.85)


def toml_as_text(site: FaultSite) -> Iterator[Fix]:
    """`tomllib.load` reads a file that is opened in binary mode."""
    if "File must be opened in binary mode" not in site.error.message:
        return
    for call in opens(site):
        change = with_mode(site, call, "rb")
        yield Fix("`tomllib.load` reads bytes; the file is opened in mode `rb`.", (change,), 0.95)
        return


def never_parsed(site: FaultSite) -> Iterator[Fix]:
    """JSON's text is asked for a key: it was read and never parsed."""
    if "string indices must be integers" not in site.error.message:
        return
    code = site.code
    for node in site.nodes(ast.Subscript):
        key = isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str)
        if not key or not isinstance(node.value, ast.Name):
            continue
        source = only_value(site, node.value)
        shown = site.locals.get(node.value.id, "")
        read = source is not None and _GIVES_TEXT.search(code.segment(source))
        if source is None or not (read or re.match(r"^['\"]\s*[\[{]", shown)):
            continue
        changes = [code.replace(source, f"json.loads({code.segment(source)})")]
        if "json" not in imports(code):
            changes.append(code.add_import("import json"))
        cause = f"`{node.value.id}` holds JSON as text, which nothing has parsed."
        certainty = 0.85 if re.match(r"^['\"]\s*[\[{]", shown) else 0.7
        yield Fix(cause, tuple(changes), certainty)
        return


def key_as_attribute(site: FaultSite) -> Iterator[Fix]:
    """`row.name` of a dictionary that has the key `name`."""
    match = re.search(
        r"'(?:dict|OrderedDict|defaultdict)' object has no attribute '(\w+)'", site.error.message
    )
    for node in site.nodes(ast.Attribute) if match else ():
        if not match or node.attr != match[1]:
            continue
        held = site.code.segment(node.value)
        if re.search(rf"['\"]{match[1]}['\"]\s*:", site.locals.get(held, "")):
            sure = 0.9
        elif _is_key_elsewhere(site, match[1]):
            sure = 0.8
        else:
            continue
        change = site.code.replace(node, f'{held}["{match[1]}"]')
        cause = f"`{held}` is a dictionary; `{match[1]}` is one of its keys, not an attribute."
        yield Fix(cause, (change,), sure)


def _is_key_elsewhere(site: FaultSite, name: str) -> bool:
    keys = [k for n in site.code.nodes if isinstance(n, ast.Dict) for k in n.keys]
    keys += [n.slice for n in site.code.nodes if isinstance(n, ast.Subscript)]
    return any(isinstance(k, ast.Constant) and k.value == name for k in keys)


def attribute_as_key(site: FaultSite) -> Iterator[Fix]:
    """`job["name"]` of an object whose class has the attribute `name`."""
    message = site.error.message
    match = re.search(r"'(\w+)' object is not subscriptable", message)
    tuples = "tuple indices must be integers" in message
    for node in site.nodes(ast.Subscript) if match or tuples else ():
        key = node.slice.value if isinstance(node.slice, ast.Constant) else None
        if not isinstance(key, str) or not key.isidentifier():
            continue
        owners = _fields_of(site, match[1] if match else "")
        if key in owners:
            held = site.code.segment(node.value)
            cause = f"`{held}` is an object; `{key}` is an attribute of it, not a key."
            yield Fix(cause, (site.code.replace(node, f"{held}.{key}"),), 0.9)


def _fields_of(site: FaultSite, name: str) -> set[str]:
    """Members of a class of the file; of every named tuple, where no class is named."""
    found: set[str] = set()
    for node in site.code.nodes:
        if isinstance(node, ast.ClassDef):
            named = any("NamedTuple" in site.code.segment(base) for base in node.bases)
            if node.name == name or (not name and named):
                found |= self_members(node)
        elif isinstance(node, ast.Assign) and not name:
            for value in values_of(node, getattr(node.targets[0], "id", "")):
                text = site.code.segment(value)
                if re.match(r"(?:collections\.)?namedtuple\(", text):
                    found |= set(re.findall(r"\w+", text.partition(",")[2]))
    return found


LOADER_RULES = (
    rule("text-to-load", "AttributeError", text_to_load),
    rule("file-to-loads", "TypeError", file_to_loads),
    rule("dump-without-file", "TypeError", dump_without_file),
    rule("yaml-loader", "TypeError", yaml_loader),
    rule("toml-as-text", "TypeError", toml_as_text),
    rule("never-parsed", "TypeError", never_parsed),
    rule("key-as-attribute", "AttributeError", key_as_attribute),
    rule("attribute-as-key", "TypeError", attribute_as_key),
)
