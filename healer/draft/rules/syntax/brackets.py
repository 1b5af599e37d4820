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


def close_bracket(broken: BrokenText) -> Iterator[str]:
    """A closing bracket at the ends of the lines from the opening one on."""
    match = _NEVER_CLOSED.search(broken.problem.message)
    closer = PAIRS[match[1]] if match else ""
    number = broken.problem.line
    numbers = list(range(number, number + _REACH)) if match else [number - 1, number]
    for at in numbers:
        line = broken.line(at)
        if not line.strip():
            continue
        for close in (closer,) if closer else ")]}":
            if not closer and line.count(CLOSERS[close]) <= line.count(close):
                continue
            for column in _ends(line):
                yield broken.with_line(at, _insert(line, column, close))
    if match:
        yield from _close_inside(broken, closer)
        yield from _close_alone(broken, closer)


def _ends(line: str) -> list[int]:
    """Columns where a closing bracket may have stood at a line's end, likeliest first."""
    bare = len(line.rstrip())
    comment = re.search(r"\s+#[^'\"]*$", line)
    end = comment.start() if comment else bare
    found = []
    if line[:end].endswith(":"):
        found.append(end - 1)
    if line[:end].endswith(","):
        found.append(end - 1)
    found.append(end)
    tail = _ENDINGS.search(line[:end])
    start = tail.start() if tail else end
    found += [column for column in range(end, start - 1, -1) if column not in found]
    return found


def _close_inside(broken: BrokenText, closer: str) -> Iterator[str]:
    """Before an operator or a comma of the opening line."""
    number = broken.problem.line
    line = broken.line(number)
    start = max(broken.problem.column, 1)
    places = [
        m.start()
        for m in re.finditer(r"\s(?:[-+*/%<>=!]=?|and|or|if|else|in|is|not|for)\s|[,:.)\]}]", line)
    ]
    for column in places:
        if column >= start:
            yield broken.with_line(number, _insert(line, column, closer))


def _close_alone(broken: BrokenText, closer: str) -> Iterator[str]:
    """On a line of its own, before the first line that goes back to the opening line's level."""
    number, lines = broken.problem.line, broken.lines
    opening = broken.line(number)
    level = opening[: len(opening) - len(opening.lstrip())]
    for index in range(number, min(len(lines), number + 40)):
        line = lines[index]
        if line.strip() and len(line) - len(line.lstrip()) <= len(level):
            yield "\n".join([*lines[:index], level + closer, *lines[index:]])
            return
    yield "\n".join([*lines[: len(lines)], level + closer])


def extra_bracket(broken: BrokenText) -> Iterator[str]:
    """An unmatched closing bracket goes away, or gets its opening one."""
    match = _UNMATCHED.search(broken.problem.message)
    number = broken.problem.line
    line = broken.line(number)
    if match:
        column = broken.problem.column - 1
        yield broken.with_line(number, line[:column] + line[column + 1 :])
        opener = CLOSERS[match[1]]
        starts = [m.start() for m in re.finditer(r"(?<![\w.])[\w'\"\[({-]", line[:column])]
        calls = [m.end() for m in re.finditer(r"[A-Za-z_][\w.]*(?=\s*['\"\w])", line[:column])]
        for at in (*calls, *starts):
            yield broken.with_line(number, _insert(line, at, opener))
            if line[at : at + 1] == " ":
                yield broken.with_line(number, line[:at] + opener + line[at + 1 :])


def wrong_bracket(broken: BrokenText) -> Iterator[str]:
    """A bracket of the wrong kind, or one that is missing before another."""
    match = _MISMATCH.search(broken.problem.message)
    if not match:
        return
    number, column = broken.problem.line, broken.problem.column - 1
    line, right = broken.line(number), PAIRS[match[2]]
    yield broken.with_line(number, line[:column] + right + line[column + 1 :])
    yield broken.with_line(number, _insert(line, column, right))
    yield broken.with_line(number, line[:column] + line[column + 1 :])
    for at in range(number - 1, max(0, number - 6), -1):
        for end in _ends(broken.line(at)):
            yield broken.with_line(at, _insert(broken.line(at), end, right))


def quotes(broken: BrokenText) -> Iterator[str]:
    """An unterminated string gets its quote where the string probably ended."""
    message, number = broken.problem.message, broken.problem.line
    if "triple-quoted" in message:
        yield from _triple(broken)
        return
    if "unterminated" not in message:
        return
    line = broken.line(number)
    column = broken.problem.column - 1
    quote = next((letter for letter in line[max(column, 0) :] if letter in "\"'"), '"')
    other = "'" if quote == '"' else '"'
    start = max(column, 0) + 1
    last = line.rfind(other)
    if last >= start:
        yield broken.with_line(number, line[:last] + quote + line[last + 1 :])
    for end in reversed(_ends_of_text(line, start)):
        yield broken.with_line(number, _insert(line, end, quote))
    if column >= 0:
        yield broken.with_line(number, line[:column] + line[column + 1 :])
        first = line.find(other)
        if 0 <= first < column:
            yield broken.with_line(number, line[:first] + quote + line[first + 1 :])
        if column > 0 and line[column - 1].isalpha():
            yield broken.with_line(number, _insert(line, column, "\\"))
        inner = [m.start() for m in re.finditer(r"(?<=\w)'(?=\w)", line)]
        for apostrophe in inner:
            yield broken.with_line(number, _insert(line, apostrophe, "\\"))
        for word in (m.start() for m in re.finditer(r"(?<=[(\[{,=: ])\w", line[:column])):
            yield broken.with_line(number, _insert(line, word, quote))


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


def _triple(broken: BrokenText) -> Iterator[str]:
    lines, number = broken.lines, broken.problem.line
    opening = broken.line(number)
    quote = '"""' if '"""' in opening else "'''"
    yield broken.with_line(number, opening.rstrip() + quote)
    if opening.rstrip().endswith(quote) and opening.count(quote) == 1 and opening.strip() != quote:
        yield broken.with_line(number, opening.replace(quote, "", 1))
    wrong = [
        n
        for n, line in enumerate(lines[number:], number + 1)
        if re.search(r"(?<!['\"])(?:''|\"\")\s*\)?\s*$|['\"]{2}$", line)
    ]
    for n in wrong[:4]:
        yield broken.with_line(n, re.sub(r"['\"]{1,2}(\s*\)?\s*)$", rf"{quote}\1", broken.line(n)))
    for n in range(number + 1, len(lines) + 1):
        line = broken.line(n)
        if not line.strip() or re.match(
            r"^\s*(?:def|class|return|import|from|if|for|with)\b", line
        ):
            indent = opening[: len(opening) - len(opening.lstrip())]
            yield "\n".join([*lines[: n - 1], indent + quote, *lines[n - 1 :]])
            yield broken.with_line(n - 1, broken.line(n - 1).rstrip() + quote)
    yield broken.text.rstrip("\n") + quote + "\n"


def missing_comma(broken: BrokenText) -> Iterator[str]:
    """Between two values that stand side by side, on the line or at the end of the one before."""
    number = broken.problem.line
    for at in (number, number - 1, number + 1):
        line = broken.line(at)
        for match in re.finditer(r"(?<=[\w'\")\]}])(\s+)(?=[\w'\"(\[{])", line):
            yield broken.with_line(at, _insert(line, match.start(), ","))
        bare = line.rstrip()
        if bare and bare[-1] not in ",([{:\\":
            comment = re.search(r"\s+#[^'\"]*$", bare)
            end = comment.start() if comment else len(bare)
            yield broken.with_line(at, _insert(line, end, ","))


def nested_quotes(broken: BrokenText) -> Iterator[str]:
    """An f-string that uses its own quote inside its braces, which Python allows from 3.12 on."""
    number = broken.problem.line
    line = broken.line(number)
    for quote, other in (('"', "'"), ("'", '"')):
        whole = re.compile(rf"(?i)(\bf{quote})((?:[^{quote}{{}}]|\{{[^{{}}]*\}})*)({quote})")
        for match in whole.finditer(line):
            inner = re.sub(r"\{[^{}]*\}", lambda m: m[0].replace(quote, other), match[2])  # noqa: B023
            if inner != match[2]:
                yield broken.with_line(
                    number, line[: match.start(2)] + inner + line[match.end(2) :]
                )


def raw_text(broken: BrokenText) -> Iterator[str]:
    """`"C:\\Users"`: a path whose backslash is read as an escape becomes a raw string."""
    if "unicodeescape" in broken.problem.message or "escape" in broken.problem.message:
        line = broken.line(broken.problem.line)
        for match in re.finditer(r"(?<![\w'\"])(['\"])(?=[^'\"]*\\)", line):
            yield broken.with_line(broken.problem.line, _insert(line, match.start(), "r"))


BRACKET_EDITS: tuple[tuple[str, SyntaxEdit], ...] = (
    ("wrong-bracket", wrong_bracket),
    ("nested-quotes", nested_quotes),
    ("missing-quote", quotes),
    ("missing-bracket", close_bracket),
    ("extra-bracket", extra_bracket),
    ("raw-string", raw_text),
)
COMMA_EDITS: tuple[tuple[str, SyntaxEdit], ...] = (("missing-comma", missing_comma),)
