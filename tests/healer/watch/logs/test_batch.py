"""A storm of one traceback is one failure with a count, whatever its data were."""

from pathlib import Path

import pytest

from healer.failure.blocks import Block
from healer.redact import Redactor
from healer.watch.logs.batch import MAX_KNOWN, Batch, BlockReader

ROOT = Path("/srv/app")


def block(message: str = "'x'", kind: str = "KeyError", line: str = "work()") -> Block:
    return Block(
        (
            "Traceback (most recent call last):",
            '  File "/srv/app/scripts/a.py", line 3, in main',
            f"    {line}",
            f"{kind}: {message}",
        )
    )


def new_batch(*secrets: str) -> Batch:
    return Batch(BlockReader(ROOT, Redactor(secrets)))


def test_blocks_that_differ_in_their_data_are_one_failure() -> None:
    batch = new_batch()
    batch.add([block(f"'row {n} of 0x7f{n:04x}'") for n in range(50)], "app.log")
    (failure,) = batch.failures()
    assert failure.count == 50
    assert failure.script == "scripts/a.py"
    assert failure.source == "log"
    assert failure.stderr_tail.startswith("app.log:\nTraceback")


@pytest.mark.parametrize(
    "other",
    [
        block(line="play()"),
        block(kind="ValueError"),
        block("[Errno 28] No space left", kind="OSError"),
    ],
)
def test_blocks_that_differ_in_code_or_kind_are_two(other: Block) -> None:
    batch = new_batch()
    batch.add([block("[Errno 2] No such file", kind="OSError"), other, other], "app.log")
    assert [failure.count for failure in batch.failures()] == [1, 2]


def test_failures_are_in_the_order_in_which_they_came_first() -> None:
    batch = new_batch()
    batch.add([block(line="b()"), block(line="a()"), block(line="b()")], "app.log")
    sources = [failure.chain[-1].frames[-1].source for failure in batch.failures()]
    assert sources == ["b()", "a()"]


def test_what_the_program_caught_and_what_is_no_traceback_is_left_out() -> None:
    batch = new_batch()
    caught = Block(block().lines, swallowed=True)
    batch.add([caught, Block(("nothing of the kind",)), Block(())], "app.log")
    assert batch.failures() == []


def test_a_second_batch_has_failures_and_ids_of_its_own() -> None:
    reader = BlockReader(ROOT, Redactor())
    batches = [Batch(reader), Batch(reader)]
    for batch in batches:
        batch.add([block(), block()], "app.log")
    (first,), (second,) = (batch.failures() for batch in batches)
    assert first.id != second.id
    assert (first.fingerprint, first.count) == (second.fingerprint, second.count)


def test_secrets_are_taken_out() -> None:
    batch = new_batch("zebra-crossing")
    batch.add([block("'zebra-crossing'")], "app.log")
    (failure,) = batch.failures()
    assert "zebra-crossing" not in failure.model_dump_json()


def test_more_kinds_than_are_remembered_are_still_told_apart() -> None:
    reader = BlockReader(ROOT, Redactor())
    for n in range(MAX_KNOWN + 1):
        reader.remember((str(n),), "f")
    assert reader.known_fingerprint(("0",)) is None
    assert reader.known_fingerprint((str(MAX_KNOWN),)) == "f"
