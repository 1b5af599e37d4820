"""How many tokens a text has, roughly and at most.

Belongs here: two counts that need no vocabulary. `estimate` is for budgets of prompt sections and
for replies without usage; `overestimate` is for money, where too little is not allowed.
"""

import re
from math import ceil

_PIECE = re.compile(r"[A-Za-z]+|\d+|\s+|[^\w\s]+|_+|[^\W\d_A-Za-z]")
_LETTERS_PER_TOKEN = 7
_DIGITS_PER_TOKEN = 3
_MARKS_PER_TOKEN = 3
_PER_MESSAGE = 8


def estimate(text: str) -> int:
    """About the number that a byte-pair vocabulary of 100,000 or more entries gives.

    A word is a token for every 7 letters, a number for every 3 digits, a run of marks for every
    3; blanks inside a line belong to the word after them, a line's end with the indentation after
    it is one token; a character outside ASCII is one.
    """
    return sum(map(_estimate_piece, _PIECE.findall(text)))


def _estimate_piece(piece: str) -> int:
    if piece.isspace():
        return 1 if "\n" in piece or len(piece) > 1 else 0
    if piece.isascii() and piece.isalpha():
        return ceil(len(piece) / _LETTERS_PER_TOKEN)
    if piece.isdigit():
        return ceil(len(piece) / _DIGITS_PER_TOKEN)
    return ceil(len(piece) / _MARKS_PER_TOKEN)


def overestimate(*messages: str) -> int:
    """No fewer tokens than any vocabulary gives: no byte-level one has more of them than bytes."""
    return sum(len(message.encode("utf-8", "replace")) + _PER_MESSAGE for message in messages)
