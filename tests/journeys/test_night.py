"""A job without tests fetches, and breaks one night: its fix is proved on the nights, offline."""

import csv
import socket
from pathlib import Path

import pytest

from healer.tape.effects import effects_of
from healer.tape.good_nights import read_good_nights
from tests.journeys.conftest import Heal
from tests.support.endpoint import ScriptedEndpoint, fix
from tests.support.git import git, make_repository
from tests.support.tapes import serve_json

pytestmark = pytest.mark.docker

JOB = '''\
"""Writes today's rates, and says that it did."""

import csv
import json
import os
import sys
from urllib.request import Request, urlopen

PLACE = f"http://127.0.0.1:{sys.argv[1]}"

with urlopen(PLACE + "/rates.json") as answer:
    rows = json.load(answer)["rates"]
os.makedirs("out", exist_ok=True)
with open("out/rates.csv", "w", newline="") as file:
    writer = csv.writer(file)
    writer.writerow(["currency", "rate"])
    for row in rows:
        writer.writerow([row["currency"], row["rate"]])
with urlopen(Request(PLACE + "/done", json.dumps({"rows": len(rows)}).encode())) as answer:
    answer.read()
print(len(rows), "rates")
'''
LINE = 'writer.writerow([row["currency"], row["rate"]])'
RATES = {"EUR": 1.0, "USD": 1.08, "CHF": 0.95, "GBP": 0.86, "JPY": 163.2}


def rates(key: str, night: int) -> object:
    return {"rates": [{key: name, "rate": rate + night / 100} for name, rate in RATES.items()]}


@pytest.fixture
def port() -> int:
    """One that nobody listens at: the job asks the same place every night."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        number: int = listener.getsockname()[1]
        return number


@pytest.fixture
def broken_job(tmp_path: Path, heal: Heal, port: int) -> Path:
    """Four good nights, and one on which upstream calls a field otherwise; the servers are gone."""
    repo = make_repository(
        tmp_path / "shop",
        {"job.py": JOB, ".gitignore": "out/\n", "healer.toml": '[model]\ntiers = ["m"]\n'},
    )
    for night in range(5):
        with serve_json(rates("currency" if night < 4 else "code", night), port=port):
            code = heal("run", "--", "python3", "job.py", str(port), cwd=repo).code
            assert code == (0 if night < 4 else 1)
    return repo


def test_a_right_fix_merges_and_goes_on_as_the_good_nights(
    broken_job: Path, heal: Heal, port: int
) -> None:
    state = broken_job / ".git" / "healer"
    nights = read_good_nights(state, "job.py")
    assert [len(effects_of(night).files) for night in nights] == [1, 1, 1, 1]
    after = 'writer.writerow([row["currency"] if "currency" in row else row["code"], row["rate"]])'
    with ScriptedEndpoint(replies=[fix("job.py", LINE, after)]) as endpoint:
        more = {"OPENAI_BASE_URL": endpoint.base_url, "OPENAI_API_KEY": "sk-test"}
        said = heal("fix", "job.py", "--drafter", "model", "--attempts", "1", "--json", **more)
    assert said.json["outcome"] == "healed", said.out
    assert after in git(broken_job, "show", "main:job.py")
    test = git(broken_job, "show", "main:tests/test_job.py")
    assert f'"http://127.0.0.1:{port}/rates.json": {{"rates": [{{"code": ' in test
    assert 'monkeypatch.setattr("urllib.request.OpenerDirector.open", answer)' in test
    assert 'assert (tmp_path / "out/rates.csv").read_text() == "currency,rate' in test
    with serve_json(rates("code", 9), port=port):
        assert heal("run", "--", "python3", "job.py", str(port), cwd=broken_job).code == 0
    with (broken_job / "out" / "rates.csv").open() as file:
        assert [row["currency"] for row in csv.DictReader(file)] == list(RATES)


EXPECT = """
[[job]]
script = "job.py"
[[job.expect]]
file = "out/rates.csv"
not_null = ["currency"]
"""


def test_what_goes_wrong_without_failing_is_drafted_and_waits_for_a_person(
    tmp_path: Path, heal: Heal, port: int
) -> None:
    """Upstream calls a field otherwise, and the job writes nothing in its place: exit code 0."""
    job = JOB.replace('row["currency"]', 'row.get("currency")')
    files = {"job.py": job, ".gitignore": "out/\n", "healer.toml": EXPECT}
    repo = make_repository(tmp_path / "shop", files)
    for night in range(4):
        with serve_json(rates("currency" if night < 3 else "code", night), port=port):
            assert heal("run", "--", "python3", "job.py", str(port), cwd=repo).code == 0
    said = heal("fix", "job.py", "--drafter", "rules", "--json", cwd=repo)
    assert said.json["outcome"] == "review", said.out
    assert said.json["failure"]["message"].endswith("column `currency` is empty in 5 of 5 rows")
    assert '+        writer.writerow([row.get("currency", row.get("code")), row["rate"]])' in str(
        said.json["attempts"][-1]["diff"]
    )
    assert "not sure that this is a code fault" in said.json["reason"]
