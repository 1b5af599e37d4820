"""What models get wrong in a reply that is clear all the same: paths, quotes, whole files. Pure.

Belongs here: mending that has one meaning only. Does not belong here: reading the reply (`reply`),
and whether the edits fit (`healer.draft.edits`): a mended edit is held against the file like any
other. What could mean two things is left as it is, and refused with a sentence.
"""

import re
from collections.abc import Iterable

from healer.draft.edits.symbols import list_definitions, parse_python
from healer.facts.draft import Edit, ReplaceSymbol, ReplaceText, Source, WriteFile

_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "\u00a0": " "})
_LINE_NUMBERS = re.compile(r"(?m)^[ \t]*\d{1,6}(?::|\||\t)[ ]?")
_DEFINITION = re.compile(r"^(?:async\s+def|def|class)\s+")


def mended(edits: Iterable[Edit], source: Source) -> tuple[Edit, ...]:
    """The edits as they are meant."""
    return tuple(_mended(edit, source) for edit in edits)


def _mended(edit: Edit, source: Source) -> Edit:
    edit = edit.model_copy(update={"path": placed(edit.path, source, new=_is_new(edit))})
    data = source.read(edit.path)
    text = data.decode("utf-8", "replace") if data is not None else ""
    match edit:
        case ReplaceText():
            return _quoted(edit, text)
        case ReplaceSymbol():
            return edit.model_copy(update={"symbol": _symbol(edit, text)})
        case WriteFile() if data is not None and keeps_definitions(text, edit.content):
            return edit.model_copy(update={"replaces": True})
    return edit


def _is_new(edit: Edit) -> bool:
    return isinstance(edit, WriteFile)


def placed(path: str, source: Source, *, new: bool = False) -> str:
    """The repository's path that is meant by one with a foreign beginning (`/job/tree/`, `a/`), or
    by a file's name alone where only one file has it. A path of no known file stays as it is."""
    plain = path.replace("\\", "/")
    if source.read(plain) is not None:
        return plain
    known = source.paths()
    parts = [part for part in plain.split("/") if part not in ("", ".")]
    if ".." in parts:
        return path
    for start in range(len(parts)):
        tail = "/".join(parts[start:])
        if source.read(tail) is not None and (start or plain.startswith("/")):
            return tail
    if new or not parts:
        return path
    ends = [each for each in known if each.endswith("/" + "/".join(parts))]
    return ends[0] if len(ends) == 1 else path


def _quoted(edit: ReplaceText, text: str) -> ReplaceText:
    """Typographic quotes and line numbers that the file does not have are the model's."""
    if edit.find in text:
        return edit
    for find, replace in (
        (edit.find.translate(_QUOTES), edit.replace.translate(_QUOTES)),
        (_LINE_NUMBERS.sub("", edit.find), _LINE_NUMBERS.sub("", edit.replace)),
    ):
        if find != edit.find and _stripped(find) in _stripped(text):
            return edit.model_copy(update={"find": find, "replace": replace})
    return edit


def _stripped(text: str) -> str:
    return "\n".join(line.strip() for line in text.strip().splitlines())


def _symbol(edit: ReplaceSymbol, text: str) -> str:
    """`def total(rows)` and `scripts.report.total` mean `total`, where that is a symbol."""
    tree = parse_python(text)
    names = {named.name for named in list_definitions(tree)} if tree else set()
    wanted = _DEFINITION.sub("", edit.symbol.strip()).partition("(")[0].rstrip(":").strip()
    wanted = wanted.rpartition("::")[2]
    parts = wanted.split(".")
    for start in range(len(parts)):
        if ".".join(parts[start:]) in names:
            return ".".join(parts[start:])
    return edit.symbol


def keeps_definitions(old: str, new: str) -> bool:
    """Whether a whole new text of a Python file still defines all that the old one did: then it is
    the file, not a part of it with the rest left out."""
    before, after = parse_python(old), parse_python(new)
    if before is None or after is None or not old.strip():
        return False
    names = {named.name for named in list_definitions(before)}
    return names <= {named.name for named in list_definitions(after)} and len(new) > len(old) // 2
