"""System calls by number: what the kernel's answer means."""

import errno
import re
from pathlib import Path

import pytest

from sandbox.inside.attempts import kernel


def test_a_call_that_is_allowed_is_told() -> None:
    assert kernel.refusal("personality", 0xFFFFFFFF) == "personality succeeded"


def test_a_call_that_complains_about_its_arguments_was_looked_at() -> None:
    assert kernel.refusal("mq_open").startswith("mq_open was looked at (")


def test_a_call_that_no_kernel_has_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(kernel._NUMBERS, "bpf", (9_999, 9_999))
    assert kernel.refusal("bpf") == ""
    assert errno.ENOSYS in kernel._REFUSALS


def test_every_call_has_its_number_on_both_machines_and_is_tried() -> None:
    numbers = kernel._NUMBERS
    for column in (0, 1):
        assert len({row[column] for row in numbers.values()}) == len(numbers)
    texts = [path.read_text() for path in Path(kernel.__file__).parent.glob("*.py")]
    for name in numbers:
        tries = sum(len(re.findall(rf'"{name}"', text)) for text in texts)
        assert tries >= 2, f"{name} has a number and is never tried"
