"""Which lines a change has to be proved on."""

import pytest

from healer.evidence.changed_lines import find_executable_changes
from tests.support.memory_tree import MemoryTree

OLD = "COUNT = 0\ndef add(n):\n    COUNT += n\n    return COUNT\n"
PATH = "job.py"


@pytest.mark.parametrize(
    ("new", "lines"),
    [
        (OLD.replace("+= n", "+= 2 * n"), (3,)),
        (OLD.replace("    COUNT +=", "    global COUNT\n    COUNT +="), (4,)),
        (OLD.replace("    COUNT +=", "    global OTHER\n    COUNT +="), ()),
        (OLD.replace("    return", "    # as asked\n    return"), ()),
    ],
    ids=["an expression", "a global where it is bound", "a global of nothing", "a comment"],
)
def test_a_change_is_proved_where_something_of_it_runs(new: str, lines: tuple[int, ...]) -> None:
    found = find_executable_changes(MemoryTree({PATH: OLD}), MemoryTree({PATH: new}), [PATH])
    assert found.get(PATH, ()) == lines
