"""How far a long piece of work has come, for whoever watches it in the same thread.

Belongs here: saying it, and passing it on without the work's knowing who watches. Does not belong
here: how it is printed (`healer.cli.live`), and anything that a decision is taken from.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Show = Callable[[str], None]

_show: ContextVar[Show | None] = ContextVar("healer_work_count", default=None)


@contextmanager
def watch_work(show: Show) -> Iterator[None]:
    """In the block, `show` is given each count of this thread's work as a short text."""
    token = _show.set(show)
    try:
        yield
    finally:
        _show.reset(token)


def show_work(what: str) -> None:
    """Says what is done now; nothing happens where nobody watches."""
    show = _show.get()
    if show is not None:
        show(what)


def show_count(
    unit: str, count: int, limit: int | None = None, *, used_s: float = 0.0, limit_s: float = 0.0
) -> None:
    """Says `count` of at most `limit` things, called `unit`, in `used_s` of at most `limit_s`
    seconds. Limits that are not known are left out."""
    text = f"{count:,} {unit}" if limit is None else f"{count:,} of at most {limit:,} {unit}"
    show_work(f"{text}, {used_s:.0f} s of {limit_s:.0f}" if limit_s else text)
