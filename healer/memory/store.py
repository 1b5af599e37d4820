"""Similar incidents of earlier, found again by their words, and by meaning where vectors are known.

Belongs here: one SQLite file and its ranking. Does not belong here: what is learnt from which
repair (`healer.repair.learn`), and asking an endpoint for vectors. The file is an index: it can
be deleted at any time, and is filled again from the ledger.

Words are ranked by FTS5's bm25; with vectors, both orders are joined by reciprocal ranks
(Cormack, Clarke and Buettcher, SIGIR 2009, with their constant of 60).
"""

import json
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Self

from healer.failure import Fact, Failure
from healer.support.sqlite_file import SqliteFile, statements
from healer.support.tables import SqlValue

_RANK_CONSTANT = 60
_MAX_TERMS = 60
_MAX_RANKED = 30
_MAX_COMPARED = 2_000
"""Vectors that are compared for one question; the newest."""
_WORD = re.compile(r"[^\W_]{2,}")
_SCHEMA = (
    statements(
        """
        CREATE TABLE IF NOT EXISTS lesson (
            number INTEGER PRIMARY KEY,
            repair TEXT NOT NULL UNIQUE,
            script TEXT NOT NULL,
            fingerprint TEXT NOT NULL,
            failure TEXT NOT NULL,
            diff TEXT NOT NULL,
            draft TEXT NOT NULL,
            outcome TEXT NOT NULL,
            why TEXT NOT NULL,
            at REAL NOT NULL,
            vector TEXT NOT NULL DEFAULT ''
        )
        """,
        "CREATE INDEX IF NOT EXISTS lesson_by_fingerprint ON lesson (fingerprint)",
        """
        CREATE VIRTUAL TABLE IF NOT EXISTS lesson_words USING fts5 (
            failure, tokenize = "unicode61 tokenchars '_'"
        )
        """,
    ),
)
_COLUMNS = "repair, script, fingerprint, failure, diff, draft, outcome, why, at"

Vector = tuple[float, ...]


class Lesson(Fact):
    """One earlier repair."""

    repair: str
    script: str
    fingerprint: str
    failure: str
    """Exception, message and own frames, a line each. Redacted."""
    diff: str = ""
    draft: str = ""
    """The draft as JSON, where its fix was merged."""
    outcome: Literal["worked", "failed", "rejected", "reverted"]
    why: str = ""
    """Why it did not work: the verdict, or a person's words."""
    at: float
    """When it ended, in seconds since the epoch."""


class Memory:
    """The lessons of one repository; a with-block. Safe for several threads and processes."""

    def __init__(self, path: Path | None) -> None:
        """`path` is made when missing; None keeps everything in this object."""
        self._database = SqliteFile(path, _SCHEMA)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file."""
        self._database.close()

    def learn(self, lesson: Lesson, vector: Vector | None = None) -> None:
        """Keeps a lesson; a later one of the same repair takes its place."""
        values = lesson.model_dump() | {"vector": json.dumps(vector) if vector else ""}
        names = f"{_COLUMNS}, vector"
        marks = ", ".join(f":{name}" for name in names.split(", "))
        insert = f"INSERT INTO lesson ({names}) VALUES ({marks})"  # noqa: S608  # our own names
        with self._database.transaction() as connection:
            connection.execute(
                "DELETE FROM lesson_words WHERE rowid IN "
                "(SELECT number FROM lesson WHERE repair = ?)",
                (lesson.repair,),
            )
            connection.execute("DELETE FROM lesson WHERE repair = ?", (lesson.repair,))
            number = connection.execute(insert, values).lastrowid
            connection.execute(
                "INSERT INTO lesson_words (rowid, failure) VALUES (?, ?)", (number, lesson.failure)
            )

    def read_latest_end(self) -> float:
        """When the newest lesson's repair ended; 0 where there is none."""
        return float(self._database.query("SELECT COALESCE(MAX(at), 0) FROM lesson")[0][0])

    def find_fixes(self, fingerprint: str) -> tuple[Lesson, ...]:
        """What worked for exactly this failure, the newest first."""
        condition = "WHERE fingerprint = ? AND outcome = 'worked' ORDER BY at DESC"
        return self._lessons(condition, fingerprint)

    def find_similar(
        self, failure: Failure, limit: int, vector: Vector | None = None
    ) -> tuple[Lesson, ...]:
        """The nearest lessons that have a fix to show: the same failure first, then by rank."""
        rankings = [self._rank_by_words(words_of(failure))]
        if vector:
            rankings.append(self._rank_by_meaning(vector))
        score: dict[int, float] = {}
        for ranking in rankings:
            for rank, number in enumerate(ranking):
                score[number] = score.get(number, 0.0) + 1 / (_RANK_CONSTANT + rank)
        same = self._numbers(
            "SELECT number FROM lesson WHERE fingerprint = ? AND diff != '' ORDER BY at DESC",
            failure.fingerprint,
        )
        others = sorted(score, key=lambda number: -score[number])
        numbers = list(dict.fromkeys([*same, *others]))[:limit]
        return tuple(self._lessons("WHERE number = ?", number)[0] for number in numbers)

    def _rank_by_words(self, text: str) -> list[int]:
        terms = list(dict.fromkeys(_WORD.findall(text)))[:_MAX_TERMS]
        if not terms:
            return []
        return self._numbers(
            "SELECT lesson.number FROM lesson_words JOIN lesson ON lesson.number = "
            "lesson_words.rowid WHERE lesson_words MATCH ? AND diff != '' "
            "ORDER BY bm25(lesson_words) LIMIT ?",
            " OR ".join(f'"{term}"' for term in terms),
            _MAX_RANKED,
        )

    def _rank_by_meaning(self, vector: Vector) -> list[int]:
        rows = self._database.query(
            "SELECT number, vector FROM lesson WHERE vector != '' AND diff != '' "
            "ORDER BY at DESC LIMIT ?",
            (_MAX_COMPARED,),
        )
        near = ((cosine(vector, json.loads(text)), number) for number, text in rows)
        return [number for _, number in sorted(near, reverse=True)[:_MAX_RANKED]]

    def _lessons(self, condition: str, value: SqlValue) -> tuple[Lesson, ...]:
        query = f"SELECT {_COLUMNS} FROM lesson {condition}"  # noqa: S608  # our own names
        names = _COLUMNS.split(", ")
        rows = self._database.query(query, (value,))
        return tuple(Lesson.model_validate(dict(zip(names, row, strict=True))) for row in rows)

    def _numbers(self, query: str, *values: SqlValue) -> list[int]:
        return [int(row[0]) for row in self._database.query(query, values)]


def words_of(failure: Failure) -> str:
    """What a failure is found again by: exceptions, messages and own frames, a line each."""
    lines: list[str] = []
    for exception in failure.chain:
        lines.append(f"{exception.type}: {exception.message}")
        lines += [f"{f.file} in {f.function}: {f.source}" for f in exception.frames if f.own]
    if not failure.chain:
        lines += (failure.stderr_tail or failure.stdout_tail).strip().splitlines()[-3:]
    return "\n".join(lines)[:4_000]


def cosine(one: Sequence[float], other: Sequence[float]) -> float:
    """From -1 to 1; 0 for vectors of different lengths (another model made them)."""
    norms = math.sqrt(sum(a * a for a in one)) * math.sqrt(sum(b * b for b in other))
    if len(one) != len(other) or not norms:
        return 0.0
    return sum(a * b for a, b in zip(one, other, strict=True)) / norms
