"""Edits of words and signs that Python does not have: typing errors, other languages, odd letters.

Belongs here: single tokens. Python 2's own forms are in `python2`.
"""

import keyword
import re
from collections.abc import Iterator

from healer.draft.rules.closest_name import edit_distance
from healer.draft.rules.syntax.search import BrokenText, SyntaxEdit

_LETTERS = {
    "\u201c": '"', "\u201d": '"', "\u2018": "'", "\u2019": "'", "\u00ab": '"', "\u00bb": '"',
    "\u2013": "-", "\u2014": "-", "\u2212": "-", "\u00d7": "*", "\u00a0": " ", "\u200b": "",
    "\u200c": "", "\u200d": "", "\ufeff": "", "\u2026": "...", "\uff08": "(", "\uff09": ")",
    "\uff0c": ",", "\uff1a": ":", "\u2264": "<=", "\u2265": ">=", "\u2260": "!=", "\u3000": " ",
}  # fmt: skip
_FOREIGN = (
    (r"&&", " and "), (r"\|\|", " or "), (r"===", "=="), (r"!==", "!="), (r"=>", ">="),
    (r"=<", "<="), (r"<>", "!="), (r"\belse\s+if\b", "elif"), (r"\belseif\b", "elif"),
    (r"\belsif\b", "elif"), (r"(?<![=!<>])!(?=[\w(])", "not "), (r"\bfunction\s+(?=\w+\()", "def "),
    (r"\bnull\b", "None"), (r"\bcatch\b", "except"), (r"\bthrow\b", "raise"), (r"\+\+$", " += 1"),
    (r"--$", " -= 1"), (r"->(?=\w+\()", "."), (r"\bnew\s+(?=[A-Z])", ""), (r";+\s*$", ""),
    (r"\s*\{\s*$", ":"), (r"//.*$", ""), (r"\bnot\s+is\b", "is not"), (r"\bthen\b", ":"),
    (r"\bforeach\b", "for"), (r"\b(?:var|let|const)\s+(?=\w+\s*=)", ""), (r"\bvoid\b", "def"),
)  # fmt: skip
_WORDS = [word for word in keyword.kwlist if len(word) > 1]


def odd_letters(broken: BrokenText) -> Iterator[str]:
    """Typographic quotes, dashes and spaces, as text editors and web pages make them."""
    if "invalid" in broken.problem.message and "character" in broken.problem.message:
        line = broken.line(broken.problem.line)
        plain = "".join(_LETTERS.get(letter, letter) for letter in line)
        yield broken.with_line(broken.problem.line, plain)
        yield "".join(_LETTERS.get(letter, letter) for letter in broken.text)


def comparison(broken: BrokenText) -> Iterator[str]:
    """`=` for `==` where a condition is asked, `==` for `=` where a value is given."""
    number, message = broken.problem.line, broken.problem.message
    line = broken.line(number)
    asked = re.match(r"^\s*(?:if|elif|while|return|assert)\b|.*\bif\b", line)
    if "==" in message or asked:
        for match in re.finditer(r"(?<![=!<>:+\-*/%&|^])=(?!=)", line):
            yield broken.with_line(number, f"{line[: match.start()]}=={line[match.end() :]}")
    if ":=" in message or "cannot assign" in message or "invalid syntax" in message:
        for match in re.finditer(r"(?<![=!<>])==(?!=)", line):
            yield broken.with_line(number, f"{line[: match.start()]}={line[match.end() :]}")


def foreign(broken: BrokenText) -> Iterator[str]:
    """Signs and words of other languages."""
    number = broken.problem.line
    line = broken.line(number)
    for pattern, new in _FOREIGN:
        changed = re.sub(pattern, new, line)
        if changed != line:
            yield broken.with_line(number, re.sub(r"(?<=\S)  +(?=\S)", " ", changed))


def misspelled_word(broken: BrokenText) -> Iterator[str]:
    """A keyword with a typing error, on the line or the one before."""
    for number in (broken.problem.line, broken.problem.line - 1):
        line = broken.line(number)
        for match in re.finditer(r"(?<![\w.'\"])[A-Za-z]{2,9}(?![\w'\"])", line):
            word = match[0]
            if word in keyword.kwlist:
                continue
            for known in _WORDS:
                close = edit_distance(word.lower(), known.lower()) == 1
                if close and abs(len(word) - len(known)) <= 1:
                    yield broken.with_line(
                        number, line[: match.start()] + known + line[match.end() :]
                    )


def glued_word(broken: BrokenText) -> Iterator[str]:
    """A missing space after a keyword, or a missing `in`, `import` or `def`."""
    number = broken.problem.line
    line = broken.line(number)
    for word in ("return", "import", "from", "if", "for", "not", "def", "class", "elif", "while"):
        for match in re.finditer(rf"\b{word}(?=\w)", line):
            yield broken.with_line(number, f"{line[: match.end()]} {line[match.end() :]}")
    loop = re.match(
        r"^(\s*(?:async\s+)?for\s+[\w, ]*\w)\s+(?:of\s+|on\s+|to\s+)?((?!in\b)[\w(\[].*)$", line
    )
    if loop:
        yield broken.with_line(number, f"{loop[1]} in {loop[2]}")
    define = re.match(r"^(\s*)(\w+\(.*\)\s*(?:->.*)?:\s*)$", line)
    if define:
        yield broken.with_line(number, f"{define[1]}def {define[2]}")
    source = re.match(r"^(\s*)from\s+([\w.]+)\s+(?!import)(\w.*)$", line)
    if source:
        yield broken.with_line(number, f"{source[1]}from {source[2]} import {source[3]}")


def stray(broken: BrokenText) -> Iterator[str]:
    """One sign too many where the parser stopped."""
    number, column = broken.problem.line, broken.problem.column
    line = broken.line(number)
    for at in (column - 1, column - 2, column):
        if 0 <= at < len(line) and not line[at].isalnum() and line[at] not in " _'\"":
            yield broken.with_line(number, line[:at] + line[at + 1 :])
    for double in (",,", "::", "..", "((", "))", "[[", "]]"):
        if double in line:
            yield broken.with_line(number, line.replace(double, double[0], 1))


def order_of_arguments(broken: BrokenText) -> Iterator[str]:
    """`f(a=1, b)`: the positional argument moves before the named ones."""
    if "positional argument follows keyword" not in broken.problem.message:
        return
    line = broken.line(broken.problem.line)
    match = re.search(r"\(([^()]*)\)", line)
    if match:
        parts = [part.strip() for part in match[1].split(",")]
        named = [part for part in parts if re.match(r"^\w+\s*=(?!=)", part)]
        plain = [part for part in parts if part not in named]
        text = ", ".join([*plain, *named])
        yield broken.with_line(
            broken.problem.line, line[: match.start(1)] + text + line[match.end(1) :]
        )


SPELLING_EDITS: tuple[tuple[str, SyntaxEdit], ...] = (
    ("odd-letters", odd_letters),
    ("comparison-sign", comparison),
    ("misspelled-keyword", misspelled_word),
    ("other-language", foreign),
    ("missing-word", glued_word),
    ("argument-order", order_of_arguments),
)
LAST_EDITS: tuple[tuple[str, SyntaxEdit], ...] = (("stray-sign", stray),)
