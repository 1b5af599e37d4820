"""Copies of arguments whose functions remember what they were called with."""

from __future__ import annotations

import copy
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.inside.screening.call_copies import copy_call, find_memory

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def _make_noting() -> tuple[Callable[[object], int], list[object]]:
    noted: list[object] = []

    def note(value: object) -> int:
        noted.append(value)
        return len(noted)

    return note, noted


def test_a_closure_that_notes_has_notes_of_its_own_in_the_copy() -> None:
    note, noted = _make_noting()
    (copied,) = copy_call((note,))
    assert [copied("a"), copied("b")] == [1, 2]
    assert noted == []
    assert note("c") == 1


def test_a_counter_that_is_a_plain_variable_is_copied() -> None:
    count = 3

    def draw() -> int:
        nonlocal count
        count += 1
        return count

    (copied,) = copy_call((draw,))
    assert [copied(), copied()] == [4, 5]
    assert count == 3


def test_a_method_of_a_list_is_called_on_a_list_of_its_own() -> None:
    posted: list[int] = [1]
    (post,) = copy_call((posted.append,))
    post(2)
    assert posted == [1]
    assert dict(find_memory((post,))) == {"what append is called on": [1, 2]}


def test_a_list_and_its_method_stay_together() -> None:
    posted: list[int] = []
    (post, copied) = copy_call((posted.append, posted))
    post(7)
    assert copied == [7]


class _Holder:
    def __init__(self, ask: Callable[[object], int]) -> None:
        self.ask = ask

    def put(self, value: object) -> int:
        return self.ask(value)


@pytest.mark.parametrize(
    "wrap", [_Holder, lambda f: [f], lambda f: {"f": f}, lambda f: _Holder(f).put]
)
def test_a_function_within_an_argument_is_found(wrap: Callable[[Any], Any]) -> None:
    note, noted = _make_noting()
    (thing,) = copy_call((wrap(note),))
    assert dict(find_memory((thing,))) == {"note's noted": []}
    asked = thing.ask if isinstance(thing, _Holder) else thing
    asked = asked[0] if isinstance(asked, list) else asked
    asked = asked["f"] if isinstance(asked, dict) else asked
    asked("x")
    assert dict(find_memory((thing,))) == {"note's noted": ["x"]}
    assert noted == []


def test_a_function_that_calls_itself_is_copied_once() -> None:
    seen: Counter[int] = Counter()

    def count_down(number: int) -> int:
        seen[number] += 1
        return number and count_down(number - 1)

    (copied,) = copy_call((count_down,))
    assert copied(2) == 0
    assert not seen
    assert dict(find_memory((copied,))) == {"count_down's seen": Counter({2: 1, 1: 1, 0: 1})}


def test_what_cannot_be_copied_stays_shared() -> None:
    stream = iter([1, 2])
    lock_like = [stream, lambda: None, (n for n in [1])]

    def read() -> int:
        return next(stream) + len(lock_like)

    (copied,) = copy_call((read,))
    assert copied() == 4


def test_a_large_list_stays_shared() -> None:
    rows = list(range(5000))

    def count() -> int:
        return len(rows)

    (copied,) = copy_call((count,))
    assert copied() == 5000
    assert dict(find_memory((copied,))) == {}


def test_a_variable_without_a_value_yet_is_none() -> None:
    def outer() -> Callable[[], int]:
        def inner() -> int:
            return later

        (copied,) = copy_call((inner,))
        assert dict(find_memory((copied,))) == {"inner's later": None}
        later = 1
        return inner

    assert outer()() == 1


class _Proxy:
    def __getattr__(self, name: str) -> object:
        raise RuntimeError(name)


def test_an_object_that_answers_to_nothing_does_no_harm() -> None:
    assert dict(find_memory((_Proxy(), len, int, copy))) == {}


def test_an_open_text_file_is_the_rest_of_its_text(tmp_path: Path) -> None:
    (tmp_path / "in").write_text("a\nb\n")
    with (tmp_path / "in").open() as file:
        assert file.readline() == "a\n"
        (copied,) = copy_call((file,))
        assert (copied.read(), file.read()) == ("b\n", "b\n")
    with (tmp_path / "out").open("w") as file, pytest.raises(OSError, match="not readable"):
        copy_call((file,))
