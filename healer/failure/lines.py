"""What a single line of output can be: a header, a frame, a source line, an exception, noise.

Belongs here: the shapes of lines as CPython 3.8 to 3.14 prints them, and of the log records that
stand between them. Does not belong here: how lines form a traceback (`blocks`, `parse`).
"""

import json
import re
from enum import Enum, auto

HEADER_TEXT = "Traceback (most recent call last):"
CAUSE_TEXT = "The above exception was the direct cause of the following exception:"
CONTEXT_TEXT = "During handling of the above exception, another exception occurred:"

MAX_LINE = 4096
"""Longer lines are cut here before they are looked at; no line of a traceback needs more."""

COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
HEADER = re.compile(
    r"(?P<group>(?:  \+ )?Exception Group )?Traceback \(most recent call last\):(?P<rest>.*)$"
)
FRAME = re.compile(r'^  File "(?P<file>.*)", line (?P<line>\d{1,9})(?:, in (?P<function>.*))?$')
REPEATED = re.compile(r"^  \[Previous line repeated (\d+) more times?\]$")
GROUP = re.compile(r"^ *[|+](?:[ -]|$)")
MARKS = re.compile(r"^[\s~^]*[~^][\s~^]*$")
EXCEPTION = re.compile(
    r"^(?P<type>[^\W\d]\w*(?:\.(?:[^\W\d]\w*|<locals>))*)(?::(?: (?P<message>.*))?)?$", re.DOTALL
)
CONVENTIONAL = re.compile(r"(?:Error|Exception|Warning|Exit|Interrupt|Iteration|Group)\d*$")
SYNTAX_TYPES = frozenset({"SyntaxError", "IndentationError", "TabError", "_IncompleteInputError"})
LEVELS = frozenset(
    {"trace", "debug", "info", "notice", "warn", "warning", "error", "critical", "fatal"}
    | {"note", "hint", "todo", "usage"}
)
RECORD = re.compile(
    r"""^(?:
      \[?\d{4}[-/]\d\d[-/]\d\d[T\s]          # 2026-11-20 20:47:17, [2026-11-20 …]
    | \[?\d\d:\d\d:\d\d\b                    # 20:47:17
    | [A-Z][a-z]{2}\s+\d{1,2}\s\d\d:\d\d:\d\d\s   # Nov 20 20:47:17
    | \[?(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL)\b
    | (?:time|ts|t|level|lvl)=               # logfmt
    | \{.*\}$                                # a JSON line
    | \d{1,3}(?:\.\d{1,3}){3}\s              # an access log
    )""",
    re.VERBOSE,
)
NOT_THE_END = ("Exception ignored in", "--- Logging error ---", "Exception ignored while")
"""The traceback after such a line was swallowed by the interpreter: it ended no program."""

_TIME = re.compile(
    r"""\d{4}[-/]\d\d[-/]\d\d(?:[T\s]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:\s?(?:Z|[+-]\d\d:?\d\d))?)?
      | \b[A-Z][a-z]{2}\s+\d{1,2}\s\d\d:\d\d:\d\d(?:\.\d+)?
      | \b\d\d:\d\d:\d\d(?:[.,]\d+)?""",
    re.VERBOSE,
)


class Kind(Enum):
    """What a line is, once colour and prefix are gone."""

    HEADER = auto()
    FRAME = auto()
    INDENTED = auto()
    GROUP = auto()
    LINK = auto()
    BLANK = auto()
    RECORD = auto()
    EXCEPTION = auto()
    MAYBE_EXCEPTION = auto()
    OTHER = auto()


def clean(raw: bytes) -> str:
    """Any bytes as one line of text: no colour, no line end."""
    text = raw.decode("utf-8", "replace").rstrip("\r\n")
    if "\x1b" in text:
        text = COLOUR.sub("", text)
    return text


def kind_of(line: str) -> Kind:
    """The kind of one clean line without prefix; total: every string has a kind."""
    text = line.strip()
    if not text:
        return Kind.BLANK
    if line.startswith("  "):
        return _indented_kind(line)
    if text.startswith(("Traceback (most", "Exception Group Traceback (most")):
        return Kind.HEADER if HEADER.match(text) else Kind.OTHER
    if text in (CAUSE_TEXT, CONTEXT_TEXT):
        return Kind.LINK
    if RECORD.match(line):
        return Kind.RECORD
    return _exception_kind(line.rstrip())


def _indented_kind(line: str) -> Kind:
    if FRAME.match(line.rstrip()):
        return Kind.FRAME
    if line.startswith("  + Exception Group Traceback (most"):
        return Kind.HEADER
    if GROUP.match(line):
        return Kind.GROUP
    if line.startswith("    ") or REPEATED.match(line.rstrip()):
        return Kind.INDENTED
    return Kind.OTHER


def _exception_kind(line: str) -> Kind:
    match = EXCEPTION.match(line)
    if not match or match["type"].lower() in LEVELS:
        return Kind.OTHER
    last = match["type"].rpartition(".")[2]
    if CONVENTIONAL.search(last) or ("." in match["type"] and last[:1].isupper()):
        return Kind.EXCEPTION
    return Kind.MAYBE_EXCEPTION


def prefix_key(prefix: str) -> str:
    """What stays the same in the prefix from line to line: all but the time."""
    return _TIME.sub("\0", prefix)


def strip_prefix(line: str, key: str) -> str | None:
    """The line after a prefix with this key, or None where the line has another prefix."""
    if "\0" not in key:
        if line.startswith(key):
            return line[len(key) :]
        return "" if line == key.rstrip() else None
    place = 0
    for index, part in enumerate(key.split("\0")):
        if index:
            time = _TIME.match(line, place)
            if not time:
                return None
            place = time.end()
        if not line.startswith(part, place):
            return "" if line[place:] == part.rstrip() else None
        place += len(part)
    return line[place:]


def unwrap(line: str) -> tuple[str, str] | None:
    """Docker's json-file line or a journal's JSON entry: (name of the stream, text), or None."""
    if not line.startswith('{"') or not ('"log"' in line or '"MESSAGE"' in line):
        return None
    record = parse_object(line)
    if record is None:
        return None
    if isinstance(record.get("log"), str):
        return f"json:{record.get('stream', '')}", str(record["log"]).rstrip("\r\n")
    if isinstance(record.get("MESSAGE"), str):
        return f"json:{record.get('_PID', '')}", str(record["MESSAGE"]).rstrip("\r\n")
    return None


def parse_object(line: str) -> dict[str, object] | None:
    """The JSON object that a line holds, after any prefix, or None."""
    start = line.find("{")
    if start < 0 or not line.rstrip().endswith("}"):
        return None
    try:
        value = json.loads(line[start:])
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
