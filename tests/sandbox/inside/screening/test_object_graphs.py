"""Objects are shown by what they hold, and varied without harm to the recorded ones."""

import collections
import dataclasses
import io
import pathlib
import random
from typing import Any

import pytest

from sandbox.inside.screening import object_graphs
from sandbox.inside.screening.similar_inputs import make_inputs


class Node:
    def __init__(self, value: int, after: "list[Node] | None" = None) -> None:
        self.value, self.after = value, after or []


class Link:
    def __init__(self, other: "Link | None" = None) -> None:
        self.other = other


class Named:
    def __repr__(self) -> str:
        return "a name"


def test_objects_are_shown_by_what_they_hold_and_rings_end() -> None:
    first = Node(1)
    second = Node(2, [first])
    assert object_graphs.describe((second, 7)) == "(Node#1(value=2, after=[Node#2(value=1)]), 7)"
    first.after = [second]
    assert (
        object_graphs.describe([first])
        == "[Node#1(value=1, after=[Node#2(value=2, after=[Node#1])])]"
    )


def test_plain_values_are_shown_as_they_show_themselves() -> None:
    for value in (1, "a", None, (2,), ((), [1, (2,)]), {"a": [1]}, Named(), {1}):
        text = object_graphs.describe(value)
        assert text == repr(value)


def test_what_is_too_deep_is_cut() -> None:
    value: list[object] = []
    for _ in range(40):
        value = [value]
    assert "..." in object_graphs.describe(value)


def test_only_instances_without_a_text_of_their_own_are_looked_into() -> None:
    assert object_graphs.is_plain_object(Node(1))
    for value in (1, "a", None, Named(), Node, object()):
        assert not object_graphs.is_plain_object(value)


def test_each_object_behind_a_value_is_listed_once() -> None:
    first = Node(1)
    second = Node(2, [first, first])
    first.after = [second]
    assert object_graphs.list_reachable([second, first]) == [second, first]
    assert object_graphs.list_reachable((1, "a")) == []


def test_no_more_than_sixty_objects_are_listed() -> None:
    assert len(object_graphs.list_reachable([Node(n) for n in range(100)])) == 60


def test_graphs_of_objects_are_varied_and_the_recorded_ones_stay() -> None:
    first = Node(1)
    second = Node(2, [first])
    before = object_graphs.describe(second)
    texts = {object_graphs.describe(call) for call in make_inputs([(second, first)])}
    assert len(texts) > 10
    assert object_graphs.describe(second) == before
    assert any("after=[]" not in text and text.count("Node#1") > 1 for text in texts)


def test_a_link_to_an_object_is_cut_or_set_anew() -> None:
    shapes = set()
    for seed in range(40):
        third = Link(Link(Link()))
        shapes.add(object_graphs.describe(object_graphs.vary_object(third, random.Random(seed))))
    assert "Link#1()" in shapes
    assert "Link#1(other=Link#1)" in shapes


class Unfinished:
    """As a job of which only half is known yet."""

    def __init__(self) -> None:
        self.work = None
        self.every = 3

    def __repr__(self) -> str:
        return f"every {self.every} by {self.work.name}"  # type: ignore[attr-defined] # it fails


class Mute:
    """Without attributes, and without a text."""

    __slots__ = ()

    def __repr__(self) -> str:
        raise ValueError


class Column:
    """Compares as arrays do: element by element, and the answer is no truth value."""

    __hash__ = None  # type: ignore[assignment] # as arrays

    def __repr__(self) -> str:
        return "Column"

    def __eq__(self, other: object) -> "Column":  # type: ignore[override] # as arrays
        return self

    __ne__ = __eq__  # type: ignore[assignment] # as arrays

    def __le__(self, other: object) -> "Column":
        return self

    def __bool__(self) -> bool:
        raise ValueError("the truth value is ambiguous")


def test_objects_whose_own_text_or_comparison_fails_are_shown_all_the_same() -> None:
    assert object_graphs.describe(Unfinished()) == "Unfinished#1(every=3)"
    assert object_graphs.describe([Mute()]) == "[<Mute>]"
    assert object_graphs.describe(Node(Column())) == "Node#1(value=Column)"


def test_calls_with_such_objects_are_varied() -> None:
    call = ([Unfinished(), Unfinished()], [Column(), Column()], [Mute()], 3)
    assert len(make_inputs([call])) > 10


@dataclasses.dataclass
class Order:
    rows: list[int]
    unit: str = dataclasses.field(default="g", repr=False)


@dataclasses.dataclass(frozen=True)
class Fixed:
    n: int


class Slots:
    __slots__ = ("n", "unset")

    def __init__(self, n: int) -> None:
        self.n = n


class Secretive:
    def __init__(self, n: int) -> None:
        self.n = n

    def __repr__(self) -> str:
        return "always the same"

    def __call__(self) -> int:
        return self.n


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Order([1]), "Order#1(rows=[1], unit='g')"),
        (Fixed(2), "Fixed#1(n=2)"),
        (Slots(3), "Slots#1(n=3)"),
        (Secretive(4), "Secretive#1(n=4)"),
        (io.StringIO("a\n1\n"), "StringIO('a\\n1\\n')"),
        (io.BytesIO(b"1"), "BytesIO(b'1')"),
    ],
)
def test_what_a_value_holds_is_shown_whatever_it_says_of_itself(value: object, text: str) -> None:
    assert object_graphs.describe(value) == text


@pytest.mark.parametrize("value", [Fixed(2), Slots(2), Secretive(2)])
def test_each_kind_of_object_can_hold_another_value(value: Any) -> None:
    object_graphs.set_attribute(value, "n", 5)
    assert object_graphs.list_attributes(value) == [("n", 5)]


def test_what_a_library_made_is_what_it_says() -> None:
    assert not object_graphs.is_plain_object(pathlib.PurePosixPath("a"))
    assert not object_graphs.is_plain_object(collections.Counter("a"))
