"""Every `toml` block of the docs is taken by the real reader of its file."""

import pytest

from healer.config import parse
from quarantine import protection
from tests.docs.fences import Block, read_blocks

BLOCKS = [block for block in read_blocks("toml") if block.page.startswith("docs/")]


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_a_block_is_a_file_that_healer_reads(block: Block) -> None:
    text = block.text.encode()
    if "[[protect]]" in block.text:
        assert protection.parse(text)
    else:
        assert parse(text, str(block))


def test_there_are_blocks_of_both_files() -> None:
    are_protections = ["[[protect]]" in block.text for block in BLOCKS]
    assert len(BLOCKS) >= 15
    assert 1 <= sum(are_protections) < len(BLOCKS)
