"""The text of a run that fetches reads as the project's tests do, fails before and passes after."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from healer.evidence.case_text import Style
from healer.evidence.fetching_client import HTTPX2, REQUESTS, URLLIB, Client
from healer.evidence.fetching_text import write_fetching_test
from healer.evidence.recorded_run import RecordedRun

PLAIN = Style(has_classes=False, error="KeyError", why="It raised KeyError.")
CLASSES = PLAIN._replace(has_classes=True)
URL = "https://api.example/rates"
READS = {
    "urllib.request": "urllib.request.urlopen(URL).read()",
    "requests": "requests.get(URL, timeout=5).content",
    "httpx2": "httpx2.get(URL).content",
}
JOB = f"""\
import json
import os
import sys
from pathlib import Path

import MODULE
import beside

URL = "{URL}"
for row in json.loads(READ):
    Path("out").mkdir(exist_ok=True)
    Path("out/" + os.environ["NAME"]).write_text(row["rate"])
    print(beside.NAME, row["rate"])
sys.exit(END)
"""


def make(client: Client, **changes: object) -> RecordedRun:
    run = RecordedRun(
        script="jobs/job.py",
        words=("--all",),
        files={},
        folders=(),
        copies=(),
        stdout="x 1.5\n",
        written={"out/a": "1.5"},
        answers={URL: [{"code": "EUR", "rate": "1.5"}]},
        variables={"NAME": "a"},
        client=client,
        kind="application/json",
        needs_folder=True,
        exits=True,
    )
    return run._replace(**changes)


def run_it(text: str, job: str, folder: Path) -> str:
    """What its runner says, from the root of a project; empty where it passes."""
    for path, content in {
        "jobs/job.py": job,
        "jobs/beside.py": "NAME = 'x'\n",
        "tests/test_job.py": text,
    }.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(content)
    runner = ("unittest", "discover", "-s", "tests") if "unittest" in text else ("pytest", "-q")
    done = subprocess.run(
        [sys.executable, "-W", "error::ResourceWarning", "-m", *runner],
        cwd=folder,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},  # ours take longer than the test
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


@pytest.mark.parametrize("style", [PLAIN, CLASSES])
@pytest.mark.parametrize("client", [URLLIB, REQUESTS, HTTPX2])
def test_it_fails_without_the_fix_and_passes_with_it(
    client: Client, style: Style, tmp_path: Path
) -> None:
    job = JOB.replace("MODULE", client.module).replace("READ", READS[client.module])
    job = job.replace("END", "0")
    text = write_fetching_test(make(client), client, style, says_result=True)
    assert max(map(len, text.splitlines())) <= 100
    assert run_it(text, job, tmp_path) == ""
    assert "KeyError: 'rates'" in run_it(text, job.replace('"rate"]', '"rates"]'), tmp_path)
    assert "2.5" in run_it(text, job.replace('row["rate"]', '"2.5"'), tmp_path)


@pytest.mark.parametrize("style", [PLAIN, CLASSES])
def test_one_that_ends_by_an_error_code_fails(style: Style, tmp_path: Path) -> None:
    job = JOB.replace("MODULE", "urllib.request").replace("READ", READS["urllib.request"])
    text = write_fetching_test(make(URLLIB), URLLIB, style, says_result=False)
    assert "out/a" not in text
    assert run_it(text, job.replace("END", "0"), tmp_path) == ""
    assert run_it(text, job.replace("END", "3"), tmp_path) != ""


def test_text_stands_as_its_lines() -> None:
    run = make(URLLIB, answers={URL: "a,b\n1,2\n"}, exits=False, needs_folder=False, variables={})
    text = write_fetching_test(run, URLLIB, PLAIN, says_result=True)
    assert f"    '{URL}': (\n        'a,b\\n'\n        '1,2\\n'\n    ),\n" in text
    assert "BytesIO(ANSWERS[url].encode())" in text
    assert "json" not in text.replace("application/json", "")
    assert "SystemExit" not in text
    assert "syspath" not in text
