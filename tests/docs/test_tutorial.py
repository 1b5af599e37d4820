"""docs/tutorial.md is followed as a stranger would: from the wheel alone, in one shell, where git,
Docker Engine and a Python are, within the ten minutes that its title says.

It is followed as `benchmarks.matrix` does on each Python and userland, here on the Python that runs
the tests. `pytest tests/docs/test_tutorial.py -s` prints what it says, and how long it took.
"""

import json
import shutil
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks.matrix import (
    HEALED,
    MINORS,
    Place,
    follow,
    leave_doctor_out,
    list_places,
    prepare_folder,
    read_commands,
)
from tests.docs.fences import ROOT, read_blocks
from tests.support.build import build

PAGE = "docs/tutorial.md"
TEN_MINUTES_S = 600
CORE_BYTES = 160_000_000
"""Of all files that step 1 brings, 22 MB of pip and setuptools among them: it had 150 MB."""
BLOCKS = [b for b in read_blocks("sh") if b.page == PAGE and not b.why_not_run]


def count_bytes(environment: Path) -> int:
    """Of all files in it."""
    files = (path.lstat() for path in environment.rglob("*"))
    return sum(status.st_size for status in files if stat.S_ISREG(status.st_mode))


@pytest.mark.docker
@pytest.mark.timeout(TEN_MINUTES_S + 60)
def test_the_pages_commands_alone_lead_from_the_wheel_to_a_healed_job(tmp_path: Path) -> None:
    assert read_commands().split() == "\n".join(block.text for block in BLOCKS).split()
    folder, place = tmp_path / "stranger", Place(str(Path(sys.base_prefix, "bin", "python3")))
    folder.mkdir()
    build(ROOT, tmp_path, "--wheel")
    prepare_folder(folder, place, next(tmp_path.glob("*.whl")))
    start = time.monotonic()
    code, output = follow(place, folder, read_commands())
    seconds = time.monotonic() - start
    print(output, f"== {seconds:.0f} s in all")  # for who measures
    assert code == 0, output
    assert seconds <= TEN_MINUTES_S
    assert count_bytes(folder / "healer-env") < CORE_BYTES
    assert "this night failed" in output
    assert f"{HEALED}the fix was checked and merged into main" in output
    owed = json.loads((folder / "ledger" / "out" / "owed.json").read_text())
    assert owed == {"Ada": 414, "Bob": 254}
    shutil.rmtree(folder)


def test_one_python_of_each_version_that_the_machine_has_is_a_place() -> None:
    question = "import sys; print('%d.%d' % sys.version_info[:2])"
    versions = [
        subprocess.check_output([place.python, "-c", question], text=True).strip()
        for place in list_places()
    ]
    assert versions == [f"3.{minor}" for minor in MINORS if f"3.{minor}" in versions]
    assert leave_doctor_out("a\nhealer doctor || true\nb\n") == "a\n\nb\n"
