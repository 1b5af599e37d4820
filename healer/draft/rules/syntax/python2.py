"""Forms that Python 2 had and Python 3 has not: statements, literals, exception syntax.

Belongs here: what no longer parses. Names that moved are in `moved`. All of a file's forms are
changed at once: a script of Python 2 has many.
"""

import re
from collections.abc import Iterator

from healer.draft.rules.syntax.search import BrokenText, SyntaxEdit

_TEXT = r"(?:[^'\"#]|'[^']*'|\"[^\"]*\")*?"
_PRINT = re.compile(
    rf"^(\s*(?:.*?:\s+|.*?;\s*)?)print(?:\s+(?!=)|(?=['\"`]))({_TEXT})(\s*(?:#.*)?)$"
)
_PRINT_BARE = re.compile(r"^(\s*)print(\s*(?:#.*)?)$")
_EXCEPT = re.compile(r"\bexcept\s+([\w.]+|\([^)]*\))\s*,\s*(\w+)\s*:")
_RAISE = re.compile(rf"^(\s*(?:.*:\s+)?)raise\s+([\w.]+)\s*,\s*({_TEXT})(\s*(?:#.*)?)$")
_EXEC = re.compile(rf"^(\s*)exec\s+({_TEXT})(?:\s+in\s+([\w.]+))?(\s*(?:#.*)?)$")


def print_statement(line: str) -> str:
    match = _PRINT.match(line)
    if match and not (match[1].strip() and not re.search(r"[:;]\s*$", match[1])):
        return f"{match[1]}print({_print_arguments(match[2].strip())}){match[3]}"
    bare = _PRINT_BARE.match(line)
    return f"{bare[1]}print(){bare[2]}" if bare else line


def _print_arguments(text: str) -> str:
    stream = re.match(r"^>>\s*([\w.]+)\s*(?:,\s*(.*))?$", text)
    if stream:
        return f"{stream[2]}, file={stream[1]}" if stream[2] else f"file={stream[1]}"
    if text.endswith(","):
        return f'{text[:-1].rstrip()}, end=" "'
    return text


def exception_forms(line: str) -> str:
    line = _EXCEPT.sub(r"except \1 as \2:", line)
    match = _RAISE.match(line)
    return f"{match[1]}raise {match[2]}({match[3].strip()}){match[4]}" if match else line


def exec_statement(line: str) -> str:
    match = _EXEC.match(line)
    if not match or match[2].startswith("("):
        return line
    inside = f", {match[3]}" if match[3] else ""
    return f"{match[1]}exec({match[2].strip()}{inside}){match[4]}"


def literals(line: str) -> str:
    line = re.sub(r"\b[uU][rR](?=['\"])", "r", line)
    parts = re.split(r"(\"[^\"]*\"|'[^']*')", line)
    parts[::2] = [_modernise_literals(part) for part in parts[::2]]  # what stands in no quotes
    return "".join(parts)


def _modernise_literals(text: str) -> str:
    text = re.sub(r"(?<![\w.])0([0-7]+)\b(?!\.)", r"0o\1", text)
    text = re.sub(r"(?<![\w.])(\d+|0[xX][0-9a-fA-F]+)[lL]\b", r"\1", text)
    text = re.sub(r"`([^`]+)`", r"repr(\1)", text)
    return re.sub(r"(?<![<>=])<>(?![<>=])", "!=", text)


_FORMS = (print_statement, exception_forms, exec_statement, literals)


def whole_file(script: BrokenText) -> Iterator[str]:
    """Every form in the file, where the parser stopped at one of them."""
    line = script.line(script.problem.line)
    if _modernise(line) != line:
        lines = [_modernise(each) for each in script.lines]
        yield "\n".join(lines)
        yield script.with_line(script.problem.line, _modernise(line))


def _modernise(line: str) -> str:
    end = "\r" if line.endswith("\r") else ""
    line = line.removesuffix("\r")
    for form in _FORMS:
        line = form(line)
    return line + end


def print_over_lines(script: BrokenText) -> Iterator[str]:
    """A print statement whose text goes over several lines."""
    if "Missing parentheses" not in script.problem.message:
        return
    number = script.problem.line
    line = script.line(number)
    match = re.match(r"^(\s*)(print|exec)\s+(.*)$", line)
    if match:
        for last in range(number, min(number + 20, len(script.lines)) + 1):
            lines = script.lines
            lines[number - 1] = f"{match[1]}{match[2]}({match[3]}"
            lines[last - 1] = lines[last - 1].rstrip() + ")"
            yield "\n".join(lines)


PYTHON2_EDITS: tuple[tuple[str, SyntaxEdit], ...] = (
    ("python2-form", whole_file),
    ("python2-print", print_over_lines),
)
