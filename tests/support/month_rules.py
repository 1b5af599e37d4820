"""What is held against a simulated month: every mail true and due, every incident over once.

Belongs here: from what was seen (`month`) to what was wrong. Does not belong here: playing it.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from healer.facts.states import OVER
from healer.render.notice import BY_PERSON, CLOSING, GOOD_NEWS
from healer.watch.incident import Incident, IncidentMoment
from tests.support.month import ZONE, Bug, Month
from tests.support.month_world import number_of
from tests.support.smtp import Received

DAY_S = 86_400.0
SEND_S = 60.0
"""A mail may be handed over so long after the look that made it; the next is counted from that."""
LATE_S = 5 * 3_600.0
"""A reminder may be so much late: the daemon was away."""
_STORY = re.compile(r"·\s+incident\s+(\S+)")


class Word(NamedTuple):
    """One incident in one mail."""

    at: float
    kind: str
    incident: str
    job: int
    is_reminder: bool


class Findings(NamedTuple):
    """What was wrong, in sentences, and what was counted."""

    faults: tuple[str, ...]
    mails: Counter[str]
    words: tuple[Word, ...]


def examine(month: Month) -> Findings:
    """Everything that is wrong with a month that was played."""
    words = [word for told in month.told for word in _words_of(told.at, told.received)]
    incidents = month.services.incidents
    everything = incidents.list_all()
    lives = {each.fingerprint: incidents.list_life(each.fingerprint) for each in everything}
    faults = [
        *_find_false(month, words),
        *_find_untimely(month, words),
        *_find_unended(month, everything, lives),
        *_find_unseen(month, words),
        *_find_false_threads(words),
    ]
    kinds = Counter("reminder" if word.is_reminder else word.kind for word in words)
    return Findings(tuple(faults), kinds, tuple(words))


def _words_of(at: float, received: Received) -> Iterator[Word]:
    mail, text = received.mail, received.part("plain")
    kind = str(mail["X-Healer-Kind"])
    stories = _STORY.split(text)
    for story, incident in zip(stories[::2], stories[1::2], strict=False):
        own = kind
        if "this is over" in story:
            own = "resolved"
        elif "merged, and on probation" in story or "failed run was done again" in story:
            own = "healed"
        elif "nothing has confirmed it" in story:
            own = "unconfirmed"
        elif "did not run as planned" in story:
            own = "missed"
        elif kind in (*GOOD_NEWS, "missed"):
            own = "broken"
        is_reminder = "Still open after" in story
        yield Word(at, own, incident, number_of(story), is_reminder)


def _find_false(month: Month, words: list[Word]) -> Iterator[str]:
    """Nothing is called over that is broken, or broken that is not."""
    for word in words:
        if word.incident.startswith(("job:", "letter:")):
            continue
        is_broken = month.is_broken(word.job, word.at)
        lately = month.was_broken_within(word.job, word.at - 600, word.at)
        is_good_news = word.kind in GOOD_NEWS or word.kind == "digest"
        if is_good_news and is_broken:
            yield f"false: {_say(word)} while it is broken"
        elif not (is_good_news or word.kind in BY_PERSON) and not (
            is_broken or lately or _just_passed(month, word)
        ):
            yield f"false: {_say(word)} while it is well"


def _just_passed(month: Month, word: Word) -> bool:
    """The trouble was outside and has passed; no run has shown that yet."""
    return any(since <= word.at < since + DAY_S + LATE_S for since in month.outages)


def _find_untimely(month: Month, words: list[Word]) -> Iterator[str]:
    """A reminder comes a day after the word before it, unless a person wanted none."""
    by_incident: dict[str, list[Word]] = defaultdict(list)
    for word in words:
        by_incident[word.incident].append(word)
    for incident, its in by_incident.items():
        for before, word in pairwise(its):
            gap = word.at - before.at
            if word.is_reminder and gap < DAY_S - SEND_S:
                yield f"too soon: {_say(word)}, {gap / 3600:.1f} h after the word before"
            if word.is_reminder and _is_silent(month, incident, word.at):
                yield f"unwanted: {_say(word)}"
            is_open = before.kind not in GOOD_NEWS and before.kind != "digest"
            silences = _is_silent(month, incident, before.at + DAY_S)
            if is_open and gap > DAY_S + LATE_S and not silences:
                yield f"forgotten: {_say(before)}, and then nothing for {gap / 3600:.0f} h"


def _is_silent(month: Month, incident: str, at: float) -> bool:
    return any(i == incident and since <= at < until for i, since, until in month.silent)


def _find_unended(
    month: Month, incidents: tuple[Incident, ...], lives: dict[str, tuple[IncidentMoment, ...]]
) -> Iterator[str]:
    """Every incident is over at the end, and was over once for each time that it began."""
    for incident in incidents:
        name = f"{incident.fingerprint} ({incident.script})"
        bug = month.bugs.get(incident.script)
        if not incident.is_over and not month.is_broken(
            number_of(incident.script), month.clock.now()
        ):
            yield f"open at the end: {name} is {incident.state}"
        ends = _count_ends(lives[incident.fingerprint])
        allowed = _count_troubles(month, incident, bug)
        if incident.is_over and ends != 1 and ends > allowed:
            yield f"over {ends} times: {name}"


def _count_ends(life: tuple[IncidentMoment, ...]) -> int:
    was_over, ends = False, 0
    for moment in life:
        is_over = moment.state in OVER
        ends += is_over and not was_over
        was_over = is_over
    return ends


def _count_troubles(month: Month, incident: Incident, bug: Bug | None) -> int:
    """How often the job broke anew."""
    changes = month.broken.get(number_of(incident.script), [])
    breaks = sum(is_broken for _, is_broken in changes) + len(month.outages)
    return breaks + (bug is not None and bug.fate == "wrong")


def _find_unseen(month: Month, words: list[Word]) -> Iterator[str]:
    """Every run that did not come was told, and no other."""
    told = {word.job for word in words if word.incident.startswith("job:missed")}
    last = month.clock.now() - DAY_S
    missed = {job for job, at in month.missed if at < last}
    for job in sorted(told ^ missed):
        what = "a missed run that was not told" if job in missed else "a run told as missed"
        if job in missed or job not in {each for each, _ in month.missed}:
            yield f"{what}: job {job:02}"


def _find_false_threads(words: list[Word]) -> Iterator[str]:
    """That it is over is said once, and only after something was said."""
    open_ones: dict[str, bool] = {}
    for word in words:
        is_over = word.kind in CLOSING
        if word.kind in GOOD_NEWS and not open_ones.get(word.incident):
            yield f"over without a beginning: {_say(word)}"
        open_ones[word.incident] = not is_over and word.kind != "digest"


def _say(word: Word) -> str:
    when = datetime.fromtimestamp(word.at, ZONE)
    kind = "reminder" if word.is_reminder else word.kind
    return f"{kind} of {word.incident} (job {word.job:02}) on {when:%d %b %H:%M}"
