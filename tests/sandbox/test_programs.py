"""Which programs a box holds, and which names in a source may be programs."""

from pathlib import Path

import pytest

from sandbox.programs import MOST, USUAL, choose_further, find_programs, list_called


def test_programs_are_those_of_this_machine_by_name_or_path() -> None:
    assert [path.name for path in find_programs(["/opt/x/tar", "no-such-program", "cat", ""])] == [
        "cat",
        "tar",
    ]


def test_the_usual_ones_need_no_choice_and_interpreters_are_left_out() -> None:
    assert choose_further([*USUAL, "python3", "/usr/bin/perl", "docker", "/usr/bin/ldd"]) == (
        "ldd",
    )


def test_a_source_that_names_everything_does_not_get_everything() -> None:
    names = [path.name for path in Path("/usr/bin").iterdir()]
    assert len(choose_further(names)) <= MOST


@pytest.mark.parametrize(
    ("path", "text", "name"),
    [
        ("a.py", "import subprocess\nsubprocess.run(['git', 'log'])\n", "git"),
        ("a.py", 'import subprocess\nsubprocess.run("rsync -a x y", shell=True)\n', "rsync"),
        ("a.py", "import os\nos.system('cat x | gpg --decrypt')\n", "gpg"),
        ("a.py", 'import os\nos.popen("/usr/bin/psql -c 1")\n', "/usr/bin/psql"),
        ("tool", "#!/usr/bin/env python3\nimport subprocess\nsubprocess.call(['curl'])\n", "curl"),
        ("a.sh", "#!/bin/sh\nset -e\ncurl -s http://x | jq .\n", "jq"),
        ("a.sh", "#!/bin/sh\nif true; then rsync a b; fi\n", "rsync"),
        ("a.sh", "#!/bin/sh\nx=$(openssl rand 4)\n", "openssl"),
    ],
)
def test_what_a_source_calls_is_among_its_names(path: str, text: str, name: str) -> None:
    assert name in list(list_called(path, text))


def test_a_python_source_that_starts_no_program_calls_none() -> None:
    assert list(list_called("a.py", "print('git status')\n")) == []
