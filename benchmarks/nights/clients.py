"""Which clients of networks and databases are recorded and played back: each tried for real.

    python -m benchmarks.nights.clients [--only NAME,NAME] [--python PATH]

Each client talks to a real server on loopback under `healer run`, prints what it was told, and
fails with it. Then the server is stopped, and the job runs in the sandbox on the unfixed commit.
`played back`: it fails with the same message, and asks nothing that is not on the tape. `not
recorded`: the tape says so, in the sentence that is shown. Anything else is a MISS. The packages
are installed once, into a cache folder. Belongs here: clients and the table.
"""

import argparse
import os
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path

from benchmarks.nights import client_servers as servers
from benchmarks.nights.packages import find_port, prepare_packages
from healer.evidence.commands import make_recorded_command
from healer.evidence.observed_failure import failure_of_command
from healer.facts.repair import Request
from healer.services.runner import SandboxRunner
from healer.tape.recordings import Recordings
from quarantine.repository import Repository
from sandbox import DockerSandbox, ImageConfig, Limits, Plan, build_image
from tests.support.healer_jobs import environment, healer_run, open_inbox, repository

Server = Callable[[int, Path, Path], AbstractContextManager[None]]


@dataclass(frozen=True)
class Client:
    """One library, and a job that asks its server and sets `told`."""

    name: str
    serve: Server
    script: str
    tls: bool = False


CLIENTS = (
    Client("urllib", servers.serve_plain,
           "from urllib.request import urlopen\ntold = urlopen('@URL@/rows').read()"),
    Client("urllib over TLS", servers.serve_tls,
           "from urllib.request import urlopen\ntold = urlopen('@URL@/rows').read()", tls=True),
    Client("urllib3", servers.serve_plain,
           "import urllib3\ntold = urllib3.PoolManager().request('GET', '@URL@/packed').json()"),
    Client("requests", servers.serve_plain,
           "import requests\nwith requests.Session() as s:\n"
           "    told = s.get('@URL@/packed').json() + s.post('@URL@/rows', json={'a': 1}).json()"),
    Client("requests over TLS", servers.serve_tls,
           "import requests\ntold = requests.get('@URL@/packed').json()", tls=True),
    Client("httpx", servers.serve_plain, "import httpx\ntold = httpx.get('@URL@/packed').json()"),
    Client("httpx async over TLS", servers.serve_tls,
           "import asyncio, httpx\nasync def main():\n    async with httpx.AsyncClient() as link:\n"
           "        return (await link.get('@URL@/packed')).json()\ntold = asyncio.run(main())", tls=True),
    Client("httpx over HTTP/2", servers.serve_http2,
           "import httpx\nwith httpx.Client(http2=True) as link:\n"
           "    answer = link.get('@URL@/rows')\n    told = answer.http_version, answer.json()", tls=True),
    Client("aiohttp", servers.serve_plain,
           "import asyncio, aiohttp\nasync def main():\n    async with aiohttp.ClientSession() as link:\n"
           "        async with link.get('@URL@/packed') as answer:\n"
           "            return await answer.json()\ntold = asyncio.run(main())"),
    Client("aiohttp over TLS", servers.serve_tls,
           "import asyncio, aiohttp, ssl\nasync def main():\n    async with aiohttp.ClientSession() as link:\n"
           "        async with link.get('@URL@/packed', ssl=ssl.create_default_context()) as answer:\n"
           "            return await answer.json()\ntold = asyncio.run(main())", tls=True),
    Client("ftplib", servers.serve_ftp,
           "import ftplib, io\nlink = ftplib.FTP()\nlink.connect('127.0.0.1', @PORT@)\nlink.login('job', 'pw')\n"
           "lines = []\nlink.retrlines('RETR rows.csv', lines.append)\n"
           "link.storbinary('STOR out.csv', io.BytesIO(b'x,1'))\ntold = lines, link.nlst()"),
    Client("smtplib", servers.serve_smtp,
           "import smtplib\nwith smtplib.SMTP('127.0.0.1', @PORT@) as link:\n"
           "    told = link.sendmail('a@x.example', ['b@x.example'], 'Subject: rows\\n\\ntea'), link.noop()"),
    Client("imaplib", servers.serve_imap,
           "import imaplib\nlink = imaplib.IMAP4('127.0.0.1', @PORT@)\nlink.login('job', 'pw')\nlink.select()\n"
           "told = link.search(None, 'ALL'), link.fetch('1', '(BODY[TEXT])')[1][0][1]\nlink.logout()"),
    Client("paramiko", servers.serve_ssh,
           "import paramiko\nlink = paramiko.SSHClient()\nlink.set_missing_host_key_policy(paramiko.AutoAddPolicy())\n"
           "link.connect('127.0.0.1', @PORT@, 'job', 'pw', look_for_keys=False, allow_agent=False)\n"
           "told = link.exec_command('x')[1].read()"),
    Client("asyncssh", servers.serve_ssh,
           "import asyncio, asyncssh\nasync def main():\n"
           "    async with asyncssh.connect('127.0.0.1', @PORT@, known_hosts=None, username='job') as link:\n"
           "        return (await link.run('x')).stdout\ntold = asyncio.run(main())"),
    Client("redis", servers.serve_redis,
           "import redis\nlink = redis.Redis(port=@PORT@, host='127.0.0.1')\nlink.hset('rows', mapping={'tea': '4.5'})\n"
           "told = link.hgetall('rows'), link.incr('runs')"),
    Client("pymysql", servers.serve_mysql,
           "import pymysql\nlink = pymysql.connect(host='127.0.0.1', port=@PORT@, user='job', password='pw', database='shop')\n"
           "with link.cursor() as cursor:\n    cursor.execute('SELECT name, price FROM rows_ WHERE name <> %s', ('x',))\n"
           "    told = cursor.fetchall()\n    cursor.execute(\"INSERT INTO rows_ VALUES ('new', 1)\")\nlink.commit()"),
    Client("mysqlclient", servers.serve_mysql,
           "import MySQLdb\nlink = MySQLdb.connect(host='127.0.0.1', port=@PORT@, user='job', password='pw', database='shop')\n"
           "cursor = link.cursor()\ncursor.execute('SELECT name, price FROM rows_ WHERE name <> %s', ('x',))\n"
           "told = cursor.fetchall()\ncursor.execute(\"INSERT INTO rows_ VALUES ('new', 1)\")\nlink.commit()"),
    Client("pg8000", servers.serve_pg,
           "import pg8000.dbapi\nlink = pg8000.dbapi.connect('job', host='127.0.0.1', port=@PORT@, database='postgres')\n"
           "cursor = link.cursor()\ncursor.execute('SELECT name, price FROM rows_ WHERE name <> %s', ('x',))\n"
           "told = cursor.fetchall()"),
    Client("psycopg2", servers.serve_pg,
           "import psycopg2, psycopg2.extras\nlink = psycopg2.connect(host='127.0.0.1', port=@PORT@, user='job', dbname='postgres')\n"
           "with link, link.cursor(cursor_factory=psycopg2.extras.DictCursor) as cursor:\n"
           "    cursor.execute('SELECT name, price, day FROM rows_ WHERE name <> %s', ('x',))\n"
           "    told = [dict(row) for row in cursor]\n    cursor.execute(\"INSERT INTO rows_ VALUES ('new', 1)\")"),
    Client("psycopg", servers.serve_pg,
           "import psycopg\nfrom psycopg.rows import dict_row\n"
           "with psycopg.connect('host=127.0.0.1 port=@PORT@ user=job dbname=postgres', row_factory=dict_row) as link:\n"
           "    told = link.execute('SELECT name, price, day FROM rows_ WHERE name <> %s', ('x',)).fetchall()\n"
           "    link.execute('INSERT INTO rows_ VALUES (%s, %s)', ('new', 1))"),
    Client("psycopg async", servers.serve_pg,
           "import asyncio, psycopg\nasync def main():\n"
           "    async with await psycopg.AsyncConnection.connect('host=127.0.0.1 port=@PORT@ user=job dbname=postgres') as link:\n"
           "        return await (await link.execute('SELECT name, price FROM rows_')).fetchall()\ntold = asyncio.run(main())"),
    Client("asyncpg", servers.serve_pg,
           "import asyncio, asyncpg\nasync def main():\n"
           "    link = await asyncpg.connect(host='127.0.0.1', port=@PORT@, user='job', database='postgres')\n"
           "    return [tuple(row) for row in await link.fetch('SELECT name, price FROM rows_ WHERE name <> $1', 'x')]\n"
           "told = asyncio.run(main())"),
    Client("pymongo", servers.serve_nothing, "told = 0"),
    Client("boto3", servers.serve_aws,
           "import boto3\ns3 = boto3.client('s3', endpoint_url='@URL@', region_name='us-east-1', aws_access_key_id='a', aws_secret_access_key='b')\n"
           "s3.create_bucket(Bucket='rows')\ns3.put_object(Bucket='rows', Key='a.csv', Body=b'tea,4.5')\n"
           "told = s3.get_object(Bucket='rows', Key='a.csv')['Body'].read(), [o['Key'] for o in s3.list_objects_v2(Bucket='rows')['Contents']]"),
    Client("google-api client", servers.serve_plain,
           "from googleapiclient.discovery import build_from_document\nfrom googleapiclient.http import HttpRequest\nimport httplib2\n"
           "doc = {'rootUrl': '@URL@/', 'servicePath': 'v1/', 'name': 'x', 'version': 'v1', 'methods': {'things': {'id': 'x.things',\n"
           "       'path': 'things', 'httpMethod': 'GET', 'response': {}}}}\n"
           "told = build_from_document(doc, http=httplib2.Http()).things().execute()"),
    Client("websockets", servers.serve_websocket,
           "import asyncio, websockets\nasync def main():\n    async with websockets.connect('ws://127.0.0.1:@PORT@') as link:\n"
           "        await link.send('tea')\n        return await link.recv()\ntold = asyncio.run(main())"),
    Client("pycurl", servers.serve_plain,
           "import io, pycurl\nout = io.BytesIO()\nlink = pycurl.Curl()\nlink.setopt(pycurl.URL, '@URL@/rows')\n"
           "link.setopt(pycurl.WRITEDATA, out)\nlink.perform()\ntold = out.getvalue()"),
)  # fmt: skip
_END = "\nprint(told)\nraise RuntimeError(repr(told))\n"


def main() -> None:
    """Prints a line for each client, and how many there are of each kind."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="names, separated by commas")
    parser.add_argument("--python", type=Path, help="of an environment that has the packages")
    options = parser.parse_args()
    only = {name for name in options.only.split(",") if name}
    python = options.python or prepare_packages()
    counts: dict[str, int] = {}
    with DockerSandbox(image=build_image(ImageConfig(python=python)), pool_size=1) as sandbox:
        for client in CLIENTS:
            if not only or client.name in only:
                kind, detail = try_client(client, sandbox, python)
                counts[kind] = counts.get(kind, 0) + 1
                print(f"{client.name:24} {kind:14} {detail}", flush=True)
    print(", ".join(f"{kind}: {count}" for kind, count in counts.items()))


def try_client(client: Client, sandbox: DockerSandbox, python: Path) -> tuple[str, str]:
    """(what came of it, why)."""
    with (
        tempfile.TemporaryDirectory(prefix="client-", dir="/var/tmp") as name,
        ExitStack() as stack,
    ):
        folder, port = Path(name), find_port()
        url = f"{'https' if client.tls else 'http'}://127.0.0.1:{port}"
        script = (client.script + _END).replace("@URL@", url).replace("@PORT@", str(port))
        repo = repository(folder / "repo", {"job.py": script})
        (folder / "server").mkdir()
        authority = str(folder / "server" / "authority.pem")
        trust = {"SSL_CERT_FILE": authority, "REQUESTS_CA_BUNDLE": authority} if client.tls else {}
        try:
            with client.serve(port, folder / "server", python):
                process = subprocess.run(
                    healer_run(str(python), "job.py"), cwd=repo, env=environment(**trust),
                    stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False,
                )  # fmt: skip
        except servers.MissingServerError as error:
            return "not tried", str(error)
        if b"RuntimeError: " not in process.stderr:
            return "MISS", f"it failed by itself: {process.stderr.decode()[-300:]!r}"
        cache = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        runner = SandboxRunner(lambda: sandbox, cache, Limits(timeout_s=60), dict)
        return replay(repo, runner)


def replay(repo: Path, runner: SandboxRunner) -> tuple[str, str]:
    """The same job in the sandbox, without its server."""
    (record,) = open_inbox(repo).list_pending()
    failure = open_inbox(repo).read(record)
    recordings, base = Recordings(repo / ".git" / "healer"), Repository.open(repo).tree("HEAD")
    tape = recordings.of_failure(failure)
    end = runner.run(base, Plan(command=make_recorded_command(failure, base, recordings))).command
    if tape is None or end is None:
        return "MISS", "there is no tape, or the sandbox failed"
    request = Request(repair="r", script="job.py", target="main", base="HEAD")
    again = failure_of_command(request, failure.argv, end).exception
    before = failure.exception
    if before and again and (before.type, before.message) == (again.type, again.message):
        return "played back", "; ".join(end.missed)
    if tape.gaps:
        return "not recorded", "; ".join(tape.gaps)
    return "MISS", f"{end.missed} {end.stderr[-300:]!r}"


if __name__ == "__main__":
    os.environ.setdefault("LANG", "C.UTF-8")
    main()
