"""A job of another Python than ours: its nights are recorded on it, and its fix is proved on it."""

import socket
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from tests.journeys.conftest import Heal
from tests.support.endpoint import ScriptedEndpoint, fix
from tests.support.git import git, make_repository
from tests.support.interpreters import require_interpreter
from tests.support.tapes import serve_json

pytestmark = pytest.mark.docker

JOB = '''\
"""Stores today's rates, and says that it did."""

import asyncio
import json
import sqlite3
import subprocess
import sys
from urllib.request import urlopen

PORT = int(sys.argv[1])
BODY = b"{}"
HEAD = f"POST /done HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: {len(BODY)}\\r\\n".encode()


async def say():
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    writer.writelines([HEAD, b"Connection: close\\r\\n\\r\\n", BODY])
    answer = await reader.read()
    writer.close()
    return answer.startswith(b"HTTP/1.1 200")


with urlopen(f"http://127.0.0.1:{PORT}/rates.json") as answer:
    rows = json.load(answer)["rates"]
table = sqlite3.connect("rates.db")
with table:
    table.execute("CREATE TABLE IF NOT EXISTS rates (currency TEXT PRIMARY KEY, rate REAL)")
    for row in rows:
        values = (row["currency"], row["rate"])
        table.execute("INSERT OR REPLACE INTO rates VALUES (?, ?)", values)
table.close()
words = subprocess.run(["printf", "%s", "stored"], stdout=subprocess.PIPE, check=True).stdout
print(len(rows), words.decode(), asyncio.run(say()), "%d.%d" % sys.version_info[:2])
'''
LINE = 'values = (row["currency"], row["rate"])'
FIXED = 'values = (row["currency"] if "currency" in row else row["code"], row["rate"])'
RATES = {"EUR": 1.0, "USD": 1.08, "CHF": 0.95}
VERSIONS = ("3.9", "3.13", "3.14")
"""Old, usual, new: of each a repair takes as long as one of any other."""


def rates(key: str, night: int) -> object:
    return {"rates": [{key: name, "rate": rate + night / 100} for name, rate in RATES.items()]}


@pytest.mark.parametrize("version", VERSIONS)
def test_it_is_recorded_reproduced_proved_and_merged(
    tmp_path: Path, heal: Heal, version: str
) -> None:
    environment = tmp_path / "env"
    make = [require_interpreter(version), "-m", "venv", "--without-pip", str(environment)]
    subprocess.run(make, check=True)
    files = {"job.py": JOB, ".gitignore": "rates.db\n", "healer.toml": '[model]\ntiers = ["m"]\n'}
    repo = make_repository(tmp_path / "shop", files)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    words = ("run", "--", str(environment / "bin/python"), "job.py", str(port))
    for night in range(5):
        with serve_json(rates("currency" if night < 4 else "code", night), port=port):
            ran = heal(*words)
        assert ran.code == (0 if night < 4 else 1), ran.err
        assert night == 4 or ran.out == f"3 stored True {version}\n"
    with ScriptedEndpoint(replies=[fix("job.py", LINE, FIXED)]) as endpoint:
        more = {"OPENAI_BASE_URL": endpoint.base_url, "OPENAI_API_KEY": "sk-test"}
        said = heal("fix", "job.py", "--drafter", "model", "--attempts", "1", "--json", **more)
    assert said.json["outcome"] == "healed", said.out + said.err
    assert FIXED in git(repo, "show", "main:job.py")
    with serve_json(rates("code", 9), port=port):
        assert heal(*words).out == f"3 stored True {version}\n"
    with closing(sqlite3.connect(repo / "rates.db")) as table:
        assert table.execute("SELECT count(*) FROM rates").fetchone() == (3,)
