"""Real servers on loopback for the clients that are tried: started, filled, ended.

Belongs here: one server for each protocol, as a with-block over its port. Does not belong here:
clients (`clients`), and the servers of jobs (`servers`). A program that this machine does not have
raises MissingServerError.
"""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from benchmarks.nights.night import Answer, Job
from benchmarks.nights.servers import make_certificate, serve_http, serve_mail

PATIENCE_S = 40
ROWS = '[{"name": "tea", "price": 4.5}, {"name": "mug", "price": null}]'
ANSWERS = {
    "/rows": Answer(ROWS.encode(), headers={"Content-Type": "application/json"}),
    "/packed": Answer(ROWS.encode(), headers={"Content-Type": "application/json"}, gzip=True),
    "/v1/things": Answer(ROWS.encode(), headers={"Content-Type": "application/json"}),
}


class MissingServerError(Exception):
    """A program is not on this machine."""


@contextmanager
def serve_program(argv: Sequence[str], port: int, cwd: Path) -> Iterator[None]:
    """A program until the block ends, from when it answers at its port on."""
    if shutil.which(argv[0]) is None:
        raise MissingServerError(f"{argv[0]} is not on this machine")
    with (cwd / "server.log").open("wb") as log:
        process = subprocess.Popen(argv, cwd=cwd, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    try:
        end = time.monotonic() + PATIENCE_S
        while not _answers(port):
            if process.poll() is not None or time.monotonic() > end:
                raise MissingServerError((cwd / "server.log").read_text("utf-8", "replace")[-600:])
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def _answers(port: int) -> bool:
    with socket.socket() as link:
        return link.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def serve_plain(port: int, _folder: Path, _python: Path) -> Iterator[None]:
    with serve_http(port, ANSWERS, None):
        yield


@contextmanager
def serve_tls(port: int, folder: Path, _python: Path) -> Iterator[None]:
    pem, _ = make_certificate(folder)
    with serve_http(port, ANSWERS, pem):
        yield


@contextmanager
def serve_http2(port: int, folder: Path, python: Path, body: str = ROWS) -> Iterator[None]:
    """By hypercorn, which is among the packages."""
    make_certificate(folder)
    (folder / "app.py").write_text(
        "async def app(scope, receive, send):\n"
        "    if scope['type'] != 'http': return\n"
        "    await send({'type': 'http.response.start', 'status': 200, 'headers': []})\n"
        f"    await send({{'type': 'http.response.body', 'body': {body.encode()!r}}})\n"
    )
    argv = [str(python), "-m", "hypercorn", "app:app", "--bind", f"127.0.0.1:{port}"]
    pem = str(folder / "peer.pem")
    with serve_program([*argv, "--certfile", pem, "--keyfile", pem], port, folder):
        yield


@contextmanager
def serve_redis(port: int, folder: Path, _python: Path) -> Iterator[None]:
    argv = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    with serve_program(argv, port, folder):
        yield


@contextmanager
def serve_mysql(port: int, folder: Path, _python: Path) -> Iterator[None]:
    """MariaDB, with the table `rows_` in `shop`, for `job` with the password `pw`."""
    if shutil.which("mariadbd") is None:
        raise MissingServerError("mariadbd is not on this machine")
    data = folder / "mysql"
    options = [f"--datadir={data}", "--user=root", "--no-defaults"]
    subprocess.run(
        ["mariadb-install-db", "--no-defaults", f"--datadir={data}", "--user=root",
         "--auth-root-authentication-method=normal", "--skip-test-db"],
        check=True, capture_output=True,
    )  # fmt: skip
    (data / "init.sql").write_text(
        "CREATE DATABASE shop;\nCREATE TABLE shop.rows_ (name VARCHAR(9), price DECIMAL(9,2));\n"
        "INSERT INTO shop.rows_ VALUES ('tea', 4.5), ('mug', NULL);\n"
        "CREATE USER job@'127.0.0.1' IDENTIFIED BY 'pw';\nGRANT ALL ON shop.* TO job@'127.0.0.1';\n"
    )
    argv = ["mariadbd", "--no-defaults", *options[:2], f"--port={port}", "--bind-address=127.0.0.1",
            "--skip-name-resolve", f"--socket={folder}/s", f"--init-file={data}/init.sql"]  # fmt: skip
    with serve_program(argv, port, folder):
        yield


@contextmanager
def serve_pg(port: int, _folder: Path, _python: Path) -> Iterator[None]:
    """PostgreSQL, with the table `rows_`, for `job` without a password."""
    if shutil.which("initdb") is None:
        raise MissingServerError("initdb is not on this machine")
    nobody = pwd.getpwnam("nobody")  # PostgreSQL refuses to run as root
    user: dict[str, Any] = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    with tempfile.TemporaryDirectory(prefix="night-pg-", ignore_cleanup_errors=True) as place:
        os.chown(place, nobody.pw_uid, nobody.pw_gid)
        data, options = f"{place}/data", f"-F -c listen_addresses=127.0.0.1 -p {port} -k {place}"
        control = ["pg_ctl", "-D", data, "-w", "-s"]
        make = ["initdb", "-D", data, "-A", "trust", "-U", "job", "--no-sync"]
        subprocess.run(make, cwd=place, check=True, stdout=subprocess.DEVNULL, **user)
        start = [*control, "-l", f"{place}/log", "-o", options, "start"]
        subprocess.run(start, cwd=place, check=True, **user)
        try:
            sql = "CREATE TABLE rows_ (name text, price numeric, day date);"
            sql += "INSERT INTO rows_ VALUES ('tea', 4.5, '2026-01-02'), ('mug', NULL, NULL);"
            url = f"postgresql://job@127.0.0.1:{port}/postgres"
            subprocess.run(["psql", "-q", url, "-c", sql], cwd=place, check=True)
            yield
        finally:
            subprocess.run([*control, "-m", "immediate", "stop"], cwd=place, check=True, **user)


@contextmanager
def serve_smtp(port: int, _folder: Path, _python: Path) -> Iterator[None]:
    with serve_mail(port):
        yield


@contextmanager
def serve_ftp(port: int, folder: Path, python: Path) -> Iterator[None]:
    (folder / "ftp").mkdir()
    (folder / "ftp" / "rows.csv").write_text("tea,4.5\nmug,\n")
    with serve_files(port, folder, python):
        yield


@contextmanager
def serve_files(port: int, folder: Path, python: Path) -> Iterator[None]:
    """FTP of what lies in `ftp`, for `job` with the password `pw`."""
    code = (
        "from pyftpdlib.authorizers import DummyAuthorizer\n"
        "from pyftpdlib.handlers import FTPHandler\nfrom pyftpdlib.servers import FTPServer\n"
        "auth = DummyAuthorizer()\nauth.add_user('job', 'pw', 'ftp', perm='elradfmw')\n"
        f"FTPHandler.authorizer = auth\nFTPServer(('127.0.0.1', {port}), FTPHandler).serve_forever()\n"
    )
    with serve_program([str(python), "-c", code], port, folder):
        yield


@contextmanager
def serve_imap(port: int, _folder: Path, _python: Path) -> Iterator[None]:
    """With one mail."""
    with tempfile.TemporaryDirectory(prefix="service-", dir="/var/tmp") as name:
        new = Path(name) / "mail" / "new"
        new.mkdir(parents=True)
        (new / "1.a").write_text("Subject: rows\nFrom: ada@x.example\n\ntea,4.5\nmug,\n")
        with serve_mailbox(port, Path(name)):
            yield


@contextmanager
def serve_mailbox(port: int, folder: Path) -> Iterator[None]:
    """Dovecot, of what lies in `mail/new`, for `job` with the password `pw`."""
    nobody = pwd.getpwnam("nobody")  # Dovecot refuses to serve root's mail
    folder.chmod(0o755)
    for name in ("cur", "tmp"):
        (folder / "mail" / name).mkdir(exist_ok=True)
    for path in (folder, *(folder / "mail").rglob("*"), folder / "mail"):
        os.chown(path, nobody.pw_uid, nobody.pw_gid)
    (folder / "users").write_text(f"job:{{PLAIN}}pw:{nobody.pw_uid}:{nobody.pw_gid}::{folder}::\n")
    (folder / "dovecot.conf").write_text(
        f"base_dir = {folder}/run\nstate_dir = {folder}/state\nprotocols = imap\nssl = no\n"
        f"log_path = {folder}/dovecot.log\ndisable_plaintext_auth = no\nlisten = 127.0.0.1\n"
        "first_valid_uid = 0\nfirst_valid_gid = 0\ndefault_internal_user = root\n"
        f"default_login_user = nobody\nmail_location = maildir:{folder}/mail\n"
        "service imap-login {\n  chroot =\n"
        f"  inet_listener imap {{\n    port = {port}\n  }}\n}}\n"
        f"passdb {{\n  driver = passwd-file\n  args = {folder}/users\n}}\n"
        f"userdb {{\n  driver = passwd-file\n  args = {folder}/users\n}}\n"
    )
    with serve_program(["dovecot", "-F", "-c", str(folder / "dovecot.conf")], port, folder):
        yield


@contextmanager
def serve_aws(port: int, folder: Path, python: Path) -> Iterator[None]:
    argv = [str(python.parent / "moto_server"), "-H", "127.0.0.1", "-p", str(port)]
    with serve_program(argv, port, folder):
        yield


@contextmanager
def serve_ssh(port: int, folder: Path, python: Path) -> Iterator[None]:
    code = (
        "import asyncio, asyncssh\n"
        "class Server(asyncssh.SSHServer):\n"
        "    def begin_auth(self, name): return False\n"
        "async def main():\n"
        "    key = asyncssh.generate_private_key('ssh-ed25519')\n"
        "    def run(process):\n"
        "        process.stdout.write('tea,4.5'); process.exit(0)\n"
        f"    await asyncssh.create_server(Server, '127.0.0.1', {port}, server_host_keys=[key],\n"
        "                                  process_factory=run)\n"
        "    await asyncio.Event().wait()\n"
        "asyncio.run(main())\n"
    )
    with serve_program([str(python), "-c", code], port, folder):
        yield


@contextmanager
def serve_websocket(port: int, folder: Path, python: Path) -> Iterator[None]:
    code = (
        "import asyncio, websockets\n"
        "async def talk(link):\n"
        "    async for text in link: await link.send(text.upper())\n"
        "async def main():\n"
        f"    async with websockets.serve(talk, '127.0.0.1', {port}): await asyncio.Event().wait()\n"
        "asyncio.run(main())\n"
    )
    with serve_program([str(python), "-c", code], port, folder):
        yield


@contextmanager
def serve_nothing(_port: int, _folder: Path, _python: Path) -> Iterator[None]:
    raise MissingServerError("no server of it on this machine")
    yield


@contextmanager
def serve_service(job: Job, night: int, port: int, data: Path, python: Path) -> Iterator[None]:
    """What the job names, as it is in that night."""
    fill = job.fill(night)
    with (
        tempfile.TemporaryDirectory(prefix="service-", dir="/var/tmp") as name,
        ExitStack() as stack,
    ):
        folder = Path(name)
        if job.service == "ftp":
            stack.enter_context(serve_files(port, data, python))
        elif job.service == "imap":
            shutil.copytree(data / "mail", folder / "mail")
            stack.enter_context(serve_mailbox(port, folder))
        elif job.service == "http2":
            stack.enter_context(serve_http2(port, folder, python, fill))
        elif job.service == "redis":
            stack.enter_context(serve_redis(port, folder, python))
            command = ["redis-cli", "-p", str(port)]
            subprocess.run(command, input=fill.encode(), check=True, capture_output=True)
        elif job.service == "postgres":
            stack.enter_context(serve_pg(port, folder, python))
            url = f"postgresql://job@127.0.0.1:{port}/postgres"
            subprocess.run(["psql", "-q", url, "-c", fill], check=True)
        yield
