"""The way from edits to file contents.

Belongs here: the order of work and the checks between edits. All edits are held against the base
commit's text, never against each other's result, so their order does not matter.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from healer.draft.edits.errors import EditRefused
from healer.draft.edits.indent import fitted, indentation, unit_of
from healer.draft.edits.locate import locate
from healer.draft.edits.symbols import replaced_symbol
from healer.draft.edits.textfile import Change, TextFile, encoded_new_file, with_unix_ends
from healer.facts.draft import Edit, ReplaceSymbol, ReplaceText, Source, WriteFile
from healer.redact import contains_placeholder

_BAD_PATH = re.compile(r"[\x00-\x1f\x7f\\:*?\"<>|]")


def apply(edits: Iterable[Edit], source: Source) -> dict[str, bytes]:
    """The new contents of every file that the edits change, by path.

    Encoding, byte order mark, line ends, indentation style and the final newline of an existing
    file are kept. Raises EditRefused with a sentence that the drafter can act on.
    """
    by_path: dict[str, list[tuple[str, Edit]]] = {}
    for number, edit in enumerate(edits, 1):
        label = f"edit {number} ({edit.kind} in {edit.path[:200]!r})"
        _check(edit, label)
        by_path.setdefault(edit.path, []).append((label, edit))
    if not by_path:
        raise EditRefused("the draft has no edits; give at least one")
    return {path: _contents(path, found, source) for path, found in by_path.items()}


def _check(edit: Edit, label: str) -> None:
    parts = edit.path.split("/")
    outside = not edit.path or {"", ".", "..", ".git"} & {part.lower() for part in parts}
    if outside or _BAD_PATH.search(edit.path):
        raise EditRefused(f"{label}: the path must be relative to the repository's root, with /")
    if any(contains_placeholder(text) for text in _texts(edit)):
        raise EditRefused(
            f"{label}: a <REDACTED:…> placeholder stands for a secret that was not shown; neither "
            f"quote nor write one"
        )


def _texts(edit: Edit) -> tuple[str, ...]:
    match edit:
        case ReplaceText():
            return (edit.find, edit.replace)
        case ReplaceSymbol():
            return (edit.source,)
        case WriteFile():
            return (edit.content,)


def _contents(path: str, edits: Sequence[tuple[str, Edit]], source: Source) -> bytes:
    data = source.read(path)
    written = [(label, edit) for label, edit in edits if isinstance(edit, WriteFile)]
    if written:
        if len(edits) > 1:
            raise EditRefused(f"{written[0][0]}: a file that is written whole takes no other edit")
        return _written(*written[0], data)
    if data is None:
        raise EditRefused(f"{edits[0][0]}: there is no such file; the path may be misspelt")
    file = TextFile(path, data)
    changes = [_change(label, edit, file.text) for label, edit in edits]
    _refuse_overlap([label for label, _ in edits], changes)
    result = file.changed(changes)
    if result == data:
        raise EditRefused(f"{edits[0][0]}: it changes nothing; the new text is the old one")
    return result


def _written(label: str, edit: Edit, data: bytes | None) -> bytes:
    assert isinstance(edit, WriteFile)  # noqa: S101  (for the type checker: the caller chose it)
    content = with_unix_ends(edit.content)
    if data is None:
        return encoded_new_file(edit.path, content)
    if not edit.replaces:
        raise EditRefused(f"{label}: the file exists; use replace_text or replace_symbol")
    if not data:
        return encoded_new_file(edit.path, content)
    result = TextFile(edit.path, data).whole(content.removeprefix("\ufeff"))
    if result == data:
        raise EditRefused(f"{label}: it changes nothing; the new text is the old one")
    return result


def _change(label: str, edit: Edit, text: str) -> Change:
    try:
        if isinstance(edit, ReplaceSymbol):
            region = replaced_symbol(text, edit.symbol, with_unix_ends(edit.source))
            return Change(*region)
        assert isinstance(edit, ReplaceText)  # noqa: S101  (for the type checker)
        return _replaced_text(text, with_unix_ends(edit.find), with_unix_ends(edit.replace))
    except EditRefused as refusal:
        raise EditRefused(f"{label}: {refusal}") from None


def _replaced_text(text: str, find: str, replace: str) -> Change:
    place = locate(text, find)
    if place.exact:
        new = _in_tabs_if_file_is(text, replace)
        joins_lines = find.endswith("\n") and new and not new.endswith("\n")
        return Change(place.start, place.end, new + "\n" if joins_lines else new)
    new = replace.strip("\n")
    if not new.strip():
        return Change(place.start, min(place.end + 1, len(text)), "")
    quoted = [indentation(line) for line in find.split("\n") if line.strip()]
    found = [
        indentation(line) for line in text[place.start : place.end].split("\n") if line.strip()
    ]
    if len(quoted) > 1 and quoted[-1] == found[-1]:  # only the first line's blanks were left out
        if indentation(new) == quoted[0]:
            new = found[0] + new.lstrip(" \t")
        return Change(place.start, place.end, _in_tabs_if_file_is(text, new))
    body = fitted(new, source=quoted[0], target=found[0], unit=unit_of(text))
    return Change(place.start, place.end, body)


def _in_tabs_if_file_is(text: str, replace: str) -> str:
    """Blanks in a file of tabs are a syntax error; all else of an exact quotation is meant so."""
    if unit_of(text) != "\t" or "\n " not in replace:
        return replace
    return fitted(replace, source="", target="", unit="\t")


def _refuse_overlap(labels: Sequence[str], changes: Sequence[Change]) -> None:
    ordered = sorted(zip(changes, labels, strict=True))
    for (first, label), (second, other) in pairwise(ordered):
        if second.start < first.end or second.start == first.start:
            raise EditRefused(f"{label} and {other} overlap; make them one edit")
