"""The rule about comments: those that silence a check.

Belongs here: what is in comments. Does not belong here: what is in strings.
"""

import io
import re
import tokenize
from collections import Counter
from collections.abc import Iterator

from quarantine.policy.files import Patch
from quarantine.policy.rule import Hit, cwe, rule

_SUPPRESSION = re.compile(
    r"\b(noqa|nosec|nosemgrep|type:\s*ignore|pragma:\s*no\s*(?:cover|branch)|pylint:|pyright:"
    r"|mypy:|pyre-|flake8[:-]|ruff:|fmt:\s*(?:off|skip)|isort:|yapf:|pytype:|noinspection"
    r"|coverage:|bandit:|healer:)",
    re.IGNORECASE,
)


@rule(
    "suppression",
    "person",
    "It adds a comment that silences a check ({what}).",
    refuses="""
        - import json
        + import json  # noqa: F401
        """,
    allows="""
        - import json  # noqa: F401
        + import json  # read by the callers
        """,
    link=cwe(1127),
)
def suppressions(patch: Patch) -> Iterator[Hit]:
    """A finding of a linter, a type checker or a security check that is to be overlooked."""
    for file in patch.files:
        if not file.is_python or file.new_text is None:
            continue
        rest = Counter(word for word, _ in _find_words(file.old_text or ""))
        for word, line in _find_words(file.new_text):
            rest[word] -= 1
            if rest[word] < 0:
                yield Hit(file.path, line, word)


def _find_words(text: str) -> Iterator[tuple[str, int]]:
    for comment, line in _comments(text):
        for match in _SUPPRESSION.finditer(comment):
            yield match[1].lower(), line


def _comments(text: str) -> Iterator[tuple[str, int]]:
    """Comments with their lines, as far as the text can be split into tokens."""
    if "#" not in text:
        return
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                yield token.string, token.start[0]
    except (tokenize.TokenError, SyntaxError):
        return


RULES = (suppressions,)
