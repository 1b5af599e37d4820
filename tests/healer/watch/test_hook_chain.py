"""What the hook said counts, and what it cannot know is taken from what was printed."""

import sys
from pathlib import Path
from typing import Any

import pytest

from healer.failure import fingerprint, parse_traceback
from healer.watch.hook_chain import HookError, read_hook_chain
from tests.support.healer_jobs import read_failure, repository, under_healer

POOL = (
    "import multiprocessing as m\n\ndef count(text):\n    return int(text)\n\n"
    "rows = ['1', 'null']\n"
)
STARTS = {
    "pool": f"{POOL}m.get_context('fork').Pool(2).map(count, rows)\n",
    "executor": f"{POOL}from concurrent.futures import ProcessPoolExecutor as P\n"
    "list(P(2, m.get_context('fork')).map(count, rows))\n",
}


@pytest.mark.parametrize("way", STARTS)
def test_what_failed_in_a_worker_is_the_culprit(tmp_path: Path, way: str) -> None:
    repo = repository(tmp_path, {"job.py": STARTS[way]})
    stderr = under_healer(sys.executable, "job.py", cwd=repo).stderr
    failure = read_failure(repo)
    inner, outer = failure.chain
    assert (inner.type, inner.relation, outer.type) == ("ValueError", "cause", "ValueError")
    assert inner.frames[-1].function == "count"
    assert outer.frames[0].locals
    assert failure.fingerprint == fingerprint(parse_traceback(stderr, str(repo)))


def said(kind: str, **more: Any) -> HookError:
    facts: Any = {"type": kind, "message": "m", "frames": [], "attributes": {}, **more}
    error: HookError = facts
    return error


PRINTED = parse_traceback(
    'Traceback (most recent call last):\n  File "a.py", line 1, in f\n    x\nKeyError: 1\n\n'
    "The above exception was the direct cause of the following exception:\n\n"
    'Traceback (most recent call last):\n  File "b.py", line 2, in g\n    y\nOSError: no\n'
)
REMOTE = "multiprocessing.pool.RemoteTraceback"


@pytest.mark.parametrize(
    ("types", "expected"),
    [
        ([REMOTE, "OSError"], ["KeyError", "OSError"]),
        ([REMOTE, "ValueError"], [REMOTE, "ValueError"]),
        ([REMOTE], ["KeyError", "OSError"]),
        (["KeyError", "OSError"], ["KeyError", "OSError"]),
        ([REMOTE, "KeyError", "OSError"], [REMOTE, "KeyError", "OSError"]),
        ([], []),
    ],
)
def test_only_what_follows_alike_is_taken_from_the_print(
    types: list[str], expected: list[str]
) -> None:
    chain = read_hook_chain([said(each) for each in types], "", "", PRINTED)
    assert [each.type for each in chain] == expected


def test_a_message_that_the_hook_cannot_have_is_the_printed_one() -> None:
    errors = [said("KeyError"), said("OSError", message=None)]
    assert [each.message for each in read_hook_chain(errors, "", "", PRINTED)] == ["m", "no"]
    others = [said("OSError", message=None, attributes={"args": "('x',)"})]
    assert read_hook_chain(others, "", "", PRINTED)[0].message == "('x',)"


@pytest.mark.parametrize("error", [{}, {"type": "A"}, said("A", frames=[{}]), said("A", frames=7)])
def test_what_the_hook_has_not_said_so_is_none(error: Any) -> None:
    assert read_hook_chain([error], "", "", ()) == ()
