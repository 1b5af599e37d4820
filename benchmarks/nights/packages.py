"""An environment with the packages that jobs and clients need, and ports for their servers.

Belongs here: what each benchmark of nights starts from. Does not belong here: servers
(`client_servers`), or what is measured.
"""

import socket
import subprocess
import sys
from pathlib import Path

from healer.app.environments import cache_folder

PACKAGES = (
    "urllib3", "requests", "httpx[http2]", "aiohttp", "redis", "pymysql", "pg8000",
    "psycopg[binary]", "psycopg2-binary", "asyncpg", "pymongo", "boto3", "grpcio", "pycurl",
    "google-api-python-client", "paramiko", "asyncssh", "websockets", "mysqlclient",
    "moto[server]", "pyftpdlib", "hypercorn",
    "openpyxl", "numpy",
)  # fmt: skip
"""Of jobs, of the clients, and of servers that are written in Python."""


def prepare_packages() -> Path:
    """The Python of an environment that has all of them, made where there is none."""
    import uv  # noqa: PLC0415 - only where it is needed

    folder = cache_folder().parent / "clients"
    python = folder / "bin" / "python"
    if not python.exists():
        program = uv.find_uv_bin()
        subprocess.run([program, "venv", "-q", "-p", sys.executable, str(folder)], check=True)
    subprocess.run(
        [uv.find_uv_bin(), "pip", "install", "-q", "-p", str(python), *PACKAGES], check=True
    )
    return python


def find_port() -> int:
    """One that is free now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
