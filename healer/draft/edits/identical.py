"""Whether two drafts come to the same change, however they are written."""

import ast
import hashlib
from collections.abc import Mapping

from healer.draft.edits.symbols import parse


def fingerprint(contents: Mapping[str, bytes]) -> str:
    """16 hexadecimal digits, the same for changes that differ only in comments or formatting.

    `contents` are the new contents by path, as `apply` gives them.
    """
    digest = hashlib.sha256()
    for path, data in sorted(contents.items()):
        digest.update(f"{path}\0".encode("utf-8", "replace") + _normalised(path, data) + b"\0")
    return digest.hexdigest()[:16]


def _normalised(path: str, data: bytes) -> bytes:
    text = data.decode("utf-8", "replace")
    tree = parse(text) if path.endswith((".py", ".pyi")) else None
    try:
        meaning = ast.dump(tree) if tree else None
    except RecursionError:
        meaning = None
    lines = (" ".join(line.split()) for line in text.splitlines())
    return (meaning or "\n".join(line for line in lines if line)).encode("utf-8", "replace")
