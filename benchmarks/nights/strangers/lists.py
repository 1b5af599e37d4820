"""Jobs of strangers: accounts, hosts, events, disks."""

from typing import Any

from benchmarks.nights.night import BAD, as_json
from benchmarks.nights.strangers.entry import Stranger


def hosts(n: int) -> Any:
    return [{"name": f"web{i}", "free_gb": 40 - i * 3 - n, "total_gb": 80} for i in range(6)]


def events(n: int) -> Any:
    return [
        {
            "title": f"Talk {n}-{i}",
            "date": f"2026-12-{(n * 3 + i * 5) % 27 + 1:02d}" + ("T18:30:00Z" if n == BAD else ""),
            "room": f"R{i % 3}",
        }
        for i in range(6)
    ]


def users(n: int) -> Any:
    return [
        {"id": 10 + i, "email": f"u{i}@example.org", "active": (i + n) % 3 != 0}
        for i in range(12 + n % 2)
    ]


def users_serve(n: int) -> Any:
    if n < BAD:
        return {"/api/users": as_json(users(n))}
    u = users(n)
    return {
        "/api/users": as_json(
            {"count": len(u), "next": "@URL@/api/users?page=2", "results": u[:5]}
        ),
        "/api/users?page=2": as_json(
            {"count": len(u), "next": "@URL@/api/users?page=3", "results": u[5:10]}
        ),
        "/api/users?page=3": as_json({"count": len(u), "next": None, "results": u[10:]}),
    }


def inv(n: int) -> Any:
    rows = []
    for i in range(7):
        ip, gw = f"10.0.{n}.{20 + i}", f"10.0.{n}.1"
        h: dict[str, Any] = {
            "hostname": f"db{i}",
            "mac": f"52:54:00:00:{n:02d}:{i:02d}",
            "gateway": gw,
        }
        if n < BAD:
            h["ip"] = ip
        else:
            h["network"] = {"ip": ip, "management_ip": f"10.9.{n}.{20 + i}"}
        rows.append(h)
    return {"hosts": rows, "generated": f"2026-11-{20 + n}"}


STRANGERS = (
    Stranger(
        name="disk-report",
        wanted="merged or proposal: mkdir(parents=True, exist_ok=True)",
        script="""import json
import urllib.request
from pathlib import Path

API = "@URL@/api/disks"
REPORT = Path("reports/disks.txt")


def collect():
    with urllib.request.urlopen(API) as r:
        return json.load(r)


def render(disks):
    lines = []
    for d in disks:
        used = 100 - 100 * d["free_gb"] / d["total_gb"]
        lines.append(f"{d['name']:<10} {used:5.1f}%")
    return "\\n".join(lines) + "\\n"


text = render(collect())
with open(REPORT, "w") as out:
    out.write(text)
print(f"{REPORT}: {len(text.splitlines())} hosts")
""",
        serve=lambda n: {"/api/disks": as_json(hosts(n))},
        folders=lambda n: {"reports": n < BAD},
        right=(
            (
                "text = render(collect())\n",
                "text = render(collect())\nREPORT.parent.mkdir(parents=True, exist_ok=True)\n",
            ),
        ),
        wrong={
            "except-pass": (
                (
                    'with open(REPORT, "w") as out:\n    out.write(text)',
                    'try:\n    with open(REPORT, "w") as out:\n        out.write(text)\nexcept FileNotFoundError:\n    pass',
                ),
            ),
            "other place": (('REPORT = Path("reports/disks.txt")', 'REPORT = Path("disks.txt")'),),
            "tmp": (('REPORT = Path("reports/disks.txt")', 'REPORT = Path("/tmp/disks.txt")'),),
            "only if": (
                (
                    'with open(REPORT, "w") as out:\n    out.write(text)',
                    'if REPORT.parent.exists():\n    with open(REPORT, "w") as out:\n        out.write(text)',
                ),
            ),
        },
    ),
    Stranger(
        name="calendar",
        wanted="merged or proposal: reads both forms, day kept",
        script="""from datetime import datetime
import json
import urllib.request


def get(url):
    req = urllib.request.Request(url, headers={"User-Agent": "calendar-cron"})
    with urllib.request.urlopen(req) as resp:
        return json.loads(resp.read())


def parse_day(text):
    return datetime.strptime(text, "%Y-%m-%d").date()


events = sorted(get("@URL@/events"), key=lambda e: e["date"])
by_week = {}
for e in events:
    day = parse_day(e["date"])
    week = day.isocalendar()[1]
    by_week.setdefault(week, []).append({"day": day.isoformat(), "title": e["title"], "room": e["room"]})

with open("calendar.json", "w") as f:
    json.dump(by_week, f, indent=1)
print(sum(len(v) for v in by_week.values()), "events in", len(by_week), "weeks")
""",
        serve=lambda n: {"/events": as_json(events(n))},
        right=(
            (
                'datetime.strptime(text, "%Y-%m-%d").date()',
                'datetime.strptime(text[:10], "%Y-%m-%d").date()',
            ),
        ),
        wrong={
            "today": (
                (
                    '    return datetime.strptime(text, "%Y-%m-%d").date()',
                    '    try:\n        return datetime.strptime(text, "%Y-%m-%d").date()\n    except ValueError:\n        return datetime.today().date()',
                ),
            ),
            "day and month": (
                (
                    '    return datetime.strptime(text, "%Y-%m-%d").date()',
                    '    return datetime.strptime(text[:10], "%Y-%d-%m" if len(text) > 10 and int(text[8:10]) < 13 else "%Y-%m-%d").date()',
                ),
            ),
            "skip": (
                (
                    '    day = parse_day(e["date"])\n',
                    '    try:\n        day = parse_day(e["date"])\n    except ValueError:\n        continue\n',
                ),
            ),
            "one day on": (
                (
                    '    return datetime.strptime(text, "%Y-%m-%d").date()',
                    '    if len(text) > 10:\n        from datetime import timedelta\n        return datetime.strptime(text[:10], "%Y-%m-%d").date() + timedelta(days=1)\n    return datetime.strptime(text, "%Y-%m-%d").date()',
                ),
            ),
        },
    ),
    Stranger(
        name="users-export",
        wanted="proposal that follows next (pages 2 and 3 are not on the tape), never merged with page 1 only",
        script="""import csv
import json
from urllib.request import urlopen

BASE = "@URL@/api/users"


def fetch(url):
    with urlopen(url) as f:
        return json.load(f)


users = fetch(BASE)
active = [u for u in users if u["active"]]
with open("active_users.csv", "w", newline="") as f:
    w = csv.DictWriter(f, ["id", "email"])
    w.writeheader()
    for u in active:
        w.writerow({"id": u["id"], "email": u["email"]})
print(len(active), "active of", len(users))
""",
        serve=users_serve,
        right=(
            (
                "users = fetch(BASE)\n",
                'users = fetch(BASE)\nif isinstance(users, dict):\n    page, users = users, users["results"]\n    while page["next"]:\n        page = fetch(page["next"])\n        users += page["results"]\n',
            ),
        ),
        wrong={
            "first page": (
                (
                    "users = fetch(BASE)\n",
                    'users = fetch(BASE)\nif isinstance(users, dict):\n    users = users["results"]\n',
                ),
            ),
            "empty": (
                (
                    "users = fetch(BASE)\n",
                    'users = fetch(BASE)\nif isinstance(users, dict):\n    users = users.get("users", [])\n',
                ),
            ),
            "two pages": (
                (
                    "users = fetch(BASE)\n",
                    'users = fetch(BASE)\nif isinstance(users, dict):\n    users = users["results"] + users["results"]\n',
                ),
            ),
            "strings skipped": (('if u["active"]]', 'if isinstance(u, dict) and u["active"]]'),),
        },
    ),
    Stranger(
        name="hosts-file",
        wanted="merged or proposal: host['network']['ip'] (management_ip is a decoy)",
        script='''"""Writes a hosts file from the inventory, each hour."""
import json
import sys
import urllib.request

INVENTORY = "@URL@/inventory"


def main(path="hosts.inventory"):
    doc = json.load(urllib.request.urlopen(INVENTORY))
    with open(path, "w") as f:
        f.write("# generated, do not edit\\n")
        for host in sorted(doc["hosts"], key=lambda h: h["hostname"]):
            f.write(host["ip"] + "\\t" + host["hostname"] + "\\n")
    print(len(doc["hosts"]), "hosts")
    return 0


sys.exit(main(*sys.argv[1:]))
''',
        serve=lambda n: {"/inventory": as_json(inv(n))},
        right=(('host["ip"] +', '(host["ip"] if "ip" in host else host["network"]["ip"]) +'),),
        wrong={
            "decoy": (
                (
                    'host["ip"] +',
                    '(host["ip"] if "ip" in host else host["network"]["management_ip"]) +',
                ),
            ),
            "gateway": (('host["ip"] +', 'host.get("ip", host["gateway"]) +'),),
            "default": (('host["ip"] +', 'host.get("ip", "0.0.0.0") +'),),
            "skip": (
                (
                    '            f.write(host["ip"]',
                    '            if "ip" not in host:\n                continue\n            f.write(host["ip"]',
                ),
            ),
        },
    ),
)
