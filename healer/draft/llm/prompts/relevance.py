"""How well functions answer to the words of a failure.

Belongs here: the score, BM25 over the words of names, code and comments; pure. Does not belong
here: what is done with it (`excerpts`). A test's name, its comments and what it raised are the best
description of a fault that there is; a word that many functions hold says little.
"""

import math
import re
from collections import Counter
from collections.abc import Hashable, Mapping
from typing import TypeVar

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SHORTEST_WORD = 2
_SATURATION, _LENGTH_WEIGHT = 1.2, 0.6
"""The usual constants: how soon more of a word says no more, how much long texts are lowered."""
_Key = TypeVar("_Key", bound=Hashable)


def list_words(text: str) -> list[str]:
    """The words of text or code in lower case: `parseHTTPDate` and `parse_dates` are made of
    words; a plural is its singular."""
    words = (word.lower() for word in _WORD.findall(text))
    return [
        word.removesuffix("s") if len(word) > _SHORTEST_WORD + 1 else word
        for word in words
        if len(word) >= _SHORTEST_WORD
    ]


def score_texts(question: str, texts: Mapping[_Key, str]) -> dict[_Key, float]:
    """For each text how well it answers to the question: 1 for the best, 0 for no word shared."""
    counts = {key: Counter(list_words(text)) for key, text in texts.items()}
    holders = Counter(word for words in counts.values() for word in words)
    mean = sum(sum(words.values()) for words in counts.values()) / max(len(counts), 1) or 1.0
    question_words = Counter(list_words(question))

    def score(words: Counter[str]) -> float:
        length = sum(words.values()) / mean
        norm = _SATURATION * (1 - _LENGTH_WEIGHT + _LENGTH_WEIGHT * length)
        return sum(
            math.log(1 + (len(counts) - holders[word] + 0.5) / (holders[word] + 0.5))
            * (1 + math.log(question_words[word]))
            * words[word]
            / (words[word] + norm)
            for word in question_words.keys() & words.keys()
        )

    scores = {key: score(words) for key, words in counts.items()}
    best = max(scores.values(), default=0.0) or 1.0
    return {key: value / best for key, value in scores.items()}
