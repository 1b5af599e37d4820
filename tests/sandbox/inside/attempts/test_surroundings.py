"""What the environment gives away is told, and nothing where it gives nothing."""

import socket

import pytest

from tests.sandbox.inside.attempts.in_child import run_probe

OURS = "{'PATH': '/bin', 'HOME': '/tmp/home', 'TZ': 'UTC'}"


@pytest.mark.parametrize(
    ("more", "result"),
    [
        ({}, ""),
        ({"LC_CTYPE": "C.UTF-8"}, ""),
        ({"AWS_KEY": "x"}, "['AWS_KEY']"),
        ({"B": "1", "A": "1"}, "['A', 'B']"),
        ({"path": "/bin"}, "['path']"),
    ],
)
def test_a_variable_of_the_host_is_told_by_its_name(more: dict[str, str], result: str) -> None:
    before = f"os.environ.clear(); os.environ.update({OURS}); os.environ.update({more!r})"
    assert run_probe("environment: variables", before) == result


def test_the_value_of_a_variable_is_not_told() -> None:
    before = "os.environ['AWS_KEY'] = 'the-secret-itself'"
    assert "the-secret-itself" not in run_probe("environment: variables", before)


def test_the_name_of_the_host_is_told() -> None:
    assert run_probe("environment: name of the host") == f"host name {socket.gethostname()}"


def test_a_host_of_the_agreed_name_tells_nothing() -> None:
    before = "import socket\nsocket.gethostname = lambda: 'server'"
    assert run_probe("environment: name of the host", before) == ""
