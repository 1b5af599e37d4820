"""What changed between the last good night and the bad one: a commit, else packages and the data.

Belongs here: running the failing command on the commits since the good night, and comparing what
the two nights had installed and read. Does not belong here: reading history
(`quarantine.history`), or taking a commit back (a draft of the search, under the same laws as any
other).
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from healer.draft.rules.columns import read_columns
from healer.evidence.package_history import explain_packages
from healer.facts.draft import ReadData
from healer.failure import Failure
from healer.services import Services
from healer.tape.reads import list_reads
from quarantine.errors import GitFailed
from quarantine.history import Commit, log_touching
from sandbox import Command, Plan

MOST_COMMITS = 32
"""Since the good night; with more of them none is named. At most six runs, as the search halves."""
LONGEST_SUBJECT = 80
MOST_KEYS = 4
LONGEST_VALUE = 40
_EMPTY = ("", "None")
"""As `read_columns` gives what is not there."""


def explain_origin(failure: Failure, base: str, command: Command, services: Services) -> str:
    """A sentence for people, of untrusted texts; empty where no good night is known or nothing has
    changed. A commit is named only where the command, in the bad night's world, runs well on the
    one before it."""
    good = services.recordings.find_last_good(failure)
    bad = services.recordings.of_failure(failure)
    if good is None or bad is None:
        return ""
    commits = _list_commits_since(good.commit, base, services)
    if commits and _runs_well(good.commit, command, services):
        first_bad = find_first_bad(commits, command, services)
        day = datetime.fromtimestamp(first_bad.authored_at, UTC).date()
        return (
            f"It began with commit {first_bad.id[:12]} of {first_bad.author}, {day}: "
            f"{first_bad.subject[:LONGEST_SUBJECT].rstrip('.')}."
        )
    return explain_surroundings(failure, services)


def explain_surroundings(failure: Failure, services: Services) -> str:
    """What moved around the code since the last good night: packages, and what its data lacks."""
    good = services.recordings.find_last_good(failure)
    bad = services.recordings.of_failure(failure)
    if good is None or bad is None:
        return ""
    packages = next(explain_packages(good, bad, failure), "")
    data = next(explain_data(list_reads(bad, good)), "")
    return " ".join(filter(None, (packages, data)))


def _list_commits_since(good: str, base: str, services: Services) -> tuple[Commit, ...]:
    """Newest first; none where there are too many, or the good night's commit is not there."""
    try:
        commits = log_touching(services.repository, base, ".", MOST_COMMITS + 1, since=good)
    except GitFailed:
        return ()
    return commits if len(commits) <= MOST_COMMITS else ()


def find_first_bad(commits: Sequence[Commit], command: Command, services: Services) -> Commit:
    """The oldest of these commits, newest first, on which the command fails. It fails on the first
    of them and runs well before the last of them."""
    low, high = 0, len(commits)
    while high - low > 1:
        middle = (low + high) // 2
        if _runs_well(commits[middle].id, command, services):
            high = middle
        else:
            low = middle
    return commits[low]


def _runs_well(commit: str, command: Command, services: Services) -> bool:
    tree = services.repository.tree(commit)
    end = services.runner.run(tree, Plan(command=command), from_cache=True).command
    return end is not None and end.exit_code == 0 and not end.timed_out


def explain_data(reads: Sequence[ReadData]) -> Iterator[str]:
    """What a file or an answer lacks that it had on the good night, one sentence each; then what it
    holds where something else always stood."""
    every = [(read.name, read_columns(read.before), read_columns(read.text)) for read in reads]
    for name, before, now in every:
        lost_keys, new_keys = sorted(set(before) - set(now)), sorted(set(now) - set(before))
        if lost_keys and now:
            news = f"; new is {_list(new_keys)}" if new_keys else ""
            yield f"Since the last good night {name} lacks {_list(lost_keys)}{news}."
    for name, before, now in every:
        for key in before:
            if strange := _describe_strange(before[key], now.get(key, ())):
                yield f"In {name} `{'.'.join(key)}` is {strange}."


def _describe_strange(before: Sequence[str], now: Sequence[str]) -> str:
    """Values that are empty, or no numbers, where on the good night none was so."""
    empty = [value for value in now if value in _EMPTY]
    if empty and not any(value in _EMPTY for value in before):
        return f"empty in {len(empty)} of {len(now)}; on the last good night never"
    if before and all(map(_is_number, before)):
        text = next((value for value in now if value not in _EMPTY and not _is_number(value)), "")
        return f"`{text[:LONGEST_VALUE]}`; on the last good night only numbers" if text else ""
    return ""


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _list(keys: Sequence[tuple[str, ...]]) -> str:
    more = f" and {len(keys) - MOST_KEYS} more" if len(keys) > MOST_KEYS else ""
    return ", ".join(f"`{'.'.join(key)}`" for key in keys[:MOST_KEYS]) + more
