"""The incidents of one repository, as rows: counts, states, a person's word, a life.

Belongs here: what changes an incident, one transaction each. Does not belong here: what one more
failure means (`incident`), columns (`incident_tables`), the repair, and the time (callers give it,
in seconds since the epoch).

While a repair runs or waits for a person, failures are only counted. An incident whose repair
failed rests, each time twice as long, and starts anew at once when the code has changed, since that
is what may have broken or mended it.
"""

from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

from healer.facts.states import IncidentEvent
from healer.render.one_line import name_failure
from healer.support.sqlite_file import SqliteFile
from healer.support.tables import SqlValue, Tables
from healer.watch.incident import (
    Answer,
    Incident,
    IncidentMoment,
    add_count,
    choose_answer,
    enter,
    rest,
    take_again,
)
from healer.watch.incident_tables import (
    SCHEMA,
    SELECT,
    insert_event,
    note_event,
    note_failure,
    read_row,
    store,
)
from healer.watch.runner.run_log import digest_of

if TYPE_CHECKING:  # whoever looks need not wait for it
    from healer.failure import Failure


class Incidents:
    """The incidents of one repository, in a SQLite file or in shared tables; a with-block.

    Several threads and processes may use it at once.
    """

    def __init__(self, place: Path | Tables) -> None:
        """Opens the file of this path, made when missing; or works on tables that are open."""
        # A power cut loses counts, no incident.
        self._own = ExitStack()
        if isinstance(place, Path):
            place = self._own.enter_context(SqliteFile(place, SCHEMA, synchronous="NORMAL"))
        self._database: Tables = place

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file."""
        self._own.close()

    def count_failures(
        self,
        fingerprint: str,
        *,
        now: float,
        script: str = "",
        commit: str = "",
        count: int = 1,
        after: int = 1,
        failure: str = "",
        summary: str = "",
        command: str = "",
        occurred_at: float = 0.0,
        is_outdated: bool = False,
        is_held: bool = False,
    ) -> Answer:
        """Counts failures, and says whether a repair starts now.

        `start` is said once: the incident is being repaired from then on, and the caller must end
        that with `apply_event`. `after` is how many failures a repair needs; `commit` the one that
        failed. The same `failure` (an id) again is not counted again, and starts what a crash cut
        short. One that `is_outdated` tells nothing of today's code: it is only counted. One that
        `is_held` starts nothing now: what would is due, and starts when the failure comes again.
        """
        most: Answer = "counted" if is_outdated else "held" if is_held else "start"
        with self._database.transaction() as connection:
            when = occurred_at or now  # it may have waited long for whoever counts it
            incident = self.find(fingerprint) or Incident(
                fingerprint, script, "open", 0, 0, 0, when, when, 0.0, commit, "", since=now
            )
            if failure and self._is_counted(failure, incident):
                fresh = take_again(incident, failure, now, most)
                store(connection, fresh)
                return "start" if fresh.state != incident.state else "counted"
            answer = choose_answer(incident, now=now, commit=commit, count=count, after=after)
            answer = most if is_outdated or answer == "start" else answer
            event: IncidentEvent = "start" if answer == "start" else "count"
            is_news = not is_outdated or not incident.count
            fresh = enter(incident, event, now) if is_news else incident
            note_event(connection, incident, fresh, event, now)
            script, summary = script or incident.script, summary or incident.summary
            command, is_due = command or incident.command, int(answer == "held") or fresh.is_due
            fresh = replace(fresh, script=script, summary=summary, command=command, is_due=is_due)
            fresh = replace(fresh, last_failure=failure)
            fresh = add_count(fresh, count, commit, when, starts=event == "start")
            store(connection, fresh)
            if failure:
                note_failure(connection, fingerprint, failure, now)
        return answer

    def count_recorded(
        self,
        failure: "Failure",
        *,
        now: float,
        after: int = 1,
        is_outdated: bool = False,
        is_held: bool = False,
    ) -> Answer:
        """The same for a recorded failure, by its id."""
        return self.count_failures(
            failure.fingerprint,
            now=now,
            script=failure.script,
            commit=failure.commit,
            count=failure.count,
            after=after,
            failure=failure.id,
            summary=name_failure(failure),
            command=digest_of(failure.argv),
            occurred_at=failure.moment(now),
            is_outdated=is_outdated,
            is_held=is_held,
        )

    def assign_repair(self, fingerprint: str, repair: str, now: float = 0.0) -> None:
        """Says which repair takes care of it; it is being repaired from then on."""
        self.apply_event(fingerprint, "start", now=now, repair=repair)

    def apply_event(
        self,
        fingerprint: str,
        event: IncidentEvent,
        *,
        now: float,
        reason: str = "",
        repair: str = "",
        script: str = "",
        cooldown_s: float = 0.0,
    ) -> float:
        """What came of a repair, or of looking again; gives until when the incident rests (0 when
        it does not).

        Each repair in a row that failed doubles the rest, up to a day. One that is not known is
        made where `script` is given, for a repair that no recorded failure began. `now` 0: the time
        of its last failure. Raises `IllegalTransitionError`, and changes nothing then.
        """
        with self._database.transaction() as connection:
            incident = self.find(fingerprint)
            if incident is None:
                if not script:
                    return 0.0
                incident = Incident(
                    fingerprint, script, "open", 1, 0, 0, now, now, 0.0, "", "", since=now
                )
            now = now or incident.last_at
            if event == "fail" and self._is_newest(fingerprint, event, repair, reason):
                return incident.rests_until  # a crash cut its step short: no second failed repair
            fresh = replace(enter(incident, event, now), reason=reason)
            fresh = replace(fresh, repair=repair or incident.repair, is_due=int(event == "lose"))
            if event == "fail":
                fresh = rest(fresh, now, cooldown_s)
            elif event not in ("start", "lose"):
                fresh = replace(fresh, attempts=0, rests_until=0.0)
            if fresh.is_over or fresh.state == "probation":
                fresh = replace(fresh, acked_by="", snoozed_until=0.0)
            note_event(connection, incident, fresh, event, now)
            store(connection, fresh)
            return fresh.rests_until

    def acknowledge(self, fingerprint: str, by: str, *, now: float) -> None:
        """Somebody is at it: no reminder until something new comes of it."""
        self._take_word(fingerprint, "acknowledge", f"by {by}", now, acked_by=by, acked_at=now)

    def snooze(self, fingerprint: str, until: float, by: str, *, now: float) -> None:
        """Until then no repair of it starts and no reminder goes out; failures are counted."""
        self._take_word(fingerprint, "snooze", f"by {by}", now, snoozed_until=until)

    def find(self, fingerprint: str) -> Incident | None:
        """One incident, or None."""
        rows = self._database.query(f"{SELECT} WHERE fingerprint = ?", (fingerprint,))
        return read_row(rows[0]) if rows else None

    def is_silent(self, fingerprint: str, now: float) -> bool:
        """Whether a person wants no reminder of it: somebody is at it, it is snoozed, or it is over
        (another machine may have ended it)."""
        incident = self.find(fingerprint)
        if incident is None:
            return False
        return incident.is_over or bool(incident.acked_by) or incident.is_snoozed(now)

    def is_open(self, fingerprint: str) -> bool:
        """Whether it is known, and not over."""
        incident = self.find(fingerprint)
        return incident is not None and not incident.is_over

    def find_all(self, prefix: str) -> tuple[Incident, ...]:
        """The incidents whose fingerprint, or whose repair's or counted failure's id, begins so."""
        if not prefix.isalnum():  # no other word is an id, or safe in a pattern
            return ()
        condition = (
            " WHERE substr(fingerprint, 1, ?1) = ?2 OR substr(repair, 1, ?1) = ?2 OR fingerprint IN"
            " (SELECT fingerprint FROM incident_failure WHERE substr(failure, 1, ?1) = ?2"
            " UNION SELECT fingerprint FROM incident_event WHERE substr(repair, 1, ?1) = ?2)"
        )
        return self._select(condition, (len(prefix), prefix))

    def list_all(self) -> tuple[Incident, ...]:
        """Every incident, the one that happened last first."""
        return self._select(" ORDER BY last_at DESC")

    def list_life(self, fingerprint: str) -> tuple[IncidentMoment, ...]:
        """What happened to it, oldest first; counts are no event."""
        rows = self._database.query(
            "SELECT at, event, state, repair, detail FROM incident_event"
            " WHERE fingerprint = ? ORDER BY number",
            (fingerprint,),
        )
        return tuple(IncidentMoment(*row) for row in rows)

    def list_failures(self, fingerprint: str) -> tuple[tuple[str, float], ...]:
        """Ids of its recorded failures that were counted last, and when; newest first."""
        rows = self._database.query(
            "SELECT failure, at FROM incident_failure WHERE fingerprint = ? ORDER BY rowid DESC",
            (fingerprint,),
        )
        return tuple((str(failure), float(at)) for failure, at in rows)

    def forget(self, before: float) -> None:
        """Forgets incidents that are over and have not changed since then, with their life."""
        old = tuple(
            (each.fingerprint,)
            for each in self.list_all()
            if each.is_over and max(each.last_at, each.since) < before
        )
        with self._database.transaction() as connection:
            for table in ("incident_event", "incident_failure", "incident"):
                statement = f"DELETE FROM {table} WHERE fingerprint = ?"  # noqa: S608 - constants
                for each in old:
                    connection.execute(statement, each)

    def _is_counted(self, failure: str, incident: Incident) -> bool:
        """Among those that were counted last."""
        query = "SELECT 1 FROM incident_failure WHERE failure = ?"
        return failure == incident.last_failure or bool(self._database.query(query, (failure,)))

    def note_rerun(self, fingerprint: str, detail: str, *, now: float) -> None:
        """Its failed run was done again, or could not be; said once."""
        self._note_once(fingerprint, "rerun", detail, now)

    def note_wait(self, fingerprint: str, detail: str, *, now: float) -> None:
        """Its repair is due, and another one comes first; said once."""
        self._note_once(fingerprint, "wait", detail, now)

    def _note_once(self, fingerprint: str, event: str, detail: str, now: float) -> None:
        if not any(m.detail == detail for m in self.list_life(fingerprint) if m.event == event):
            self._take_word(fingerprint, event, detail, now)

    def _is_newest(self, fingerprint: str, event: str, repair: str, detail: str) -> bool:
        """Whether that was the last thing that happened to it, by this repair."""
        newest = self.list_life(fingerprint)[-1:]
        return bool(repair) and [(m.event, m.repair, m.detail) for m in newest] == [
            (event, repair, detail)
        ]

    def _take_word(
        self, fingerprint: str, event: str, detail: str, now: float, **values: SqlValue
    ) -> None:
        with self._database.transaction() as connection:
            incident = self.find(fingerprint)
            if incident is not None:
                store(connection, replace(incident, **values))  # type: ignore[arg-type]  # by name
                insert_event(connection, incident, event, now, detail)

    def _select(self, condition: str, values: Iterable[SqlValue] = ()) -> tuple[Incident, ...]:
        rows = self._database.query(SELECT + condition, tuple(values))
        return tuple(read_row(row) for row in rows)
