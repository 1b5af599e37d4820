"""`healer reply` takes a mail from standard input, and says in one line what came of it."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.git import make_repository
from tests.support.replies import answer

ON = "[decide]\nreplies = true\n"


@pytest.mark.parametrize(
    ("toml", "mail", "said"),
    [
        ("", answer(), "answers by mail are off; set replies = true"),
        (ON, answer(), "this answers no mail of this healer"),
        (ON, b"", "does not say by one address who wrote it"),
        (ON, b"\xff\x00" * 100, "does not say by one address who wrote it"),
    ],
)
def test_what_decides_nothing_is_refused_with_a_reason(
    tmp_path: Path, toml: str, mail: bytes, said: str
) -> None:
    root = make_repository(tmp_path, {"a.py": "print(1)\n", "healer.toml": toml})
    command = [sys.executable, "-m", "healer", "reply", "--repo", str(root)]
    ended = subprocess.run(command, input=mail, capture_output=True, check=False)
    assert (ended.returncode, ended.stdout) == (2, b"")
    assert said in ended.stderr.decode()
