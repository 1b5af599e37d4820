"""Edits of lines: indentation, colons, merge markers, continuation.

Belongs here: what is wrong with whole lines. Each edit yields texts; the parser decides.
"""

import re
from collections.abc import Iterator

from healer.draft.rules.syntax.search import BrokenText, SyntaxEdit

_OPENS = re.compile(
    r"^\s*(?:async\s+)?(?:if|elif|else|for|while|def|class|try|except|finally|with|match|case)\b"
)
_STEP = "    "
_MAX_BLOCK = 40


def indent_of(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _code_part(line: str) -> tuple[str, str]:
    """The line before its comment, and the rest; a `#` in quotes is not a comment."""
    quote = ""
    for index, letter in enumerate(line):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        elif letter == "#":
            bare = line[:index].rstrip()
            return bare, line[len(bare) :]
    bare = line.rstrip()
    return bare, line[len(bare) :]


def missing_colon(script: BrokenText) -> Iterator[str]:
    number = script.problem.line
    for at in (number, number - 1):
        bare, rest = _code_part(script.line(at))
        if _OPENS.match(bare) and not bare.endswith(":"):
            bare_line = bare.rstrip(";,.=")
            yield script.with_line(at, f"{bare_line}:{rest}")
            inline = re.match(r"^(\s*(?:else|try|finally))\s+(\S.*)$", bare)
            if inline:
                yield script.with_line(at, f"{inline[1]}: {inline[2]}{rest}")
    column = script.problem.column
    line = script.line(number)
    if "expected ':'" in script.problem.message and column:
        yield script.with_line(number, f"{line[: column - 1].rstrip()}: {line[column - 1 :]}")


def indentation(script: BrokenText) -> Iterator[str]:
    message = script.problem.message
    if "expected an indented block" in message:
        yield from _indent_block(script)
    elif "unexpected indent" in message or "unindent does not match" in message:
        yield from _align(script)
    elif "inconsistent use of tabs" in message:
        yield from _without_tabs(script)
    elif (
        "outside function" in message
        or "outside loop" in message
        or "not properly in loop" in message
    ):
        yield from _deepen(script)


def _indent_block(script: BrokenText) -> Iterator[str]:
    """The line after a header, and then more of those that stand beside it, go one step in."""
    number = script.problem.line
    header = number - 1
    while header > 1 and not script.line(header).strip().endswith(":"):
        header -= 1
    outer = indent_of(script.line(header))
    step = "\t" if "\t" in outer else _STEP
    lines = script.lines
    block: list[str] = []
    ends: list[int] = []
    for index in range(number - 1, min(len(lines), number - 1 + _MAX_BLOCK)):
        line = lines[index]
        shallower = line.strip() and len(indent_of(line)) < len(outer)
        if shallower or (
            re.match(r"^\s*(?:def|class|elif|else|except|finally|@)\b", line)
            and block
            and indent_of(line) == outer
        ):
            break
        block.append(step + line if line.strip() else line)
        if line.strip():
            ends.append(len(block))
    loops = re.match(r"^\s*(?:for|while|if|elif|else|with)\b", script.line(header)) is not None
    for end in sorted(
        ends,
        key=lambda e: (_overreaches(block, e, loops=loops), not _pauses(lines, number - 1 + e), e),
    ):
        yield script.with_lines(number, block[:end])


def _overreaches(block: list[str], end: int, *, loops: bool) -> bool:
    """A `return` after other lines ends the function more often than a loop's first pass."""
    return loops and end > 1 and block[end - 1].lstrip().startswith("return")


def _pauses(lines: list[str], index: int) -> bool:
    """A block is likelier to end before an empty line or at the file's end."""
    following = lines[index].strip() if index < len(lines) else ""
    return not following or following.startswith("return")


def _align(script: BrokenText) -> Iterator[str]:
    """A line, or the run of lines with its indentation, goes to a level that is in use above."""
    number, lines = script.problem.line, script.lines
    now = indent_of(script.line(number))
    above = [indent_of(line) for line in lines[: number - 1] if line.strip()]
    previous = above[-1] if above else ""
    before = next((line for line in reversed(lines[: number - 1]) if line.strip()), "")
    opens_block = before.strip().endswith(":")
    levels = sorted(set(above), key=lambda level: (level != previous, abs(len(level) - len(now))))
    if opens_block:
        levels.insert(0, previous + _STEP)
    run = [
        n for n in range(number, min(len(lines), number + _MAX_BLOCK) + 1) if script.line(n).strip()
    ]
    same = []
    for n in run:
        if len(indent_of(script.line(n))) < len(now):
            break
        same.append(n)
    for level in levels:
        if level != now:
            yield script.with_line(number, level + script.line(number).lstrip())
    for level in levels:
        if level != now and len(same) > 1:
            text = script.lines
            for n in same:
                text[n - 1] = level + text[n - 1][len(now) :]
            yield "\n".join(text)
    if "unexpected indent" in script.problem.message and not opens_block and previous:
        yield from _earlier_too_shallow(script, now)


def _earlier_too_shallow(script: BrokenText, now: str) -> Iterator[str]:
    """The line before was moved out by mistake: it gets the level of this one."""
    number = script.problem.line - 1
    while number > 1 and not script.line(number).strip():
        number -= 1
    yield script.with_line(number, now + script.line(number).lstrip())


def dangling_else(script: BrokenText) -> Iterator[str]:
    """`else:`, `elif`, `except` or `finally` that stands beside no header of its own: it goes to
    the level of one above, alone or with the lines under it."""
    for number in (script.problem.line, script.problem.line - 1):
        line = script.line(number)
        if not re.match(r"^\s*(?:else|elif|except|finally)\b", line):
            continue
        above = [script.line(n) for n in range(number - 1, max(0, number - _MAX_BLOCK), -1)]
        headers = [each for each in above if re.match(r"^\s*(?:if|elif|for|while|try)\b", each)]
        for level in dict.fromkeys(indent_of(each) for each in headers):
            if level == indent_of(line):
                continue
            yield script.with_line(number, level + line.lstrip())
            block = [script.line(n) for n in range(number + 1, number + _MAX_BLOCK)]
            depths = [len(indent_of(each)) > len(level) for each in block]
            inside = block[: depths.index(False)] if False in depths else block
            lines = [f"{level}{_STEP}{each.lstrip()}" for each in inside]
            yield script.with_lines(number, [level + line.lstrip(), *lines])


def _without_tabs(script: BrokenText) -> Iterator[str]:
    for width in (4, 8):
        lines = [
            indent_of(line).expandtabs(width) + line.lstrip() if line.strip() else line
            for line in script.lines
        ]
        yield "\n".join(lines)


def _deepen(script: BrokenText) -> Iterator[str]:
    """`return` outside a function: it and the lines before it back to the header go inside."""
    number, lines = script.problem.line, script.lines
    for first in range(number, max(0, number - _MAX_BLOCK), -1):
        text = list(lines)
        for n in range(first, number + 1):
            if text[n - 1].strip():
                text[n - 1] = _STEP + text[n - 1]
        yield "\n".join(text)


def merge_markers(script: BrokenText) -> Iterator[str]:
    """One side of every conflict: ours, then theirs."""
    if not re.search(r"^<{7}( |$)", script.text, re.M):
        return
    for keep in (0, 1):
        lines, side = [], None
        for line in script.lines:
            if line.startswith("<<<<<<<"):
                side = 0
            elif line.startswith("|||||||") and side == 0:
                side = 2
            elif line.startswith("=======") and side is not None:
                side = 1
            elif line.startswith(">>>>>>>") and side is not None:
                side = None
            elif side is None or side == keep:
                lines.append(line)
        yield "\n".join(lines)


def stray_marker(script: BrokenText) -> Iterator[str]:
    """A single left-over marker line, or a pasted prompt."""
    line = script.line(script.problem.line)
    if re.match(r"^(?:<{7}|={7}|>{7}|```)", line):
        lines = script.lines
        del lines[script.problem.line - 1]
        yield "\n".join(lines)
    if re.search(r"^(?:>>>|\.\.\.) ", script.text, re.M):
        yield re.sub(r"^(?:>>>|\.\.\.) ?", "", script.text, flags=re.M)


def continuation(script: BrokenText) -> Iterator[str]:
    if "line continuation" in script.problem.message:
        line = script.line(script.problem.line)
        yield script.with_line(script.problem.line, re.sub(r"\\\s+$", r"\\", line))
        yield script.with_line(script.problem.line, line.replace("\\", "/"))


def make_async(script: BrokenText) -> Iterator[str]:
    """`await` in a plain function: the function becomes one that can wait."""
    if "outside async function" not in script.problem.message:
        return
    for number in range(script.problem.line, 0, -1):
        line = script.line(number)
        shallower = len(indent_of(line)) < len(indent_of(script.line(script.problem.line)))
        if re.match(r"^\s*def\b", line) and shallower:
            yield script.with_line(number, line.replace("def", "async def", 1))
            return


LAYOUT_EDITS: tuple[tuple[str, SyntaxEdit], ...] = (
    ("merge-markers", merge_markers),
    ("missing-colon", missing_colon),
    ("indentation", indentation),
    ("dangling-else", dangling_else),
    ("continuation", continuation),
    ("async-function", make_async),
    ("stray-line", stray_marker),
)
