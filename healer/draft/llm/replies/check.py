"""What a parsed reply must be before it becomes a draft.

Belongs here: everything about a draft that can be told without running it, with a sentence for
the model. Does not belong here: what may be merged (that is the judge's and the quarantine's).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from healer.draft.edits import EditRefused, apply, fingerprint
from healer.draft.edits.symbols import list_definitions, parse_python
from healer.draft.llm.replies.jsontext import Problem
from healer.draft.llm.replies.mend import mended
from healer.draft.llm.replies.reply import Parsed
from healer.facts.draft import Case, Source, WriteFile
from healer.redact import contains_placeholder


@dataclass(frozen=True)
class Checked:
    """A draft whose edits fit the base commit."""

    parsed: Parsed
    fingerprint: str


def check(parsed: Parsed, case: Case, source: Source) -> Checked | Problem:
    """The checked draft, or what is wrong with it. A way out is always right."""
    if parsed.refusal:
        return Checked(parsed, "")
    parsed = replace(parsed, edits=mended(parsed.edits, source))
    protected = sorted({edit.path for edit in parsed.edits} & set(case.protected))
    if protected:
        return Problem(f"{protected[0]!r} must not be changed; repair the cause elsewhere")
    try:
        contents = apply(parsed.edits, source)
    except EditRefused as refused:
        return Problem(str(refused))
    broken = [path for path in contents if _breaks_syntax(path, contents[path], source)]
    if broken:
        return Problem(f"after the edits {broken[0]!r} is no valid Python")
    found = fingerprint(contents)
    if found in set(tried(case, source)):
        return Problem("this change was tried before and failed; find another one")
    return Checked(parsed, found)


def tried(case: Case, source: Source) -> Iterable[str]:
    """The fingerprints of this repair's earlier attempts, and of what people rejected."""
    for attempt in (*case.rejected, *case.attempts):
        try:
            yield fingerprint(apply(attempt.draft.edits, source))
        except EditRefused:
            continue


def usable_test(test: WriteFile | None, case: Case, source: Source) -> WriteFile | None:
    """The regression test as a new file with a test in it; None where it is none.

    A test whose file exists gets a name of its own: existing tests are never changed.
    """
    if test is None or contains_placeholder(test.content):
        return None
    path = PurePosixPath(test.path)
    if path.suffix != ".py" or ".." in path.parts or path.is_absolute() or path.stem == "conftest":
        return None
    tree = parse_python(test.content)
    names = [named.node.name.lower() for named in list_definitions(tree)] if tree else []
    if not any(name.startswith("test") for name in names):
        return None
    if source.read(test.path) is not None or not path.name.startswith("test_"):
        stem = re.sub(r"\W+", "_", path.stem.removeprefix("test_"))
        repair = re.sub(r"\W+", "_", case.repair)
        path = path.with_name(f"test_{stem}_{repair}.py")
    if source.read(str(path)) is not None:
        return None
    return WriteFile(path=str(path), content=test.content)


def _breaks_syntax(path: str, data: bytes, source: Source) -> bool:
    """Only where the base parses here: the script may be written for a newer Python."""
    if not path.endswith(".py"):
        return False
    before = source.read(path)
    parsed_before = before is None or parse_python(before.decode("utf-8", "replace")) is not None
    return parsed_before and parse_python(data.decode("utf-8", "replace")) is None
