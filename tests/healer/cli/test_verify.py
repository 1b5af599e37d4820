"""`healer verify` prints what does not hold, and says it by its exit code."""

import json
from pathlib import Path

from healer.facts.errors import UsageError
from tests.healer.app.test_verify import execute
from tests.support.command_line import run_command
from tests.support.shop import commit, shop


def test_it_names_what_does_not_hold_and_what_has_no_statement(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        here.merged()
        answer = run_command("verify", cwd=here.folder)
        assert (answer.code, answer.out.splitlines()[-1]) == (
            0,
            "all holds (statements: 1, signed: 0, steps: 6)",
        )
        person = commit(here.folder, "y.py", "y = 1\n")
        assert isinstance(run_command("verify", person, cwd=here.folder).error, UsageError)
        execute(here, "DELETE FROM healer_steps WHERE kind = 'outcome'")
        answer = run_command("verify", cwd=here.folder)
        assert (answer.code, "a step was removed" in answer.out) == (1, True)
        answer = run_command("verify", "--json", cwd=here.folder)
        assert (answer.code, json.loads(answer.out)["holds"]) == (1, False)
