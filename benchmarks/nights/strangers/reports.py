"""Jobs of strangers that report: by mail, by week, from a log."""

from typing import Any

from benchmarks.nights.night import BAD, as_json
from benchmarks.nights.strangers.entry import Stranger


def tickets(n: int) -> Any:
    key = "priority" if n < BAD else "severity"
    words = ("high", "low", "low", "normal", "high", "normal", "low", "low", "normal")
    impacts = ("high", "high", "low", "low", "normal", "low", "high", "normal", "low")
    return [
        {"id": 400 + n * 9 + i, key: words[(i + n) % 9], "impact": impacts[i % 9], "title": f"T{i}"}
        for i in range(9 + n % 2)
    ]


def hours(n: int) -> Any:
    rows: list[dict[str, Any]] = []
    for i in range(10):
        row: dict[str, Any] = {"day": f"2026-11-{16 + i % 5:02d}", "hours": 4 + (i * 3 + n) % 5}
        row["approved_by"] = f"lead{i % 2}"
        if n < BAD:
            row["name"] = f"worker{i % 4}"
        else:
            row["person"] = {"id": f"W-{i % 4}", "name": f"worker{i % 4}"}
        rows.append(row)
    return rows


def log(n: int) -> bytes:
    lines = []
    for i in range(24):
        status = (200, 200, 404, 200, 500, 301)[(i * 5 + n) % 6]
        line = f"10.0.0.{i % 7} GET /p/{i % 5} {status} {900 + i * 37 + n}"
        lines.append(line if n < BAD else f"req-{n}{i:03d} {line}")
    return ("\n".join(lines) + "\n").encode()


STRANGERS = (
    Stranger(
        name="mail-report",
        wanted="merged or proposal: severity, which carries the words that priority had",
        script="""import json
import smtplib
from collections import Counter
from email.message import EmailMessage
from urllib.request import urlopen

tickets = json.load(urlopen("@URL@/tickets"))
count = Counter()
for ticket in tickets:
    count[ticket["priority"]] += 1

mail = EmailMessage()
mail["From"] = "desk@example.org"
mail["To"] = "team@example.org"
mail["Subject"] = f"{len(tickets)} open tickets"
mail.set_content("".join(f"{name}: {number}\\n" for name, number in sorted(count.items())))
with smtplib.SMTP("127.0.0.1", @SMTP@) as server:
    server.send_message(mail)
print(len(tickets), "tickets reported")
""",
        serve=lambda n: {"/tickets": as_json(tickets(n))},
        smtp=True,
        right=(('ticket["priority"]', 'ticket.get("priority") or ticket["severity"]'),),
        wrong={
            "neighbour": (('ticket["priority"]', 'ticket.get("priority") or ticket["impact"]'),),
            "default": (('ticket["priority"]', 'ticket.get("priority", "normal")'),),
            "skip": (
                (
                    '    count[ticket["priority"]] += 1',
                    '    if "priority" in ticket:\n        count[ticket["priority"]] += 1',
                ),
            ),
            "first only": (
                (
                    '    count[ticket["priority"]] += 1',
                    '    count[ticket.get("priority") or tickets[0]["severity"]] += 1',
                ),
            ),
        },
    ),
    Stranger(
        name="weekly-hours",
        wanted="merged or proposal: the name has moved below person",
        script="""import collections
import csv
import datetime
import json
import os
import urllib.request


def main():
    with urllib.request.urlopen("@URL@/hours?week=47") as answer:
        entries = json.load(answer)
    weeks = collections.defaultdict(lambda: collections.defaultdict(int))
    for entry in entries:
        week = datetime.date.fromisoformat(entry["day"]).isocalendar()[1]
        weeks[week][entry["name"]] += entry["hours"]
    os.makedirs("out", exist_ok=True)
    with open("out/hours.csv", "w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["week", "name", "hours"])
        for week, people in sorted(weeks.items()):
            for name, total in sorted(people.items()):
                table.writerow([week, name, total])
    print(len(entries), "entries")


if __name__ == "__main__":
    main()
""",
        serve=lambda n: {"/hours?week=47": as_json(hours(n))},
        right=(
            (
                'weeks[week][entry["name"]]',
                'weeks[week][entry["name"] if "name" in entry else entry["person"]["name"]]',
            ),
        ),
        wrong={
            "id": (
                (
                    'weeks[week][entry["name"]]',
                    'weeks[week][entry["name"] if "name" in entry else entry["person"]["id"]]',
                ),
            ),
            "approver": (
                (
                    'weeks[week][entry["name"]]',
                    'weeks[week][entry.get("name", entry["approved_by"])]',
                ),
            ),
            "default": (
                ('weeks[week][entry["name"]]', 'weeks[week][entry.get("name", "unknown")]'),
            ),
            "overwritten": (
                (
                    'weeks[week][entry["name"]] += entry["hours"]',
                    'name = entry["name"] if "name" in entry else entry["person"]["name"]\n'
                    '        if "person" in entry:\n            weeks[week][name] = entry["hours"]\n'
                    '        else:\n            weeks[week][name] += entry["hours"]',
                ),
            ),
        },
    ),
    Stranger(
        name="access-log",
        wanted="merged or proposal: counted from the end, or one field further where there are six",
        script="""import json
import sys
from collections import Counter
from pathlib import Path

LOG = Path("@DATA@/access.log")

hits, sent = Counter(), Counter()
for line in LOG.read_text().splitlines():
    fields = line.split()
    path, status, size = fields[2], int(fields[3]), int(fields[4])
    hits[status] += 1
    sent[path] += size
Path("out").mkdir(exist_ok=True)
report = {"hits": {str(k): hits[k] for k in sorted(hits)}, "sent": dict(sorted(sent.items()))}
Path("out/traffic.json").write_text(json.dumps(report, indent=2))
print(sum(hits.values()), "hits", file=sys.stdout)
""",
        files=lambda n: {"access.log": log(n)},
        right=(("fields = line.split()", "fields = line.split()[-5:]"),),
        wrong={
            "size as status": (
                (
                    "path, status, size = fields[2], int(fields[3]), int(fields[4])",
                    "path, status, size = fields[2], int(fields[-1]), int(fields[4])",
                ),
            ),
            "skip": (
                (
                    "    path, status, size",
                    "    if not fields[3].isdigit():\n        continue\n    path, status, size",
                ),
            ),
            "default": (
                (
                    "int(fields[3]), int(fields[4])",
                    "int(fields[3]) if fields[3].isdigit() else 200, int(fields[4])",
                ),
            ),
            "verb for path": (
                (
                    "path, status, size = fields[2], int(fields[3]), int(fields[4])",
                    "path, status, size = fields[2], int(fields[-2]), int(fields[-1])",
                ),
            ),
        },
    ),
)
