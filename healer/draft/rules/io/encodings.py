"""Rules for files in another encoding than the code names: a byte order mark, UTF-16, code pages.

Belongs here: which encoding a file has, by its own bytes. Does not belong here: finding the call
that opens it (`open_modes`).
"""

import ast
import codecs
from collections.abc import Iterator

from healer.draft.rules.certainty import GUESS
from healer.draft.rules.example import Example
from healer.draft.rules.io.open_modes import mode_of, mode_position, opening_calls, with_argument
from healer.draft.rules.rule import FaultSite, Fix, Rival, called_name, rule
from healer.draft.rules.source_file import TextEdit

_ACCIDENTAL = frozenset({"ascii", "charmap", "cp1252", "latin-1"})
"""Codecs that a machine has by its settings, and hardly anybody names."""
ENCODING_HELPER = "_encoding_of"
_ENCODING_LINES = f'''def {ENCODING_HELPER}(path):
    """UTF-8, or else that of older Windows programs."""
    with open(path, "rb") as file:
        data = file.read()
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


'''


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
        edit = with_argument(site, call, "encoding", '"utf-8-sig"')
        yield Fix(cause, (edit,), None if len(readers) == 1 else GUESS)
    decodes = list(_list_decodes(site)) if is_shown and not readers else []
    if len(decodes) == 1:
        (call,) = decodes
        cause = "The data begins with a byte order mark; `utf-8-sig` takes it off."
        edit = site.code.replace(call, f'{site.code.segment(call.func)}("utf-8-sig")')
        yield Fix(cause, (edit,))


def _list_decodes(site: FaultSite) -> Iterator[ast.Call]:
    """Every call that decodes UTF-8, which is what no name means."""
    for node in site.code.nodes:
        if isinstance(node, ast.Call) and called_name(node) == "decode" and not node.keywords:
            names = [each.value for each in node.args if isinstance(each, ast.Constant)]
            if len(names) == len(node.args) and names in ([], ["utf-8"], ["utf8"], ["UTF-8"]):
                yield node


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
            yield Fix(cause, (with_argument(site, call, "encoding", '"utf-8"'),))
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
            yield Fix(cause, (with_argument(site, call, "encoding", '"utf-16"'),))
            return


@rule(
    "old-code-page",
    "UnicodeDecodeError",
    estimate=0.75,
    example=Example(
        '''
        + def _encoding_of(path):
        +     """UTF-8, or else that of older Windows programs."""
        +     with open(path, "rb") as file:
        +         data = file.read()
        +     try:
        +         data.decode("utf-8")
        +     except UnicodeDecodeError:
        +         return "cp1252"
        +     return "utf-8"
        +
        +
          def names(path):
        -     with open(path) as file:
        +     with open(path, encoding=_encoding_of(path)) as file:
                  return file.read().split()
        #! UnicodeDecodeError: 'utf-8' codec can't decode byte 0xe9 in position 4: invalid
        ''',
        is_reported=True,
    ),
    silent=Example(
        """
        def names(path):
            with open(path) as file:
                return file.read().split()
        #! UnicodeDecodeError: 'utf-8' codec can't decode byte 0x81 in position 4: invalid
        """,
        is_reported=True,
    ),
    rivals=("the file is in another code page, or damaged", Rival("it is UTF-16", "utf-16")),
    link="https://docs.python.org/3/library/codecs.html#standard-encodings",
)
def old_code_page(site: FaultSite) -> Iterator[Fix]:
    """A file in Windows' western code page came where UTF-8 was read; each file is read as it is
    written."""
    code = site.code
    match = site.search(r"'utf-8' codec can't decode byte 0x(\w\w) in position (\d+)")
    letter = bytes.fromhex(match[1]).decode("cp1252", "ignore") if match else ""
    if not match or ENCODING_HELPER in code.text or not letter or match[1] in ("ff", "fe"):
        return
    for call in opening_calls(site):
        is_method = isinstance(call.func, ast.Attribute)
        path = call.func.value if isinstance(call.func, ast.Attribute) else call.args[0]
        is_text = called_name(call) == "read_text" or set("rt") >= set(mode_of(site, call))
        if not is_text or (is_method and mode_position(site, call)):
            continue
        helper = _ENCODING_LINES.replace("\n", code.newline)
        first = next(n for n in code.nodes_on_line(site.line) if isinstance(n, ast.stmt))
        start = code.line_start(first.lineno - len(getattr(first, "decorator_list", ())))
        edit = with_argument(site, call, "encoding", f"{ENCODING_HELPER}({code.segment(path)})")
        cause = "The file is not UTF-8 but in a code page of Windows; both are read as they are."
        yield Fix(cause, (TextEdit(start, start, helper), edit))
        return
