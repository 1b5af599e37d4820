"""Rules about texts that another program reads: addresses, database statements, shell commands.

Belongs here: new strings of these kinds. Does not belong here: secrets (`credentials`), and names
through which the world is reached (`outside_world`).
"""

import ast
import re
from collections import Counter
from collections.abc import Iterator

from quarantine.policy.files import Patch
from quarantine.policy.new_strings import find_strings, match_new_kinds, match_strings, value_of
from quarantine.policy.rule import WHAT_CHARS, Hit, cwe, rule

_URL = re.compile(
    r"\b(?:https?|ftps?|wss?|s3|gs|ssh|git|ldaps?|smtps?|redis|mysql|postgres(?:ql)?|mongodb"
    r"(?:\+srv)?|amqps?)(?:\+\w+)?://([^/\s\"'{}]*)",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"(?<![\d.])(?!127\.|0\.0\.0\.0)(\d{1,3}(?:\.\d{1,3}){3})(?![\d.])")
_HOST = re.compile(r"^(?:[\w-]+\.)+(?:com|net|org|io|dev|local|internal|cloud|xyz|ru|cn)(?::\d+)?$")
_SQL = re.compile(
    r"^\s*(select\b.+\bfrom|insert\s+into|update\s+\S+\s+set|delete\s+from|drop\s+\w+"
    r"|truncate\s+\w+|alter\s+\w+|create\s+\w+|grant\s|pragma\s|attach\s)",
    re.IGNORECASE | re.DOTALL,
)
_SHELL = re.compile(
    r"\b(rm\s+-\w*[rf]|curl\s+\S|wget\s+\S|chmod\s+[+\d]|sudo\s|nc\s+-|bash\s+-c|sh\s+-c|crontab"
    r"|mkfs|dd\s+if=)"
)


@rule(
    "new-address",
    "person",
    "It adds an address or a host ({what}).",
    refuses="""
        - URL = "https://rates.example.org/v1"
        + URL = "https://rates.evil.example/v1"
        """,
    allows="""
        - URL = "https://rates.example.org/v1"
        + URL = "https://rates.example.org/v2"
        """,
    link=cwe(829),
)
def addresses(patch: Patch) -> Iterator[Hit]:
    """A host that the program did not know before."""
    for pattern in (_URL, _ADDRESS, _HOST):
        yield from match_new_kinds(pattern, patch)


@rule(
    "query-text",
    "person",
    "It adds a database statement ({what}).",
    refuses="""
          query = "SELECT id FROM jobs"
        + clean = "DELETE FROM jobs"
        """,
    allows="""
        - query = "SELECT id FROM jobs"
        + query = "SELECT id, name FROM jobs"
        """,
    link=cwe(89),
)
def queries(patch: Patch) -> Iterator[Hit]:
    """A statement of a kind that the changed files did not send before."""
    old_verbs = Counter(
        match[1].split()[0].lower()
        for file in patch.files
        for node in (file.old_module.of(ast.Constant) if file.old_module else ())
        if isinstance(value_of(node), str) and (match := _SQL.match(str(value_of(node))))
    )
    for file, text, line in find_strings(patch):
        match = _SQL.match(text)
        if match and not old_verbs[match[1].split()[0].lower()]:
            yield Hit(file.path, line, match[0].strip()[:WHAT_CHARS])


@rule(
    "shell-text",
    "person",
    "It adds a shell command ({what}).",
    refuses='+ CLEAN = "rm -rf data"',
    allows='+ CLEAN = "remove all data"',
    link=cwe(78),
)
def shell_commands(patch: Patch) -> Iterator[Hit]:
    """A text that does harm where a shell reads it."""
    return match_strings(_SHELL, patch)


RULES = (addresses, queries, shell_commands)
