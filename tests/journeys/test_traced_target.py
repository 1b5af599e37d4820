"""What a failing test executes decides whether a fix must heal it, not what the test is called."""

from collections.abc import Iterator

import pytest

from healer.evidence.baseline import examine
from sandbox import Sandbox
from tests.abuse.gate import gate, sandbox

pytestmark = pytest.mark.docker

SCRIPT = "scripts/due.py"
COMMAND = ("python", SCRIPT)
PARSE = """from datetime import datetime


def moment(text):
    return datetime.fromisoformat(text)
"""
WRONG = PARSE.replace("import datetime", "import datetime, timezone").replace(
    "fromisoformat(text)", "fromisoformat(text).replace(tzinfo=timezone.utc)"
)
"""It ends the crash of the command, and the hour is not Vienna's."""
RIGHT = PARSE.replace("\n\n", "\nfrom zoneinfo import ZoneInfo\n\n", 1).replace(
    "fromisoformat(text)", 'fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Vienna"))'
)
FILES = {
    SCRIPT: b"import sys\nfrom datetime import datetime, timezone\n"
    b"sys.path.insert(0, '.')\nfrom cal.parse import moment\n\n"
    b"NOW = datetime(2026, 3, 28, tzinfo=timezone.utc)\n"
    b"print(moment('2026-03-29T09:00:00') > NOW)\n",
    "cal/__init__.py": b"",
    "cal/parse.py": PARSE.encode(),
    "tests/test_hours.py": b"""import subprocess, sys
from datetime import datetime, timezone
sys.path.insert(0, '.')
from cal.parse import moment


def test_local_times_are_of_vienna():
    home = datetime(2026, 3, 29, 7, tzinfo=timezone.utc)
    assert moment('2026-03-29T09:00:00').timestamp() == home.timestamp()


def test_it_can_be_compared():
    assert moment('2026-03-29T09:00:00') > datetime(2026, 3, 28, tzinfo=timezone.utc)
""",
    "tests/test_parse.py": b"def test_far():\n    assert 1 + 1 == 3, 'cal/parse.py due moment'\n",
}


STARTS = b"""import subprocess, sys

def test_it():
    program = "scripts/" + "d" + "ue.py"
    assert subprocess.run([sys.executable, program], capture_output=True).stdout == b"x"
"""


@pytest.fixture(scope="module")
def box(docker_engine: None) -> Iterator[Sandbox]:
    with sandbox() as made:
        yield made


def test_a_fix_is_held_to_the_failing_tests_that_execute_it_and_to_no_other(box: Sandbox) -> None:
    with gate(box, FILES, COMMAND) as ready:
        wrong = ready.attempt({"cal/parse.py": WRONG.encode()})
        right = ready.attempt({"cal/parse.py": RIGHT.encode()})
    named = "tests/test_hours.py::test_local_times_are_of_vienna"
    assert not wrong.merged
    assert wrong.why == f"unchanged: still failing: {named}"
    assert not right.why.startswith(("unchanged", "regressed")), right.why


def test_a_script_that_a_failing_test_starts_as_a_program_is_not_healthy(box: Sandbox) -> None:
    files = {SCRIPT: b"print('y')\n", "scripts/du.py": b"print('x')\n", "tests/test_a.py": STARTS}
    with gate(box, files, COMMAND) as ready:
        alone = ready.request.model_copy(update={"command": ()})
        assert not examine(alone, ready.services).healthy
        other = alone.model_copy(update={"script": "scripts/du.py"})
        assert examine(other, ready.services).healthy
