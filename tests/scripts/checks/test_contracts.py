"""Each import contract refuses what it is there for: violations are put into a copy of the tree."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
VIOLATIONS = {
    "healer/judge/verdict.py": "import docker\nimport openai\nimport random\n",
    "healer/render/mail.py": "import dbos\nfrom pathlib import Path\n",
    "healer/failure/parse.py": "import time\n",
    "healer/triage/sort.py": "import subprocess\n",
    "healer/facts/draft.py": "import socket\nimport healer.ledger.store\n",
    "healer/redact/redactor.py": "import os\n",
    "healer/app/doctor.py": "import healer.cli\n",
    "healer/loose.py": '"""A new loose module."""\n',
    "healer/watch/inbox.py": "import requests\n",
    "healer/watch/runner/run.py": "import healer.watch.inbox\n",
    "healer/web/app.py": "import healer.repair.land\n",
    "quarantine/paths.py": "import healer.config\nimport docker\n",
    "sandbox/engine_guard.py": "import quarantine.git\n",
    "sandbox/inside/tree.py": "import pydantic\n",
}


def lint_imports(root: Path) -> str:
    """What import-linter says about this tree, in one line for each problem."""
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [lint, "--no-cache"], cwd=root, capture_output=True, text=True, env={"COLUMNS": "400"},
        check=False,
    )  # fmt: skip
    return done.stdout + done.stderr


def copy_tree(root: Path) -> None:
    shutil.copy(ROOT / "pyproject.toml", root)
    for folder in ("healer", "quarantine", "sandbox", "scripts/checks"):
        for path in (ROOT / folder).rglob("*.py"):
            target = root / path.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(path)


def inject(root: Path, path: str, text: str) -> None:
    """Appends to the copy of a file, which may be new."""
    original = ROOT / path
    before = original.read_text() if original.exists() else ""
    (root / path).unlink(missing_ok=True)
    (root / path).write_text(f"{before}\n{text}")


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What is said about a tree with every violation in it."""
    root = tmp_path_factory.mktemp("violations")
    copy_tree(root)
    for path, text in VIOLATIONS.items():
        inject(root, path, text)
    return lint_imports(root)


def test_the_tree_itself_keeps_every_contract(tmp_path: Path) -> None:
    copy_tree(tmp_path)
    assert " 0 broken" in lint_imports(tmp_path)


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("healer.judge.verdict", "docker"),
        ("healer.judge.verdict", "openai"),
        ("healer.judge.verdict", "random"),
        ("healer.render.mail", "dbos"),
        ("healer.render.mail", "pathlib"),
        ("healer.failure.parse", "time"),
        ("healer.triage.sort", "subprocess"),
        ("healer.facts.draft", "socket"),
        ("healer.facts.draft", "healer.ledger.store"),
        ("healer.redact.redactor", "os"),
    ],
)
def test_a_pure_package_may_not_import_what_reaches_out(
    refused: str, importer: str, imported: str
) -> None:
    assert f"- {importer} is pure and may not import {imported} (l." in refused


@pytest.mark.parametrize(
    ("importer", "imported", "home"),
    [
        ("healer.judge.verdict", "docker", "sandbox"),
        ("healer.judge.verdict", "openai", "healer.draft.llm.endpoint"),
        ("healer.render.mail", "dbos", "healer.engine"),
        ("quarantine.paths", "docker", "sandbox"),
    ],
)
def test_an_outside_library_is_imported_at_home_only(
    refused: str, importer: str, imported: str, home: str
) -> None:
    assert re.search(rf"- {importer} imports {imported}, which lives in .*{home}", refused)


def test_a_new_outside_library_needs_a_home(refused: str) -> None:
    assert "- healer.watch.inbox imports requests, which has no home yet (l." in refused


@pytest.mark.parametrize(
    ("lower", "upper"),
    [
        ("healer.app", "healer.cli"),
        ("healer.web", "healer.repair"),
        ("healer.facts", "healer.ledger"),
    ],
)
def test_imports_go_down_only(refused: str, lower: str, upper: str) -> None:
    assert f"{lower} is not allowed to import {upper}" in refused


def test_a_loose_module_in_no_layer_is_refused(refused: str) -> None:
    assert re.search(
        r"The following modules are not listed as layers:\s+- healer\.loose\n", refused
    )


@pytest.mark.parametrize(
    "contract",
    [
        "The sandbox and the quarantine know neither each other nor healer",
        "The sandbox and the quarantine do not import healer",
        "What runs inside the container imports nothing of ours",
        "`healer run` starts at once: nothing heavy on its way, by any detour",
    ],
)
def test_the_other_contracts_are_broken_by_their_violation(refused: str, contract: str) -> None:
    assert f"{contract} BROKEN" in refused


def test_a_stale_line_of_a_table_is_refused(tmp_path: Path) -> None:
    copy_tree(tmp_path)
    settings = (ROOT / "pyproject.toml").read_text()
    for line, longer in (
        ('"base64", "collections",', '"base64", "csv", "collections",'),
        ('click = ["healer.cli"]', 'click = ["healer.cli", "quarantine"]'),
    ):
        assert line in settings
        settings = settings.replace(line, longer)
    (tmp_path / "pyproject.toml").write_text(settings)
    output = lint_imports(tmp_path)
    assert "nothing pure imports csv" in output
    assert "quarantine is a home of click and does not import it" in output
