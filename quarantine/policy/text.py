"""Rules about characters, comments and strings: what a reader cannot see, or should see.

Belongs here: rules that look at lines, comments and literal strings. Does not belong here: rules
that look at what code does.
"""

import ast
import io
import re
import tokenize
import unicodedata
from collections import Counter
from collections.abc import Iterator

from quarantine.policy.added import added, line_of
from quarantine.policy.files import FileChange, Patch
from quarantine.policy.module import Module
from quarantine.policy.rule import Hit, Rule

_INVISIBLE_LETTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\u2800")
_FORBIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})
_COOKIE = re.compile(r"^[ \t\f]*#.*?coding[:=][ \t]*([-_.a-zA-Z0-9]+)")
_SUPPRESSION = re.compile(
    r"\b(noqa|nosec|nosemgrep|type:\s*ignore|pragma:\s*no\s*(?:cover|branch)|pylint:|pyright:"
    r"|mypy:|pyre-|flake8[:-]|ruff:|fmt:\s*(?:off|skip)|isort:|yapf:|pytype:|noinspection"
    r"|coverage:|bandit:|healer:)",
    re.IGNORECASE,
)
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
_PROSE_WORDS = 6
"""A string of so many words is a message to a reader, which may name a page."""
_SECRET = re.compile(
    r"AKIA[0-9A-Z]{16}|gh[pousr]_\w{20,}|sk-[\w-]{16,}|xox[abprs]-[\w-]{10,}|-----BEGIN [A-Z ]+"
    r"|eyJ[\w-]{10,}\.eyJ|(?i:password|passwd|secret|token|api_?key)\s*[=:]\s*\S{4,}"
)
_SECRET_NAME = re.compile(r"password|passwd|secret|token|api_?key|credential", re.IGNORECASE)
_TEST_NAMES = re.compile(
    r"pytest|unittest|conftest|_called_from_test|junit|nose2|coverage_run|\b\d+ passed\b"
    r"|<testsuite|test session starts",
    re.IGNORECASE,
)
_TEST_FILES = re.compile(r"(^|/)tests?/|(^|/)test_\w*\.py|_test\.py$|^tests$")
_DUNDER = re.compile(r"__(?:globals|class|subclasses|builtins|import|code|dict|mro|bases)__")
_OPAQUE = re.compile(r"[A-Za-z0-9+/=_\-\\x%]{120,}")
_TEST_HOOKS = re.compile(
    r"pytest_\w+|__test__|__unittest|__tracebackhide__|load_tests|collect_ignore(_glob)?"
    r"|(setup|teardown)_(module|function)|(setUp|tearDown)Module"
)
_DETECTION = re.compile(
    r"^/proc\b|^/sys\b|dockerenv|containerenv|cgroup|kubepods|^/dev/(?!null|stdin|stdout|stderr"
    r"|u?random)|(?:^|/)\.git(?:/|$)|^(?:CI|GITHUB_ACTIONS|DOCKER\w*|HEALER\w*|\w*SANDBOX\w*|TOX_\w+)$"
)
_CREDENTIAL_FILES = re.compile(
    r"\.ssh\b|id_rsa|id_ed25519|\.aws\b|\.netrc|\.pgpass|/etc/(?:passwd|shadow)|\.git-credentials"
    r"|\.docker/config|\.kube/|(?:^|/)\.env$"
)


def _strange_characters(patch: Patch) -> Iterator[Hit]:
    for file in patch.files:
        for number, line in file.added_lines:
            strange = next((char for char in line if _is_strange(char)), None)
            if strange is not None:
                name = unicodedata.name(strange, "no name")
                yield Hit(file.path, number, f"U+{ord(strange):04X}, {name}")


def _is_strange(char: str) -> bool:
    if char in "\t" or " " <= char <= "~":
        return False
    category = unicodedata.category(char)
    odd_space = category == "Zs" and char != " "
    return category in _FORBIDDEN_CATEGORIES or odd_space or char in _INVISIBLE_LETTERS


def _encodings(patch: Patch) -> Iterator[Hit]:
    for file in patch.files:
        if file.too_big or file.new is None:
            continue
        if file.new_text is None:
            yield Hit(file.path, what="the file is not UTF-8 text")
        elif file.is_python:
            old = _cookie(file.old_text or "")
            new = _cookie(file.new_text)
            if new and new != old and new.lower().replace("_", "-") not in {"utf-8", "utf8"}:
                yield Hit(file.path, 1, f"it declares the encoding {new}")
    for file in patch.files:
        bom = b"\xef\xbb\xbf"
        if (file.new or b"").startswith(bom) and not (file.old or b"").startswith(bom):
            yield Hit(file.path, 1, "a byte order mark is added")


def _cookie(text: str) -> str:
    found = (_COOKIE.match(line) for line in text.split("\n")[:2])
    return next((match[1] for match in found if match), "")


def _foreign_identifiers(patch: Patch) -> Iterator[Hit]:
    for file in patch.python:
        if file.new_text is None or file.new_text.isascii():
            continue
        known = {name for name, _ in _identifiers(file.old_module)}
        for name, line in _identifiers(file.new_module):
            if not name.isascii() and name not in known:
                yield Hit(file.path, line, name)


def _identifiers(module: Module | None) -> Iterator[tuple[str, int]]:
    for node in module.nodes if module else ():
        for field in ("id", "attr", "arg", "name", "asname"):
            value = getattr(node, field, None)
            if isinstance(value, str):
                yield value, line_of(node)


def _suppressions(patch: Patch) -> Iterator[Hit]:
    for file in patch.files:
        if not file.is_python or file.new_text is None:
            continue
        left = Counter(word for word, _ in _suppressed(file.old_text or ""))
        for word, line in _suppressed(file.new_text):
            left[word] -= 1
            if left[word] < 0:
                yield Hit(file.path, line, word)


def _suppressed(text: str) -> Iterator[tuple[str, int]]:
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


def _new_strings(patch: Patch) -> Iterator[tuple[FileChange, str, int]]:
    """Strings of product code, docstrings left out, that the base does not hold."""

    def strings(module: Module) -> Iterator[ast.AST]:
        for node in module.of(ast.Constant):
            if isinstance(_value(node), str | bytes) and id(node) not in module.docstrings:
                yield node

    for file, node in added(patch.product, strings, _value):
        value = _value(node)
        text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
        yield file, text, line_of(node)


def _value(node: ast.AST) -> object:
    return node.value if isinstance(node, ast.Constant) else None


def _strings_like(pattern: re.Pattern[str], patch: Patch) -> Iterator[Hit]:
    for file, text, line in _new_strings(patch):
        match = pattern.search(text)
        if match:
            yield Hit(file.path, line, match[0].strip()[:60])


def _strings_of_new_kind(pattern: re.Pattern[str], patch: Patch) -> Iterator[Hit]:
    """Strings whose match (a host, a verb) the base's changed files do not have."""
    known = {
        match[match.lastindex or 0].lower()
        for file in patch.files
        for match in pattern.finditer(file.old_text or "")
    }
    for file, text, line in _new_strings(patch):
        for match in pattern.finditer(text if len(text.split()) < _PROSE_WORDS else ""):
            if match[match.lastindex or 0].lower() not in known:
                yield Hit(file.path, line, match[0].strip()[:60])


def _addresses(patch: Patch) -> Iterator[Hit]:
    for pattern in (_URL, _ADDRESS, _HOST):
        yield from _strings_of_new_kind(pattern, patch)


def _queries(patch: Patch) -> Iterator[Hit]:
    known = Counter(
        match[1].split()[0].lower()
        for file in patch.files
        for node in (file.old_module.of(ast.Constant) if file.old_module else ())
        if isinstance(_value(node), str) and (match := _SQL.match(str(_value(node))))
    )
    for file, text, line in _new_strings(patch):
        match = _SQL.match(text)
        if match and not known[match[1].split()[0].lower()]:
            yield Hit(file.path, line, match[0].strip()[:60])


def _credentials(patch: Patch) -> Iterator[Hit]:
    yield from _strings_like(_SECRET, patch)
    yield from _strings_like(_CREDENTIAL_FILES, patch)
    for file, node in added(patch.product, _secret_assignments, ast.dump):
        yield Hit(file.path, line_of(node), "a literal under a secret's name")


def _secret_assignments(module: Module) -> Iterator[ast.AST]:
    for node in module.of(ast.Assign, ast.keyword):
        value = getattr(node, "value", None)
        if not (isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value):
            continue
        targets = node.targets if isinstance(node, ast.Assign) else []
        names = [ast.unparse(target) for target in targets]
        names += [node.arg or ""] if isinstance(node, ast.keyword) else []
        if any(_SECRET_NAME.search(name) for name in names) and " " not in value.value:
            yield value


def _test_names(patch: Patch) -> Iterator[Hit]:
    return _strings_like(_TEST_NAMES, patch)


def _test_hooks(patch: Patch) -> Iterator[Hit]:
    """Names that a test runner gives a meaning to, in a file that is not a test."""
    for file in patch.product:
        known = {name for name, _ in _identifiers(file.old_module)}
        for name, line in _identifiers(file.new_module):
            if _TEST_HOOKS.fullmatch(name) and name not in known:
                yield Hit(file.path, line, name)


def _test_files(patch: Patch) -> Iterator[Hit]:
    return _strings_like(_TEST_FILES, patch)


def _dunder_text(patch: Patch) -> Iterator[Hit]:
    return _strings_like(_DUNDER, patch)


def _opaque(patch: Patch) -> Iterator[Hit]:
    for file, text, line in _new_strings(patch):
        if _OPAQUE.fullmatch(text):
            yield Hit(file.path, line, f"{text[:20]}..., {len(text)} characters")


def _detection(patch: Patch) -> Iterator[Hit]:
    return _strings_like(_DETECTION, patch)


def _shell(patch: Patch) -> Iterator[Hit]:
    return _strings_like(_SHELL, patch)


def _unparsable(patch: Patch) -> Iterator[Hit]:
    for file in patch.files:
        read = file.is_python and file.new_text is not None and not file.too_long
        if read and file.new_module is None:
            yield Hit(file.path)


RULES = (
    Rule(
        "strange-character", "reject",
        "It adds a control or an invisible character ({what}).", _strange_characters,
    ),
    Rule("encoding", "reject", "It can be read in two ways: {what}.", _encodings),
    Rule(
        "foreign-identifier", "person",
        "The new name {what} has letters outside ASCII, which can look like others.",
        _foreign_identifiers,
    ),
    Rule("unparsable", "reject", "Python cannot parse the patched file.", _unparsable),
    Rule("suppression", "person", "It adds a comment that silences a check ({what}).",
         _suppressions),
    Rule("new-address", "person", "It adds an address or a host ({what}).", _addresses),
    Rule("query-text", "person", "It adds a database statement ({what}).", _queries),
    Rule("shell-text", "person", "It adds a shell command ({what}).", _shell),
    Rule("credential", "person", "It handles something secret ({what}).", _credentials),
    Rule("test-framework", "reject", "Code outside the tests names the test tools ({what}).",
         _test_names),
    Rule("test-framework", "reject", "Code outside the tests hooks into the test tools ({what}).",
         _test_hooks),
    Rule("test-framework", "person", "Code outside the tests names the tests' files ({what}).",
         _test_files),
    Rule("hidden-name", "person", "A text names an inner part of Python ({what}), as tricks do.",
         _dunder_text),
    Rule("opaque-text", "person", "A long text cannot be read by a person ({what}).", _opaque),
    Rule("sandbox-detection", "reject", "It looks for signs of a container or a test run ({what}).",
         _detection),
)  # fmt: skip
