"""Jobs of strangers that carry from one place to another: levels, alerts, settings, pages."""

from typing import Any

from benchmarks.nights.night import BAD, Answer, as_json
from benchmarks.nights.strangers.entry import Stranger


def levels(n: int) -> Any:
    amounts = [(i * 13 + n * 7) % 90 + 10 for i in range(8)]
    return [
        {"sku": f"P-{i}", "quantity": q if n < BAD else f"{q} pcs", "bin": 10 + i}
        for i, q in enumerate(amounts)
    ]


def alerts(n: int) -> Any:
    rows = [{"id": n * 10 + i, "level": ("warn", "crit")[i % 2], "text": f"A{i}"} for i in range(4)]
    if n < BAD:
        return rows
    return {"data": rows, "meta": {"count": len(rows), "recent": rows[:2]}}


def settings(n: int) -> Any:
    seconds = [20 + (i * 7 + n) % 30 for i in range(5)]
    return {
        f"svc{i}": {"timeout": s if n < BAD else f"{s}s", "retries": 2 + i % 3}
        for i, s in enumerate(seconds)
    }


def people(n: int) -> list[dict[str, Any]]:
    return [{"id": 1 + i, "city": ("Graz", "Linz", "Wien")[(i + n) % 3]} for i in range(14 + n % 2)]


def serve_people(n: int) -> dict[str, Answer]:
    rows, key = people(n), "pages" if n < BAD else "total_pages"
    answers = {}
    for page in range(1, 4):
        items = rows[(page - 1) * 5 : page * 5]
        answers[f"/people?page={page}"] = as_json(
            {"items": items, key: 3, "page": page, "per_page": 5, "first": 1}
        )
    for page in range(4, 16):
        answers[f"/people?page={page}"] = as_json({"items": [], key: 3, "page": page})
    return answers


STRANGERS = (
    Stranger(
        name="stock-levels",
        wanted="merged or proposal: the number before the unit",
        script="""import json
import sqlite3
import urllib.request

with urllib.request.urlopen("@URL@/levels") as answer:
    levels = json.load(answer)
db = sqlite3.connect("stock.db")
db.execute("CREATE TABLE IF NOT EXISTS stock (sku TEXT PRIMARY KEY, quantity INTEGER)")
with db:
    for row in levels:
        db.execute(
            "INSERT INTO stock VALUES (?, ?) "
            "ON CONFLICT (sku) DO UPDATE SET quantity = excluded.quantity",
            (row["sku"], int(row["quantity"])),
        )
db.close()
print(len(levels), "levels")
""",
        serve=lambda n: {"/levels": as_json(levels(n))},
        right=(('int(row["quantity"])', 'int(str(row["quantity"]).removesuffix(" pcs"))'),),
        wrong={
            "zero": (
                (
                    'int(row["quantity"])',
                    'row["quantity"] if isinstance(row["quantity"], int) else 0',
                ),
            ),
            "first digit": (('int(row["quantity"])', 'int(str(row["quantity"])[:1])'),),
            "bin": (
                (
                    'int(row["quantity"])',
                    'row["quantity"] if isinstance(row["quantity"], int) else row["bin"]',
                ),
            ),
            "stale": (
                (
                    "    for row in levels:\n",
                    "    for row in levels:\n"
                    '        if not isinstance(row["quantity"], int):\n            continue\n',
                ),
            ),
        },
    ),
    Stranger(
        name="alert-relay",
        wanted="merged or proposal: all alerts of the envelope, each once",
        script="""import json
from urllib.request import Request, urlopen

SOURCE = "@URL@/alerts"
HOOK = "@URL@/hook"


def relay(alert):
    body = json.dumps({"text": f"[{alert['level']}] {alert['text']}", "id": alert["id"]})
    request = Request(HOOK, body.encode(), {"Content-Type": "application/json"})
    with urlopen(request) as answer:
        answer.read()


with urlopen(SOURCE) as answer:
    alerts = json.load(answer)
for alert in alerts:
    relay(alert)
print(len(alerts), "relayed")
""",
        serve=lambda n: {"/alerts": as_json(alerts(n)), "/hook": Answer(b"ok")},
        right=(
            (
                "for alert in alerts:\n",
                'if isinstance(alerts, dict):\n    alerts = alerts["data"]\nfor alert in alerts:\n',
            ),
        ),
        wrong={
            "recent": (
                (
                    "for alert in alerts:\n",
                    "if isinstance(alerts, dict):\n"
                    '    alerts = alerts["meta"]["recent"]\nfor alert in alerts:\n',
                ),
            ),
            "nothing": (
                (
                    "for alert in alerts:\n",
                    "if isinstance(alerts, dict):\n"
                    '    alerts = alerts.get("alerts", [])\nfor alert in alerts:\n',
                ),
            ),
            "last left out": (
                (
                    "for alert in alerts:\n",
                    "if isinstance(alerts, dict):\n"
                    '    alerts = alerts["data"][:-1]\nfor alert in alerts:\n',
                ),
            ),
            "twice": (
                (
                    "for alert in alerts:\n",
                    "if isinstance(alerts, dict):\n"
                    '    alerts = alerts["data"] + alerts["meta"]["recent"]\nfor alert in alerts:\n',
                ),
            ),
        },
    ),
    Stranger(
        name="settings-export",
        wanted="merged or proposal: seconds without their unit",
        script="""import configparser
import json
from urllib.request import urlopen

with urlopen("@URL@/settings") as answer:
    services = json.load(answer)

config = configparser.ConfigParser()
for name, values in sorted(services.items()):
    config[name] = {
        "timeout_ms": str(values["timeout"] * 1000 // 1),
        "budget_s": str(values["timeout"] + 5 * values["retries"]),
    }
with open("services.txt", "w") as file:
    config.write(file)
print(len(services), "services")
""",
        serve=lambda n: {"/settings": as_json(settings(n))},
        right=(
            (
                "    config[name] = {\n",
                '    values["timeout"] = int(str(values["timeout"]).removesuffix("s"))\n'
                "    config[name] = {\n",
            ),
        ),
        wrong={
            "zero": (
                (
                    "    config[name] = {\n",
                    '    if isinstance(values["timeout"], str):\n        values["timeout"] = 0\n'
                    "    config[name] = {\n",
                ),
            ),
            "a constant": (
                (
                    "    config[name] = {\n",
                    '    if isinstance(values["timeout"], str):\n        values["timeout"] = 30\n'
                    "    config[name] = {\n",
                ),
            ),
            "retries": (
                (
                    "    config[name] = {\n",
                    '    if isinstance(values["timeout"], str):\n'
                    '        values["timeout"] = values["retries"]\n    config[name] = {\n',
                ),
            ),
            "tens": (
                (
                    "    config[name] = {\n",
                    '    if isinstance(values["timeout"], str):\n'
                    '        values["timeout"] = int(values["timeout"][:1]) * 10\n'
                    "    config[name] = {\n",
                ),
            ),
        },
    ),
    Stranger(
        name="people-by-city",
        wanted="merged or proposal: total_pages, and all three pages",
        script="""import json
from collections import Counter
from urllib.request import urlopen


def fetch(page):
    with urlopen(f"@URL@/people?page={page}") as answer:
        return json.load(answer)


people, page = [], 1
while True:
    body = fetch(page)
    people += body["items"]
    if page >= body["pages"]:
        break
    page += 1
cities = Counter(person["city"] for person in people)
with open("cities.json", "w") as file:
    json.dump(dict(sorted(cities.items())), file)
print(len(people), "people in", len(cities), "cities")
""",
        serve=serve_people,
        right=(('page >= body["pages"]', 'page >= (body.get("pages") or body["total_pages"])'),),
        wrong={
            "first page": (('page >= body["pages"]', 'page >= body.get("pages", 1)'),),
            "this page": (('page >= body["pages"]', 'page >= body.get("pages", body["page"])'),),
            "first": (('page >= body["pages"]', 'page >= body.get("pages", body["first"])'),),
            "two pages": (
                (
                    'page >= body["pages"]',
                    'page >= (body["pages"] if "pages" in body else body["total_pages"] - 1)',
                ),
            ),
        },
    ),
)
