"""What many repairs of a script have in common, by rules. Pure.

Belongs here: from facts of closed repairs to sentences. Does not belong here: reading the ledger,
writing notes. A pattern needs evidence: at least `LEAST` repairs.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from healer.failure import Fact

LEAST = 2


class Episode(Fact):
    """One closed repair."""

    repair: str
    script: str
    fingerprint: str = ""
    kind: str = ""
    """The exception's type; empty where none was raised."""
    place: str = ""
    """`file:line` of the failure."""
    outcome: str
    cause: str = ""
    drafter: str = ""
    reason: str = ""


class Pattern(Fact):
    """One sentence about one script."""

    script: str
    sentence: str
    repairs: tuple[str, ...]


def find_patterns(episodes: Iterable[Episode]) -> tuple[Pattern, ...]:
    """Every pattern, by script and then in the order of the rules."""
    by_script: dict[str, list[Episode]] = defaultdict(list)
    for episode in episodes:
        if episode.outcome != "healthy":
            by_script[episode.script].append(episode)
    return tuple(
        pattern
        for script in sorted(by_script)
        for rule in (_returns, _same_kind, _same_place, _give_up, _reject)
        for pattern in rule(script, by_script[script])
    )


def _returns(script: str, episodes: list[Episode]) -> Iterator[Pattern]:
    counts = Counter(e.fingerprint for e in episodes if e.fingerprint and e.outcome == "healed")
    for fingerprint, count in counts.most_common():
        if count >= LEAST:
            these = [e for e in episodes if e.fingerprint == fingerprint]
            sentence = (
                f"the same failure ({these[-1].kind or 'unnamed'}) came back after {count} fixes"
            )
            yield _pattern(script, sentence, these)


def _same_kind(script: str, episodes: list[Episode]) -> Iterator[Pattern]:
    counts = Counter(e.kind for e in episodes if e.kind)
    for kind, count in counts.most_common():
        these = [e for e in episodes if e.kind == kind]
        if count >= LEAST and len({e.fingerprint for e in these}) > 1:
            yield _pattern(script, f"{count} of {len(episodes)} failures were {kind}", these)


def _same_place(script: str, episodes: list[Episode]) -> Iterator[Pattern]:
    counts = Counter(e.place.partition(":")[0] for e in episodes if e.place)
    for file, count in counts.most_common():
        these = [e for e in episodes if e.place.partition(":")[0] == file]
        if count >= LEAST and file != script:
            yield _pattern(script, f"{count} failures arose in {file}, not in the script", these)


def _give_up(script: str, episodes: list[Episode]) -> Iterator[Pattern]:
    these = [e for e in episodes if e.outcome in ("gave_up", "escalated")]
    if len(these) >= LEAST:
        yield _pattern(
            script, f"{len(these)} failures could not be healed and went to people", these
        )


def _reject(script: str, episodes: list[Episode]) -> Iterator[Pattern]:
    these = [e for e in episodes if e.outcome in ("rejected", "reverted")]
    if len(these) >= LEAST:
        reason = these[-1].reason
        sentence = f"people took back {len(these)} fixes" + (
            f"; the last: {reason}" if reason else ""
        )
        yield _pattern(script, sentence, these)


def _pattern(script: str, sentence: str, these: list[Episode]) -> Pattern:
    return Pattern(script=script, sentence=sentence, repairs=tuple(e.repair for e in these[-5:]))
