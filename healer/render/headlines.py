"""What a notice is called in one line: subject, headline, title in a list. Pure.

Belongs here: those lines. Does not belong here: the mail (`mail`), and what it says in full.
"""

from healer.render.clean import one_line
from healer.render.notice import Kind, Notice
from healer.render.one_line import describe_end

SUBJECT_CHARACTERS = 69
LONGEST_NAME = 20
"""Of a repository, in a subject."""

HEADLINES: dict[Kind, str] = {
    "protected": "{script} failed, and only people may repair it",
    "review": "A fix for {script} waits for your decision",
    "gave_up": "{script} is broken, and no draft passed the checks",
    "for_people": "{script} failed, and is left to people",
    "unseen": "{script} failed, and in the sandbox the failure does not show itself",
    "budget": "{script} is broken, and the budget for repairs is spent",
    "reverted": "The fix of {script} was taken out again",
    "relapsed": "The fix of {script} is wrong, and could not be taken out",
    "unjudged": "Nothing can be repaired: the sandbox does not run",
    "missed": "{script} did not run as planned",
    "rerun": "The fix of {script} is merged, and its failed run was done again",
    "merged": "The fix of {script} is merged, and on probation",
    "unconfirmed": "The fix of {script} stays, and nothing has confirmed it",
    "turned_down": "The fix for {script} was turned down, and it is not repaired",
    "ended": "The repair of {script} was ended without a fix, and it is not repaired",
    "taken_out": "The fix of {script} was taken out again, and it is not repaired",
    "unhandled": "{script} failed, and healer could not handle it",
    "restarted": "healer was restarted by its watchdog",
    "resolved": "{script}: this is over",
    "healed": "The fix of {script} is merged, and on probation",
    "letter": "The week of healer",
    "digest": "Healed by itself: {script}",
}


def compose_subject(notices: tuple[Notice, ...]) -> str:
    """Script and exception, under 70 characters with the `Re: ` of later mails, one line."""
    width = SUBJECT_CHARACTERS - len("Re: ")
    name = one_line(notices[-1].repository, LONGEST_NAME)
    prefix = f"[{name}] " if name else ""
    return prefix + _compose_subject(notices, width - len(prefix))


def _compose_subject(notices: tuple[Notice, ...], width: int) -> str:
    notice = notices[-1]
    if notice.kind == "digest":
        return one_line(
            f"{_digest_headline(notices)}: {', '.join(map(name_place, notices))}", width
        )
    if len({notice.fingerprint for notice in notices}) > 1:
        return one_line(f"{len(notices)} incidents: {', '.join(map(name_place, notices))}", width)
    what = one_line(describe_event(notice), width)
    where = one_line(notice.script, width)
    if where and len(where) + 2 + len(what) > width:
        where = name_place(notice)
    return one_line(f"{where}: {what}" if where else what, width)


def _digest_headline(notices: tuple[Notice, ...]) -> str:
    return "Healed by itself" if len(notices) == 1 else f"{len(notices)} healed by themselves"


def compose_headline(notices: tuple[Notice, ...]) -> str:
    """Over the whole of a mail."""
    if notices[-1].kind == "digest":
        return _digest_headline(notices)
    if len({notice.fingerprint for notice in notices}) > 1:
        return f"{len(notices)} incidents"
    return compose_title(notices[-1])


def compose_title(notice: Notice) -> str:
    """Of one notice among several."""
    return HEADLINES[notice.kind].format(script=one_line(notice.script, 200) or "A script")


def name_place(notice: Notice) -> str:
    """The script's file, without its folders."""
    return one_line(notice.script.rsplit("/", 1)[-1], 30)


def describe_event(notice: Notice) -> str:
    """The error, or what happened where there is none."""
    error = notice.failure.exception if notice.failure else None
    if error:
        return f"{error.type}: {error.message}" if error.message else error.type
    if notice.failure:
        return describe_end(notice.failure)
    return HEADLINES[notice.kind].format(script="the script")
