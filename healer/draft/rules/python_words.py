"""What newer Pythons say, in the words of CPython 3.11, in which the rules are written.

Belongs here: messages of the interpreter and its standard library that a release has reworded, and
some rule reads. Does not belong here: what a message means (the rules). Whole messages only: a
sentence of the job's own that quotes one is left as it is.
"""

import re
from functools import lru_cache

_MOMENTS = r"(?:datetime\.date' and 'datetime\.datetime|datetime\.datetime' and 'datetime\.date)"
_REWORDED = (
    # 3.12
    (
        r"argument should be a str or an os\.PathLike object where __fspath__ returns a str, "
        r"not '([\w.]+)'",
        r"expected str, bytes or os.PathLike object, not \1",
    ),
    # 3.13; of functions that are written in C, from then on as of all others
    (r"'(\w+)' is an invalid keyword argument for (\w+)\(\)",
     r"\2() got an unexpected keyword argument '\1'"),
    (r"([\w.<>]+\(\) got an unexpected keyword argument '\w+')\. Did you mean '\w+'\?", r"\1"),
    (r"('module' object is not callable)\. Did you mean: '[\w.]+\(\.\.\.\)'\?", r"\1"),
    (r"(min|max)\(\) iterable argument is empty", r"\1() arg is an empty sequence"),
    (rf"'[<>]=?' not supported between instances of '{_MOMENTS}'",
     "can't compare datetime.datetime to datetime.date"),
    (r"Can't (?:get local object '|pickle local object <function )([\w.<>]+)(?:'| at 0x[0-9a-f]+>)",
     r"Can't pickle local object '\1'"),
    # 3.14
    (r"cannot use '[\w.]+' as a (?:dict key|set element) \((unhashable type: '[\w.]+')\)", r"\1"),
    (r"(too many values to unpack \(expected \d+), got \d+\)", r"\1)"),
    (r"year must be in 1\.\.9999, not (-?\d+)", r"year \1 is out of range"),
    (r"'([\w.]+)' object can't be awaited", r"object \1 can't be used in 'await' expression"),
    # of which 3.14 has left one wording
    (r"(?:float|integer) (?:floor )?(?:division|modulo|division or modulo)(?: by zero)?"
     r"|float divmod\(\)", "division by zero"),
    (r"(unsupported operand type\(s\) for >>: 'builtin_function_or_method' and '[\w.]+')"
     r'\. Did you mean "print\(<message>, file=<output_stream>\)"\?', r"\1"),
)  # fmt: skip
_PATTERNS = tuple((re.compile(pattern), words) for pattern, words in _REWORDED)


@lru_cache(maxsize=256)
def use_older_words(message: str) -> str:
    """The message of an exception, whichever Python worded it."""
    for pattern, words in _PATTERNS:
        match = pattern.fullmatch(message)
        if match is not None:
            return match.expand(words)
    return message
