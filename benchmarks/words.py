"""Makes `healer/draft/rules/words.txt`: words that a name may well be made of on purpose.

    python -m benchmarks.words LIST > healer/draft/rules/words.txt

LIST is SCOWL's small American list, one word a line (Debian: `wamerican-small` 2020.12.07-2 puts it
into /usr/share/dict/american-english-small). Added are the words that names, comments and texts of
the standard library's modules hold, of this interpreter, in at least two files.
"""

import re
import sys
import sysconfig
from collections import Counter
from pathlib import Path

LENGTHS = range(4, 13)
FILES = 2
LEFT_OUT = {"site-packages", "test", "tests", "idle_test", "lib2to3", "encodings"}
NOTICE = """\
# Words that a name may well be made of on purpose; made by `python -m benchmarks.words`.
#
# Most are of SCOWL (Spell Checker Oriented Word Lists), the small American list:
# Copyright 2000-2011 by Kevin Atkinson. Permission to use, copy, modify, distribute and sell these
# word lists, the associated scripts, the output created from the scripts, and its documentation for
# any purpose is hereby granted without fee, provided that the above copyright notice appears in all
# copies and that both that copyright notice and this permission notice appear in supporting
# documentation. Kevin Atkinson makes no representations about the suitability of this array for any
# purpose. It is provided "as is" without express or implied warranty.
"""


def of_the_library() -> set[str]:
    """Words of the standard library, lower case."""
    root = Path(sysconfig.get_paths()["stdlib"])
    files: Counter[str] = Counter()
    for path in root.rglob("*.py"):
        if not LEFT_OUT & set(path.relative_to(root).parts):
            text = path.read_text(encoding="utf-8", errors="replace")
            parts = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", text)
            files.update({word.lower() for word in parts})
    return {word for word, count in files.items() if count >= FILES}


def main() -> None:
    """Prints the list."""
    known_words = set(Path(sys.argv[1]).read_text(encoding="utf-8").split())
    words = {
        word
        for word in known_words | of_the_library()
        if len(word) in LENGTHS and re.fullmatch("[a-z]+", word)
    }
    print(NOTICE + "\n".join(sorted(words)))


if __name__ == "__main__":
    main()
