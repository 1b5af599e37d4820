"""One thread at a time turns source into a syntax tree.

Belongs here: the one thing that CPython does not let several threads do at once. Does not belong
here: parsing itself (whoever needs a tree calls `ast.parse`).

While it builds a tree, CPython counts how deep it is in one place for the whole interpreter.
Another thread that gets its turn meanwhile, as garbage collection may give it, moves that count,
and a good source ends with "SystemError: AST constructor recursion depth mismatch": seen on 3.11.7
where two candidates of a repair were judged side by side
(https://github.com/python/cpython/issues/106905).
"""

import ast
import functools
import threading
from typing import Any

_lock = threading.RLock()  # a finaliser may parse while its own thread does


def serialise_parsing() -> None:
    """From now on `ast.parse` waits for its turn, whoever in this process calls it."""
    if not hasattr(ast.parse, "__wrapped__"):
        ast.parse = _take_turns(ast.parse)


def _take_turns(parse: Any) -> Any:
    @functools.wraps(parse)
    def parse_alone(*arguments: Any, **keywords: Any) -> Any:
        with _lock:
            return parse(*arguments, **keywords)

    return parse_alone
