"""Where nothing says what a failing script should give, no rule calls its fix the only one."""

import subprocess
import sys
from pathlib import Path

import pytest

from healer.draft.proposal import Case
from healer.draft.rules import RulesDrafter
from healer.draft.rules.sightings import parse
from healer.failure import Failure
from sandbox import Report
from tests.abuse.model import AbuseCase
from tests.abuse.plausible import JOB, WRONG


class Tree:
    """A case's files, as a `Source`."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self._files = files

    def read(self, path: str) -> bytes | None:
        return self._files.get(path)

    def paths(self) -> tuple[str, ...]:
        return tuple(sorted(self._files))


UNLIKE = {case.files[JOB]: case for case in WRONG}


@pytest.mark.parametrize("case", UNLIKE.values(), ids=lambda case: case.name)
def test_no_fix_of_an_unclear_failure_is_forced(case: AbuseCase, tmp_path: Path) -> None:
    files = case.files
    for path, data in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data)
    command = [sys.executable, JOB]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    chain = tuple(reversed(parse(done.stderr)))
    failure = Failure(id="f", script=JOB, source="run", chain=chain, stderr_tail=done.stderr)
    said = Case(repair="r", script=JOB, failure=failure, base="", baseline=Report())
    drafts = RulesDrafter().draft(said, Tree(files)).candidates
    assert [draft.forced for draft in drafts if draft.forced] == []
