"""A process of its own for a test, in milliseconds: forked off a server that has imported the
product once, and nothing else.

Belongs here: starting one and waiting for it. Does not belong here: what runs in it, and whatever
must see how an interpreter starts.
"""

import multiprocessing
from collections.abc import Callable

PRELOADED = (
    "tests.support.kill_at",
    "tests.support.shop",
    "tests.support.bench",
    "healer.daemon.daemon",
    "healer.cli.fix",
    "healer.app.commands",
    "tests.support.healer_process",
    "tests.support.settled_heap",
)
_CONTEXT = multiprocessing.get_context("forkserver")


def run_forked(
    work: Callable[..., None], *arguments: str, timeout_s: float = 120
) -> tuple[int, int]:
    """Its process id and how it ended: its exit code, or the signal that killed it as a negative
    number. `work` is a module's own function; when it raises, the code is 1."""
    _CONTEXT.set_forkserver_preload(list(PRELOADED))
    process = _CONTEXT.Process(target=work, args=arguments)
    process.start()
    try:
        process.join(timeout_s)
        assert process.exitcode is not None, f"it still runs after {timeout_s:g} s"
        return int(process.pid or 0), process.exitcode
    finally:
        process.kill()
        process.join()
        process.close()
