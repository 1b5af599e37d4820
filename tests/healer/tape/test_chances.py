"""Of chance that is kept which each process had, and no identifier that is a secret elsewhere."""

from uuid import UUID

from healer.redact import Redactor
from healer.tape.chances import Chances
from healer.tape.facts import Chance
from tests.support.notes import note, tape_of

ONE, OTHER = UUID(int=1 << 76 | 7), UUID(int=4 << 76 | 8)


def take(*notes: tuple[str, tuple[int, ...], bytes, int]) -> Chances:
    chances = Chances("7")
    for kind, forks, data, pid in notes:
        chances.take(note("h", (kind, "job.py", forks), data, pid=pid))
    return chances


def test_each_process_has_its_own_in_order() -> None:
    chances = take(
        ("random", (), b"a\nb", 1), ("numpy", (), b"s", 1), ("random", (2, 1), b"c", 5),
        ("random", (), b"d", 1), ("uuid", (), ONE.bytes, 1),
    )  # fmt: skip
    assert list(chances.clean(Redactor())) == [
        Chance("job.py", (b"a\nb", b"d"), (b"s",), (str(ONE),)),
        Chance("job.py/2/1", (b"c",)),
    ]
    assert list(chances.list_unlike()) == []


def test_an_identifier_that_is_a_secret_leaves_its_place() -> None:
    chances = take(*(("uuid", (), each.bytes, 1) for each in (ONE, OTHER)))
    (chance,) = chances.clean(Redactor([str(ONE)]))
    assert chance.identifiers == ("", str(OTHER))


def test_of_two_processes_of_one_name_neither_is_kept_and_that_is_said() -> None:
    chances = take(("random", (), b"a", 1), ("random", (), b"b", 2), ("random", (1,), b"c", 3))
    assert [chance.program for chance in chances.clean(Redactor())] == ["job.py/1"]
    assert list(chances.list_unlike()) == ["job.py ran 2 times, so what each drew is not kept"]


def test_secrets_and_a_hash_seed_that_is_not_known_are_said() -> None:
    tape = tape_of(note("h", ("secrets", "job.py", ())))
    assert [text.split(":")[0] for text in tape.unlike] == [
        "the order of its sets is not known",
        "what it drew from `secrets` is not kept, and is another each time",
    ]
    assert tape.chances == ()
