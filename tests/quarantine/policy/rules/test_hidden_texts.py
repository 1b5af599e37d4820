"""Texts that only a trick needs are told: inner parts of Python, ciphers, signs of a sandbox."""

import pytest

from quarantine.policy.rules.hidden_texts import inner_names, opaque_texts, signs_of_a_sandbox
from tests.quarantine.policy.examples import is_refused, whats


@pytest.mark.parametrize(
    "text",
    ["__class__", "().__subclasses__()", "{x.__globals__}", "__builtins__", "__import__('os')",
     "a.__code__.b", "__dict__", "__mro__", "__bases__"],
)  # fmt: skip
def test_an_inner_part_of_python_in_a_text_is_named(text: str) -> None:
    assert is_refused(inner_names, f'+ x = "{text}"')


@pytest.mark.parametrize("text", ["__init__", "__name__", "__main__", "class", "_dict_", "__x__"])
def test_names_that_every_program_has_are_not(text: str) -> None:
    assert not is_refused(inner_names, f'+ x = "{text}"')


@pytest.mark.parametrize("text", ["QUJD" * 30, "deadbeef" * 15, "%41" * 40, "a" * 120])
def test_a_long_text_without_a_space_is_told_by_its_length(text: str) -> None:
    (what,) = whats(opaque_texts, f'+ x = "{text}"')
    assert what == f"{text[:20]}..., {len(text)} characters"


@pytest.mark.parametrize(
    "text", ["a" * 119, "one word " * 20, "a,b;" * 40, "(x) " * 40, "line\\\\n. " * 30]
)
def test_a_text_that_can_be_read_or_is_short_is_not(text: str) -> None:
    assert not is_refused(opaque_texts, f'+ x = "{text}"')


SIGNS = [
    "/proc/self/status", "/sys/fs/cgroup", "/.dockerenv", "/run/.containerenv", "kubepods",
    "/dev/sda", "/dev/kmsg", ".git", ".git/HEAD", "a/.git/config", "CI", "GITHUB_ACTIONS",
    "DOCKER_HOST", "HEALER_RUN", "IN_SANDBOX", "TOX_ENV_NAME",
]  # fmt: skip
NO_SIGNS = [
    "/process", "/dev/null", "/dev/stdin", "/dev/stdout", "/dev/urandom", "/dev/random", "CIA",
    "digit", "github", "docker", "healing", "data/proc", ".gitignore.txt", "SANDBOXES are fun",
]  # fmt: skip


@pytest.mark.parametrize("text", SIGNS)
def test_a_sign_of_a_sandbox_is_refused(text: str) -> None:
    assert is_refused(signs_of_a_sandbox, f'+ x = "{text}"')


@pytest.mark.parametrize("text", NO_SIGNS)
def test_what_only_looks_like_one_is_not(text: str) -> None:
    assert not is_refused(signs_of_a_sandbox, f'+ x = "{text}"')


@pytest.mark.parametrize("rule", [inner_names, opaque_texts, signs_of_a_sandbox])
def test_docstrings_and_comments_are_no_texts_of_the_program(rule: object) -> None:
    assert not is_refused(rule, f'+ """__class__ /proc {"a" * 200}"""\n+ # __class__')
