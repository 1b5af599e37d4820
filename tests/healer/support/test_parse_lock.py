"""Threads that parse at once each get their tree."""

import ast
import gc
from concurrent.futures import ThreadPoolExecutor

from healer.support.parse_lock import serialise_parsing

SOURCE = "".join(
    f"def f{n}(a):\n    return [[a + {n}] for _ in (1, 2, (3, 4))]\n" for n in range(60)
)


class Slow:
    """Has a finaliser, in which another thread gets its turn."""

    def __init__(self) -> None:
        self.me = self

    def __del__(self) -> None:
        sum(range(2_000))


def parse(_: int) -> int:
    count = 0
    for _ in range(15):
        garbage = [Slow() for _ in range(30)]
        del garbage
        count += len(ast.parse(SOURCE).body)
    return count


def test_trees_that_threads_build_at_once_are_whole() -> None:
    serialise_parsing()
    before = gc.get_threshold()
    gc.set_threshold(50)
    try:
        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(parse, range(8))) == [15 * 60] * 8
    finally:
        gc.set_threshold(*before)


def test_it_is_put_in_place_once() -> None:
    serialise_parsing()
    first = ast.parse
    serialise_parsing()
    assert ast.parse is first
