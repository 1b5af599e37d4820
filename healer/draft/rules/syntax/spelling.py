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
    (r"\s*\{\s*$", ":"), (r"\bnot\s+is\b", "is not"), (r"\bthen\b", ":"),
    (r"\bforeach\b", "for"), (r"\b(?:var|let|const)\s+(?=\w+\s*=)", ""), (r"\bvoid\b", "def"),
)  # fmt: skip
_WORDS = [word for word in keyword.kwlist if len(word) > 1]


def odd_letters(script: BrokenText) -> Iterator[str]:
    """Typographic quotes, dashes and spaces, as text editors and web pages make them."""
    if "invalid" in script.problem.message and "character" in script.problem.message:
        line = script.line(script.problem.line)
        plain = "".join(_LETTERS.get(letter, letter) for letter in line)
        yield script.with_line(script.problem.line, plain)
        yield "".join(_LETTERS.get(letter, letter) for letter in script.text)


def comparison(script: BrokenText) -> Iterator[str]:
    """`=` for `==` where a condition is asked, `==` for `=` where a value is given."""
    number, message = script.problem.line, script.problem.message
    line = script.line(number)
    is_condition = re.match(r"^\s*(?:if|elif|while|return|assert)\b|.*\bif\b", line)
    if "==" in message or is_condition:
        for match in re.finditer(r"(?<![=!<>:+\-*/%&|^])=(?!=)", line):
            yield script.with_line(number, f"{line[: match.start()]}=={line[match.end() :]}")
    if ":=" in message or "cannot assign" in message or "invalid syntax" in message:
        for match in re.finditer(r"(?<![=!<>])==(?!=)", line):
            yield script.with_line(number, f"{line[: match.start()]}={line[match.end() :]}")


def foreign(script: BrokenText) -> Iterator[str]:
    """Signs and words of other languages."""
    number = script.problem.line
    line = script.line(number)
    for pattern, new in _FOREIGN:
        new_line = re.sub(pattern, new, line)
        if new_line != line:
            yield script.with_line(number, re.sub(r"(?<=\S)  +(?=\S)", " ", new_line))


def misspelled_word(script: BrokenText) -> Iterator[str]:
    """A keyword with a typing error, on the line or the one before."""
    for number in (script.problem.line, script.problem.line - 1):
        line = script.line(number)
        for match in re.finditer(r"(?<![\w.'\"])[A-Za-z]{2,9}(?![\w'\"])", line):
            word = match[0]
            if word in keyword.kwlist:
                continue
            for keyword_ in _WORDS:
                close = edit_distance(word.lower(), keyword_.lower()) <= 1
                if close and abs(len(word) - len(keyword_)) <= 1:
                    yield script.with_line(
                        number, line[: match.start()] + keyword_ + line[match.end() :]
                    )


def glued_word(script: BrokenText) -> Iterator[str]:
    """A missing space after a keyword, or a missing `in`, `import` or `def`."""
    number = script.problem.line
    line = script.line(number)
    for word in ("return", "import", "from", "if", "for", "not", "def", "class", "elif", "while"):
        for match in re.finditer(rf"\b{word}(?=\w)", line):
            yield script.with_line(number, f"{line[: match.end()]} {line[match.end() :]}")
    loop = re.match(
        r"^(\s*(?:async\s+)?for\s+[\w, ]*?\w)\s+(?:of\s+|on\s+|to\s+)?((?!in\b)[\w(\[].*)$", line
    )
    if loop:
        yield script.with_line(number, f"{loop[1]} in {loop[2]}")
    define = re.match(r"^(\s*)(\w+\(.*\)\s*(?:->.*)?:\s*)$", line)
    if define:
        yield script.with_line(number, f"{define[1]}def {define[2]}")
    source = re.match(r"^(\s*)from\s+([\w.]+)\s+(?!import)(\w.*)$", line)
    if source:
        yield script.with_line(number, f"{source[1]}from {source[2]} import {source[3]}")


def stray(script: BrokenText) -> Iterator[str]:
    """One sign too many where the parser stopped."""
    number, column = script.problem.line, script.problem.column
    line = script.line(number)
    for at in (column - 1, column - 2, column):
        if 0 <= at < len(line) and not line[at].isalnum() and line[at] not in " _'\"":
            yield script.with_line(number, line[:at] + line[at + 1 :])
    for double in (",,", "::", "..", "((", "))", "[[", "]]"):
        if double in line:
            yield script.with_line(number, line.replace(double, double[0], 1))


def order_of_arguments(script: BrokenText) -> Iterator[str]:
    """`f(a=1, b)`: the positional argument moves before the named ones."""
    if "positional argument follows keyword" not in script.problem.message:
        return
    line = script.line(script.problem.line)
    match = re.search(r"\(([^()]*)\)", line)
    if match:
        parts = [part.strip() for part in match[1].split(",")]
        keywords = [part for part in parts if re.match(r"^\w+\s*=(?!=)", part)]
        plain = [part for part in parts if part not in keywords]
        text = ", ".join([*plain, *keywords])
        yield script.with_line(
            script.problem.line, line[: match.start(1)] + text + line[match.end(1) :]
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
