"""Whether a recorded failure shows itself again, and if not, why not.

Belongs here: telling what is gone by now from what was never seen, and saying what differed. Does
not belong here: which command is run (`commands`), and what follows from it (`baseline`).
"""

from collections.abc import Iterator
from pathlib import Path

from healer.evidence.commands import make_recorded_command
from healer.evidence.observed_failure import did_fail, failure_of_command
from healer.facts.repair import Request
from healer.failure import Failure
from healer.services import Services
from healer.tape.facts import Tape
from quarantine.errors import RepositoryError
from sandbox import Plan, ProcessEnd, Report
from sandbox.interpreter import OLDEST

NOT_FOUND = 127


def is_gone(request: Request, report: Report, services: Services) -> bool:
    """Whether the recorded failure does occur on the commit that it happened on, in the world of
    that night, and does not on the commit that is to be repaired."""
    failure, end = request.failure, report.command
    if failure is None or end is None or did_fail(end) or end.missed:
        return False
    if not failure.commit or failure.commit == request.base or failure.dirty:
        return False
    if services.recordings.of_failure(failure) is None:
        return False
    try:
        tree = services.repository.tree(failure.commit)
    except RepositoryError:
        return False  # the commit is gone
    command = make_recorded_command(failure, tree, services.recordings)
    before = services.runner.run(tree, Plan(command=command), from_cache=True).command
    if before is None or not did_fail(before):
        return False
    observation = failure_of_command(request, command.argv, before)
    return not failure.chain or observation.fingerprint == failure.fingerprint


def explain_difference(
    failure: Failure,
    observation: Failure | None,
    end: ProcessEnd | None,
    tape: Tape | None,
    by_sandbox: str = "",
) -> str:
    """What differed in the sandbox, and what to switch on, as one sentence. `by_sandbox`: what the
    sandbox lacks that explains what was seen there (`sandbox_differences`)."""
    if end is None:
        return "its command is not known; run the job as: healer run -- COMMAND"
    reasons = _list_reasons(failure, observation, end, tape, by_sandbox)
    return f"{_say_end(observation, end)}; {next(reasons, 'all that was recorded was the same')}"


def _list_reasons(
    failure: Failure,
    observation: Failure | None,
    end: ProcessEnd,
    tape: Tape | None,
    by_sandbox: str,
) -> Iterator[str]:
    """The most telling first."""
    if end.missed:
        yield f"it asked {end.missed[0]}, which is not on the tape"
    if end.exit_code == NOT_FOUND:
        yield "a program that it starts is not in the sandbox"
    yield from (by_sandbox,) if by_sandbox else ()
    yield from _explain_python(tape)
    error = observation.exception if observation else None
    if error is not None and error.type in ("ModuleNotFoundError", "ImportError"):
        yield _explain_import(tape)
    if tape is None:
        yield "there is no tape of it: run the job as healer run -- COMMAND"
    else:
        yield from tape.gaps
        yield from tape.unlike
    words = next(iter(_list_unheard(tape)), ()) if tape else ()
    if words:
        yield f"what {words[0]} said, which it starts, is not on the tape"
    if failure.dirty:
        yield "files that were changed and not committed took part"
    if tape and not f"{tape.cwd}/".startswith(f"{tape.root}/"):
        yield f"it was started in {tape.cwd}"


def _explain_python(tape: Tape | None) -> Iterator[str]:
    """An interpreter that no image can be made of."""
    process = tape.processes[0] if tape and tape.processes else None
    if process is None:
        return
    name = f"Python {'.'.join(map(str, process.version))}"
    if process.version < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        yield f"the job ran on {name}, and the sandbox runs jobs of Python {oldest} and newer"
    elif not Path(process.python).exists():
        yield f"the job ran on {process.python} ({name}), which is not there any more"


def _explain_import(tape: Tape | None) -> str:
    """A package that was there that night: its interpreter has changed, or is another one."""
    process = tape.processes[0] if tape and tape.processes else None
    if process is None:
        return "the job ran on another Python: name that one in healer.toml, [sandbox] python"
    return (
        f"the job ran on {process.python}: see that it is a Python 3.8 or newer with that "
        "package, or name another in healer.toml, [sandbox] python"
    )


def _say_end(observation: Failure | None, end: ProcessEnd) -> str:
    if not did_fail(end):
        return "in the sandbox it ended well"
    error = observation.exception if observation else None
    if error is None:
        return f"in the sandbox it ended with exit code {end.exit_code}"
    return f"in the sandbox it ended with {error.type}: {error.message.partition(chr(10))[0][:120]}"


def _list_unheard(tape: Tape) -> list[tuple[str, ...]]:
    """Programs of which only the start was recorded. A shell's line was started as `sh -c`."""
    runs = {run.argv for run in tape.program_runs}
    runs |= {("/bin/sh", "-c", *run.argv) for run in tape.program_runs if len(run.argv) == 1}
    return [words for words in tape.programs if words not in runs]
