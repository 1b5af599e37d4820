"""Which lines a change has to be proved on."""

import pytest

from healer.evidence.changed_lines import changes_code, find_executable_changes
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


@pytest.mark.parametrize(
    ("handler", "lines"), [("except KeyError:", (3,)), ("except:", ()), ("except OSError:", ())]
)
def test_what_a_handler_catches_is_proved_where_it_is_asked(
    handler: str, lines: tuple[int, ...]
) -> None:
    old = "try:\n    f()\nexcept OSError:\n    g()\n"
    new = old.replace("except OSError:", handler)
    found = find_executable_changes(MemoryTree({PATH: old}), MemoryTree({PATH: new}), [PATH])
    assert found.get(PATH, ()) == lines


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        ("x = 1\n", "x = 1  # why\n", False),
        ('def f():\n    """Old."""\n    return 1\n', "def f():\n    return 1\n", False),
        ("x = (1 +\n     2)\n", "x = 1 + 2\n", False),
        ("x = 1\n", "x = 2\n", True),
        ("lock()\nx = 1\n", "x = 1\n", True),
        ("x = (\n", "x = ((\n", True),
    ],
)
def test_comments_and_layout_are_no_change_of_code(old: str, new: str, changes: bool) -> None:
    trees = MemoryTree({"a.py": old}), MemoryTree({"a.py": new})
    assert changes_code(*trees, ["a.py"]) is changes


def test_files_of_other_kinds_and_tests_are_no_code() -> None:
    trees = MemoryTree({"a.md": "1", "test_a.py": "x = 1"}), MemoryTree({"a.md": "2"})
    assert not changes_code(*trees, ["a.md", "test_a.py"])
