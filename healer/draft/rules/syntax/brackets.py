"""Edits of brackets, quotes and commas.

Belongs here: what opens without closing, closes without opening, or lacks its separator.
"""

import re
from collections.abc import Iterator

from healer.draft.rules.syntax.search import BrokenText, SyntaxEdit

PAIRS = {"(": ")", "[": "]", "{": "}"}
CLOSERS = {close: open_ for open_, close in PAIRS.items()}
_NEVER_CLOSED = re.compile(r"'([(\[{])' was never closed")
_UNMATCHED = re.compile(r"unmatched '([)\]}])'")
_MISMATCH = re.compile(r"closing parenthesis '(.)' does not match opening parenthesis '(.)'")
_ENDINGS = re.compile(r"[\s,:;)\]}.]*(?:#.*)?$")
_REACH = 12


def _insert(line: str, column: int, text: str) -> str:
    return line[:column] + text + line[column:]


def close_bracket(script: BrokenText) -> Iterator[str]:
    """A closing bracket at the ends of the lines from the opening one on."""
    match = _NEVER_CLOSED.search(script.problem.message)
    closer = PAIRS[match[1]] if match else ""
    number = script.problem.line
    numbers = list(range(number, number + _REACH)) if match else [number - 1, number]
    for at in numbers:
        line = script.line(at)
        if not line.strip():
            continue
        for close in (closer,) if closer else ")]}":
            if not closer and line.count(CLOSERS[close]) <= line.count(close):
                continue
            for column in _ends(line):
                yield script.with_line(at, _insert(line, column, close))
    if match:
        yield from _close_inside(script, closer, max(script.problem.column, 1))
        yield from _close_alone(script, closer)
        return
    line = script.line(number)
    for open_, close in PAIRS.items():
        if line.count(open_) > line.count(close):
            yield from _close_inside(script, close, line.rindex(open_) + 1)


def _ends(line: str) -> list[int]:
    """Columns where a closing bracket may have stood at a line's end, likeliest first."""
    bare = len(line.rstrip())
    comment = re.search(r"\s+#[^'\"]*$", line)
    end = comment.start() if comment else bare
    columns = []
    if line[:end].endswith(":"):
        columns.append(end - 1)
    if line[:end].endswith(","):
        columns.append(end - 1)
    columns.append(end)
    tail = _ENDINGS.search(line[:end])
    start = tail.start() if tail else end
    columns += [column for column in range(end, start - 1, -1) if column not in columns]
    return columns


def _close_inside(script: BrokenText, closer: str, start: int) -> Iterator[str]:
    """Before an operator or a comma of the opening line, from a column on."""
    number = script.problem.line
    line = script.line(number)
    places = [
        m.start()
        for m in re.finditer(r"\s(?:[-+*/%<>=!]=?|and|or|if|else|in|is|not|for)\s|[,:.)\]}]", line)
    ]
    for column in places:
        if column >= start:
            yield script.with_line(number, _insert(line, column, closer))


def _close_alone(script: BrokenText, closer: str) -> Iterator[str]:
    """On a line of its own, before the first line that goes back to the opening line's level."""
    number, lines = script.problem.line, script.lines
    opening = script.line(number)
    level = opening[: len(opening) - len(opening.lstrip())]
    for index in range(number, min(len(lines), number + 40)):
        line = lines[index]
        if line.strip() and len(line) - len(line.lstrip()) <= len(level):
            yield "\n".join([*lines[:index], level + closer, *lines[index:]])
            return
    yield "\n".join([*lines[: len(lines)], level + closer])


def extra_bracket(script: BrokenText) -> Iterator[str]:
    """An unmatched closing bracket goes away, or gets its opening one."""
    match = _UNMATCHED.search(script.problem.message)
    number = script.problem.line
    line = script.line(number)
    if match:
        column = script.problem.column - 1
        yield script.with_line(number, line[:column] + line[column + 1 :])
        opener = CLOSERS[match[1]]
        starts = [m.start() for m in re.finditer(r"(?<![\w.])[\w'\"\[({-]", line[:column])]
        calls = [m.end() for m in re.finditer(r"[A-Za-z_][\w.]*(?=\s*['\"\w])", line[:column])]
        for at in (*calls, *starts):
            yield script.with_line(number, _insert(line, at, opener))
            if line[at : at + 1] == " ":
                yield script.with_line(number, line[:at] + opener + line[at + 1 :])


def wrong_bracket(script: BrokenText) -> Iterator[str]:
    """A bracket of the wrong kind, or one that is missing before another."""
    match = _MISMATCH.search(script.problem.message)
    if not match:
        return
    number, column = script.problem.line, script.problem.column - 1
    line, right = script.line(number), PAIRS[match[2]]
    yield script.with_line(number, line[:column] + right + line[column + 1 :])
    yield script.with_line(number, _insert(line, column, right))
    yield script.with_line(number, line[:column] + line[column + 1 :])
    for at in range(number - 1, max(0, number - 6), -1):
        for end in _ends(script.line(at)):
            yield script.with_line(at, _insert(script.line(at), end, right))


def quotes(script: BrokenText) -> Iterator[str]:
    """An unterminated string gets its quote where the string probably ended."""
    message, number = script.problem.message, script.problem.line
    if "triple-quoted" in message:
        yield from _triple(script)
        return
    if "unterminated" not in message:
        return
    line = script.line(number)
    column = script.problem.column - 1
    quote = next((letter for letter in line[max(column, 0) :] if letter in "\"'"), '"')
    other = "'" if quote == '"' else '"'
    start = max(column, 0) + 1
    last = line.rfind(other)
    if last >= start:
        yield script.with_line(number, line[:last] + quote + line[last + 1 :])
    for end in reversed(_ends_of_text(line, start)):
        yield script.with_line(number, _insert(line, end, quote))
    if column >= 0:
        yield script.with_line(number, line[:column] + line[column + 1 :])
        first = line.find(other)
        if 0 <= first < column:
            yield script.with_line(number, line[:first] + quote + line[first + 1 :])
        if column > 0 and line[column - 1].isalpha():
            yield script.with_line(number, _insert(line, column, "\\"))
        inner = [m.start() for m in re.finditer(r"(?<=\w)'(?=\w)", line)]
        for apostrophe in inner:
            yield script.with_line(number, _insert(line, apostrophe, "\\"))
        for word in (m.start() for m in re.finditer(r"(?<=[(\[{,=: ])\w", line[:column])):
            yield script.with_line(number, _insert(line, word, quote))


def _ends_of_text(line: str, start: int) -> list[int]:
    """Columns for a closing quote: before trailing brackets and separators, and inside the line."""
    end = len(line.rstrip())
    tail = _ENDINGS.search(line[:end])
    first = max(tail.start() if tail else end, start)
    inside = [
        m.start()
        for m in re.finditer(r"(?:, |: |\)|\]|\} | [%+] | for | if | else )", line)
        if m.start() >= start
    ]
    columns = sorted({*inside, *range(first, end + 1)} - {first})
    return [*columns, first]


def _triple(script: BrokenText) -> Iterator[str]:
    lines, number = script.lines, script.problem.line
    opening = script.line(number)
    quote = '"""' if '"""' in opening else "'''"
    yield script.with_line(number, opening.rstrip() + quote)
    if opening.rstrip().endswith(quote) and opening.count(quote) == 1 and opening.strip() != quote:
        yield script.with_line(number, opening.replace(quote, "", 1))
    wrong = [
        n
        for n, line in enumerate(lines[number:], number + 1)
        if re.search(r"(?<!['\"])(?:''|\"\")\s*\)?\s*$|['\"]{2}$", line)
    ]
    for n in wrong[:4]:
        yield script.with_line(n, re.sub(r"['\"]{1,2}(\s*\)?\s*)$", rf"{quote}\1", script.line(n)))
    for n in range(number + 1, len(lines) + 1):
        line = script.line(n)
        if not line.strip() or re.match(
            r"^\s*(?:def|class|return|import|from|if|for|with)\b", line
        ):
            indent = opening[: len(opening) - len(opening.lstrip())]
            yield "\n".join([*lines[: n - 1], indent + quote, *lines[n - 1 :]])
            yield script.with_line(n - 1, script.line(n - 1).rstrip() + quote)
    yield script.text.rstrip("\n") + quote + "\n"


def missing_comma(script: BrokenText) -> Iterator[str]:
    """Between two values that stand side by side, on the line or at the end of the one before."""
    number = script.problem.line
    for at in (number, number - 1, number + 1):
        line = script.line(at)
        for match in re.finditer(r"(?<=[\w'\")\]}])(\s+)(?=[\w'\"(\[{])", line):
            yield script.with_line(at, _insert(line, match.start(), ","))
        bare = line.rstrip()
        if bare and bare[-1] not in ",([{:\\":
            comment = re.search(r"\s+#[^'\"]*$", bare)
            end = comment.start() if comment else len(bare)
            yield script.with_line(at, _insert(line, end, ","))


def nested_quotes(script: BrokenText) -> Iterator[str]:
    """An f-string that uses its own quote inside its braces, which Python allows from 3.12 on."""
    number = script.problem.line
    line = script.line(number)
    for quote, other in (('"', "'"), ("'", '"')):
        whole = re.compile(rf"(?i)(\bf{quote})((?:[^{quote}{{}}]|\{{[^{{}}]*\}})*)({quote})")
        for match in whole.finditer(line):
            parts = re.split(r"(\{[^{}]*\})", match[2])
            parts[1::2] = [part.replace(quote, other) for part in parts[1::2]]
            inner = "".join(parts)
            if inner != match[2]:
                yield script.with_line(
                    number, line[: match.start(2)] + inner + line[match.end(2) :]
                )


def raw_text(script: BrokenText) -> Iterator[str]:
    """`"C:\\Users"`: a path whose backslash is read as an escape becomes a raw string."""
    if "unicodeescape" in script.problem.message or "escape" in script.problem.message:
        line = script.line(script.problem.line)
        for match in re.finditer(r"(?<![\w'\"])(['\"])(?=[^'\"]*\\)", line):
            yield script.with_line(script.problem.line, _insert(line, match.start(), "r"))


BRACKET_EDITS: tuple[tuple[str, SyntaxEdit], ...] = (
    ("wrong-bracket", wrong_bracket),
    ("nested-quotes", nested_quotes),
    ("missing-quote", quotes),
    ("missing-bracket", close_bracket),
    ("extra-bracket", extra_bracket),
    ("raw-string", raw_text),
)
COMMA_EDITS: tuple[tuple[str, SyntaxEdit], ...] = (("missing-comma", missing_comma),)
