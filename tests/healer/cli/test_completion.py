"""TAB completes the ids of repairs, in the shells themselves."""

import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from tests.support.shop import Shop, shop

BASH = """\
eval "$(_HEALER_COMPLETE=bash_source healer)"
COMP_WORDS=(healer {command} {begun}); COMP_CWORD=2
_healer_completion healer {begun} {command}
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
FISH = """\
_HEALER_COMPLETE=fish_source healer | source
complete -C 'healer {command} {begun}'
"""
ZSH = """\
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PROMPT= ; unsetopt zle_bracketed_paste; autoload -U compinit; compinit -u -D"
zpty -w shell 'eval "$(_HEALER_COMPLETE=zsh_source healer)"; print READY''END'
zpty -r shell said '*READYEND*'
zpty -n -w shell $'healer {command} {begun}\\t'
zpty -n -w shell $'\\C-a: \\C-e; print DONE''END\\n'
zpty -r shell said '*DONEEND*DONEEND*'
print -r -- $said
"""
TRIES = 3
SCRIPTS = {"bash": BASH, "fish": FISH, "zsh": ZSH}


def completed(shell: str, here: Shop, command: str, begun: str) -> str:
    """What the shell shows after TAB."""
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    folder = here.folder.parent / "bin"
    folder.mkdir(exist_ok=True)
    program = folder / "healer"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m healer "$@"\n')
    program.chmod(0o755)
    words = {
        "PATH": f"{folder}:{os.environ['PATH']}",
        "PYTHONPATH": str(Path(__file__).parents[3]),
        "HOME": str(here.folder.parent),
        "TERM": "dumb",
    }
    text = SCRIPTS[shell].format(command=command, begun=begun)
    options = {"bash": ("--norc",), "zsh": ("-f",), "fish": ("--no-config",)}[shell]
    for _ in range(TRIES):
        with suppress(subprocess.TimeoutExpired):  # keys that came before the shell read any
            done = subprocess.run(
                [shell, *options, "-c", text],
                cwd=here.folder,
                env=words,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=60,
                check=False,
            )
            return done.stdout + done.stderr
    raise AssertionError(f"{shell} did not answer to TAB, {TRIES} times")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_tab_completes_the_id_of_what_can_be_decided(tmp_path: Path, shell: str) -> None:
    with shop(tmp_path / "shop") as here:
        repair = here.fix().repair
        assert repair in completed(shell, here, "approve", repair[:3])
        assert repair in completed(shell, here, "show", repair[:3])
        assert repair not in completed(shell, here, "rollback", repair[:3])
