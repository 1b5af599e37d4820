"""Stands for a program of that night: says what it said, and ends as it ended.

Runs as a program of its own, in place of the recorded one: `programs.py HOST:PORT WORDS…`. It asks
the peers, as for a page: which answer fits is theirs to say (`book`), and one that is not recorded
is told and fails here as a program that is not there. Belongs here: the question and the answer.
"""

from __future__ import annotations

import base64
import json
import os
import sys
from http.client import HTTPConnection
from urllib.parse import quote

TYPE_CHECKING = False  # it is loaded by every program that starts another
if TYPE_CHECKING:
    from .messages import WorldExchange, WorldProgram

METHOD = "RUN"
HOST = "programs"
RECORDED = 200
NOT_FOUND = 127


def make_target(words: list[str]) -> str:
    """The words as a page's address: numbered, so that moments among them are known as such."""
    query = "&".join(f"{number}={quote(word)}" for number, word in enumerate(words[1:]))
    return f"/{quote(words[0], safe='')}?{query}"


def make_exchange(program: WorldProgram) -> WorldExchange:
    """A recorded program as a request and its answer."""
    answer = {name: program[name] for name in ("exit_code", "stdout", "stderr")}
    text = base64.urlsafe_b64encode(json.dumps(answer).encode()).decode("ascii")
    return {
        "method": METHOD, "target": make_target(program["argv"]), "headers": [["Host", HOST]],
        "body": program["stdin"], "status": RECORDED, "reason": "", "is_cut": False,
        "version": "1.1", "answer_headers": [["Content-Length", "0"]], "answer": text,
    }  # fmt: skip


def main(place: str, words: list[str]) -> int:
    """Gives the exit code that the program had."""
    data = b"" if sys.stdin is None or sys.stdin.isatty() else sys.stdin.buffer.read()
    link = HTTPConnection(place, timeout=60)
    link.request(METHOD, make_target(words), data, {"Host": HOST})
    answer = link.getresponse()
    text = answer.read()
    if answer.status != RECORDED:
        sys.stderr.write(f"{words[0]}: not on the tape of this run\n")
        return NOT_FOUND
    facts = json.loads(text)
    sys.stdout.buffer.write(base64.urlsafe_b64decode(facts["stdout"]))
    sys.stderr.buffer.write(base64.urlsafe_b64decode(facts["stderr"]))
    sys.stdout.flush()
    code = int(facts["exit_code"])
    if code < 0:
        sys.stderr.flush()
        os.kill(os.getpid(), -code)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
