"""Nights of small jobs: what they read and wrote when all was well, and when one thing broke.

Belongs here: eight jobs, each with its records as they move from night to night, eight ways to
write them, and the wrong outcomes of a fix. Does not belong here: what is said of them.
"""

import csv
import hashlib
import io
import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from xml.sax.saxutils import escape

from healer.facts.effects import Effects, FileEffect
from healer.nights import Night, Reading

Record = dict[str, Any]
GOOD_NIGHTS = 5


def make_file(path: str, data: bytes | str | None) -> FileEffect:
    """A file as a night leaves it; None: it is taken away."""
    if data is None:
        return FileEffect(path, -1, "", None)
    content = data.encode() if isinstance(data, str) else data
    return FileEffect(path, len(content), hashlib.sha256(content).hexdigest(), content)


def make_night(
    files: dict[str, Any], read: dict[str, Any] | None = None, stdout: str = "", **more: Any
) -> Night:
    """A night by the content of its files."""
    effects = Effects(
        exit_code=more.pop("exit_code", 0),
        stdout=stdout.encode(),
        files=tuple(make_file(path, data) for path, data in files.items()),
        requests=more.pop("requests", ()),
        statements=more.pop("statements", ()),
        mails=more.pop("mails", ()),
        **more,
    )
    readings = [
        Reading(name, data.encode() if isinstance(data, str) else data)
        for name, data in (read or {}).items()
    ]
    return Night(effects, tuple(readings))


# -- the jobs --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Job:
    """A job that reads records as JSON and writes some of their fields."""

    name: str
    records: Callable[[int], list[Record]]
    """What the world says on a night; the bad one is number 5."""
    number: str
    """The field that the bad night renames, and that wrong fixes get wrong."""
    neighbour: str
    """Another number in the same records, near enough to be taken for it."""
    fields: tuple[str, ...]
    """What is written, in this order."""
    only_positive: bool = True


def _wave(n: int, seed: int) -> float:
    """Between -1 and 1, the same each time."""
    return ((n * 7919 + seed * 104729) % 2001 - 1000) / 1000


def _rates(night: int) -> list[Record]:
    start = {"USD": 1.0812, "GBP": 0.8544, "CHF": 0.9402, "JPY": 161.22, "SEK": 11.304, "CAD": 1.48}
    return [
        {
            "code": code,
            "rate": round(value * (1 + 0.004 * _wave(night, n)), 4),
            "bid": round(value * (1 + 0.004 * _wave(night, n)) * 0.985, 4),
            "at": f"2026-11-{20 + night:02}T02:00:0{n}Z",
        }
        for n, (code, value) in enumerate(start.items())
    ]


def _stock(night: int) -> list[Record]:
    count = 14 + night  # something new arrives each day
    return [
        {
            "sku": f"A-{100 + n}",
            "price": round(4.5 + 3.25 * n, 2),
            "cost": round(3.1 + 2.75 * n, 2),
            "quantity": int(40 + 30 * _wave(night, n)),
        }
        for n in range(count)
    ]


def _orders(night: int) -> list[Record]:
    count = (9, 13, 11, 8, 12, 10)[night]
    return [
        {
            "order": 5000 + night * 40 + n,
            "gross": round((20 + 10 * n) * 1.2 + 3 * _wave(night, n), 2),
            "net": round(20 + 10 * n + 2.5 * _wave(night, n), 2),
            "customer": ("Ana", "Ben", "Zoë", "Jörg")[n % 4],
        }
        for n in range(count)
    ]


def _sensors(night: int) -> list[Record]:
    return [
        {
            "station": f"ST{n:02}",
            "temp": round(-6.0 + 1.7 * n + 1.5 * _wave(night, n), 1) or 0.1,
            "dew": round(-9.5 + 1.5 * n + 1.5 * _wave(night, n + 3), 1) or 0.1,
            "time": f"2026-11-{20 + night:02} 01:{10 + n}:00",
        }
        for n in range(9)
    ]


def _people(night: int) -> list[Record]:
    names = ("Jörg Müller", "Zoë Brücke", "Ana Peña", "Ole Næss", "Ben Fry", "Åsa Lind", "Eva Roš")
    return [
        {
            "id": 11 + n,
            "name": names[n % len(names)],
            "hours": round(20 + 2.5 * (n % 5), 1),
            "overtime": round(1 + 0.5 * (n % 4), 1),
        }
        for n in range(8 + night // 2)
    ]


def _energy(night: int) -> list[Record]:
    """Meters that only ever count up."""
    return [
        {
            "meter": f"M{700 + n}",
            "reading": 15000 + 900 * n + 12 * night + n % 3,
            "previous": 15000 + 900 * n + 12 * (night - 1) + n % 3,
            "kind": ("gas", "power")[n % 2],
        }
        for n in range(12)
    ]


def _traffic(night: int) -> list[Record]:
    return [
        {
            "page": page,
            "views": int(300 * (n + 1) * (1 + 0.15 * _wave(night, n))),
            "visits": int(140 * (n + 1) * (1 + 0.15 * _wave(night, n + 5))),
            "day": f"2026-11-{20 + night:02}",
        }
        for n, page in enumerate(("/", "/shop", "/blog", "/help", "/about"))
    ]


def _invoices(night: int) -> list[Record]:
    count = (7, 6, 8, 7, 9, 7)[night]
    return [
        {
            "number": f"RE-2026-{1200 + 10 * night + n}",
            "total": round(119 + 59.5 * n + 11 * (1 + _wave(night, n)), 2),
            "paid": round(60 + 20 * n + 5 * (1 + _wave(night, n + 2)), 2),
            "due": f"2026-12-{3 + night + n:02}",
        }
        for n in range(count)
    ]


JOBS = (
    Job("rates", _rates, "rate", "bid", ("code", "rate", "at")),
    Job("stock", _stock, "price", "cost", ("sku", "price", "quantity")),
    Job("orders", _orders, "gross", "net", ("order", "customer", "gross")),
    Job("sensors", _sensors, "temp", "dew", ("station", "temp", "time"), only_positive=False),
    Job("people", _people, "hours", "overtime", ("id", "name", "hours")),
    Job("energy", _energy, "reading", "previous", ("meter", "kind", "reading")),
    Job("traffic", _traffic, "views", "visits", ("page", "views", "day")),
    Job("invoices", _invoices, "total", "paid", ("number", "total", "due")),
)


# -- the ways to write -----------------------------------------------------------------------------


def _to_csv(rows: Sequence[Record], delimiter: str = ",", decimal: str = ".") -> bytes:
    def write(value: Any) -> str:
        text = "" if value is None else str(value)
        return text.replace(".", decimal) if isinstance(value, float) else text

    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    writer.writerow(rows[0] if rows else ())
    writer.writerows([write(value) for value in row.values()] for row in rows)
    return out.getvalue().encode()


def _to_json(rows: Sequence[Record]) -> bytes:
    return json.dumps({"count": len(rows), "items": list(rows)}, ensure_ascii=False).encode()


def _to_json_by_key(rows: Sequence[Record]) -> bytes:
    """The last of equal keys stays."""
    return json.dumps({str(next(iter(row.values()))): row for row in rows}, indent=1).encode()


def _to_json_lines(rows: Sequence[Record]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def _to_xml(rows: Sequence[Record]) -> bytes:
    def write(row: Record) -> str:
        fields = "".join(
            f"<{name}/>" if value is None else f"<{name}>{escape(str(value))}</{name}>"
            for name, value in row.items()
        )
        return f"<item>{fields}</item>"

    return f"<items>{''.join(map(write, rows))}</items>".encode()


def _to_sqlite(rows: Sequence[Record]) -> bytes:
    base = sqlite3.connect(":memory:")
    names = list(rows[0]) if rows else ["id"]
    base.execute(f"CREATE TABLE items ({', '.join(map(repr, names))})")
    marks = ", ".join("?" for _ in names)
    base.executemany(f"INSERT INTO items VALUES ({marks})", [tuple(r.values()) for r in rows])
    base.commit()
    data = base.serialize()
    base.close()
    return data


def _to_text(rows: Sequence[Record]) -> bytes:
    lines = [" | ".join("" if v is None else str(v) for v in row.values()) for row in rows]
    return "\n".join(["Nightly report", *lines, f"{len(rows)} lines"]).encode() + b"\n"


FORMATS: dict[str, tuple[str, Callable[[Sequence[Record]], bytes]]] = {
    "csv": ("out/data.csv", _to_csv),
    "csv with semicolons": ("out/data.csv", partial(_to_csv, delimiter=";", decimal=",")),
    "tsv": ("out/data.tsv", partial(_to_csv, delimiter="\t")),
    "json": ("out/data.json", _to_json),
    "json by key": ("out/data.json", _to_json_by_key),
    "json lines": ("out/data.jsonl", _to_json_lines),
    "xml": ("out/data.xml", _to_xml),
    "sqlite": ("out/data.db", _to_sqlite),
    "text": ("out/report.txt", _to_text),
}


# -- what fixes make of the bad night --------------------------------------------------------------

Change = Callable[[list[Record], "Job"], list[Record]]


def _with(rows: list[Record], name: str, give: Callable[[int, Record], Any]) -> list[Record]:
    return [{**row, name: give(n, row)} for n, row in enumerate(rows)]


def _change_one(rows: list[Record], name: str, value: Any) -> list[Record]:
    middle = len(rows) // 2
    return [{**row, name: value} if n == middle else row for n, row in enumerate(rows)]


def _garble(text: Any) -> Any:
    return text.encode().decode("latin-1") if isinstance(text, str) else text


WRONG: dict[str, Change] = {
    "a default made up": lambda rows, job: _with(rows, job.number, lambda n, r: 0),
    "a default in one row": lambda rows, job: _change_one(rows, job.number, 0),
    "one row dropped": lambda rows, job: rows[: len(rows) // 2] + rows[len(rows) // 2 + 1 :],
    "all rows dropped": lambda rows, job: [],
    "the neighbouring column": lambda rows, job: _with(
        rows, job.number, lambda n, r: r[job.neighbour]
    ),
    "the scale changed": lambda rows, job: _with(
        rows, job.number, lambda n, r: round(r[job.number] * 100, 4)
    ),
    "the unit changed": lambda rows, job: _with(
        rows, job.number, lambda n, r: round(r[job.number] * 1.8 + 32, 2)
    ),
    "the sign lost": lambda rows, job: _with(
        rows,
        job.number,
        lambda n, r: -r[job.number] if job.only_positive else abs(r[job.number]),
    ),
    "the encoding broken": lambda rows, job: [
        {name: _garble(value) for name, value in row.items()} for row in rows
    ],
    "rows twice": lambda rows, job: [*rows, rows[-1], rows[0]],
    "one value in every row": lambda rows, job: _with(
        rows, job.number, lambda n, r: rows[0][job.number]
    ),
    "nothing in the column": lambda rows, job: _with(rows, job.number, lambda n, r: None),
    "nothing in one row": lambda rows, job: _change_one(rows, job.number, None),
    "the column left out": lambda rows, job: [
        {name: value for name, value in row.items() if name != job.number} for row in rows
    ],
    "the number as words": lambda rows, job: _with(rows, job.number, lambda n, r: "unknown"),
}


def select_fields(rows: Sequence[Record], job: Job) -> list[Record]:
    """What is written of the records."""
    return [{name: row[name] for name in job.fields if name in row} for row in rows]


def make_job_night(job: Job, kind: str, night: int, rows: list[Record] | None = None) -> Night:
    """A night as it should be; `rows`: what is written instead. On the bad night, number 5, the
    field has another name in what is read, and the neighbour has not."""
    path, write = FORMATS[kind]
    source = job.records(night)
    new_name = f"{job.number}_value" if night == GOOD_NIGHTS else job.number
    heard = [{new_name if k == job.number else k: v for k, v in row.items()} for row in source]
    written = select_fields(source if rows is None else rows, job)
    reading = json.dumps({"data": heard}, ensure_ascii=False)
    return make_night({path: write(written)}, {"api.example/items": reading})


def make_ledger_night(job: Job, kind: str, night: int, rows: list[Record] | None = None) -> Night:
    """The same where the job adds to what the nights before have left."""

    def stamp(rows: Sequence[Record], number: int) -> list[Record]:
        return [{"night": f"2026-11-{20 + number:02}", **row} for row in select_fields(rows, job)]

    path, write = FORMATS[kind]
    before = [row for number in range(night) for row in stamp(job.records(number), number)]
    after = before + stamp(job.records(night) if rows is None else rows, night)
    names = list(dict.fromkeys(name for row in after for name in row))
    read = {each.name: each.data for each in make_job_night(job, kind, night).read}
    read |= {f"/srv/app/{path}": write(before)} if before else {}
    return make_night({path: write([{n: row.get(n) for n in names} for row in after])}, read)


def list_entries() -> Iterator[tuple[Job, str]]:
    """Every job in every format."""
    return ((job, kind) for job in JOBS for kind in FORMATS)


def make_good_nights(job: Job, kind: str) -> list[Night]:
    return [make_job_night(job, kind, night) for night in range(GOOD_NIGHTS)]


def without_readings(nights: Sequence[Night]) -> list[Night]:
    """The same where nothing is known of what they read."""
    return [replace(night, read=()) for night in nights]
