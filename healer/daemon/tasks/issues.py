"""One issue on the forge for each incident that needs a person, closed when the incident is over.

Belongs here: when one is opened, changed or closed, and what is remembered of it. Does not belong
here: what it says (`healer.repair.incident_issue`), the forges (`healer.forge.issues`).

It is noted before one is opened, and found on the forge by its first line, so that neither a crash
nor another clone opens a second one.
"""

from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from healer.facts.progress import Progress
from healer.forge.api import ForgeError
from healer.forge.issues import Tracker
from healer.ledger.rows import RepairRow
from healer.repair.incident_issue import make_body, make_mark, make_title
from healer.services import Services
from healer.support.atomic_file import write_atomically
from healer.watch.incident import Incident
from quarantine.remote import remote_url, upstream_of

FILE = "issues.json"
SETTLE_S = 600.0
"""So long a forge may take to list what was opened; before that nothing is opened again."""
MOST_A_DAY = 20
"""Issues that are opened: what fails with a hundred others is one story, which the mails tell."""
MOST_ERRORS = 3
"""Of one look; the rest is looked at the next time."""
_DAY_S = 24 * 3600.0


class IssueNote(BaseModel):
    """What this clone remembers of one incident's issue."""

    model_config = ConfigDict(frozen=True)

    begun_at: float
    """Unix time before it was opened."""
    url: str = ""
    """Empty until it is known that it was opened."""
    is_closed: bool = False
    """By healer."""


_NOTES = TypeAdapter(dict[str, IssueNote])


class _Story(NamedTuple):
    """An incident and its repair, as the issue is to tell them."""

    incident: Incident
    row: RepairRow
    body: str
    note: IssueNote | None


class FollowIncidents:
    """Keeps the issues of this clone's incidents as these stand."""

    name = "issues"
    every_s = 60.0

    def __init__(self, services: Services, state_dir: Path) -> None:
        self._services, self._file = services, state_dir / FILE
        self._bodies: dict[str, str] = {}
        """What each issue was last seen to say, by fingerprint."""
        self._last_complaint = ""

    def run(self, now: float) -> None:
        """A forge that does not answer is left alone until the next time; an issue that it does not
        take keeps no other one from being told."""
        notes, errors = self._read_notes(), 0
        for incident in self._services.incidents.list_all():
            note = notes.get(incident.fingerprint)
            row = self._find_row(incident, note, now)
            if row is None:
                continue
            body = self._services.redactor.text(make_body(incident, row))
            try:
                self._follow(_Story(incident, row, body, note), notes, now)
            except ForgeError as error:
                self._complain(f"not as they should be: {error}")
                errors += 1
                if errors == MOST_ERRORS:
                    break

    def _find_row(self, incident: Incident, note: IssueNote | None, now: float) -> RepairRow | None:
        """Its repair, where this clone has it and there is something to tell."""
        is_told = note is not None and not note.is_closed
        wants_issue = incident.needs_person and not incident.is_snoozed(now)
        is_news = wants_issue or (is_told and incident.state != "repairing")
        if not incident.repair or not is_news:
            return None
        with suppress(KeyError):
            row = self._services.ledger.repair(incident.repair)
            return row if self._services.fleet.hold(row) else None
        return None

    def _follow(self, story: _Story, notes: dict[str, IssueNote], now: float) -> None:
        fingerprint, note = story.incident.fingerprint, story.note
        is_up_to_date = note and note.url and self._bodies.get(fingerprint) == story.body
        if is_up_to_date and not story.incident.is_over:
            return
        tracker = self._open_tracker()
        issue = tracker.find(make_mark(story.incident), story.incident.first_at)
        if issue is None:
            self._open_one(story, tracker, notes, now)
            return
        begun_at = note.begun_at if note else now
        is_reopened = note is not None and note.is_closed and not issue.is_open
        is_open = False if story.incident.is_over else True if is_reopened else None
        if issue.body != story.body or (is_open is not None and is_open != issue.is_open):
            tracker.change(issue.number, story.body, is_open=is_open)
        self._bodies[fingerprint] = story.body
        is_closed = story.incident.is_over
        notes[fingerprint] = IssueNote(begun_at=begun_at, url=issue.url, is_closed=is_closed)
        self._write_notes(notes)

    def _open_one(
        self, story: _Story, tracker: Tracker, notes: dict[str, IssueNote], now: float
    ) -> None:
        """Unless it was opened before: a person has removed it, or the line by which it is found,
        or the forge does not list it yet."""
        incident, note = story.incident, story.note
        is_settled = note is not None and not 0 <= now - note.begun_at < SETTLE_S
        if note and (note.url or (is_settled and incident.is_over)):
            self._bodies[incident.fingerprint] = story.body
            notes[incident.fingerprint] = note.model_copy(update={"is_closed": incident.is_over})
            self._write_notes(notes)
            return
        if not incident.needs_person or (note and not is_settled):
            return
        if sum(0 <= now - each.begun_at < _DAY_S for each in notes.values()) >= MOST_A_DAY:
            self._complain(f"{MOST_A_DAY} were opened within a day; other incidents wait")
            return
        notes[incident.fingerprint] = IssueNote(begun_at=now)
        self._write_notes(notes)
        title = self._services.redactor.text(make_title(incident, story.row))
        issue = tracker.open(title, story.body)
        self._bodies[incident.fingerprint] = story.body
        notes[incident.fingerprint] = IssueNote(begun_at=now, url=issue.url)
        self._write_notes(notes)
        self._say(f"opened for {incident.script}: {issue.url}", incident.repair)

    def _open_tracker(self) -> Tracker:
        services = self._services
        upstream = upstream_of(services.repository, services.config.target)
        url = remote_url(services.repository, upstream.remote) if upstream else ""
        return services.open_forge(url).issues

    def _read_notes(self) -> dict[str, IssueNote]:
        """What cannot be read is found anew on the forge."""
        try:
            return _NOTES.validate_json(self._file.read_bytes())
        except (FileNotFoundError, ValidationError):
            return {}

    def _write_notes(self, notes: dict[str, IssueNote]) -> None:
        fingerprints = {each.fingerprint for each in self._services.incidents.list_all()}
        current = {name: note for name, note in notes.items() if name in fingerprints}
        write_atomically(self._file, _NOTES.dump_json(current))

    def _complain(self, detail: str) -> None:
        """Once, until there is another word."""
        if detail != self._last_complaint:
            self._say(detail)
        self._last_complaint = detail

    def _say(self, detail: str, repair: str = "") -> None:
        self._services.progress(Progress(repair=repair, step="issues", state="note", detail=detail))
