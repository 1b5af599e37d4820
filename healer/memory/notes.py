"""A script's notes (`scripts/NAME.md`): where they are, and how a known failure mode gets in. Pure.

Belongs here: text to text. Does not belong here: when a note is written (`healer.repair.propose`).
Whatever is written comes from failures and models: it is one line of plain text, without anything
that Markdown would make a link, an image or code of.
"""

import re
from pathlib import PurePosixPath

HEADING = "## Known failure modes"
_LONGEST = 400
_SIGN = re.compile(r"\\[`<>\[\]|*_#!\\]|.", re.DOTALL)
"""A sign of text; one that is escaped already is one sign with its backslash."""
_MARKUP = frozenset("`<>[]|*#!_\\")


def notes_path(script: str) -> str:
    """`scripts/sync.py` has its notes in `scripts/sync.md`."""
    return str(PurePosixPath(script).with_suffix(".md"))


def to_plain_line(text: str) -> str:
    """One line without control characters, at most 400 signs long, in which Markdown is escaped:
    `a[0]` becomes `a\\[0\\]`. `unit_price` stays: inside a word that is no markup. What is
    escaped already stays as it is."""
    printable = "".join(c if c.isprintable() else " " for c in text)
    signs = _SIGN.findall(" ".join(printable.split()))[:_LONGEST]
    marks = [sign in _MARKUP for sign in signs]
    for place in range(1, len(signs) - 1):
        if signs[place] == "_" and signs[place - 1].isalnum() and signs[place + 1].isalnum():
            marks[place] = False
    return "".join(f"\\{s}" if is_mark else s for s, is_mark in zip(signs, marks, strict=True))


def describe_failure_mode(day: str, failure: str, cause: str, repair: str) -> str:
    """The line for one repair; `failure` is exception and message."""
    what = to_plain_line(failure) or "it failed"
    return f"- {day}: {what}. {to_plain_line(cause)}".rstrip(". ") + f". (repair {repair})"


def add_failure_mode(text: str | None, script: str, line: str) -> str:
    """The notes with one more line in their list of known failure modes.

    None makes new notes. Notes that already have a line of the same failure stay as they are.
    Line ends are kept.
    """
    if text is None:
        return f"# {PurePosixPath(script).stem}\n\n{HEADING}\n\n{line}\n"
    if any(_failure_of(each) == _failure_of(line) for each in text.splitlines()):
        return text
    end = "\r\n" if "\r\n" in text else "\n"
    lines = text.replace("\r\n", "\n").rstrip("\n").split("\n")
    at = next((n for n, each in enumerate(lines) if each.strip() == HEADING), None)
    if at is None:
        lines += ["", HEADING, "", line]
        return end.join([*lines, ""])
    after = next((n for n in range(at + 1, len(lines)) if lines[n].startswith("#")), len(lines))
    while after > at + 1 and not lines[after - 1].strip():
        after -= 1
    gap = [""] if after == at + 1 else []
    rest = lines[after:]
    return end.join([*lines[:after], *gap, line, *rest, ""])


def set_section(text: str | None, script: str, title: str, lines: tuple[str, ...]) -> str:
    """The notes with a section at their end; one with the same title is replaced."""
    whole = text if text is not None else f"# {PurePosixPath(script).stem}\n"
    end = "\r\n" if "\r\n" in whole else "\n"
    rest: list[str] = []
    inside = False
    for each in whole.replace("\r\n", "\n").rstrip("\n").split("\n"):
        if each.startswith("#"):
            inside = each.strip() == f"## {title}"
        if not inside:
            rest.append(each)
    while rest and not rest[-1].strip():
        rest.pop()
    return end.join([*rest, "", f"## {title}", "", *lines, ""])


def _failure_of(line: str) -> str:
    """The part of a line that names the failure: the same failure is noted once."""
    return line.partition(": ")[2].partition(". ")[0].rstrip() if line.startswith("- ") else ""
