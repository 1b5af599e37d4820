"""Every command block of the README and the docs does what it says.

A `sh` block is run as it stands, in a copy of the example repository. A `console` block
is run too, and its output compared; `…` stands for what is left out. What a line above the block
keeps from being run (it waits, it takes minutes) is held against the real command line instead:
commands, options, scripts and modules must exist.
"""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import click
import pytest
import yaml

from healer.cli import cli
from tests.docs.fences import ROOT, Block, read_blocks
from tests.support.command_line import run_command
from tests.support.example_shop import lay_out_example
from tests.support.smtp import smtp_server

FOLLOWED_WHOLE = "docs/tutorial.md"  # by test_tutorial.py: each block goes on where one ended
RUN = [b for b in read_blocks("sh") if not b.why_not_run and b.page != FOLLOWED_WHOLE]
NOT_RUN = [block for block in read_blocks("sh") if block.why_not_run]
CONSOLE = read_blocks("console")
CHANGES = (
    (r"(?m)^· .* \(for \d+ s\)\n", ""),  # only where a step takes long
    (r"(?m) \(\d[\d.]* (s|min)( \d+ s)?\)$", ""),  # as above
    (r"\b[0-9a-f]{12}\b", "COMMIT"),
    (r"\b[0-9a-f]{8}\b", "ID"),
    (r"\b\d+\.\d s\b", "SECONDS"),
)
"""What differs from run to run, and what it is compared as."""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A person's, with `healer` on PATH and nothing set up but git's identity."""
    home = tmp_path_factory.mktemp("home")
    (home / ".gitconfig").write_text("[user]\nname = Ada\nemail = ada@shop.example\n")
    docker = {key: value for key, value in os.environ.items() if key.startswith("DOCKER_")}
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return {"PATH": path, "HOME": str(home), "NO_COLOR": "1", "LANG": "C.UTF-8"} | docker


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Path]:
    """The example repository, with two commits of history and a mail server that answers."""
    with smtp_server() as server:
        folder = lay_out_example(tmp_path / "shop", server.port)
        assert run_command("trust", "--yes", cwd=folder).code == 0
        yield folder


def needs_docker(block: Block) -> bool:
    return any(command in block.text for command in ("healer fix", "healer check"))


def for_all(blocks: list[Block]) -> list[object]:
    """Each block as a parameter; those that need Docker Engine are marked."""
    return [
        pytest.param(
            block, id=str(block), marks=[pytest.mark.docker] if needs_docker(block) else []
        )
        for block in blocks
    ]


@pytest.mark.parametrize("block", for_all(RUN))
def test_a_block_runs_as_it_stands(block: Block, shop: Path, environment: dict[str, str]) -> None:
    folder = shop if "healer" in re.findall(r"^\w+", block.text, re.MULTILINE) else ROOT
    done = subprocess.run(
        ["sh", "-euc", block.text],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"


@pytest.mark.parametrize("block", for_all(CONSOLE))
def test_a_console_block_shows_what_is_really_said(
    block: Block, shop: Path, environment: dict[str, str]
) -> None:
    for command, expected in sessions(block.text):
        done = subprocess.run(
            command, shell=True, cwd=shop, env=environment, text=True, timeout=300, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        pattern = "".join(
            ".*?" if part.startswith("…") else re.escape(part)
            for part in re.split(r"(…\n?)", comparable(expected))
        )
        output = comparable(done.stdout)
        assert re.fullmatch(pattern, output, re.DOTALL), f"{block}\n{expected}\n---\n{output}"


def sessions(text: str) -> Iterator[tuple[str, str]]:
    """Each command of a console block with the output that follows it."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield command, output


def comparable(text: str) -> str:
    """The text with what differs from run to run replaced."""
    for pattern, name in CHANGES:
        text = re.sub(pattern, name, text)
    return text


@pytest.mark.parametrize("block", for_all(NOT_RUN))
def test_a_block_that_is_not_run_names_only_what_exists(block: Block) -> None:
    checked = [check(command) for command in block.commands]
    assert checked, f"{block} has no command"


def check(command: str) -> str:
    """Asserts that the command could be typed; gives its program."""
    words = shlex.split(command)
    match words:
        case ["healer", *rest]:
            check_healer(rest)
        case ["eval", inner]:
            assert re.fullmatch(r"\$\(_HEALER_COMPLETE=(bash|zsh)_source healer\)", inner), command
        case [".venv/bin/python" | "python", "-m", "pytest", *rest]:
            for word in rest:
                assert word.startswith("-") or (ROOT / word).exists(), f"{word} in: {command}"
        case [".venv/bin/python" | "python", "-m", module, *_]:
            assert find_spec(module), f"{module} in: {command}"
        case ["uv" | "docker" | "systemctl" | "cp" | "apt-get" | "git" | "ssh-keygen", *_]:
            pass  # not ours
        case ["ollama", *_] | ["python3", "-m", "pip" | "venv", *_] | ["healer-env/bin/pip", *_]:
            pass  # not ours, either; the environment is the tutorial's
        case [path, *_]:
            script = ROOT / path
            assert script.is_file(), f"{path} in: {command}"
            assert os.access(script, os.X_OK), f"{path} in: {command}"
    return words[0]


def check_healer(words: list[str]) -> None:
    """Asserts that the command line takes these words. Runs nothing."""
    group: click.Command = cli
    context = click.Context(cli, info_name="healer")
    while isinstance(group, click.Group):
        if group.invoke_without_command and (not words or words[0].startswith("-")):
            break  # a group that is a command, too
        name = words.pop(0)
        command = group.get_command(context, name)
        assert command is not None, f"healer {name} does not exist"
        group = command
        context = click.Context(command, info_name=name, parent=context, resilient_parsing=False)
    group.parse_args(context, words)


def test_the_hook_of_pre_commit_starts_a_command_that_exists() -> None:
    text = (ROOT / ".pre-commit-hooks.yaml").read_text()
    (entry,) = re.findall(r"^  entry: (.*)$", text, re.MULTILINE)
    check(entry)
    assert re.findall(r"^- id: (.*)$", text, re.MULTILINE) == ["healer-check"]
    assert "id: healer-check" in (ROOT / "docs" / "check.md").read_text()


TEMPLATES = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("[!c]*.yml"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_an_issue_template_is_a_form_and_asks_for_what_can_be_typed(path: Path) -> None:
    form = yaml.safe_load(path.read_text())
    assert form.keys() == {"name", "description", "labels", "body"}
    parts = [part for part in form["body"] if part["type"] != "markdown"]
    assert all(part["type"] in ("textarea", "input") for part in parts)
    assert all(part["attributes"]["label"] for part in parts)
    assert len({part["id"] for part in parts}) == len(parts)
    assert any(part.get("validations", {}).get("required") for part in parts)
    commands = re.findall(r"`(healer [a-z][^`]*)`", path.read_text())
    assert [check(command) for command in commands] == ["healer"] * len(commands)
    assert commands


@pytest.mark.parametrize(
    "command",
    [
        "healer mend ID",
        "healer approve",
        "healer show ID --everything",
        "scripts/nothing",
        "python -m scripts.nothing",
    ],
)
def test_the_check_itself_refuses_what_does_not_exist(command: str) -> None:
    with pytest.raises((AssertionError, click.UsageError)):
        check(command)


def test_the_readme_names_every_command() -> None:
    readme = (ROOT / "README.md").read_text()
    commands = cli.list_commands(click.Context(cli))
    assert len(commands) >= 18
    assert [name for name in commands if f"healer {name}" not in readme] == []


def test_there_are_blocks_to_run() -> None:
    assert len(RUN) >= 1
    assert len(CONSOLE) >= 1
    assert len(NOT_RUN) >= 3


def test_no_other_block_holds_commands() -> None:
    others = read_blocks("", "text", "bash", "shell")
    assert not [str(b) for b in others if re.search(r"^\$? ?healer \w", b.text, re.MULTILINE)]
    assert not [str(block) for block in others if block.language in {"bash", "shell"}]
