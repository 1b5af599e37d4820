"""What the host asks reaches the step, and each answer ends where the step says so."""

import os
import time

from sandbox.inside.supervisor.relay import DONE, Relay


def make_relay(answers: list[bytes], most_bytes: int = 100) -> Relay:
    return Relay(answers.append, timeout_s=5.0, most_bytes=most_bytes)


def test_a_question_is_handed_on_as_far_as_the_step_reads() -> None:
    relay, (read, write) = make_relay([]), os.pipe()
    os.set_blocking(write, False)
    question = b"x" * 200_000
    relay.ask(question)
    parts = []
    while not relay.hand_on(write):
        parts.append(os.read(read, 1 << 16))
    os.close(write)
    while part := os.read(read, 1 << 16):
        parts.append(part)
    os.close(read)
    assert b"".join(parts) == question


def test_a_step_that_reads_no_more_is_asked_nothing() -> None:
    relay, (read, write) = make_relay([]), os.pipe()
    os.close(read)
    relay.ask(b"anything")
    assert relay.hand_on(write)
    os.close(write)


def test_an_answer_ends_with_its_last_line_wherever_it_is_cut() -> None:
    answers: list[bytes] = []
    relay = make_relay(answers)
    for byte in b'{"index": 1}\n' + DONE + b'{"index": 2}\n' + DONE:
        relay.add(bytes([byte]))
    assert answers == [b'{"index": 1}\n', b'{"index": 2}\n']


def test_of_an_answer_without_end_the_beginning_is_kept() -> None:
    answers: list[bytes] = []
    relay = make_relay(answers)
    relay.ask(b"?")
    for _ in range(100):
        relay.add(b"endless\n")
    relay.end()
    assert [len(answer) for answer in answers] == [100]


def test_a_step_that_is_gone_has_said_what_it_could() -> None:
    answers: list[bytes] = []
    relay = make_relay(answers)
    relay.end()
    assert answers == [], "nothing was asked"
    relay.ask(b"?")
    relay.add(b'{"index": 1}\n')
    relay.end()
    relay.end()
    assert answers == [b'{"index": 1}\n']


def test_the_step_has_its_time_for_each_question_and_waits_longer_for_the_next() -> None:
    relay = make_relay([])
    assert relay.deadline > time.monotonic() + 100
    relay.ask(b"?")
    assert relay.deadline <= time.monotonic() + 5
    relay.add(DONE)
    assert relay.deadline > time.monotonic() + 100
