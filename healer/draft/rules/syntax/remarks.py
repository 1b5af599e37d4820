"""Edits of text that is no code: comments of other languages, words that slipped in.

Belongs here: making a comment of them, so that nothing that was written is lost. Does not belong
here: single signs and words of other languages within code (`spelling`).
"""

import keyword
import re
from collections.abc import Iterator

from healer.draft.rules.syntax.search import BrokenText, SyntaxEdit

_WORDS = re.compile(r"\s*[^\W\d][\w'-]*(?:[ ,.!?:]+[\w'-]+)*[.!?]?\s*")
_LEADING = re.compile(r"(\s*)(?://+|--+|;+|%+|<!--|\*+|/\*+)\s*(.*?)\s*(?:\*/|-->)?\s*")
_BEHIND_CODE = re.compile(r"(?P<code>.*\S)\s*(?:/\*+\s*(?P<words>.*?)\s*\*+/|//\s*(?P<rest>.*))\s*")
_BLOCKS = (("/*", "*/"), ("<!--", "-->"))
_LONGEST_BLOCK = 60
STRAY_WORDS = "stray-words"


def foreign_comment(script: BrokenText) -> Iterator[str]:
    """`/* … */`, `<!-- … -->`, `//`, `--` and `;` at the beginning of a line, or behind code."""
    number = script.problem.line
    for opening, closing in _BLOCKS:
        yield from _comment_block(script, opening, closing)
    line = script.line(number)
    if match := _LEADING.fullmatch(line):
        yield script.with_line(number, f"{match[1]}# {match[2]}".rstrip())
    behind = re.match(
        r"(?P<code>.*\S)\s*(?:/\*+\s*(?P<words>.*?)\s*\*+/|//\s*(?P<rest>.*))\s*$", line
    )
    if behind:
        words = behind["words"] or behind["rest"] or ""
        yield script.with_line(number, f"{behind['code']}  # {words}".rstrip(" #"))


def _comment_block(script: BrokenText, opening: str, closing: str) -> Iterator[str]:
    """All lines of the comment that is open where the parser stopped."""
    number, lines = script.problem.line, script.lines
    first = number
    while first > max(1, number - _LONGEST_BLOCK) and opening not in script.line(first):
        first -= 1
    start = script.line(first)
    if not start.lstrip().startswith(opening):
        return
    last = first
    while last < min(len(lines), first + _LONGEST_BLOCK) and closing not in script.line(last):
        last += 1
    if not script.line(last).rstrip().endswith(closing):
        return
    indent = start[: len(start) - len(start.lstrip())]
    words = [
        line.strip().removesuffix(closing).removeprefix(opening) for line in lines[first - 1 : last]
    ]
    comments = [f"{indent}# {word.strip().strip('*').strip()}".rstrip() for word in words]
    yield script.with_lines(first, comments)


def stray_words(script: BrokenText) -> Iterator[str]:
    """A line of words, or words behind a whole statement, that belong to no program."""
    number, column = script.problem.line, script.problem.column
    line = script.line(number)
    indent = line[: len(line) - len(line.lstrip())]
    first_word = re.match(r"\w*", line.strip())
    is_code = first_word is not None and keyword.iskeyword(first_word[0])
    if _WORDS.fullmatch(line) and not is_code:
        yield script.with_line(number, f"{indent}# {line.strip()}")
    for at in (column - 1, line.rstrip().rfind(" ") + 1):
        code, words = line[:at].rstrip(), line[at:].strip()
        is_keyword = any(keyword.iskeyword(word) for word in words.split())
        is_more = bool(code.strip()) and not _WORDS.fullmatch(code)
        if is_more and re.fullmatch(r"[^\W\d]\w*(?: [^\W\d]\w*)*", words) and not is_keyword:
            yield script.with_line(number, f"{code}  # {words}")


REMARK_EDITS: tuple[tuple[str, SyntaxEdit], ...] = (
    ("foreign-comment", foreign_comment),
    (STRAY_WORDS, stray_words),
)
