"""The way from edits to file contents, and whether two drafts come to the same contents.

Belongs here: the order of work and the checks between edits. All edits are held against the base
commit's text, never against each other's result, so their order does not matter. Does not belong
here: where an edit goes (`locate`, `symbols`), and how a file is written back (`textfile`).
"""

import ast
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from healer.draft.edits.elisions import find_elision
from healer.draft.edits.errors import EditRefused
from healer.draft.edits.locate import detect_unit, indentation_of, locate, reindent
from healer.draft.edits.symbols import parse_python, replace_symbol
from healer.draft.edits.textfile import Replacement, TextFile, encode_new_file, to_unix_ends
from healer.facts.draft import Edit, ReplaceSymbol, ReplaceText, Source, WriteFile
from healer.redact import contains_placeholder

_BAD_PATH = re.compile(r"[\x00-\x1f\x7f\\:*?\"<>|]")


class _NumberedEdit(NamedTuple):
    label: str
    """Names the edit in a refusal: its number, kind and path."""
    edit: Edit


def apply(edits: Iterable[Edit], source: Source) -> dict[str, bytes]:
    """The new contents of every file that the edits change, by path.

    Encoding, byte order mark, line ends, indentation style and the final newline of an existing
    file are kept. Raises EditRefused with a sentence that the drafter can act on.
    """
    by_path: dict[str, list[_NumberedEdit]] = {}
    for number, edit in enumerate(edits, 1):
        label = f"edit {number} ({edit.kind} in {edit.path[:200]!r})"
        _check(edit, label)
        by_path.setdefault(edit.path, []).append(_NumberedEdit(label, edit))
    if not by_path:
        raise EditRefused("the draft has no edits; give at least one")
    return {path: _change_file(path, of_file, source) for path, of_file in by_path.items()}


def fingerprint(contents: Mapping[str, bytes]) -> str:
    """16 hexadecimal digits, the same for changes that differ only in comments or formatting.

    `contents` are the new contents by path, as `apply` gives them.
    """
    digest = hashlib.sha256()
    for path, data in sorted(contents.items()):
        digest.update(f"{path}\0".encode("utf-8", "replace") + _normalise(path, data) + b"\0")
    return digest.hexdigest()[:16]


def _normalise(path: str, data: bytes) -> bytes:
    text = data.decode("utf-8", "replace")
    tree = parse_python(text) if path.endswith((".py", ".pyi")) else None
    try:
        meaning = ast.dump(tree) if tree else None
    except RecursionError:
        meaning = None
    lines = (" ".join(line.split()) for line in text.splitlines())
    return (meaning or "\n".join(line for line in lines if line)).encode("utf-8", "replace")


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


def _change_file(path: str, edits: Sequence[_NumberedEdit], source: Source) -> bytes:
    data = source.read(path)
    first = edits[0].label
    labels: list[str] = []
    partial: list[ReplaceText | ReplaceSymbol] = []
    for label, edit in edits:
        if not isinstance(edit, WriteFile):
            labels.append(label)
            partial.append(edit)
        elif len(edits) > 1:
            raise EditRefused(f"{label}: a file that is written whole takes no other edit")
        else:
            return _write_whole(label, edit, data)
    if data is None:
        raise EditRefused(f"{first}: there is no such file; the path may be misspelt")
    file = TextFile(path, data)
    pairs = zip(labels, partial, strict=True)
    replacements = [_place(label, edit, file.text) for label, edit in pairs]
    if len(replacements) > 1:
        replacements = [_leave_out_kept_lines(each, file.text) for each in replacements]
    _refuse_overlap(labels, replacements)
    return _check_change(first, data, file.replace(replacements))


def _write_whole(label: str, edit: WriteFile, data: bytes | None) -> bytes:
    content = to_unix_ends(edit.content)
    if data is None:
        return encode_new_file(edit.path, content)
    if not edit.replaces:
        raise EditRefused(f"{label}: the file exists; use replace_text or replace_symbol")
    if not data:
        return encode_new_file(edit.path, content)
    result = TextFile(edit.path, data).rewrite(content.removeprefix("\ufeff"))
    return _check_change(label, data, result)


def _check_change(label: str, before: bytes, after: bytes) -> bytes:
    if after == before:
        raise EditRefused(f"{label}: it changes nothing; the new text is the old one")
    elision = find_elision(before.decode("utf-8", "replace"), after.decode("utf-8", "replace"))
    if elision:
        raise EditRefused(
            f"{label}: {elision[:80]!r} stands for code that is left out; give all of the new "
            f"text, or quote fewer lines"
        )
    return after


def _place(label: str, edit: ReplaceText | ReplaceSymbol, text: str) -> Replacement:
    try:
        if isinstance(edit, ReplaceSymbol):
            return replace_symbol(text, edit.symbol, to_unix_ends(edit.source))
        return _replace_quoted(text, to_unix_ends(edit.find), to_unix_ends(edit.replace))
    except EditRefused as refusal:
        raise EditRefused(f"{label}: {refusal}") from None


def _replace_quoted(text: str, find: str, replace: str) -> Replacement:
    match = locate(text, find)
    if match.exact:
        new = _use_tabs_of(text, replace)
        joins_lines = find.endswith("\n") and new and not new.endswith("\n")
        return Replacement(match.start, match.end, new + "\n" if joins_lines else new)
    new = replace.strip("\n")
    if not new.strip():
        return Replacement(match.start, min(match.end + 1, len(text)), "")
    quotation_indents, file_indents = _indents(find), _indents(text[match.start : match.end])
    if len(quotation_indents) > 1 and quotation_indents[-1] == file_indents[-1]:
        # Only the blanks of the first line were left out.
        if indentation_of(new) == quotation_indents[0]:
            new = file_indents[0] + new.lstrip(" \t")
        return Replacement(match.start, match.end, _use_tabs_of(text, new))
    body = reindent(
        new, source=quotation_indents[0], target=file_indents[0], unit=detect_unit(text)
    )
    return Replacement(match.start, match.end, body)


def _indents(text: str) -> list[str]:
    """The indentation of each line that is not empty."""
    return [indentation_of(line) for line in text.split("\n") if line.strip()]


def _use_tabs_of(text: str, replace: str) -> str:
    """Blanks in a file of tabs are a syntax error; all else of an exact quotation is meant so."""
    if detect_unit(text) != "\t" or "\n " not in replace:
        return replace
    return reindent(replace, source="", target="", unit="\t")


def _leave_out_kept_lines(change: Replacement, text: str) -> Replacement:
    """The same change without the whole lines at its head and tail that stay: what one edit only
    quotes, to say where it adds something, another may change."""
    old, new = text[change.start : change.end].split("\n"), change.text.split("\n")
    most = min(len(old), len(new)) - 1
    head = next((n for n in range(most) if old[n] != new[n]), most)
    tail = next((n for n in range(most - head) if old[-1 - n] != new[-1 - n]), most - head)
    start = change.start + sum(len(line) + 1 for line in old[:head])
    end = change.end - sum(len(line) + 1 for line in old[len(old) - tail :])
    return Replacement(start, end, "\n".join(new[head : len(new) - tail]))


def _refuse_overlap(labels: Sequence[str], replacements: Sequence[Replacement]) -> None:
    pairs = sorted(zip(replacements, labels, strict=True))
    for (first, label), (second, other) in pairwise(pairs):
        adds_before = first.start == first.end == second.start < second.end
        if second.start < first.end or (second.start == first.start and not adds_before):
            raise EditRefused(f"{label} and {other} overlap; make them one edit")
