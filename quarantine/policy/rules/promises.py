"""Rules about what docstrings and comments promise: taken away, or no longer true.

Belongs here: text about a function that the patch changes, held against its code. Does not belong
here: text that speaks to whoever reads it (`source_text`).
"""

import ast
import re
from collections.abc import Iterator

from quarantine.policy.files import Patch
from quarantine.policy.module import Function, Module
from quarantine.policy.rule import Hit, cwe, rule
from quarantine.policy.rules.source_text import find_comments

_SENTENCE_END = re.compile(r"[.;:!?]\s|\n\s*\n")
_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.]|\s*%)")
_PROMISE = re.compile(
    r"\b(?:never|always|must|only|not|no|at (?:most|least)|first|last|before|after|\d+)\b", re.I
)
"""A comment that says how it has to be, and not merely what comes next."""
_FEWEST_WORDS = 3
_SHARE_KEPT = 0.5
"""Of a sentence's words, from this share on it still stands there in other words."""
_WHAT_CHARS = 60


@rule(
    "lost-promise",
    "person",
    "It takes away what is said of a function ({what}).",
    refuses='''
          def winner(bids):
        -     """Who bid most. Of equal bids the earlier one wins."""
        -     return max(bids, key=lambda bid: bid.sum)
        +     """Who bid most."""
        +     return sorted(bids, key=lambda bid: bid.amount)[-1]
        ''',
    allows='''
          def winner(bids):
              """Who bid most. Of equal bids the earlier one wins."""
        -     return max(bids, key=lambda bid: bid.sum)
        +     return max(bids, key=lambda bid: bid.amount)
        ''',
    link=cwe(1116),
)
def lost_promises(patch: Patch) -> Iterator[Hit]:
    """A sentence of a docstring, or a comment that says how it has to be, that is gone while its
    function stays and is changed."""
    for file in patch.product:
        if not file.old_module or not file.new_module:
            continue
        for name, before, after in _find_changes(file.old_module, file.new_module):
            texts = (file.old_text or "", file.new_text or "")
            rest = {word.lower() for word in _WORD.findall(_describe(after, texts[1]))}
            for sentence in _find_sentences(before, texts[0]):
                words = [word.lower() for word in _WORD.findall(sentence)]
                count = sum(word in rest for word in words)
                if len(words) >= _FEWEST_WORDS and count < _SHARE_KEPT * len(words):
                    yield Hit(file.path, after.lineno, f"{name}: {sentence[:_WHAT_CHARS]}")


def _find_changes(old: Module, new: Module) -> Iterator[tuple[str, Function, Function]]:
    """Functions of both whose code differs, docstrings left out."""
    for name, after in new.functions.items():
        before = old.functions.get(name)
        if before is not None and _dump(before) != _dump(after):
            yield name, before, after


def _dump(function: Function) -> str:
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return ast.dump(function.args) + "".join(map(ast.dump, body))


def _describe(function: Function, text: str) -> str:
    """Its docstring and its comments."""
    return "\n".join([ast.get_docstring(function) or "", *_find_own_comments(function, text)])


def _find_own_comments(function: Function, text: str) -> Iterator[str]:
    for comment, line in find_comments(text):
        if function.lineno - 1 <= line <= (function.end_lineno or function.lineno):
            yield comment.lstrip("# ")


def _find_sentences(function: Function, text: str) -> Iterator[str]:
    """Of its docstring, and its comments that promise something."""
    yield from (each.strip() for each in _SENTENCE_END.split(ast.get_docstring(function) or ""))
    yield from (each for each in _find_own_comments(function, text) if _PROMISE.search(each))


@rule(
    "broken-promise",
    "person",
    "The docstring says {what}, which the code no longer does.",
    refuses='''
          def retry(call):
              """Tries at most 3 times."""
        -     for _ in range(3):
        +     for _ in range(5):
                  call()
        ''',
    allows='''
          def retry(call):
              """Tries at most 3 times."""
              for _ in range(3):
        -         call
        +         call()
        ''',
    link=cwe(1116),
)
def broken_promises(patch: Patch) -> Iterator[Hit]:
    """A number that a docstring states, that stood in the function's code and stands there no
    more."""
    for file in patch.product:
        if not file.old_module or not file.new_module:
            continue
        for name, before, after in _find_changes(file.old_module, file.new_module):
            numbers = {float(text) for text in _NUMBER.findall(ast.get_docstring(after) or "")}
            for number in sorted(numbers & _find_numbers(before) - _find_numbers(after)):
                yield Hit(file.path, after.lineno, f"{number:g} ({name})")


def _find_numbers(function: Function) -> set[float]:
    """Also those that are written as texts."""
    constants = [n.value for n in ast.walk(function) if isinstance(n, ast.Constant)]
    numbers = {float(c) for c in constants if isinstance(c, int | float)}
    return numbers | {float(c) for c in constants if isinstance(c, str) and _NUMBER.fullmatch(c)}


RULES = (lost_promises, broken_promises)
"""In the order in which they are listed."""
