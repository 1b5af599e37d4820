"""The rule about secrets: values that are one, and files that hold some.

Belongs here: what looks like a secret in a patch. Does not belong here: hiding secrets from what
healer writes (`healer.redact`).
"""

import ast
import re
from collections.abc import Iterator

from quarantine.policy.files import Patch
from quarantine.policy.module import Module
from quarantine.policy.new_items import find_new, line_of
from quarantine.policy.new_strings import match_strings
from quarantine.policy.rule import Hit, cwe, rule

_SECRET = re.compile(
    r"AKIA[0-9A-Z]{16}|gh[pousr]_\w{20,}|sk-[\w-]{16,}|xox[abprs]-[\w-]{10,}|-----BEGIN [A-Z ]+"
    r"|eyJ[\w-]{10,}\.eyJ|(?i:password|passwd|secret|token|api_?key)\s*[=:]\s*\S{4,}"
)
_SECRET_NAME = re.compile(r"password|passwd|secret|token|api_?key|credential", re.IGNORECASE)
_CREDENTIAL_FILES = re.compile(
    r"\.ssh\b|id_rsa|id_ed25519|\.aws\b|\.netrc|\.pgpass|/etc/(?:passwd|shadow)|\.git-credentials"
    r"|\.docker/config|\.kube/|(?:^|/)\.env$"
)


@rule(
    "credential",
    "person",
    "It handles something secret ({what}).",
    refuses='+ api_key = "0123456789abcdef"',
    allows="+ api_key_file = None",
    link=cwe(798),
)
def credentials(patch: Patch) -> Iterator[Hit]:
    """A secret written down, or a file that keeps secrets."""
    yield from match_strings(_SECRET, patch)
    yield from match_strings(_CREDENTIAL_FILES, patch)
    for file, node in find_new(patch.product, _find_assignments, ast.dump):
        yield Hit(file.path, line_of(node), "a literal under a secret's name")


def _find_assignments(module: Module) -> Iterator[ast.AST]:
    for node in module.of(ast.Assign, ast.keyword):
        value = getattr(node, "value", None)
        if not (isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value):
            continue
        targets = node.targets if isinstance(node, ast.Assign) else []
        names = [ast.unparse(target) for target in targets]
        names += [node.arg or ""] if isinstance(node, ast.keyword) else []
        if any(_SECRET_NAME.search(name) for name in names) and " " not in value.value:
            yield value


RULES = (credentials,)
