"""What an incident's issue on the forge says: pure text, the same as long as nothing has changed.

Belongs here: title, body, and the line by which it is found. Does not belong here: when one is
opened or closed (`healer.daemon.tasks.issues`), and the forges (`healer.forge`).
"""

from healer.ledger.rows import RepairRow
from healer.render.clean import fence, one_line
from healer.watch.incident import Incident

LONGEST_TITLE, LONGEST_LINE = 120, 1_000
_SENTENCES = {
    "open": "It fails, and no repair has mended it.",
    "waiting": "It waits for a person.",
    "repairing": "Another repair of it has begun.",
    "probation": "A fix was merged, and is on probation.",
    "resolved": "It is over: it was mended.",
    "gone": "It is over: it no longer fails.",
}


def make_mark(incident: Incident) -> str:
    """The first line of its body."""
    return f"Incident `{incident.fingerprint}` of healer."


def make_title(incident: Incident, row: RepairRow) -> str:
    """What fails. People may say it otherwise there: it is never changed."""
    return one_line(f"{incident.script}: {_name_failure(incident, row)}", LONGEST_TITLE)


def _name_failure(incident: Incident, row: RepairRow) -> str:
    """As it was recorded; of one that no record began, as its repair saw it."""
    error = row.known_result.failure
    return incident.summary or (f"{error.type}: {error.message}" if error else "it fails")


def make_body(incident: Incident, row: RepairRow) -> str:
    """How it stands: counts and times are not in it, for each change is a word to many people. What
    is no word of ours stands in a block in which nothing is markup."""
    result = row.result
    facts = {
        "script": incident.script,
        "fails with": _name_failure(incident, row),
        "repair": row.id,
        "reason": incident.reason or row.reason,
        "pull request": result.pull_request if result else "",
        "merged as": row.fix_commit or "",
    }
    lines = [f"{name}: {one_line(value, LONGEST_LINE)}" for name, value in facts.items() if value]
    return (
        f"{make_mark(incident)}\n\n{_SENTENCES[incident.state]} This issue is closed when the "
        f"incident is over; `healer incident {incident.fingerprint[:8]}` has all of it.\n\n"
        f"{fence(lines)}\n"
    )
