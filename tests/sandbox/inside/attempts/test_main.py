"""Each attempt is tried in a child of its own, and whatever becomes of it is a line of JSON."""

import json

import pytest

from tests.sandbox.inside.attempts.in_child import run_code


def run_main(*bodies: str) -> list[dict[str, object]]:
    """The lines of a run with these attempts alone, named 0, 1, …."""
    code = "import signal\nPROBES.clear()\n"
    for number, body in enumerate(bodies):
        code += f"def probe():\n    {body}\nPROBES['{number}'] = probe\n"
    code += "from attempts.__main__ import main\nmain()\n"
    return [json.loads(line) for line in run_code(code).splitlines()]


@pytest.mark.parametrize(
    ("body", "held", "detail"),
    [
        ("return ''", True, ""),
        ("return 'a file was read'", False, "a file was read"),
        ("return 'größer'", False, "größer"),
        ("raise ValueError('x')", False, "the probe itself failed: ValueError: x"),
        ("raise SystemExit(0)", False, "the probe itself failed: SystemExit: 0"),
        ("os._exit(0)", True, ""),
        ("os._exit(3)", False, "the probe ended with 3"),
        ("os.kill(os.getpid(), signal.SIGKILL)", False, "the probe ended with -9"),
        ("signal.raise_signal(signal.SIGALRM)", False, "the probe ended with -14"),
    ],
)
def test_how_an_attempt_ends_says_whether_the_sandbox_held(
    body: str, held: bool, detail: str
) -> None:
    assert run_main(body) == [{"name": "0", "held": held, "detail": detail}]


def test_an_attempt_that_says_too_much_is_cut() -> None:
    (line,) = run_main("return 'x' * 100_000")
    assert line == {"name": "0", "held": False, "detail": "x" * 4_000}


def test_one_attempt_cannot_spoil_the_next() -> None:
    lines = run_main("os.close(1); os.chdir('/proc'); return ''", "return os.getcwd()")
    assert [line["held"] for line in lines] == [True, False]
    assert lines[1]["detail"] == "/"


def test_lines_come_in_the_order_of_the_attempts() -> None:
    assert [line["name"] for line in run_main(*["return ''"] * 5)] == list("01234")
