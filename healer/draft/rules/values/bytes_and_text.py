"""Rules for bytes and text: where bytes come in, where they go out, and literals beside them.

Belongs here: a place that wants the other of the two. Does not belong here: files that are opened
in the wrong mode or encoding (`io.open_modes`).
"""

import ast
import re
from collections.abc import Iterator

from healer.draft.rules.bindings import assigned_value, source_calls
from healer.draft.rules.certainty import GUESS
from healer.draft.rules.example import Example
from healer.draft.rules.io.open_modes import mode_of, with_mode
from healer.draft.rules.rule import FaultSite, Fix, Rival, called_name, rule
from healer.draft.rules.scope import BUILTINS, imported_names, qualified_name

_BYTES_FOR_TEXT = re.compile(
    r"a bytes-like object is required, not 'str'|can only concatenate str \(not \"bytes\"\) to str"
    r"|cannot use a string pattern on a bytes-like object|first arg must be bytes"
    r"|expected str instance, bytes found|can't concat str to bytes"
    r"|argument must be str, not bytes|must be str, not bytes"
)
_WANTS_BYTES = re.compile(
    r"bytes-like object is required, not 'str'|first arg must be bytes|can't concat str to bytes"
)
_WANTS_ENCODED = re.compile(
    r"bytes-like object is required|must be encoded before hashing|objects must be encoded"
)
_PROGRAMS = frozenset({"subprocess.check_output", "subprocess.run", "subprocess.Popen"})
_COMPRESSED = frozenset({"gzip.open", "bz2.open", "lzma.open"})
_REPLIES = frozenset(
    {"urllib.request.urlopen", "base64.b64decode", "base64.b64encode", "zlib.decompress"}
)
_OTHER_CODECS = frozenset(
    {"base64", "hex", "zip", "zlib", "bz2", "rot13", "rot-13", "string-escape", "unicode-escape",
     "uu", "quopri"}
)  # fmt: skip  # a list of words is read as a paragraph
"""Codecs of Python 2 that turn text into other text."""
_TEXT_ON = frozenset({"text", "encoding", "universal_newlines", "errors"})


@rule(
    "bytes-that-came-in",
    "TypeError",
    estimate=0.88,
    example="""
          import subprocess, sys
        - out = subprocess.check_output([sys.executable, "-V"])
        + out = subprocess.check_output([sys.executable, "-V"], text=True)
          print(out.split(" "))  #! TypeError: a bytes-like object is required, not 'str'
        """,
    silent="""
        def fields(line):
            return line.split(",")  #! TypeError: a bytes-like object is required, not 'str'
        print(fields(b"a,b"))
        """,
    rivals=(
        Rival("the literal beside the bytes was to be bytes too", "text-or-bytes"),
        "the text has another encoding than the machine's",
    ),
    link="https://docs.python.org/3/library/subprocess.html#subprocess.check_output",
)
def bytes_that_came_in(site: FaultSite) -> Iterator[Fix]:
    """A line works with text, and its bytes come from a call that can give text."""
    if not _BYTES_FOR_TEXT.search(site.message):
        return
    code, imports = site.code, imported_names(site.code)
    for call in source_calls(site):
        name = qualified_name(call.func, imports)
        if name in _PROGRAMS and not _TEXT_ON & {keyword.arg for keyword in call.keywords}:
            cause = "The program's output came in as bytes; `text=True` gives it as text."
            yield Fix(cause, (code.add_argument(call, "text=True"),))
        elif name in _COMPRESSED and mode_of(site, call) in ("", "r", "rb"):
            cause = f"`{name}` gives bytes; in mode `rt` it gives text."
            yield Fix(cause, (with_mode(site, call, "rt"),))
        elif name in _REPLIES:
            yield from _decode(site, call)


def _decode(site: FaultSite, call: ast.Call) -> Iterator[Fix]:
    """`.read()` of a reply, or the result itself, is decoded as UTF-8."""
    code = site.code
    reads: list[ast.expr] = [
        node
        for node in code.nodes
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "read"
        and (node.func.value is call or assigned_value(site, node.func.value) is call)
    ]
    is_reply = called_name(call) == "urlopen"
    for node in reads if is_reply else [call]:
        cause = f"`{code.segment(node)}` gives bytes; they are read as UTF-8."
        yield Fix(cause, (code.insert_after(node, ".decode()"),), 0.82)


@rule(
    "text-to-send",
    "TypeError",
    estimate=0.93,
    example=Example(
        """
          from urllib.request import urlopen
          def send(url, text):
        -     return urlopen(url, text)
        #! TypeError: POST data should be bytes, an iterable of bytes, or a file object. It cannot
        #! be of type str.
        +     return urlopen(url, text.encode())
        """,
        is_reported=True,
    ),
    silent=Example(
        """
        from urllib.request import Request, urlopen
        def send(url, text):
            request = Request(url, text)
            return urlopen(request)
        #! TypeError: POST data should be bytes, an iterable of bytes, or a file object. It cannot
        #! be of type str.
        """,
        is_reported=True,
    ),
    rivals=("the text is to be sent in another encoding than UTF-8",),
    link="https://docs.python.org/3/library/urllib.request.html#urllib.request.urlopen",
)
def text_to_send(site: FaultSite) -> Iterator[Fix]:
    """Text is sent where bytes are wanted: as POST data, or as a program's input."""
    if "POST data should be bytes" in site.message:
        for call in site.calls():
            values = [*call.args[1:2], *(k.value for k in call.keywords if k.arg == "data")]
            for value in values[:1]:
                edit = site.code.insert_after(value, ".encode()")
                yield Fix("What is sent must be bytes; the text is encoded.", (edit,))
    if "memoryview: a bytes-like object is required, not 'str'" in site.message:
        for call in site.calls():
            names = {keyword.arg for keyword in call.keywords}
            if "input" in names and not names & _TEXT_ON:
                cause = "The input is text; `text=True` lets the program's input be text."
                yield Fix(cause, (site.code.add_argument(call, "text=True"),), 0.9)


@rule(
    "text-or-bytes",
    "TypeError",
    estimate=0.8,
    example="""
          line = b"a,b"
        - print(line.split(","))  #! TypeError: a bytes-like object is required, not 'str'
        + print(line.split(b","))
        """,
    silent="""
        line = b"a,b"
        print(line.split("\\u20ac"))  #! TypeError: a bytes-like object is required, not 'str'
        """,
    rivals=(Rival("the bytes were to come in as text", "bytes-that-came-in"),),
    link="https://docs.python.org/3/library/stdtypes.html#bytes",
)
def text_or_bytes(site: FaultSite) -> Iterator[Fix]:
    """A literal stands beside bytes and becomes bytes; text is encoded, bytes are decoded, as
    UTF-8."""
    if _WANTS_BYTES.search(site.message):
        yield from _bytes_literals(site)
    if _WANTS_ENCODED.search(site.message):
        yield from _convert(site, "encode", "text where bytes are needed; it is encoded")
    if "must be str, not bytes" in site.message:
        yield from _convert(site, "decode", "bytes where text is needed; it is decoded")


def _bytes_literals(site: FaultSite) -> Iterator[Fix]:
    for node in site.nodes(ast.Constant):
        literal, parent = site.code.segment(node), site.code.parents.get(node)
        is_plain = (
            isinstance(node.value, str) and literal[:1] in ("'", '"') and node.value.isascii()
        )
        is_mode = isinstance(parent, ast.Call) and called_name(parent) == "open"
        if is_plain and not is_mode:
            cause = f"{literal} is compared or joined with bytes; it becomes bytes."
            yield Fix(cause, (site.code.replace(node, f"b{literal}"),))


def _convert(site: FaultSite, method: str, why: str) -> Iterator[Fix]:
    for call in site.calls():
        is_builtin = isinstance(call.func, ast.Name) and call.func.id in BUILTINS
        for argument in call.args[:1] if not is_builtin else ():
            if isinstance(argument, ast.Name | ast.Attribute | ast.Call | ast.JoinedStr):
                edit = site.code.insert_after(argument, f".{method}()")
                yield Fix(f"`{site.code.segment(argument)}` is {why} as UTF-8.", (edit,), 0.7)


@rule(
    "needless-decode",
    "AttributeError",
    estimate=GUESS,
    example="""
          name = "ann"
        - print(name.decode("utf-8"))  #! AttributeError: 'str' object has no attribute 'decode'
        + print(name)
        """,
    silent="""
        name = ["ann"]
        print(name.decode("utf-8"))  #! AttributeError: 'list' object has no attribute 'decode'
        """,
    rivals=("the text holds an encoding of its own, such as base64 or escapes",),
    link="https://docs.python.org/3/howto/unicode.html",
)
def needless_decode(site: FaultSite) -> Iterator[Fix]:
    """Text is decoded, or bytes are encoded, which they are already."""
    match = site.search(r"'(str|bytes)' object has no attribute '(decode|encode)'")
    for call in site.calls(match[2]) if match else ():
        if match and isinstance(call.func, ast.Attribute) and not _is_other_codec(call):
            cause = f"The value is `{match[1]}` already; `.{match[2]}()` is not needed."
            yield Fix(cause, (site.code.replace(call, site.code.segment(call.func.value)),))


def _is_other_codec(call: ast.Call) -> bool:
    """`text.decode("base64")` of Python 2: taking it away leaves the text as it was sent."""
    codec = call.args[0].value if call.args and isinstance(call.args[0], ast.Constant) else ""
    return str(codec).replace("_", "-").lower() in _OTHER_CODECS
