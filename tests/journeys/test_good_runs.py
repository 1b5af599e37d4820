"""A job that is watched with `capture = true`: its good runs speak for and against a fix."""

from pathlib import Path

import pytest

from tests.journeys.conftest import Heal
from tests.support.endpoint import ScriptedEndpoint, fix
from tests.support.git import git

pytestmark = pytest.mark.docker

JOB = "scripts/worth.py"
SCRIPT = '''\
"""What the stock is worth."""

import csv
from pathlib import Path

ROOT = Path(__file__).parent.parent


def worth(rows):
    total = 0.0
    for row in rows:
        total += int(row["count"]) * float(row["price"])
    return total


with open(ROOT / "data/worth.csv", newline="") as file:
    print(f"worth {worth(csv.DictReader(file)):.2f}")
'''
PLAIN = "count,price\n3,1.25\n2,1.75\n"
THOUSANDS = 'count,price\n"1,200",1.25\n2,1.75\n'
CUT = 'int(row["count"].replace(",", ""))'


def watched(shop: Path, data: str) -> None:
    """The shop with one more job, which reads `data`."""
    (shop / JOB).write_text(SCRIPT)
    (shop / "data/worth.csv").write_text(data)
    settings = shop / "healer.toml"
    job = f'\n[[job]]\nscript = "{JOB}"\ncapture = true\n'
    model = '\n[model]\ntiers = ["small-model"]\n'
    settings.write_text(settings.read_text() + model + job)
    git(shop, "add", ".")
    git(shop, "commit", "-q", "-m", "What the stock is worth")


@pytest.mark.parametrize(
    ("after", "told"),
    [
        pytest.param(f'{CUT} * float(row["price"])', "", id="the fix leaves them"),
        pytest.param(f"{CUT} * 1", "'worth 7.25' became 'worth 5.00'", id="the fix changes them"),
    ],
)
def test_a_fix_that_changes_a_recorded_good_run_waits_for_a_person(
    shop: Path, heal: Heal, home: Path, after: str, told: str
) -> None:
    watched(shop, PLAIN)
    cron = ("run", "--", "python3", str(shop / JOB))
    assert heal(*cron, cwd=home).out == "worth 7.25\n"
    (shop / "data/worth.csv").write_text(THOUSANDS)
    git(shop, "commit", "-qam", "A shop that counts in thousands")
    assert "ValueError" in heal(*cron, cwd=home).err
    draft = fix(JOB, 'int(row["count"]) * float(row["price"])', after)
    with ScriptedEndpoint(replies=[draft]) as endpoint:
        more = {"OPENAI_BASE_URL": endpoint.base_url, "OPENAI_API_KEY": "sk-test"}
        said = heal("fix", JOB, "--drafter", "model", "--attempts", "1", "--json", **more)
    evidence = next(check for check in said.json["checks"] if check["name"] == "evidence")
    shown = heal("show", said.json["repair"]).out
    assert ("a recorded good run gives other output" in evidence["detail"] + shown) is bool(told)
    assert told in evidence["detail"] + shown
    if told:
        assert said.json["outcome"] == "review"
