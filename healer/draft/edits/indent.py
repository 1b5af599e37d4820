"""Fits the indentation of new text to the file it goes into.

Belongs here: shifting and converting leading blanks. Lines inside a string of several lines keep
theirs, for they are data; a docstring is none and moves along.
"""

import io
import tokenize
from collections import Counter
from itertools import pairwise

_STATEMENT_STARTS = {"NEWLINE", "INDENT", "DEDENT"}


def indentation_of(line: str) -> str:
    """The leading blanks and tabs."""
    return line[: len(line) - len(line.lstrip(" \t"))]


def detect_unit(text: str) -> str:
    """What this text indents one level with: a tab, some blanks, or nothing when it never does."""
    indents = [indentation_of(line) for line in text.split("\n") if line.strip()]
    steps = Counter(
        deeper[len(shallower) :]
        for shallower, deeper in pairwise(["", *indents])
        if deeper != shallower and deeper.startswith(shallower)
    )
    pure = {step: count for step, count in steps.items() if step == "\t" or not step.strip(" ")}
    return max(pure, key=lambda step: (pure[step], -len(step))) if pure else ""


def reindent(text: str, *, source: str, target: str, unit: str) -> str:
    """`text` moved from the indentation `source` to `target`, its deeper levels in `unit`s.

    `source` and `target` are leading blanks; an empty `unit` leaves deeper levels as they are.
    """
    own_unit = detect_unit(text)
    lines = text.split("\n")
    inside = _find_lines_inside_strings(text)
    return "\n".join(
        line if number in inside else _move(line, source, target, (own_unit, unit))
        for number, line in enumerate(lines)
    )


def _move(line: str, source: str, target: str, units: tuple[str, str]) -> str:
    if not line.strip():
        return ""
    blanks, rest = indentation_of(line), line.lstrip(" \t")
    if blanks.startswith(source):
        return target + _convert(blanks[len(source) :], *units) + rest
    missing = len(source) - len(blanks)  # shallower than its first line, as some quotations are
    return target[: max(len(target) - missing, 0)] + rest


def _convert(blanks: str, own_unit: str, unit: str) -> str:
    if not own_unit or not unit or own_unit == unit:
        return blanks
    levels = 0
    while blanks.startswith(own_unit):
        blanks = blanks[len(own_unit) :]
        levels += 1
    return unit * levels + blanks


def _find_lines_inside_strings(text: str) -> set[int]:
    """0-based numbers of the lines that begin inside a string; what was readable of broken text."""
    inside: set[int] = set()
    string_starts: list[int] = []
    before = "NEWLINE"
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            kind = tokenize.tok_name[token.type]
            if kind in {"FSTRING_START", "TSTRING_START"}:
                string_starts.append(token.start[0])
            elif kind in {"FSTRING_END", "TSTRING_END"}:
                inside.update(range(string_starts.pop(), token.end[0]))
            elif kind == "STRING" and before not in _STATEMENT_STARTS:
                inside.update(range(token.start[0], token.end[0]))
            before = before if kind in {"NL", "COMMENT"} else kind
    except (tokenize.TokenError, SyntaxError, ValueError):
        pass
    return inside
