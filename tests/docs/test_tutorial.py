"""docs/tutorial.md is followed as a stranger would: from the wheel alone, in one shell, where git,
Docker Engine and a Python are, within the ten minutes that its title says.

`pytest tests/docs/test_tutorial.py -s` prints how long each part took.
"""

import json
import os
import shutil
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.docs.fences import ROOT, Block, read_blocks
from tests.support.build import build

PAGE = "docs/tutorial.md"
TEN_MINUTES_S = 600
CORE_BYTES = 160_000_000
"""Of all files that step 1 brings, 22 MB of pip and setuptools among them: it had 150 MB."""
BLOCKS = [b for b in read_blocks("sh") if b.page == PAGE and not b.why_not_run]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that holds the wheel, and nothing of the checkout."""
    folder = tmp_path / "stranger"
    folder.mkdir()
    build(ROOT, folder, "--wheel")
    return folder


def list_environment(home: Path) -> dict[str, str]:
    """A person's, who has git's identity, and on PATH a Python without anything of ours."""
    home.mkdir()
    (home / ".gitconfig").write_text("[user]\nname = Ada\nemail = ada@ledger.example\n")
    ours = Path(sys.prefix, "bin")
    places = [part for part in os.environ["PATH"].split(":") if Path(part) != ours]
    (home / "programs").mkdir()
    (home / "programs" / "python3").symlink_to(Path(sys.base_prefix, "bin", "python3"))
    kept = {
        key: value
        for key, value in os.environ.items()
        if key.startswith(("DOCKER_", "PIP_", "SSL_")) or key.lower().endswith("_proxy")
    }
    path = ":".join([str(home / "programs"), *places])
    return {"PATH": path, "HOME": str(home), "NO_COLOR": "1", "LANG": "C.UTF-8"} | kept


def follow(blocks: list[Block], folder: Path, environment: dict[str, str]) -> str:
    """All blocks in one shell, as they stand; the output, with a line of the time before each."""
    script = "\n".join(f'echo "== {block} $(date +%T)"\n{block.text}' for block in blocks)
    done = subprocess.run(
        ["sh", "-euc", script], cwd=folder, env=environment, text=True, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=TEN_MINUTES_S,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    return done.stdout


def count_bytes(environment: Path) -> int:
    """Of all files in it."""
    files = (path.lstat() for path in environment.rglob("*"))
    return sum(status.st_size for status in files if stat.S_ISREG(status.st_mode))


@pytest.mark.docker
@pytest.mark.timeout(TEN_MINUTES_S + 60)
def test_the_pages_commands_alone_lead_from_the_wheel_to_a_healed_job(
    folder: Path, tmp_path: Path
) -> None:
    assert len(BLOCKS) >= 6
    environment = list_environment(tmp_path / "home")
    start = time.monotonic()
    output = follow(BLOCKS, folder, environment)
    seconds = time.monotonic() - start
    print(output, f"== {seconds:.0f} s in all")  # for who measures
    assert seconds <= TEN_MINUTES_S
    assert count_bytes(folder / "healer-env") < CORE_BYTES
    assert "this night failed" in output
    assert "healed: jobs/owed.py: the fix was checked and merged into main" in output
    owed = json.loads((folder / "ledger" / "out" / "owed.json").read_text())
    assert owed == {"Ada": 414, "Bob": 254}
    shutil.rmtree(folder)
