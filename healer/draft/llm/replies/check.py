"""What a model's reply must be before it becomes a draft: mended where it is clear all the same,
then held against the files.

Belongs here: everything about a draft that can be told without running it, with a sentence for
the model; and mending that has one meaning only (paths, quotes, whole files). What could mean two
things is left as it is, and refused. Does not belong here: reading the reply (`reply`), and what
may be merged (that is the judge's and the quarantine's).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from healer.draft.edits import EditRefused, apply, fingerprint
from healer.draft.edits.symbols import list_definitions, parse_python
from healer.draft.llm.replies.jsontext import Problem
from healer.draft.llm.replies.reply import ModelReply
from healer.facts.draft import Case, Edit, ReplaceSymbol, ReplaceText, Source, WriteFile
from healer.redact import contains_placeholder

_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "\u00a0": " "})
_LINE_NUMBERS = re.compile(r"(?m)^[ \t]*\d{1,6}(?::|\||\t)[ ]?")
_DEFINITION = re.compile(r"^(?:async\s+def|def|class)\s+")


@dataclass(frozen=True)
class CheckedReply:
    """A reply whose edits fit the base commit."""

    reply: ModelReply
    fingerprint: str
    """Of the contents that it comes to; empty for a way out."""


def check_reply(reply: ModelReply, case: Case, source: Source) -> CheckedReply | Problem:
    """The checked reply, or what is wrong with it. A way out is always right."""
    if reply.refusal:
        return CheckedReply(reply, "")
    reply = replace(reply, edits=mend_edits(reply.edits, source))
    off_limits = sorted({edit.path for edit in reply.edits} & set(case.protected))
    if off_limits:
        return Problem(f"{off_limits[0]!r} must not be changed; repair the cause elsewhere")
    try:
        contents = apply(reply.edits, source)
    except EditRefused as refusal:
        return Problem(str(refusal), fault="fit")
    for path, data in contents.items():
        if _breaks_syntax(path, data, source):
            return Problem(f"after the edits {path!r} is no valid Python", fault="fit")
    change = fingerprint(contents)
    if change in set(_fingerprint_attempts(case, source)):
        return Problem("this change was tried before and failed; find another one")
    return CheckedReply(reply, change)


def _fingerprint_attempts(case: Case, source: Source) -> Iterable[str]:
    """Of this repair's earlier attempts, and of what people rejected."""
    for attempt in (*case.rejected, *case.attempts):
        if not attempt.is_judged or (case.missing and attempt.verdict == "fixed"):
            continue  # an independent draft may well come to the same
        try:
            yield fingerprint(apply(attempt.draft.edits, source))
        except EditRefused:
            continue


def _breaks_syntax(path: str, data: bytes, source: Source) -> bool:
    """Only where the base parses here: the script may be written for a newer Python."""
    if not path.endswith(".py"):
        return False
    before = source.read(path)
    parses_before = before is None or parse_python(before.decode("utf-8", "replace")) is not None
    return parses_before and parse_python(data.decode("utf-8", "replace")) is None


def choose_test_file(test: WriteFile | None, case: Case, source: Source) -> WriteFile | None:
    """The regression test as a new file with a test in it; None where it is none.

    A test whose file exists gets a name of its own: existing tests are never changed.
    """
    if test is None or contains_placeholder(test.content):
        return None
    path = PurePosixPath(test.path)
    if path.suffix != ".py" or ".." in path.parts or path.is_absolute() or path.stem == "conftest":
        return None
    tree = parse_python(test.content)
    names = [symbol.node.name.lower() for symbol in list_definitions(tree)] if tree else []
    if not any(name.startswith("test") for name in names):
        return None
    if source.read(test.path) is not None or not path.name.startswith("test_"):
        stem = re.sub(r"\W+", "_", path.stem.removeprefix("test_"))
        repair = re.sub(r"\W+", "_", case.repair)
        path = path.with_name(f"test_{stem}_{repair}.py")
    if source.read(str(path)) is not None:
        return None
    return WriteFile(path=str(path), content=test.content)


def mend_edits(edits: Iterable[Edit], source: Source) -> tuple[Edit, ...]:
    """The edits as they are meant."""
    return tuple(_mend(edit, source) for edit in edits)


def _mend(edit: Edit, source: Source) -> Edit:
    path = find_meant_path(edit.path, source, may_be_new=isinstance(edit, WriteFile))
    edit = edit.model_copy(update={"path": path})
    data = source.read(path)
    text = data.decode("utf-8", "replace") if data is not None else ""
    match edit:
        case ReplaceText():
            return _mend_quotation(edit, text)
        case ReplaceSymbol():
            return edit.model_copy(update={"symbol": _find_meant_symbol(edit, text)})
        case WriteFile() if data is not None and keeps_definitions(text, edit.content):
            return edit.model_copy(update={"replaces": True})
    return edit


def find_meant_path(path: str, source: Source, *, may_be_new: bool = False) -> str:
    """The repository's path that is meant by one with a foreign beginning (`/job/tree/`, `a/`), or
    by a file's name alone where only one file has it. A path of no known file stays as it is."""
    plain = path.replace("\\", "/")
    if source.read(plain) is not None:
        return plain
    parts = [part for part in plain.split("/") if part not in ("", ".")]
    if ".." in parts:
        return path
    for start in range(len(parts)):
        tail = "/".join(parts[start:])
        if source.read(tail) is not None and (start or plain.startswith("/")):
            return tail
    if may_be_new or not parts:
        return path
    ends = [each for each in source.paths() if each.endswith("/" + "/".join(parts))]
    return ends[0] if len(ends) == 1 else path


def _mend_quotation(edit: ReplaceText, text: str) -> ReplaceText:
    """Typographic quotes and line numbers that the file does not have are the model's."""
    if edit.find in text:
        return edit
    for find, new in (
        (edit.find.translate(_QUOTES), edit.replace.translate(_QUOTES)),
        (_LINE_NUMBERS.sub("", edit.find), _LINE_NUMBERS.sub("", edit.replace)),
    ):
        if find != edit.find and _strip_lines(find) in _strip_lines(text):
            return edit.model_copy(update={"find": find, "replace": new})
    return edit


def _strip_lines(text: str) -> str:
    return "\n".join(line.strip() for line in text.strip().splitlines())


def _find_meant_symbol(edit: ReplaceSymbol, text: str) -> str:
    """`def total(rows)` and `scripts.report.total` mean `total`, where that is a symbol."""
    tree = parse_python(text)
    names = {symbol.name for symbol in list_definitions(tree)} if tree else set()
    name = _DEFINITION.sub("", edit.symbol.strip()).partition("(")[0].rstrip(":").strip()
    parts = name.rpartition("::")[2].split(".")
    tails = (".".join(parts[start:]) for start in range(len(parts)))
    return next((tail for tail in tails if tail in names), edit.symbol)


def keeps_definitions(old: str, new: str) -> bool:
    """Whether a whole new text of a Python file still defines all that the old one did: then it is
    the file, not a part of it with the rest left out."""
    before, after = parse_python(old), parse_python(new)
    if before is None or after is None or not old.strip():
        return False
    names = {symbol.name for symbol in list_definitions(before)}
    return names <= {s.name for s in list_definitions(after)} and len(new) > len(old) // 2
