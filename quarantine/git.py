"""The one place where git is started, and how: GitPython's command object, hardened.

Belongs here: the environment and the options of every git process, its time limit, its user, and
the announcement of writes. Does not belong here: what is asked of git.

GitPython starts git in the caller's environment. Unattended, that environment is not ours to
trust: a cron job may run inside a hook (GIT_DIR, GIT_INDEX_FILE, GIT_QUARANTINE_PATH), a user's
configuration may sign, filter, page or prompt. So `execute` is replaced, and whatever GitPython
does through this class is hardened too.
"""

import os
import pwd
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypedDict

import git.cmd
from git.util import remove_password_if_present

from quarantine.errors import GitFailed, GitTimeout, GitUnavailable, RepositoryBusy, RepositoryError

TIMEOUT_S: Final = 60.0
"""For one git process; the largest trees we know of are listed in under 2 s."""

NOBODY: Final = "healer <healer@localhost>"

_SETTINGS: Final = {
    "core.hooksPath": "/dev/null",
    "core.fsmonitor": "false",
    "core.untrackedCache": "keep",
    "core.attributesFile": "/dev/null",
    "core.alternateRefsCommand": "true",
    "core.fsync": "all",  # what a checkpoint says is done must outlast a power cut
    "core.pager": "cat",
    "core.editor": "false",
    "core.askPass": "",
    "core.quotePath": "false",
    "core.preloadIndex": "false",
    "color.ui": "false",
    "commit.gpgSign": "false",
    "push.gpgSign": "false",
    "tag.gpgSign": "false",
    "log.showSignature": "false",
    "blame.ignoreRevsFile": "",
    "diff.external": "",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "submodule.recurse": "false",
    "push.recurseSubmodules": "no",
    "advice.detachedHead": "false",
}
# Nothing but a push may reach the network; a partial clone would fetch in the middle of a read.
_OFFLINE: Final = {"protocol.allow": "never"}

_ENVIRONMENT: Final = {
    "LC_ALL": "C",
    "LANGUAGE": "C",
    "TZ": "UTC",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "false",
    "SSH_ASKPASS": "false",
    "GIT_EDITOR": "false",
    "GIT_PAGER": "cat",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_GRAFT_FILE": "/dev/null",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_AUTHOR_NAME": "healer",
    "GIT_AUTHOR_EMAIL": "healer@localhost",
    "GIT_COMMITTER_NAME": "healer",
    "GIT_COMMITTER_EMAIL": "healer@localhost",
}
_CLOSED: Final = ("GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_GLOBAL")
_USERS: Final = ("HOME", "XDG_CONFIG_HOME", "USER", "LOGNAME", "SSH_AUTH_SOCK", "XDG_RUNTIME_DIR")
_LOCK_SIGNS: Final = ("Unable to create", ".lock': File exists", "cannot lock ref")


def _settings(*tables: Mapping[str, str]) -> dict[str, str]:
    """Settings as variables, which win over every configuration file, included or not."""
    pairs = [pair for table in tables for pair in table.items()]
    variables = {"GIT_CONFIG_COUNT": str(len(pairs))}
    for at, (key, value) in enumerate(pairs):
        variables |= {f"GIT_CONFIG_KEY_{at}": key, f"GIT_CONFIG_VALUE_{at}": value}
    return variables


def announce_nothing(_what: str) -> None:
    """The usual listener of writes."""


class Git(git.cmd.Git):
    """Runs git in one repository. Safe to use from several threads: it keeps no process itself."""

    def __init__(
        self,
        git_dir: Path | None,
        work_tree: Path | None = None,
        *,
        cwd: Path | None = None,
        environment: Mapping[str, str] | None = None,
        writing: Callable[[str], None] = announce_nothing,
    ) -> None:
        """With `git_dir` git looks for no repository itself; without, it does so from `cwd`."""
        self.folder = cwd or work_tree or git_dir or Path.cwd()
        super().__init__(str(self.folder))
        self.writing = writing
        """Called with a few words before each write: of git's, and of the checkout's files."""
        self.variables = {"PATH": os.environ.get("PATH", os.defpath), **_ENVIRONMENT}
        self.variables |= _settings(_SETTINGS, _OFFLINE)
        if git_dir is not None:
            self.variables["GIT_DIR"] = str(git_dir)
        if work_tree is not None:
            self.variables["GIT_WORK_TREE"] = str(work_tree)
        self.variables.update(environment or {})
        self._user = run_as(git_dir or self.folder)

    def run(
        self,
        *arguments: str,
        stdin: bytes = b"",
        environment: Mapping[str, str] | None = None,
        timeout_s: float = TIMEOUT_S,
        as_user: bool = False,
    ) -> bytes:
        """Git's standard output; GitFailed with its own words when it ends with an error."""
        code, out, err = self.ask(
            *arguments, stdin=stdin, environment=environment, timeout_s=timeout_s, as_user=as_user
        )
        if code != 0:
            raise failure(arguments, code, err)
        return out

    def write(
        self,
        what: str,
        *arguments: str,
        stdin: bytes = b"",
        environment: Mapping[str, str] | None = None,
    ) -> bytes:
        """Like `run`, for a command that changes the repository: `what` is announced first."""
        self.writing(what)
        return self.run(*arguments, stdin=stdin, environment=environment)

    def ask(
        self,
        *arguments: str,
        stdin: bytes = b"",
        environment: Mapping[str, str] | None = None,
        timeout_s: float = TIMEOUT_S,
        as_user: bool = False,
    ) -> tuple[int, bytes, str]:
        """Exit code, standard output and standard error, for commands whose code is an answer.

        `as_user`: git sees the user's and the system's configuration (there safe.directory and
        credentials live) and may reach the network; hooks and signing stay off.
        """
        variables = self._users_variables() if as_user else self.variables
        process = self._start(["git", *arguments], {**variables, **(environment or {})})
        try:
            out, err = process.communicate(stdin, timeout=timeout_s)
        except subprocess.TimeoutExpired:
            _stop(process)
            raise GitTimeout(
                f"git {arguments[0]} did not end within {timeout_s:g} s in {self.folder} and was "
                "stopped; see whether the disk or the remote hangs, then try again."
            ) from None
        except BaseException:
            _stop(process)
            raise
        return process.returncode, out, err.decode("utf-8", "replace").strip()

    def start(self, *arguments: str) -> "subprocess.Popen[bytes]":
        """A process for the caller to talk with, by unbuffered pipes, and to end."""
        return self._start(["git", *arguments], self.variables, is_to_stay=True)

    def execute(  # type: ignore[override]  # GitPython's overloads, all of which this serves
        self,
        command: str | Sequence[Any],
        istream: Any = None,
        *,
        as_process: bool = False,
        with_extended_output: bool = False,
        stdout_as_string: bool = True,
        **_options: Any,
    ) -> Any:
        """What GitPython's own objects call: the same hardened process."""
        if isinstance(command, str) or not command or Path(str(command[0])).name != "git":
            raise RepositoryError("Only git is started here, from a list of arguments.")
        arguments = [str(each) for each in command[1:]]
        if as_process:
            process = self._start(["git", *arguments], self.variables, istream)
            return self.AutoInterrupt(process, command)
        out = self.run(*arguments).removesuffix(b"\n")
        answer = out.decode("utf-8", "surrogateescape") if stdout_as_string else out
        return (0, answer, "") if with_extended_output else answer

    def _users_variables(self) -> dict[str, str]:
        own = {name: value for name, value in self.variables.items() if name not in _CLOSED}
        own_variables = {name: os.environ[name] for name in _USERS if name in os.environ}
        if "user" in self._user:
            own_variables["HOME"] = _home(self._user["user"])
        return own | own_variables | _settings(_SETTINGS)

    def _start(
        self,
        command: list[str],
        variables: Mapping[str, str],
        stdin: Any = subprocess.PIPE,
        *,
        is_to_stay: bool = False,
    ) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(
                command,
                cwd=self.folder,
                env=dict(variables),
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL if is_to_stay else subprocess.PIPE,
                bufsize=0 if is_to_stay else -1,
                start_new_session=True,  # the terminal's ^C is ours to handle, not git's
                **self._user,
            )
        except FileNotFoundError as error:
            if not self.folder.is_dir():
                raise RepositoryError(
                    f"The folder {self.folder} does not exist; name one that does."
                ) from error
            raise GitUnavailable("git is not on PATH; install it (apt install git).") from error
        except PermissionError as error:
            raise RepositoryError(
                f"git cannot be started in {self.folder} ({error.strerror}); run healer as a user "
                "that may read it."
            ) from error


class RunAs(TypedDict, total=False):
    """Popen's arguments that say who runs; empty: who we are."""

    user: int
    group: int
    extra_groups: list[int]


def run_as(path: Path) -> RunAs:
    """Popen's arguments that make root act as the owner of `path`.

    Objects and refs that root wrote would lock the owner out of their own repository.
    """
    if os.geteuid() != 0:
        return {}
    try:
        status = path.stat()
    except OSError:
        return {}
    if status.st_uid == 0:
        return {}
    return {"user": status.st_uid, "group": status.st_gid, "extra_groups": []}


def _home(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_dir
    except KeyError:  # a user without a name, as containers have
        return "/nonexistent"


def failure(arguments: Sequence[str], code: int, stderr: str) -> RepositoryError:
    """The error for a git that ended with `code`."""
    words = " ".join(str(each) for each in remove_password_if_present(["git", *arguments]))[:200]
    message = "; ".join(line for line in stderr.splitlines() if line.strip())[-600:] or "nothing"
    if all(sign in stderr for sign in _LOCK_SIGNS[:2]):
        return RepositoryBusy(
            f"Another git process is at work in the repository ({message}); wait for it to end, or "
            "remove the lock file if none runs."
        )
    if "No space left on device" in stderr:
        return GitFailed(f"The disk is full: {words} said: {message}; free some space.")
    if "Permission denied" in stderr or "insufficient permission" in stderr:
        return GitFailed(f"{words} was not permitted ({message}); run healer as the owner.")
    return GitFailed(f"{words} ended with exit code {code} and said: {message}.")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Asks, waits a second, insists; helpers that git started go with it."""
    for sign, patience_s in ((signal.SIGTERM, 1.0), (signal.SIGKILL, 5.0)):
        try:
            os.killpg(process.pid, sign)
            process.communicate(timeout=patience_s)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue
        return
