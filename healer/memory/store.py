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
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from healer.failure import Fact, Failure

_RANK_CONSTANT = 60
_BUSY_TIMEOUT_S = 30.0
_MOST_TERMS = 60
_MOST_COMPARED = 2_000
"""Vectors that are compared for one question; the newest."""
_WORD = re.compile(r"[^\W_]{2,}")
_SCHEMA = """
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
);
CREATE INDEX IF NOT EXISTS lesson_by_fingerprint ON lesson (fingerprint);
CREATE VIRTUAL TABLE IF NOT EXISTS lesson_words USING fts5 (
    failure, tokenize = "unicode61 tokenchars '_'"
);
"""
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
    """The lessons of one repository. Safe for several threads and processes."""

    def __init__(self, path: Path | None) -> None:
        """`path` is made when missing; None keeps everything in this object."""
        if path is not None:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._db = sqlite3.connect(
            path or ":memory:", timeout=_BUSY_TIMEOUT_S, isolation_level=None,
            check_same_thread=False,
        )  # fmt: skip
        self._lock = threading.RLock()
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        """Closes the file."""
        self._db.close()

    def learn(self, lesson: Lesson, vector: Vector | None = None) -> None:
        """Keeps a lesson; a later one of the same repair takes its place."""
        with self._change():
            self._db.execute("DELETE FROM lesson_words WHERE rowid IN (SELECT number FROM lesson "
                             "WHERE repair = ?)", (lesson.repair,))  # fmt: skip
            self._db.execute("DELETE FROM lesson WHERE repair = ?", (lesson.repair,))
            values = lesson.model_dump() | {"vector": json.dumps(vector) if vector else ""}
            names = f"{_COLUMNS}, vector"
            marks = ", ".join(f":{name}" for name in names.split(", "))
            number = self._db.execute(
                f"INSERT INTO lesson ({names}) VALUES ({marks})",  # noqa: S608  (our own names)
                values,
            ).lastrowid
            self._db.execute(
                "INSERT INTO lesson_words (rowid, failure) VALUES (?, ?)", (number, lesson.failure)
            )

    def latest(self) -> float:
        """When the newest lesson's repair ended; 0 where there is none."""
        return float(self._one("SELECT COALESCE(MAX(at), 0) FROM lesson", ()))

    def fixes(self, fingerprint: str) -> tuple[Lesson, ...]:
        """What worked for exactly this failure, the newest first."""
        return self._lessons(
            f"SELECT {_COLUMNS} FROM lesson WHERE fingerprint = ? AND outcome = 'worked' "  # noqa: S608
            "ORDER BY at DESC",
            (fingerprint,),
        )

    def similar(
        self, failure: Failure, limit: int, vector: Vector | None = None
    ) -> tuple[Lesson, ...]:
        """The nearest lessons that have a fix to show: the same failure first, then by rank."""
        ranked = [self._by_words(words_of(failure))]
        if vector:
            ranked.append(self._by_meaning(vector))
        score: dict[int, float] = {}
        for order in ranked:
            for rank, number in enumerate(order):
                score[number] = score.get(number, 0.0) + 1 / (_RANK_CONSTANT + rank)
        same = self._numbers("SELECT number FROM lesson WHERE fingerprint = ? AND diff != '' "
                             "ORDER BY at DESC", (failure.fingerprint,))  # fmt: skip
        others = sorted(score, key=lambda number: -score[number])
        chosen = list(dict.fromkeys([*same, *others]))[:limit]
        return tuple(self._lesson(number) for number in chosen)

    def _by_words(self, text: str) -> list[int]:
        terms = list(dict.fromkeys(_WORD.findall(text)))[:_MOST_TERMS]
        if not terms:
            return []
        asked = " OR ".join(f'"{term}"' for term in terms)
        return self._numbers(
            "SELECT lesson.number FROM lesson_words JOIN lesson ON lesson.number = "
            "lesson_words.rowid WHERE lesson_words MATCH ? AND diff != '' "
            "ORDER BY bm25(lesson_words) LIMIT 30",
            (asked,),
        )

    def _by_meaning(self, vector: Vector) -> list[int]:
        with self._lock:
            rows = self._db.execute(
                "SELECT number, vector FROM lesson WHERE vector != '' AND diff != '' "
                "ORDER BY at DESC LIMIT ?",
                (_MOST_COMPARED,),
            ).fetchall()
        near = ((cosine(vector, json.loads(text)), number) for number, text in rows)
        return [number for _, number in sorted(near, reverse=True)[:30]]

    def _lesson(self, number: int) -> Lesson:
        query = f"SELECT {_COLUMNS} FROM lesson WHERE number = ?"  # noqa: S608  (our own names)
        return self._lessons(query, (number,))[0]

    def _lessons(self, query: str, values: tuple[object, ...]) -> tuple[Lesson, ...]:
        with self._lock:
            rows = self._db.execute(query, values).fetchall()
        names = _COLUMNS.split(", ")
        return tuple(Lesson.model_validate(dict(zip(names, r, strict=True))) for r in rows)

    def _numbers(self, query: str, values: tuple[object, ...]) -> list[int]:
        with self._lock:
            return [int(row[0]) for row in self._db.execute(query, values)]

    def _one(self, query: str, values: tuple[object, ...]) -> float:
        with self._lock:
            return float(self._db.execute(query, values).fetchone()[0])

    @contextmanager
    def _change(self) -> Iterator[None]:
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")


def words_of(failure: Failure) -> str:
    """What a failure is found again by: exceptions, messages and own frames, a line each."""
    lines: list[str] = []
    for raised in failure.chain:
        lines.append(f"{raised.type}: {raised.message}")
        lines += [f"{f.file} in {f.function}: {f.source}" for f in raised.frames if f.own]
    if not failure.chain:
        lines += (failure.stderr_tail or failure.stdout_tail).strip().splitlines()[-3:]
    return "\n".join(lines)[:4_000]


def cosine(one: Sequence[float], other: Sequence[float]) -> float:
    """From -1 to 1; 0 for vectors of different lengths (another model made them)."""
    norms = math.sqrt(sum(a * a for a in one)) * math.sqrt(sum(b * b for b in other))
    if len(one) != len(other) or not norms:
        return 0.0
    return sum(a * b for a, b in zip(one, other, strict=True)) / norms
