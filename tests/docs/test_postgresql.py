"""What docs/postgresql.md says is done as it stands: its SQL as the administrator, then the setting
and the URL as the role that it makes."""

import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from tests.docs.fences import read_blocks
from tests.support import postgres
from tests.support.git import make_repository

PAGE = "docs/postgresql.md"


@pytest.mark.skipif(not postgres.is_installed(), reason="PostgreSQL is not installed")
def test_the_role_that_the_page_makes_can_keep_the_state(tmp_path: Path) -> None:
    (sql,) = [block for block in read_blocks("sql") if block.page == PAGE]
    (toml,) = [block for block in read_blocks("toml") if block.page == PAGE]
    root = make_repository(tmp_path / "jobs", {"jobs/a.py": "", "healer.toml": toml.text})
    with postgres.server() as administrator:
        with psycopg.connect(administrator, autocommit=True) as connection:
            rename = (
                "ALTER ROLE healer RENAME TO administrator"  # the test's own has the page's name
            )
            connection.execute("CREATE ROLE other SUPERUSER LOGIN")
        other = administrator.replace("healer@", "other@")
        with psycopg.connect(other, autocommit=True) as connection:
            connection.execute(rename)
            for statement in filter(str.strip, sql.text.split(";")):
                connection.execute(statement)
        host = parse_qs(urlsplit(administrator).query)["host"][0]
        url = f"postgresql://healer:choose-one@/healer?host={host}"
        done = subprocess.run(
            [sys.executable, "-m", "healer", "doctor", "--json"],
            cwd=root, env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "HEALER_STATE": url,
                           "DOCKER_HOST": "unix:///nowhere/docker.sock"},
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
    (state,) = [line for line in json.loads(done.stdout)["checks"] if line["name"] == "state"]
    assert (state["status"], state["detail"].partition(" at ")[0]) == ("pass", "PostgreSQL")
