"""What one machine has told, all have told; a fact that one works on no other one touches."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from healer.failure import Fact
from healer.notify.fact_files import FactStore
from healer.notify.fact_tables import CLAIM_S, FactTables
from healer.support.postgres import Scope
from healer.support.shared_tables import SharedTables


class Word(Fact):
    text: str


@pytest.fixture
def machines(
    tmp_path: Path, shared_url: str, scope: Scope
) -> Iterator[tuple[FactTables, FactTables, SharedTables]]:
    with ExitStack() as stack:
        one, two = (stack.enter_context(SharedTables(shared_url, scope)) for _ in range(2))
        yield FactTables(one, tmp_path / "one"), FactTables(two, tmp_path / "two"), one


def test_a_fact_is_there_until_it_is_removed(facts: FactStore) -> None:
    facts.write("a", "x", Word(text="1"))
    facts.write("a", "x", Word(text="2\x00é"))
    facts.write("b", "y", Word(text="3"))
    assert facts.read("a", "x", Word) == Word(text="2\x00é")
    assert facts.read("b", "x", Word) is None
    assert list(facts.read_all("a", Word)) == [("x", Word(text="2\x00é"))]
    assert (facts.count("a"), facts.count("c")) == (1, 0)
    assert facts.has("y", "a", "b") and not facts.has("y", "a")
    assert facts.find_used("a", "b", "c") == {"a", "b"}
    facts.remove("a", "x")
    facts.remove("a", "x")
    assert facts.read("a", "x", Word) is None


def test_a_move_is_whole_whatever_the_target_held(facts: FactStore) -> None:
    facts.write("a", "x", Word(text="1"))
    facts.move("a", "x", "b", Word(text="2"))
    facts.write("a", "x", Word(text="1"))
    facts.move("a", "x", "b", Word(text="3"))
    assert facts.find_used("a", "b") == {"b"}
    assert list(facts.read_all("b", Word)) == [("x", Word(text="3"))]


def test_what_is_no_such_fact_is_named_without_one(facts: FactStore) -> None:
    class Number(Fact):
        number: int

    facts.write("a", "x", Number(number=1))
    assert list(facts.read_all("a", Word)) == [("x", None)]
    assert facts.claim("a", "x", Word) is None


def test_of_two_machines_one_has_a_claim_until_it_is_done_or_dead(
    machines: tuple[FactTables, FactTables, SharedTables],
) -> None:
    one, two, tables = machines
    one.write("queue", "m", Word(text="1"))
    assert two.claim("queue", "m", Word) == Word(text="1")
    assert one.claim("queue", "m", Word) is None
    two.write("queue", "m", Word(text="2"))  # it will try again later
    assert one.claim("queue", "m", Word) == Word(text="2")
    one.release("queue", "m")
    assert one.claim("queue", "m", Word) == Word(text="2")
    with tables.transaction() as connection:  # and dies
        connection.execute(
            "UPDATE mail_fact SET claimed_until = claimed_until - make_interval(secs => ?)",
            (CLAIM_S + 1,),
        )
    assert two.claim("queue", "m", Word) == Word(text="2")
    two.move("queue", "m", "sent", Word(text="3"))
    assert one.claim("queue", "m", Word) is None


def test_what_an_error_cuts_short_never_was(
    machines: tuple[FactTables, FactTables, SharedTables],
) -> None:
    one, two, _ = machines

    def apply(word: Word) -> None:
        one.write("a", "x", word)
        raise ValueError(word.text)

    with pytest.raises(ValueError, match="half"), one.alone(apply, Word):
        one.commit(Word(text="half"), apply)
    assert two.find_used("a") == frozenset()


def test_each_machine_keeps_its_own_to_itself(
    machines: tuple[FactTables, FactTables, SharedTables],
) -> None:
    one, two, _ = machines
    one.own.write("", "server", Word(text="1"))
    assert two.own.read("", "server", Word) is None
